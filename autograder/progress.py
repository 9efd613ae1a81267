"""The progress bar of a run: how many are done, how fast, and the time that is left."""

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

PERIOD = 60.0  # seconds of late that the rate is taken of
SLOW_PERIOD = 3600.0  # the same where each submission takes minutes


class RateColumn(ProgressColumn):
    """Submissions in a second, or in a minute where that is the better number."""

    def render(self, task: Task) -> Text:
        """The rate of late; nothing at the start."""
        return Text(said_rate(task.finished_speed or task.speed or 0.0))


def said_rate(each_second: float) -> str:
    """A rate in words: "12.3/s", "4.5/min", or nothing."""
    if each_second <= 0:
        return ""
    return f"{each_second:.1f}/s" if each_second >= 1 else f"{60 * each_second:.1f}/min"


def bar(console: Console, period: float = PERIOD) -> Progress:
    """A progress bar; add a task to it.

    Parameters
    ----------
    console : Console
    period : float
        The rate, and so the time left, is that of so many seconds; it must have seen two
        submissions end.
    """
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(),
        console=console,
        speed_estimate_period=period,
    )
