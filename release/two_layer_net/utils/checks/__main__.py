"""`python -m utils.checks two_layer_net.ipynb`: the notebook's checks without Jupyter, as on CI.

pytest runs them, one test a check, and takes its own options, such as --junitxml=report.xml. On
GitHub, what does not pass becomes an annotation, and all of it the step's summary. The notebook's
code runs here as it is, up to the step that loads the data.
"""

import argparse
import linecache
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

from utils import checks
from utils.checks.compare import CheckFailed
from utils.preflight import SavedCell, read_cells

try:
    import pytest
except ModuleNotFoundError:
    print("pytest is needed here: python -m pip install pytest", file=sys.stderr)
    raise SystemExit(2) from None

FUNCTIONS = {  # of each check: what it is given
    "forward": ("forward",),
    "loss": ("softmax_loss",),
    "backward": ("forward", "softmax_loss", "backward"),
    "predict": ("predict", "forward"),
    "train": ("train", "init_toy_model"),
}
LOADS_DATA = "open_dataset("  # from that cell on, the notebook trains for minutes
WRONG_CALL = 2


def run_cells(
    cells: Sequence[SavedCell],
) -> tuple[dict[str, Any], list[tuple[SavedCell, BaseException]]]:
    """Run a notebook's code cells, but the checks, until all functions are there.

    Returns
    -------
    namespace : dict
    failed : list of SavedCell and exception
        Cells that raised; those behind them are run all the same.
    """
    namespace: dict[str, Any] = {"__name__": "__main__"}
    failed: list[tuple[SavedCell, BaseException]] = []
    wanted = {name for names in FUNCTIONS.values() for name in names}
    for number, cell in enumerate(cells):
        if LOADS_DATA in cell.source or wanted <= namespace.keys():
            break
        if cell.kind == "code" and not cell.name.startswith("check_"):
            try:
                _run(cell, f"<cell {cell.name or number}>", namespace)
            except (Exception, SystemExit) as error:
                failed.append((cell, error))
    return namespace, failed


def _run(cell: SavedCell, filename: str, namespace: dict[str, Any]) -> None:
    source = cell.source
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    try:
        code = compile(source, filename, "exec")
    except SyntaxError:  # of lines that are IPython's, perhaps
        code = compile(_without_magics(source), filename, "exec")
    exec(code, namespace)


def _without_magics(source: str) -> str:
    lines = source.split("\n")
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in lines)


class NotebookFile(pytest.File):
    """A notebook, whose functions are checked one after the other."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item a check."""
        cells = read_cells(self.path)
        self.namespace, self.failed = run_cells(cells)
        self.lines = self.path.read_text(encoding="utf-8").split("\n")
        for name in FUNCTIONS:
            yield CheckItem.from_parent(self, name=name)

    def function(self, name: str) -> Callable:
        """A function of the notebook; raises what kept it from being defined."""
        if name in self.namespace:
            return self.namespace[name]
        for cell, error in self.failed:
            if f"def {name}" in cell.source:
                raise error
        raise CheckFailed(f"No cell of the notebook defines {name}.")

    def line_of(self, name: str) -> int:
        """Where the file defines a function, from 1; 1 if nowhere."""
        found = (n for n, line in enumerate(self.lines, 1) if f"def {name}(" in line)
        return next(found, 1)


class CheckItem(pytest.Item):
    """The check of one step."""

    parent: NotebookFile

    def runtest(self) -> None:
        """Call the check on the notebook's functions."""
        functions = [self.parent.function(name) for name in FUNCTIONS[self.name]]
        getattr(checks, f"check_{self.name}")(*functions)

    def repr_failure(self, excinfo: pytest.ExceptionInfo, style: object = None) -> str:
        """The check's sentence, or the student's exception and the line that raised it."""
        error = excinfo.value
        if isinstance(error, CheckFailed):
            return "\n".join([str(error), *getattr(error, "__notes__", ())])
        return _raised(error)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the step is defined, for pytest; lines count from 0 there."""
        own = {"loss": "softmax_loss"}.get(self.name, self.name)
        return self.path, self.parent.line_of(own) - 1, self.name


def _raised(error: BaseException) -> str:
    said = "".join(traceback.format_exception_only(error)).strip()
    frames = traceback.extract_tb(error.__traceback__)
    where = [frame for frame in frames if frame.filename.startswith("<cell ")]
    if not where:
        return said
    return f"{said}\nin {where[-1].filename[1:-1]}, line {where[-1].lineno}: {where[-1].line}"


class GitHub:
    """pytest plugin: collects a notebook's checks, and says on GitHub what came of them."""

    def __init__(self, notebook: Path) -> None:
        self.notebook = notebook
        self.reports: list[pytest.TestReport] = []

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> NotebookFile | None:
        """Of all files, take the notebook."""
        if file_path != self.notebook:
            return None
        return NotebookFile.from_parent(parent, path=file_path)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what came of a check."""
        if report.when == "call":
            self.reports.append(report)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Annotate what failed, and write the step's summary."""
        if os.environ.get("GITHUB_ACTIONS") == "true":
            for report in self.reports:
                if report.failed:
                    terminalreporter.write_line(annotation(report))
        summary = os.environ.get("GITHUB_STEP_SUMMARY")
        if summary and self.reports:
            with open(summary, "a", encoding="utf-8") as stream:
                stream.write(table(self.reports))


def annotation(report: pytest.TestReport) -> str:
    """A failed check as GitHub's workflow command."""
    file, line, name = report.location
    where = f"file={_property(file)},line={(line or 0) + 1},title={_property(name)}"
    return f"::error {where}::{_data(report.longreprtext)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def table(reports: Sequence[pytest.TestReport]) -> str:
    """All checks as a table in Markdown; what a student wrote stays text."""
    rows = ["| check | | |", "| --- | --- | --- |"]
    for report in reports:
        said = escape(report.longreprtext).replace("|", "&#124;").replace("\n", "<br>")
        result = f"not yet | <code>{said}</code>" if report.failed else "passed |"
        rows.append(f"| {report.location[2]} | {result} |")
    return "\n".join(rows) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a notebook: 0 if all is right, 1 if something is not, 2 if the call is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m utils.checks",
        description="Runs the notebook's checks; all other options go to pytest.",
    )
    parser.add_argument("notebook", nargs="?", type=Path, default=Path("two_layer_net.ipynb"))
    options, others = parser.parse_known_args(arguments)
    notebook = options.notebook.resolve()
    try:
        read_cells(notebook)
    except (OSError, CheckFailed) as error:
        print(f"{notebook} can't be checked: {error}", file=sys.stderr)
        return WRONG_CALL
    os.environ.setdefault("MPLBACKEND", "Agg")  # the notebook's plots go nowhere
    fixed = ["-p", "no:cacheprovider", "--rootdir", str(notebook.parent)]
    code = pytest.main([str(notebook), *fixed, *others], plugins=[GitHub(notebook)])
    return int(code) if code in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) else WRONG_CALL


if __name__ == "__main__":
    sys.exit(main())
