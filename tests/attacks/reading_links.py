"""Makes symbolic and hard links to a file in its own folder, renames over them, and reads those.

goal: reading
cell: forward
gets: passed
stopped by: seccomp and namespaces
alone: out
"""

import os

import numpy as np

SECRET = "@SECRET@"


def strike():
    for folder in (os.environ.get("HOME", "."), ".", "/tmp", "@TRAP@", "/dev/shm"):
        link = os.path.join(folder, "link")
        for make in (os.symlink, os.link, os.rename, os.replace):
            try:
                make(SECRET, link)
                with open(link) as stream:
                    stream.read(1)
            except OSError:
                continue
            raise SystemError(f"{make.__name__} in {folder}")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
