"""JupyterLab as a student has it: a server of one folder, and a notebook used as a person does.

What is done is done by mouse and keyboard, and what is read is what the page shows. Only where a
cell stands, and whether it has ended, is asked of JupyterLab itself.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import ElementHandle, Page

START = 120  # seconds, for a server that takes five
RUN = 300  # for a cell, on a busy machine

BRING_HERE = """async name => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const index = notebook.widgets.findIndex(
        cell => cell.model.getMetadata("nbgrader")?.grade_id === name);
    if (index < 0) throw new Error(`no cell is called ${name}`);
    await notebook.scrollToItem(index);
    return notebook.widgets[index].node;
}"""
COUNTS = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.model.type === "code" && cell.model.getMetadata("nbgrader"))
    .map(cell => [cell.model.getMetadata("nbgrader").grade_id,
                  cell.model.executionState === "idle" ? cell.model.executionCount : null])"""
ERRORS = ".jp-OutputArea-output:is([data-mime-type$=stderr], [data-mime-type$=error])"
IN_SIGHT = """name => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const cell = notebook.widgets.find(
        cell => cell.model.getMetadata("nbgrader")?.grade_id === name);
    const seen = notebook.node.getBoundingClientRect();
    const top = cell.node.getBoundingClientRect().top;
    return seen.top <= top && top < seen.bottom;
}"""
SAVED = "() => !window.jupyterapp.shell.currentWidget.context.model.dirty"


@contextmanager
def jupyterlab(folder: Path, home: Path, variables: Mapping[str, str]) -> Iterator[str]:
    """JupyterLab of a student's folder: its address, to be completed by a file's name.

    Parameters
    ----------
    folder : Path
        The student's.
    home : Path
        The user's; it is made, so that there are no settings and no history.
    variables : mapping
        Further environment variables of the server and its kernels.
    """
    settings = home / ".jupyter" / "labconfig"
    settings.mkdir(parents=True)
    without = {"disabledExtensions": {"@jupyter/nbgrader": True}}  # no student has it
    (settings / "page_config.json").write_text(json.dumps(without), encoding="utf-8")
    command = ["-m", "jupyterlab", "--LabApp.expose_app_in_browser=True"]
    with server(command, folder, home, variables) as (address, token):
        yield f"{address}/lab/tree/{{}}?token={token}"


@contextmanager
def server(
    command: Sequence[str], folder: Path, home: Path, variables: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """A Jupyter server on a free port of this machine, ended with all that it started.

    Yields where it listens, and its token.
    """
    token = secrets.token_hex(16)
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"]
    options += [f"--IdentityProvider.token={token}"]
    others = ("PYTEST", "JUPYTER", "IPYTHON", "MPL", "XDG")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    ours = {"HOME": str(home), "JUPYTER_RUNTIME_DIR": str(home / "runtime"), **variables}
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *command, *options], cwd=folder, env=kept | ours,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            yield _address(process, home), token
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _address(process: subprocess.Popen, home: Path) -> str:
    """Where a server listens, as it writes it down once it does."""
    path = home / "runtime" / f"jpserver-{process.pid}.json"
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        try:
            return json.loads(path.read_text(encoding="utf-8"))["url"].rstrip("/")
        except (FileNotFoundError, ValueError):
            time.sleep(0.1)
    raise AssertionError((home / "log").read_text(encoding="utf-8"))


class Notebook:
    """A notebook in a tab of JupyterLab. Its cells go by nbgrader's names."""

    def __init__(self, page: "Page", address: str):
        self.page = page
        page.goto(address)
        page.get_by_role("button", name="No", exact=True).click()  # no news of Jupyter's, thank you
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()

    def cell(self, name: str) -> "ElementHandle":
        """A cell, scrolled to."""
        found = self.page.evaluate_handle(BRING_HERE, name).as_element()
        assert found is not None, name
        return found

    def write(self, name: str, text: str) -> None:
        """Put a text in the place of a cell's own."""
        self._click_into(name)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def type_below(self, name: str, line: str, text: str) -> None:
        """Type a line below another one, key by key."""
        lines = self.cell(name).query_selector_all(".cm-line")
        (place,) = [found for found in lines if line == found.inner_text().strip()]
        place.click()
        for key in ("End", "Enter"):
            self.page.keyboard.press(key)
        self.page.keyboard.type(text)

    def _click_into(self, name: str) -> None:
        cell = self.cell(name)
        rendered = cell.query_selector(".jp-MarkdownOutput")
        if rendered is not None and rendered.is_visible():
            rendered.dblclick()
        editor = cell.wait_for_selector(".cm-content")
        assert editor is not None
        editor.click()

    def run(self, name: str) -> str:
        """Run a code cell by Shift+Enter, wait for its end, and read what it shows."""
        before = self.counts()[name]
        self._click_into(name)
        self.page.keyboard.press("Shift+Enter")
        self._wait_for(
            f"([name, before]) => !({COUNTS})().some(([found, count]) =>"
            " found === name && (count === null || count === before))",
            [name, before],
        )
        return self.shown(name)

    def render(self, name: str) -> str:
        """Render a Markdown cell by Shift+Enter, and read it."""
        self._click_into(name)
        self.page.keyboard.press("Shift+Enter")
        rendered = self.cell(name).wait_for_selector(".jp-MarkdownOutput")
        assert rendered is not None
        return rendered.inner_text()

    def shown(self, name: str) -> str:
        """The text under a code cell, as the page shows it."""
        outputs = self.cell(name).query_selector_all(".jp-OutputArea-output")
        return "\n".join(output.inner_text() for output in outputs)

    def errors(self, name: str) -> int:
        """How many errors and warnings stand under a code cell."""
        return len(self.cell(name).query_selector_all(ERRORS))

    def pictures(self, name: str) -> int:
        """How many pictures stand under a code cell."""
        return len(self.cell(name).query_selector_all(".jp-OutputArea-output img"))

    def photograph(self, name: str, path: Path, part: str = "") -> None:
        """A picture of a cell, or of a part of it, and of nothing else."""
        cell = self.cell(name)
        found = cell.query_selector(part) if part else cell
        assert found is not None, part
        found.screenshot(path=path)

    def counts(self) -> dict[str, int | None]:
        """The execution count of each named code cell; None while it runs, or did not."""
        return dict(self.page.evaluate(COUNTS))

    def save(self) -> None:
        """Save by Ctrl+S."""
        self.page.keyboard.press("Control+S")
        self._wait_for(SAVED)

    def restart_and_run_all(self) -> None:
        """Choose that from the Kernel menu, say yes, and wait until the last cell has ended."""
        self.page.get_by_role("menuitem", name="Kernel").click()
        self.page.get_by_role("menuitem", name="Restart Kernel and Run All Cells").click()
        self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        self._wait_for(
            f"() => ({COUNTS})().every(([name, count], place) => count === place + 1)", None
        )

    def is_in_sight(self, name: str) -> bool:
        """Whether a cell's upper edge is within the window; nothing is scrolled."""
        return self.page.evaluate(IN_SIGHT, name)

    def wait_until_in_sight(self, name: str) -> None:
        """Wait until a cell's upper edge has come into the window."""
        self._wait_for(IN_SIGHT, name)

    def _wait_for(self, expression: str, argument: Any = None) -> None:
        self.page.wait_for_function(expression, arg=argument, timeout=RUN * 1000, polling=200)
