"""A notebook of 100,000 levels.

goal: starving
cell: files
gets: problem
stopped by: reader of notebooks
says: nested too deeply
"""


def make(folder):
    text = '{"nbformat": 4, "cells": ' + "[" * 100_000 + "]" * 100_000 + "}"
    (folder / "two_layer_net.ipynb").write_text(text)
