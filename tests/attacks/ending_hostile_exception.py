"""Raises an exception that ends whoever asks for its words, its class or its traceback.

goal: ending
cell: forward
gets: error
stopped by: own process
alone: ended
"""

import os


class Hostile(BaseException):
    def __str__(self):
        raise self

    def __repr__(self):
        os._exit(0)

    __format__ = __reduce__ = __getattr__ = __str__
    __traceback__ = property(lambda self: os._exit(0))


def forward(params, X):
    raise Hostile
