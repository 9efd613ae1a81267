"""Asks for a page with the libraries for it.

goal: leaving
cell: forward
gets: passed
stopped by: seccomp
alone: out
"""

import http.client
import urllib.request

import numpy as np


def strike():
    for way in (
        lambda: urllib.request.urlopen("http://127.0.0.1:@PORT@/", timeout=0.5),
        lambda: http.client.HTTPConnection("localhost", int("@PORT@"), timeout=0.5).connect(),
    ):
        try:
            way()
        except OSError:
            continue
        raise SystemError("the page could be asked for")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
