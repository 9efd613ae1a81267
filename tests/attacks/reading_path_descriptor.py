"""Opens a file with O_PATH and reads through that, through folders, and through /proc.

goal: reading
cell: forward
gets: passed
stopped by: namespaces
alone: out
"""

import os
from pathlib import Path

import numpy as np

SECRET = "@SECRET@"


def tried(way):
    try:
        return way()
    except (OSError, TypeError):
        return None


def strike():
    path = tried(lambda: os.open(SECRET, os.O_PATH))
    folder = tried(lambda: os.open(os.path.dirname(SECRET), os.O_PATH | os.O_DIRECTORY))
    root = tried(lambda: os.open("/", os.O_PATH | os.O_DIRECTORY))
    ways = (
        lambda: os.read(path, 9),
        lambda: os.pread(path, 9, 0),
        lambda: os.read(os.open(f"/proc/self/fd/{path}", os.O_RDONLY), 9),
        lambda: os.read(os.open(f"/dev/fd/{path}", os.O_RDONLY), 9),
        lambda: os.read(os.open("secret", os.O_RDONLY, dir_fd=folder), 9),
        lambda: os.read(os.open(SECRET[1:], os.O_RDONLY, dir_fd=root), 9),
        lambda: os.read(os.open(SECRET.lstrip("/"), os.O_RDONLY, dir_fd=root), 9),
        lambda: os.listdir(root),
        lambda: os.chdir(os.path.dirname(SECRET)) or Path("secret").read_text(),
        lambda: os.fchdir(folder) or Path("secret").read_text(),
        lambda: os.sendfile(1, os.dup(path), 0, 9),
        lambda: os.copy_file_range(path, 1, 9),
    )
    for number, way in enumerate(ways):
        if tried(way):
            raise SystemError(f"way {number} reads it")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
