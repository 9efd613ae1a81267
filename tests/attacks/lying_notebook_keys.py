"""A notebook whose cells stand there twice, once for each reader.

goal: lying
cell: files
gets: problem
stopped by: strict JSON
says: a key stands twice
"""


def make(folder):
    path = folder / "two_layer_net.ipynb"
    text = path.read_text()
    path.write_text(text[: text.rindex("}")] + ', "cells": []}')
