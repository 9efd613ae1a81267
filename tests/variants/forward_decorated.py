"""A decorator that counts calls, and an attribute of the function.

cell: forward
"""

import functools

import numpy as np


def counted(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return function(*args, **kwargs)

    wrapper.calls = 0
    return wrapper


@counted
def forward(params, X):
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden


forward.author = "me"
