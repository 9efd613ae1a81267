"""A notebook with a number of a million digits, which take hours to read.

goal: starving
cell: files
gets: problem
stopped by: reader of notebooks
says: 4300 digits
"""


def make(folder):
    text = '{"nbformat": 4, "metadata": {"n": ' + "9" * 1_000_000 + '}, "cells": []}'
    (folder / "two_layer_net.ipynb").write_text(text)
