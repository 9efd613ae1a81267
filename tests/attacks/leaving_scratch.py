"""Leaves its own folder by links, .. and renaming.

goal: leaving
cell: forward
gets: passed
stopped by: namespaces
alone: out
"""

import os

import numpy as np

TRAP = "@TRAP@"
HOME = os.environ.get("HOME", "/tmp")


def linked():
    os.symlink(TRAP, f"{HOME}/link")
    open(f"{HOME}/link/a", "w").close()


def moved(way):
    with open(f"{HOME}/mine", "w") as file:
        file.write("x")
    way(f"{HOME}/mine", f"{TRAP}/b")


def upwards():
    os.chdir(HOME)
    open("../" * 20 + f"{TRAP}/c", "w").close()


def beside():
    open(f"{HOME}/../d", "w").close()


WAYS = [linked, lambda: moved(os.rename), lambda: moved(os.link), lambda: moved(os.replace),
        upwards, beside]  # fmt: skip


def strike():
    for way in WAYS:
        try:
            way()
        except OSError:
            continue
        raise SystemError(f"{way} leads out")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
