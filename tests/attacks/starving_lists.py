"""A notebook of a million empty lists.

goal: starving
cell: files
gets: problem
stopped by: reader of notebooks
says: too many values
"""


def make(folder):
    text = '{"nbformat": 4, "cells": [' + "[]," * 1_000_000 + "[]]}"
    (folder / "two_layer_net.ipynb").write_text(text)
