"""Reads a file that everybody may read in every way that Python and NumPy know.

goal: reading
cell: forward
gets: passed
stopped by: namespaces
alone: out
"""

import codecs
import ctypes
import io
import linecache
import os
import sqlite3
import tokenize
from functools import partial
from importlib.machinery import SourceFileLoader

import numpy as np

SECRET = "@SECRET@"
OPENS = (open, io.open_code, io.FileIO, codecs.open, tokenize.open)


def by_libc():
    libc = ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    return libc.fopen(SECRET.encode(), b"r")


def by_sqlite():
    book = sqlite3.connect(f"file:{SECRET}?mode=ro&immutable=1", uri=True)
    try:
        return book.execute("select * from sqlite_master")
    except sqlite3.OperationalError:
        return None  # it could not be opened
    except sqlite3.DatabaseError:
        return "it was read, and is no database"


WAYS = (
    *(partial(opens, SECRET) for opens in OPENS),
    lambda: linecache.getlines(SECRET),
    lambda: os.read(os.open(SECRET, os.O_RDONLY | os.O_NOATIME), 9),
    lambda: os.read(os.open(SECRET, os.O_RDWR), 9),
    lambda: SourceFileLoader("secret", SECRET).get_data(SECRET),
    lambda: np.fromfile(SECRET, np.uint8),
    lambda: np.memmap(SECRET, mode="r"),
    lambda: np.genfromtxt(SECRET, dtype=str),
    lambda: np.loadtxt(f"file://localhost{SECRET}", dtype=str),
    by_libc,
    by_sqlite,
)  # fmt: skip


def forward(params, X):
    for number, way in enumerate(WAYS):
        try:
            got = way()
        except (OSError, ImportError, sqlite3.Error):
            continue
        if len(got) if isinstance(got, np.ndarray) else got:
            raise SystemError(f"way {number} reads it")
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
