"""Files that are there whole or not at all, whatever interrupts their writing."""

import os
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place, and move it there when it is complete.

    Raises
    ------
    OSError
        If it can't be written; an older file stays as it is then.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
