"""Files beside the notebook and the weights: never taken, some flagged for a person."""

import os
import shutil
import zipfile
from pathlib import Path

import pytest

from autograder.beside import MAX_FILES
from autograder.reading import read_submission
from autograder.submission import Source, Submission
from tests.homework import ASSIGNMENT, NOTEBOOK, ROOT, WEIGHTS

RELEASE = ROOT / "release" / ASSIGNMENT
LITTER = (
    ".DS_Store", "._two_layer_net.ipynb", "utils/._data_utils.py", "utils/.DS_Store",
    ".ipynb_checkpoints/two_layer_net-checkpoint.ipynb",
    "utils/.ipynb_checkpoints/data_utils-checkpoint.py", "__MACOSX/utils/._data_utils.py",
    "utils/__pycache__/data_utils.cpython-312.pyc", "utils/checks/__pycache__/toy.cpython-311.pyc",
    "utils/__pycache__/__init__.cpython-313.pyc", "datasets/cifar-10-python.tar.gz",
    "datasets/cifar-10-batches-py/data_batch_1", "datasets/cifar-10-batches-py/readme.html",
    "plots/loss.png", "plot.pdf", "notes.txt", "answers.docx", "submission.zip", "timestamp.txt",
    "two_layer_net.html", "two_layer_net.pdf", ".gitignore", ".git/hooks/pre-commit.py",
    ".vscode/settings.json", "datasets/.gitkeep", "stats.pkl", "Thumbs.db", "desktop.txt",
)  # fmt: skip
STRANGE = (
    "conftest.py", "numpy.py", "pytest.ini", "sitecustomize.py", "setup.cfg", "tox.ini",
    "pyproject.toml", "usercustomize.py", "run.pth", "autograder/__init__.py", "__init__.py",
    "autograder/suite/points.json", "numpy/__init__.py", "numpy.so", "fast.cpython-311.so",
    "helper.pyd", "lib.dll", "lib.dylib", "utils/extra.py", "utils/data.json", "utils/checks/a.txt",
    "Makefile", "CONFTEST.PY", "run.sh", "old.pyc", "__pycache__/conftest.cpython-311.pyc",
    "utils/__pycache__/extra.cpython-311.pyc", "utils/__pycache__/data_utils.so", ".pytest.ini",
    "a.egg-link", "package.egg", "package.whl", ".pdbrc", "module.pyx", "program.exe",
    "nbgrader_config.py", "datasets/load.py", "utils2/data_utils.py",
)  # fmt: skip


