"""Packing what is handed in: both files, nothing else, and a sentence where one is missing."""

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from autograder.reading import read_submission
from autograder.submission import find_submissions
from tests.gallery import complete_notebook, pack_weights
from tests.homework import NOTEBOOK, WEIGHTS
from utils import submission
from utils.checks import CheckFailed
from utils.checks.toy import toy_params
from utils.submission import pack_submission


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The student's folder, with what is handed in and much that isn't."""
    monkeypatch.chdir(tmp_path)
    text = json.dumps(complete_notebook(), ensure_ascii=False)
    (tmp_path / NOTEBOOK).write_text(text, encoding="utf-8")
    (tmp_path / WEIGHTS).write_bytes(pack_weights(toy_params()))
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "utils").mkdir()
    (tmp_path / "utils" / "vis_utils.py").write_text("")
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "data_batch_1").write_bytes(b"0" * 1000)
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / NOTEBOOK).write_text("{}")
    return tmp_path


def test_packs_both_files_and_nothing_else(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path.name for path in folder.iterdir()}
    packed = pack_submission(NOTEBOOK, WEIGHTS)
    with zipfile.ZipFile(packed) as archive:
        assert sorted(archive.namelist()) == sorted([NOTEBOOK, WEIGHTS])
        assert archive.testzip() is None
        for name in (NOTEBOOK, WEIGHTS):
            assert archive.read(name) == (folder / name).read_bytes()
    assert {path.name for path in folder.iterdir()} == before | {"submission.zip"}
    said = capsys.readouterr().out
    cells = len(complete_notebook()["cells"])
    assert f"Packed two_layer_net.ipynb ({cells} cells) and best_net.npz into" in said
    assert str(folder / "submission.zip") in said
    assert "MB; upload this file." in said


def test_the_defaults_are_the_notebooks(folder: Path) -> None:
    assert pack_submission() == Path("submission.zip")


def test_paths_elsewhere_are_packed_by_their_names(folder: Path) -> None:
    (folder / "deep").mkdir()
    packed = pack_submission(folder / NOTEBOOK, folder / WEIGHTS, folder / "deep" / "mine.zip")
    assert sorted(zipfile.ZipFile(packed).namelist()) == sorted([NOTEBOOK, WEIGHTS])


def test_the_grader_reads_what_was_packed(folder: Path) -> None:
    (source,) = find_submissions([pack_submission()])
    read = read_submission(source)
    assert read.notebook == (folder / NOTEBOOK).read_bytes()
    assert read.weights == (folder / WEIGHTS).read_bytes()


def test_an_older_zip_is_replaced(folder: Path) -> None:
    (folder / "submission.zip").write_bytes(b"old")
    assert zipfile.is_zipfile(pack_submission())


def test_an_older_zip_stays_if_packing_fails(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack_submission()
    old = (folder / "submission.zip").read_bytes()
    (folder / "notes.txt").write_text("changed since")

    class Full(zipfile.ZipFile):
        def write(self, filename: Any, *arguments: Any, **options: Any) -> None:
            if Path(filename).name == WEIGHTS:
                raise OSError("no space left on device")
            super().write(filename, *arguments, **options)

    monkeypatch.setattr(submission, "ZipFile", Full)
    with pytest.raises(OSError, match="no space left"):
        pack_submission()
    assert (folder / "submission.zip").read_bytes() == old


def test_it_is_moved_into_place_when_it_is_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    replace = os.replace

    def recording(part: Path, packed: Path) -> None:
        with zipfile.ZipFile(part) as archive:
            seen.append(archive.testzip() is None and not Path(packed).exists())
        replace(part, packed)

    monkeypatch.setattr(os, "replace", recording)
    pack_submission()
    assert seen == [True]


def test_missing_notebook(folder: Path) -> None:
    (folder / NOTEBOOK).unlink()
    with pytest.raises(CheckFailed) as raised:
        pack_submission()
    assert str(raised.value) == (
        f"There is no two_layer_net.ipynb in {folder}. If you renamed the notebook, "
        "put its new name into this cell's call."
    )
    assert not (folder / "submission.zip").exists()


def test_without_weights_the_notebook_is_packed_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / WEIGHTS).unlink()
    assert zipfile.ZipFile(pack_submission()).namelist() == [NOTEBOOK]
    said = capsys.readouterr().out
    assert "There is no best_net.npz yet; run the cell that saves it." in said
    assert "best_net.npz into" not in said


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"[]", b"null", b"3", b"{}", b'{"cells": 3}', b"\xff\xfe\x00", b'{"cells": [',
     b'{"cells": [3]}', b'{"cells": [{"cell_type": "code"}]}', b"[" * 100_000]
)  # fmt: skip
def test_not_a_notebook(folder: Path, data: bytes) -> None:
    (folder / NOTEBOOK).write_bytes(data)
    with pytest.raises(CheckFailed, match=r"two_layer_net\.ipynb is not a Jupyter notebook"):
        pack_submission()
    assert not list(folder.glob("*submission*"))


def test_a_folder_is_no_notebook(folder: Path) -> None:
    (folder / NOTEBOOK).unlink()
    (folder / NOTEBOOK).mkdir()
    with pytest.raises(CheckFailed, match=f"There is no {NOTEBOOK}"):
        pack_submission()


def test_a_folder_is_no_net(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / WEIGHTS).unlink()
    (folder / WEIGHTS).mkdir()
    assert zipfile.ZipFile(pack_submission()).namelist() == [NOTEBOOK]
    assert "best_net.npz can't be read" in capsys.readouterr().out


def test_nothing_half_written_stays_if_packing_fails(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(zipfile.ZipFile):
        def write(self, *arguments: Any, **options: Any) -> None:
            raise OSError("no space left on device")

    monkeypatch.setattr(submission, "ZipFile", Full)
    with pytest.raises(OSError, match="no space left"):
        pack_submission()
    assert not list(folder.glob("*submission*"))


def test_a_file_without_a_date_is_packed(folder: Path) -> None:
    os.utime(folder / NOTEBOOK, (0, 0))
    pack_submission()


def test_a_zip_that_another_program_holds_open(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, which replaces no open file."""

    def refuse(part: Path, packed: Path) -> None:
        raise PermissionError(13, "The process cannot access the file", str(packed))

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(CheckFailed, match=r"submission\.zip can't be written in .*: close the"):
        pack_submission()
    assert not list(folder.glob("*submission*"))
