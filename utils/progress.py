"""Time left, for loops that take longer than a breath."""

import time


def time_left(started: float, done: int, total: int) -> str:
    """Say how long a loop still takes, judged by what is done.

    Parameters
    ----------
    started : float
        `time.perf_counter()` when the loop began.
    done, total : int
        Steps finished, and steps in all.

    Returns
    -------
    str
        Such as "12 s left" or "3 min left"; empty before the first step is done.
    """
    if done < 1:
        return ""
    seconds = (time.perf_counter() - started) * (total - done) / done
    return f"{seconds:.0f} s left" if seconds < 100 else f"{seconds / 60:.0f} min left"


def in_kernel() -> bool:
    """Whether this runs in a notebook, where somebody looks on."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    shell = get_ipython()
    return getattr(shell, "kernel", None) is not None
