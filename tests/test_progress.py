"""The time that a loop has left."""

import pytest

from utils import progress
from utils.progress import time_left


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress.time, "perf_counter", lambda: 1000.0)


@pytest.mark.parametrize(
    ("seconds", "done", "total", "said"),
    [
        (10, 1, 2, "10 s left"),
        (10, 50, 100, "10 s left"),
        (10, 100, 1000, "90 s left"),
        (10, 100, 1090, "99 s left"),
        (10, 100, 1100, "2 min left"),
        (60, 1, 11, "10 min left"),
        (10, 100, 100, "0 s left"),
        (0.001, 1, 3, "0 s left"),
        (5, 0, 10, ""),
        (5, 0, 0, ""),
        (5, -1, 10, ""),
    ],
)
def test_time_left(seconds: float, done: int, total: int, said: str) -> None:
    assert time_left(1000.0 - seconds, done, total) == said


def test_every_count_gives_a_number_that_falls() -> None:
    said = [time_left(1000.0 - done, done, 60) for done in range(1, 61)]
    assert said == [f"{60 - done} s left" for done in range(1, 61)]