@pytest.fixture(params=["folder", "zip", "zip with a folder", "folder with a zip"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def hand_in(tmp_path: Path, files: dict[str, bytes], form: str = "folder") -> Submission:
    """Read a submission of these files, and of a notebook and weights, in one of the forms."""
    files = {NOTEBOOK: b"{}", WEIGHTS: b"weights", **files}
    folder = tmp_path / "ann"
    folder.mkdir()
    if form == "folder":
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return read_submission(Source("ann", folder))
    inner = "hw 1/two_layer_net/" if form == "zip with a folder" else ""
    with zipfile.ZipFile(folder / "submission.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(inner + name, data)
    is_zip = form != "folder with a zip"
    return read_submission(Source("ann", folder / "submission.zip" if is_zip else folder))


def released() -> dict[str, bytes]:
    files = (path for path in RELEASE.rglob("*") if path.is_file())
    return {
        path.relative_to(RELEASE).as_posix(): path.read_bytes()
        for path in files
        if path.name != NOTEBOOK and "__pycache__" not in path.parts
    }


def test_the_whole_release_is_fine(tmp_path: Path, form: str) -> None:
    shipped = released()
    assert {"README.md", "requirements.txt", "utils/__init__.py", "utils/checks/toy.py"} <= {
        *shipped
    }
    assert hand_in(tmp_path, shipped, form).flags == ()


def test_what_gathers_in_a_folder_is_fine(tmp_path: Path, form: str) -> None:
    assert hand_in(tmp_path, {**released(), **dict.fromkeys(LITTER, b"x")}, form).flags == ()


def test_other_line_ends_are_no_difference(tmp_path: Path, form: str) -> None:
    files = {name: data.replace(b"\n", b"\r\n") for name, data in released().items()}
    assert hand_in(tmp_path, files, form).flags == ()


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_file_is_flagged(tmp_path: Path, name: str) -> None:
    for form in ("folder", "zip"):
        (tmp_path / form).mkdir()
        found = hand_in(tmp_path / form, {**released(), name: b"raise SystemExit"}, form)
        assert (found.notebook, found.weights) == (b"{}", b"weights")
        assert found.flags == (f"Handed in, but not of the release and not used: {name}.",)


def test_it_is_flagged_in_every_form(tmp_path: Path, form: str) -> None:
    (flag,) = hand_in(tmp_path, {"conftest.py": b"", "utils/extra.py": b""}, form).flags
    assert "conftest.py" in flag
    assert "utils/extra.py" in flag


def test_files_beside_a_zip_are_seen_too(tmp_path: Path) -> None:
    hand_in(tmp_path, {"conftest.py": b""}, "folder with a zip")
    (tmp_path / "ann" / "numpy.py").touch()
    (flag,) = read_submission(Source("ann", tmp_path / "ann")).flags
    assert flag == "Handed in, but not of the release and not used: conftest.py, numpy.py."


def test_a_changed_file_is_flagged_kindly(tmp_path: Path, form: str) -> None:
    files = released()
    files["utils/data_utils.py"] += b"\n# mine\n"
    (flag,) = hand_in(tmp_path, files, form).flags
    folder = "hw 1/two_layer_net/" if form == "zip with a folder" else ""
    said = "differs from the release; the grader uses its own."
    assert flag == f"{folder}utils/data_utils.py {said}"


def test_several_changed_files(tmp_path: Path, form: str) -> None:
    files = {**released(), "utils/toy.py": b""}
    files["utils/checks/toy.py"] = b""
    files["utils/vis_utils.py"] = b"x" * 10_000_000
    strange, changed = hand_in(tmp_path, files, form).flags
    assert "utils/toy.py." in strange
    assert changed.endswith("utils/vis_utils.py differ from the release; the grader uses its own.")


def test_many_files_make_a_short_flag(tmp_path: Path, form: str) -> None:
    names = {f"venv/lib/python3.11/site-packages/{n}{'x' * 200}.py": b"" for n in range(300)}
    (flag,) = hand_in(tmp_path, names, form).flags
    assert flag.endswith("and 295 more.")
    assert len(flag) < 700


@pytest.mark.parametrize(
    "name",
    ["a\x1b[2J.py", "<script>alert(1)<script>.py", "=cmd|' '!A0.py", "a\nb.py", "\u202eyp.py"],
)
def test_names_are_printable(tmp_path: Path, name: str) -> None:
    (flag,) = hand_in(tmp_path, {name: b""}).flags
    assert flag.isprintable()
    assert flag.startswith("Handed in")


def test_names_that_are_no_text(tmp_path: Path) -> None:
    (flag,) = hand_in(tmp_path, {os.fsdecode(b"\xff.py"): b""}).flags
    assert flag.isprintable()
    assert flag.encode()


def test_links_are_flagged_and_not_followed(tmp_path: Path) -> None:
    hand_in(tmp_path, {})
    folder = tmp_path / "ann"
    (folder / "numpy").symlink_to("/etc")
    (folder / "datasets").symlink_to("/etc")
    (folder / "loop").symlink_to(folder)
    shutil.copytree(ROOT / "utils", folder / "utils", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "utils" / "vis_utils.py").unlink()
    (folder / "utils" / "vis_utils.py").symlink_to(ROOT / "utils" / "vis_utils.py")
    assert read_submission(Source("ann", folder)).flags == (
        "Handed in, but not of the release and not used: loop, numpy.",
        "utils/vis_utils.py differs from the release; the grader uses its own.",
    )


def test_a_link_in_place_of_utils(tmp_path: Path) -> None:
    hand_in(tmp_path, {})
    (tmp_path / "ann" / "utils").symlink_to(ROOT / "utils")
    (flag,) = read_submission(Source("ann", tmp_path / "ann")).flags
    assert flag == "Handed in, but not of the release and not used: utils."


def test_a_link_in_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "ann.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(NOTEBOOK, b"{}")
        link = zipfile.ZipInfo("utils/vis_utils.py")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, (ROOT / "utils" / "vis_utils.py").read_bytes())
    (flag,) = read_submission(Source("ann", path)).flags
    assert flag == "utils/vis_utils.py differs from the release; the grader uses its own."


def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    hand_in(tmp_path, {"utils/extra": b""})
    os.mkfifo(tmp_path / "ann" / "utils" / "vis_utils.py")
    os.mkfifo(tmp_path / "ann" / "conftest.py")
    strange, changed = read_submission(Source("ann", tmp_path / "ann")).flags
    assert strange.endswith("not used: conftest.py, utils/extra.")
    assert changed.startswith("utils/vis_utils.py differs")


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_member_that_is_not_read_counts_as_changed(tmp_path: Path, method: int) -> None:
    path = tmp_path / "ann.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(NOTEBOOK, b"{}")
        archive.writestr("utils/vis_utils.py", released()["utils/vis_utils.py"], method)
    (flag,) = read_submission(Source("ann", path)).flags
    assert flag.startswith("utils/vis_utils.py differs")


def test_a_damaged_member_counts_as_changed(tmp_path: Path) -> None:
    path = tmp_path / "ann.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(NOTEBOOK, b"{}")
        archive.writestr("utils/vis_utils.py", released()["utils/vis_utils.py"])
    data = path.read_bytes()
    path.write_bytes(data.replace(b"def visualize_grid", b"def_visualize_grid"))
    found = read_submission(Source("ann", path))
    assert found.notebook == b"{}"
    assert found.flags[0].startswith("utils/vis_utils.py differs")


def test_a_huge_folder_is_not_walked_to_its_end(tmp_path: Path) -> None:
    hand_in(tmp_path, {f"datasets/{n}": b"" for n in range(MAX_FILES + 5)})
    (flag,) = read_submission(Source("ann", tmp_path / "ann")).flags
    assert flag == "More than 10,000 files were handed in; not all of them were looked at."


def test_a_lone_notebook_has_nothing_beside_it(tmp_path: Path) -> None:
    """Its folder may hold other students' files."""
    hand_in(tmp_path, {"conftest.py": b""})
    found = read_submission(Source("ann", tmp_path / "ann" / NOTEBOOK))
    assert (found.weights, found.flags) == (b"weights", ())
