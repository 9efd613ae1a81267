"""Packs what a student hands in: the notebook and the tuned net, in one zip."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZipFile

from utils import colab
from utils.checks.compare import CheckFailed
from utils.display import show_markdown
from utils.preflight import Finding, preflight, read_cells
from utils.whole import write_whole


def pack_submission(
    notebook: str | Path = "two_layer_net.ipynb",
    weights: str | Path = "best_net.npz",
    packed: str | Path = "submission.zip",
    session: Mapping[str, Any] | None = None,
) -> Path:
    """Pack the saved notebook and the tuned net, and say what was packed and what is missing.

    On Colab, the notebook is first written down as the browser shows it, and the zip is downloaded.

    Parameters
    ----------
    notebook, weights : str or Path
        The files to hand in. Without the weights the notebook is packed alone.
    packed : str or Path
        The zip to write. An older one is replaced, and only by a complete one.
    session : mapping, optional
        The notebook's globals(), by which the pre-flight knows what was run.

    Returns
    -------
    Path
        The zip.

    Raises
    ------
    CheckFailed
        If there is no notebook, or it is not one, or the zip can't be written.
    """
    notebook, weights, packed = Path(notebook), Path(weights), Path(packed)
    if colab.on_colab():
        colab.write_notebook(notebook)
    if not notebook.is_file():
        raise CheckFailed(
            f"There is no {notebook} in {Path.cwd()}. If you renamed the notebook, "
            "put its new name into this cell's call."
        )
    cells = len(read_cells(notebook))
    found = preflight(notebook, weights, session)
    files = [notebook, weights] if weights.is_file() else [notebook]
    stream = io.BytesIO()
    try:
        with ZipFile(stream, "w", ZIP_DEFLATED, strict_timestamps=False) as archive:
            for file in files:
                archive.write(file, file.name)
        write_whole(packed, stream.getvalue())
    except PermissionError:  # Windows replaces no file that is open
        raise CheckFailed(
            f"{packed.name} can't be written in {packed.resolve().parent}: close the program that "
            "has it open, or see that you may write there, and run this cell again."
        ) from None
    names = " and ".join([f"{notebook.name} ({cells} cells)", *(f.name for f in files[1:])])
    print(f"Packed {names} into {packed.resolve()}.")
    print(f"{packed.stat().st_size / 1e6:.1f} MB; upload this file.")
    _say(found)
    if colab.on_colab():
        colab.download(packed)
    return packed


def _say(found: Sequence[Finding]) -> None:
    if not found:
        print(
            "Nothing is missing in the saved files: all is filled in and was run in order. "
            "If you have changed an answer since you last saved, save and run this again."
        )
        return
    said = "1 thing" if len(found) == 1 else f"{len(found)} things"
    head = f"Before you upload it, look at {said}; mend what you can, save, and run this again:"
    lines = [f"{f.section}: {f.text}" if f.section else f.text for f in found]
    linked = [f"{_link(f.section)}: {f.text}" if f.section else f.text for f in found]
    show_markdown(
        "\n".join([head, "", *(f"- {line}" for line in linked)]),
        "\n".join([head, *(f"- {line}" for line in lines)]),
    )


def _link(section: str) -> str:
    """A link to a heading; JupyterLab names its anchor by its text, with hyphens for blanks."""
    shown = section.replace("[", "\\[").replace("]", "\\]")
    return f"[{shown}](#{quote(section.replace(' ', '-'), safe='-.:?!,()')})"
