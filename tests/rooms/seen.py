"""What can be seen of a process and of text, by those who judge an attack in a room."""

import contextlib
from pathlib import Path

KEPT = (ord(" "), ord("\n"))


def is_clean(text: str) -> bool:
    """Whether it can be shown as it is."""
    return all(c.isprintable() or ord(c) in KEPT for c in text)


def peak() -> int:
    """The most bytes of address space that this process ever had, as far as it can tell."""
    with contextlib.suppress(OSError):  # there may be no /proc
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmPeak"))
    return 0
