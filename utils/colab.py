"""What is different on Colab: there the notebook is in the browser, and not on the disk."""

import json
import sys
from pathlib import Path

from utils.checks.compare import CheckFailed
from utils.whole import write_whole

PATIENCE = 60  # seconds, for the browser to send it


def on_colab() -> bool:
    """Whether this is a notebook of Colab's, whose kernel has loaded its own package."""
    return "google.colab" in sys.modules


def write_notebook(path: Path) -> None:
    """Write down the notebook as the browser shows it now, in the place of an older file.

    Raises
    ------
    CheckFailed
        If the browser does not send it.
    """
    from google.colab import _message  # type: ignore[import-not-found]

    answer = _message.blocking_request("get_ipynb", request="", timeout_sec=PATIENCE)
    content = answer.get("ipynb") if isinstance(answer, dict) else None
    if not isinstance(content, dict):
        raise CheckFailed(
            "Colab did not send the notebook; run this cell again. If that doesn't help, choose "
            f"File, Download .ipynb, and upload the file here, beside utils, as {path.name}."
        )
    write_whole(path, json.dumps(content, ensure_ascii=False).encode())


def download(path: Path) -> None:
    """Let the browser download a file; the machine's disk is gone when the session ends."""
    from google.colab import files

    files.download(str(path))
