"""Raises an exception whose text never comes.

goal: starving
cell: forward
gets: timeout
stopped by: wall clock
"""


class Endless(Exception):
    def __str__(self):
        while True:
            pass


def forward(params, X):
    raise Endless
