"""Climbs out of the root folder as out of a chroot: by .., by a kept descriptor, by chroot itself.

goal: reading
cell: forward
gets: passed
stopped by: namespaces, Landlock and seccomp
alone: out
"""

import os

import numpy as np


def strike():
    for climb in ("..", "/..", "../" * 60, "/proc/1/root", "/proc/self/root", "/proc/self/cwd/.."):
        try:
            os.chdir(climb)
            names = os.listdir(".") + os.listdir(os.open("..", os.O_RDONLY))
        except OSError:
            continue
        if {"home", "root", "tmp", "etc"} & set(names):
            raise SystemError(f"{climb} leads to {names}")
    for change in (os.chroot, lambda path: os.fchdir(os.open(path, os.O_RDONLY))):
        try:
            change("/")
        except OSError:
            continue
        raise SystemError("the root was changed")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
