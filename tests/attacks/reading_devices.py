"""Reads devices, the kernel's files, and shared memory as files.

goal: reading
cell: forward
gets: passed
stopped by: namespaces
alone: out
"""

import os

import numpy as np

PATHS = ("/dev/mem", "/dev/kmem", "/dev/port", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/nvme0n1",
         "/dev/fuse", "/dev/shm", "/dev/mqueue", "/dev/pts", "/dev/tty", "/dev/ptmx", "/dev/zero",
         "/dev/urandom", "/sys/class/net", "/sys/kernel", "/sys/fs/cgroup", "/sys/block",
         "/proc/kcore", "/proc/keys", "/run", "/var/run/docker.sock", "/boot")  # fmt: skip


def strike():
    for path in PATHS:
        for flags in (os.O_RDONLY, os.O_RDWR):
            try:
                os.close(os.open(path, flags | os.O_NONBLOCK))
            except OSError:
                continue
            raise SystemError(f"{path} opens")


def forward(params, X):
    strike()
    hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)
    return hidden @ params["W2"].T + params["b2"], hidden
