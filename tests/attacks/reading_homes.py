"""Reads accounts, keys, histories and tokens from where people keep them.

goal: reading
cell: forward
gets: passed
stopped by: namespaces and Landlock
alone: out
"""

import glob
import os

import numpy as np

NAMES = (".ssh/id_rsa", ".ssh/id_ed25519", ".netrc", ".bash_history", ".bashrc", ".profile",
         ".gitconfig", ".config", ".jupyter", ".local", ".cache", ".ipython")  # fmt: skip
FILES = ("/etc/passwd", "/etc/shadow", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf",
         "/etc/fonts", "/etc/machine-id", "/etc/ssl/private", "/etc/environment", "/var/log",
         "/var/mail", "/srv/nbgrader/exchange", "/tmp")  # fmt: skip


def strike():
    homes = ["/root", *glob.glob("/home/*"), *(f"/home/{name}" for name in ("tester", "ubuntu"))]
    for path in [*FILES, *(os.path.join(home, name) for home in homes for name in NAMES)]:
        try:
            os.close(os.open(path, os.O_RDONLY))
        except OSError:
            continue
        raise SystemError(f"{path} opens")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
