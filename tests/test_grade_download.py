"""`grade --from`: a platform's download of a class, graded as it is."""

import json
import os
from pathlib import Path

import pytest

from autograder.only_run import LOCK, only_run
from tests.gallery import complete_notebook
from tests.graded import synthetic_data, tuned_weights
from tests.homework import NOTEBOOK, WEIGHTS
from tests.lms_platforms import ADA, BEN, CHI, canvas_members, packed, unpack, write_zip
from tests.terminal import Done, result, rows, run

NAMES = {ADA: "lovelaceada_4567", BEN: "obriennúñezben_4568", CHI: "尋千_4569"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic_data(tmp_path_factory)


@pytest.fixture(scope="module")
def right(data: Path) -> dict[str, bytes]:
    """The files of a right submission."""
    return {NOTEBOOK: json.dumps(complete_notebook()).encode(), WEIGHTS: tuned_weights(data)}


@pytest.fixture(scope="module")
def canvas(tmp_path_factory: pytest.TempPathFactory, right: dict[str, bytes]) -> Path:
    """Canvas's zip: two right submissions, and one without a notebook."""
    handed = {ADA: right, BEN: {"submission.zip": packed(right)}, CHI: {"essay.pdf": b"%PDF"}}
    folder = tmp_path_factory.mktemp("canvas")
    return write_zip(folder / "canvas.zip", canvas_members(handed), is_raw=True)


def grade(out: Path, data: Path, *arguments: str | Path) -> Done:
    return run("grade", *arguments, "--out", out, "--data", data)


def test_each_submission_of_a_download_is_graded(canvas: Path, data: Path, tmp_path: Path) -> None:
    done = grade(tmp_path, data, "--from", "canvas", canvas)
    assert done.code == 1, "one submission has no grade"
    assert set(rows(tmp_path)) == {NAMES[ADA], NAMES[BEN]}
    assert [result(tmp_path, NAMES[who])["score"] for who in (ADA, BEN)] == [80, 80]
    assert "2 submissions from Canvas: 2 new." in done.err
    assert f"({NAMES[CHI]}): there is no notebook and no zip, but essay.pdf" in done.err
    assert "looks like" not in done.err


def test_the_same_download_again_grades_nothing_again(
    canvas: Path, data: Path, tmp_path: Path
) -> None:
    grade(tmp_path, data, "--from", "canvas", canvas)
    log = tmp_path / "log"
    again = grade(tmp_path, data, "--from", "canvas", canvas, "--json-log", log)
    assert "2 submissions from Canvas: 2 unchanged." in again.err
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [e["kept"] for e in events if e["event"] == "submission"] == [True, True]


@pytest.mark.parametrize("is_unpacked", [False, True], ids=["zip", "folder"])
def test_a_download_that_is_graded_as_one_submission_is_recognised(
    canvas: Path, data: Path, tmp_path: Path, is_unpacked: bool
) -> None:
    download = unpack(canvas, tmp_path / "unpacked") if is_unpacked else canvas
    done = grade(tmp_path / "out", data, download)
    assert "looks like Canvas's, of 3 submissions; --from canvas grades each of them." in done.err


def test_a_zip_of_a_folder_each_is_recognised(
    right: dict[str, bytes], data: Path, tmp_path: Path
) -> None:
    members = [(f"{who.login}/{name}", right[name]) for who in (ADA, BEN) for name in right]
    download = write_zip(tmp_path / "class.zip", members)
    wrong = grade(tmp_path / "wrong", data, download)
    assert "looks like a class's download, of 2 submissions; --from folder" in wrong.err
    assert grade(tmp_path / "out", data, "--from", "folder", download).code == 0
    assert set(rows(tmp_path / "out")) == {"ada", "ben"}


def test_what_is_no_download_of_a_class_is_graded_without_a_word(
    right: dict[str, bytes], data: Path, tmp_path: Path
) -> None:
    (tmp_path / "ada.zip").write_bytes(packed(right))
    done = grade(tmp_path / "out", data, tmp_path / "ada.zip")
    assert (done.code, set(rows(tmp_path / "out"))) == (0, {"ada"})
    assert "looks like" not in done.err


def test_what_holds_no_submission_is_refused(data: Path, tmp_path: Path) -> None:
    download = write_zip(tmp_path / "x.zip", canvas_members({ADA: {"essay.pdf": b"%PDF"}}))
    done = grade(tmp_path / "out", data, "--from", "canvas", download)
    assert done.code == 2
    assert "x.zip holds no submission that can be read. " in done.err
    assert "there is no notebook and no zip, but essay.pdf." in done.err
    assert not (tmp_path / "out" / "grades.csv").exists()


def test_one_download_at_a_time(canvas: Path, data: Path, tmp_path: Path) -> None:
    done = grade(tmp_path, data, "--from", "canvas", canvas, canvas)
    assert (done.code, done.err) == (
        2, "--from takes one download; grade several one after the other.\n"
    )  # fmt: skip


def test_a_download_waits_for_the_run_that_grades_there(
    canvas: Path, data: Path, tmp_path: Path
) -> None:
    """Nothing is replaced beneath the other run."""
    with only_run(tmp_path):
        done = grade(tmp_path, data, "--from", "canvas", canvas)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"Another run is writing into {tmp_path}; ")
    assert os.listdir(tmp_path) == [LOCK]


def test_a_download_whose_results_can_be_written_nowhere(
    canvas: Path, data: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    done = grade(tmp_path / "file" / "out", data, "--from", "canvas", canvas)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"{tmp_path / 'file' / 'out'} can't be written: Not a directory.\n"
