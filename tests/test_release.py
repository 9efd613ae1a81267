"""The student release: the same at each generation, nothing secret in it, usable on its own."""

import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbgrader.nbgraderformat import MetadataValidator  # type: ignore[import-untyped]

from autograder.release import ReleaseError, make_release
from tests.homework import ASSIGNMENT, MARKED, NOTEBOOK, ROOT, SOURCE

COMMITTED = ROOT / "release" / ASSIGNMENT
NEEDED = ("source", "utils", "nbgrader_config.py")
SHIPPED = {"README.md", "requirements.txt", NOTEBOOK, "utils"}
Cell = Any


def copy_course(folder: Path) -> Path:
    """A copy of what a release is made from."""
    folder.mkdir()
    skip = shutil.ignore_patterns("__pycache__", "best_net.npz", "submission.zip", "tuning.json",
                                  "tuning.npz", "datasets", ".ipynb_checkpoints")  # fmt: skip
    for name in NEEDED:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, folder / name, ignore=skip)
        else:
            shutil.copy(path, folder / name)
    return folder


@pytest.fixture(scope="module", autouse=True)
def environment_not_activated() -> Iterator[None]:
    """No program of the virtual environment is on the PATH, as under `make`."""
    folders = os.environ["PATH"].split(os.pathsep)
    with pytest.MonkeyPatch.context() as patch:
        kept = [folder for folder in folders if not (Path(folder) / "alembic").exists()]
        patch.setenv("PATH", os.pathsep.join(kept))
        patch.setenv("PYTHONPATH", str(ROOT))  # the copy's configuration imports this autograder
        yield


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def unzipped(path: Path | io.BytesIO) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@dataclass
class Made:
    """Releases made one after the other in a copy of the course."""

    root: Path
    folders: list[dict[str, bytes]] = field(default_factory=list)
    zips: list[bytes] = field(default_factory=list)

    def again(self) -> Path:
        folder, packed = make_release(self.root)
        self.folders.append(contents(folder))
        self.zips.append(packed.read_bytes())
        return packed

    def unpacked(self, number: int) -> dict[str, bytes]:
        return unzipped(io.BytesIO(self.zips[number]))


LEFTOVERS = {
    "best_net.npz": b"the instructor's weights",
    "submission.zip": b"the instructor's solution",
    "tuning.json": b"the instructor's search",
    "tuning.npz": b"the instructor's best net",
    "datasets/cifar-10-batches-py/data_batch_1": b"large",
    ".ipynb_checkpoints/two_layer_net-checkpoint.ipynb": b"an older solution",
    "__pycache__/x.cpython-311.pyc": b"",
}
STRAYS = {
    "utils/.ipynb_checkpoints/vis_utils-checkpoint.py": "older",  # JupyterLab's, of an edited file
    f"source/{ASSIGNMENT}/scratch.ipynb": "labels = np.argmax(scores, axis=1)",
    f"source/{ASSIGNMENT}/.DS_Store": "",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Two releases; before the second, leftovers of a run are put beside the source notebook."""
    made = Made(copy_course(tmp_path_factory.mktemp("release") / "course"))
    made.again()
    for name, data in LEFTOVERS.items():
        path = made.root / "source" / ASSIGNMENT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    made.again()
    return made


# --- it is generated ---


def test_regenerating_changes_nothing(made: Made) -> None:
    committed = contents(COMMITTED)
    assert made.folders[0].keys() == committed.keys()
    for name, data in made.folders[0].items():
        assert data == committed[name], f"release/{ASSIGNMENT}/{name} is stale: run `make release`"


def test_twice_gives_the_same_bytes_whatever_lies_beside_the_source(made: Made) -> None:
    assert made.folders[1] == made.folders[0]
    assert made.zips[1] == made.zips[0]


def test_leftovers_never_reach_it(made: Made) -> None:
    for name in LEFTOVERS:
        assert name not in made.folders[1]
    assert {name.split("/")[0] for name in made.folders[1]} == SHIPPED


@pytest.fixture(scope="module")
def strays_released(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Which of the strays reach a release, if it isn't refused because of them."""
    root = copy_course(tmp_path_factory.mktemp("strays") / "course")
    for name, text in STRAYS.items():
        (root / name).parent.mkdir(exist_ok=True)
        if name.endswith(".ipynb"):
            cells = [nbformat.v4.new_code_cell(text)]
            nbformat.write(nbformat.v4.new_notebook(cells=cells), root / name)
        else:
            (root / name).write_text(text)
    try:
        folder, _ = make_release(root)
    except ReleaseError:
        return set()
    released = contents(folder)
    return {
        n for n in STRAYS if n in released or n.removeprefix(f"source/{ASSIGNMENT}/") in released
    }


@pytest.mark.parametrize("name", STRAYS)
def test_strays_never_reach_it(name: str, strays_released: set[str]) -> None:
    assert name not in strays_released


def test_utils_is_the_packages(made: Made) -> None:
    shipped = {n[6:]: d for n, d in made.folders[0].items() if n.startswith("utils/")}
    assert shipped == {n: d for n, d in contents(ROOT / "utils").items() if n.endswith(".py")}


def test_zip_holds_the_folder_and_nothing_else(made: Made) -> None:
    for folder, packed in zip(made.folders, made.zips, strict=True):
        released = {f"{ASSIGNMENT}/{name}": data for name, data in folder.items()}
        assert unzipped(io.BytesIO(packed)) == released
    with zipfile.ZipFile(io.BytesIO(made.zips[0])) as archive:
        assert {info.date_time for info in archive.infolist()} == {(2026, 1, 1, 0, 0, 0)}
        assert all(stat.S_IMODE(i.external_attr >> 16) == 0o644 for i in archive.infolist())


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `nbgrader generate_assignment two_layer_net` makes by itself."""
    root = copy_course(tmp_path_factory.mktemp("stock") / "course")
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", ASSIGNMENT]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return root / "release" / ASSIGNMENT


def test_stock_command_gives_the_same_notebook(stock: Path) -> None:
    assert (stock / NOTEBOOK).read_bytes() == (COMMITTED / NOTEBOOK).read_bytes()


def test_stock_command_gives_the_whole_release(stock: Path) -> None:
    assert {path.name for path in stock.iterdir()} == SHIPPED


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A course with a release, whose source notebook was then spoilt; and what was said of it."""
    root = copy_course(tmp_path_factory.mktemp("refused") / "course")
    shutil.copytree(COMMITTED, root / "release" / ASSIGNMENT)
    source = root / "source" / ASSIGNMENT / NOTEBOOK
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace("### END SOLUTION", "### THE END"), encoding="utf-8")
    with pytest.raises(ReleaseError) as raised:
        make_release(root)
    return root, str(raised.value)


def test_a_refusal_says_why(refused: tuple[Path, str]) -> None:
    assert re.search("(?i)end solution|nested begin solution", refused[1])
    assert "\n" not in refused[1] and len(refused[1]) < 300


def test_a_release_that_fails_leaves_the_old_one(refused: tuple[Path, str]) -> None:
    assert contents(refused[0] / "release" / ASSIGNMENT) == contents(COMMITTED)


# --- nothing secret ---

BLOCKS = (
    ("### BEGIN SOLUTION", "### END SOLUTION"),
    ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"),
    ("=== BEGIN MARK SCHEME ===", "=== END MARK SCHEME ==="),
)
DISTINCTIVE = ('params["W1"].T', "params['W1'].T", "np.argmax(", ".argmax(", "dscores", "@ params",
               "dhidden =", "(hidden > 0)", "dhidden.T", "hidden_params",
               "BEGIN SOLUTION", "BEGIN HIDDEN",
               "MARK SCHEME")  # fmt: skip


def secret_and_visible() -> tuple[set[str], set[str]]:
    """Stripped lines of the source notebook: those to be withheld, and those a student sees.

    A line that stands on both sides, such as `plt.show()`, which the solution of the plots shares
    with given cells, tells a student nothing new; it is not counted as secret. The same holds for
    lines of 3 characters or fewer, such as a closing bracket.
    """
    secret: set[str] = set()
    visible: set[str] = set()
    for cell in nbformat.read(SOURCE, as_version=4).cells:
        said = cell.metadata.get("nbgrader", {})
        text = cell.source
        whole = said.get("solution") and not any(begin in text for begin, _ in BLOCKS)
        end = ""
        for line in map(str.strip, text.splitlines()):
            ends = [after for before, after in BLOCKS if line == before]
            if ends:
                end = ends[0]
            elif line == end:
                end = ""
            elif len(line) > 3:
                (secret if end or whole else visible).add(line)
    return secret - visible, visible


def strings(value: Any) -> Iterator[str]:
    """Every string in a notebook, wherever it stands."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from strings(part)
    elif isinstance(value, list):
        yield from strings("".join(value) if all(isinstance(v, str) for v in value) else "")
        for part in value:
            yield from strings(part)


def text_of(name: str, data: bytes) -> str:
    text = data.decode("utf-8")
    return text + "\n".join(strings(json.loads(text))) if name.endswith(".ipynb") else text


def test_what_counts_as_secret() -> None:
    secret, visible = secret_and_visible()
    assert 'hidden = np.maximum(X @ params["W1"].T + params["b1"], 0)' in secret
    assert "labels = np.argmax(scores, axis=1)" in secret
    assert "assert predict(toy_params, toy_X).tolist() == [1, 1, 1, 1, 1]" in secret
    assert any(line.startswith("The learning rate of 1e-4 is too low") for line in secret)
    assert any(line.startswith("- 2 points: the learning rate") for line in secret)
    assert "plt.show()" in visible and "plt.show()" not in secret
    assert len(secret) > 75


@pytest.mark.parametrize("where", ["committed folder", "zip"])
def test_no_secret_line_is_released(where: str, made: Made) -> None:
    secret = secret_and_visible()[0]
    files = contents(COMMITTED) if where == "committed folder" else made.unpacked(0)
    assert len(files) > 10
    for name, data in files.items():
        text = text_of(name, data)
        found = sorted(line for line in secret if line in text)
        assert not found, f"{name} gives away: {found[:3]}"


@pytest.mark.parametrize("expression", DISTINCTIVE)
def test_no_solutions_expression_is_released(expression: str) -> None:
    assert expression in SOURCE.read_text(encoding="utf-8").replace('\\"', '"') or (
        "'" in expression or expression == ".argmax("
    )
    for name, data in contents(COMMITTED).items():
        assert expression not in text_of(name, data), name


def test_utils_holds_none_of_the_networks_mathematics() -> None:
    """No matrix product with a transpose, no argmax over classes, no update of parameters."""
    for path in sorted((ROOT / "utils").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if path.name == "synthetic.py":  # makes images by a product of its own
            continue
        assert not re.search(r"\.T\b.*@|@.*\.T\b|\bnp\.(dot|matmul|einsum)\b", text), path
        assert not re.search(r"\+= *-|-= *\w*(rate|lr)\b", text), path


# --- its notebook ---


@pytest.fixture(scope="module")
def notebook() -> Any:
    return nbformat.read(COMMITTED / NOTEBOOK, as_version=4)


def grade_id(cell: Cell) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def test_metadata(notebook: Any) -> None:
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    names = [grade_id(cell) for cell in notebook.cells if grade_id(cell)]
    ids = [cell.id for cell in notebook.cells]
    assert len(set(names)) == len(names) and len(set(ids)) == len(ids)
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            assert cell.metadata.nbgrader.schema_version == 3
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None


def test_cells_are_those_of_the_source(notebook: Any) -> None:
    source = nbformat.read(SOURCE, as_version=4)
    assert [cell.id for cell in notebook.cells] == [cell.id for cell in source.cells]
    for ours, theirs in zip(source.cells, notebook.cells, strict=True):
        kept = {k: v for k, v in theirs.metadata.get("nbgrader", {}).items()
                if k not in ("checksum", "cell_type")}  # fmt: skip
        assert kept == ours.metadata.get("nbgrader", {}), grade_id(ours)


def test_every_blank_is_marked(notebook: Any) -> None:
    stub = 'raise NotImplementedError("This step is not implemented yet: replace this line.")'
    blanks = {}
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code":
            blanks[grade_id(cell)] = cell.source.count(stub)
            assert cell.source.count("# YOUR CODE HERE") == blanks[grade_id(cell)]
            compile(cell.source, grade_id(cell), "exec")
    assert blanks == {"forward": 1, "loss": 1, "backward": 2, "predict": 1, "train": 2,
                      "diagnosis_plots": 1, "best_net": 1}  # fmt: skip
    for cell in notebook.cells:
        if grade_id(cell) in MARKED and cell.cell_type == "markdown":
            assert "YOUR ANSWER HERE" in cell.source and len(cell.source) < 40


# --- as a student runs it ---

SMALL_SET = """
random = np.random.RandomState(0)
X_train, X_val, X_test = (random.randn(n, 3072).astype(np.float32) for n in (60, 20, 20))
y_train, y_val, y_test = (random.randint(0, 10, n) for n in (60, 20, 20))
"""
STEPS = ("forward", "loss", "backward", "predict", "train", "diagnosis_plots", "best_net")


@dataclass(frozen=True)
class Stop:
    """Where a run of all cells stopped, and what the cell showed."""

    cell: str
    name: str
    message: str
    shown: str


class Student:
    """A kernel in a copy of the release; the notebook is run from the top, again and again."""

    def __init__(self, folder: Path, notebook: Any):
        self.notebook = notebook
        self.client = NotebookClient(
            notebook, timeout=180, resources={"metadata": {"path": str(folder)}}
        )

    def cell(self, name: str) -> Cell:
        return next(cell for cell in self.notebook.cells if grade_id(cell) == name)

    def run_all(self) -> Stop | None:
        """Run all code cells in an emptied namespace, up to the first error."""
        self.ask("%reset -f")
        for number, cell in enumerate(self.notebook.cells):
            if cell.cell_type == "code":
                try:
                    self.client.execute_cell(cell, number)
                except CellExecutionError as error:
                    output = cell.outputs[-1]
                    shown = "\n".join(output.traceback)
                    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
                    return Stop(grade_id(cell), error.ename, error.evalue, plain)
        return None

    def ask(self, code: str) -> str:
        """Run code of our own, which is no part of the notebook."""
        cell = nbformat.v4.new_code_cell(code)
        self.notebook.cells.append(cell)
        try:
            self.client.execute_cell(cell, len(self.notebook.cells) - 1)
        finally:
            self.notebook.cells.pop()
        return "".join(output.get("text", "") for output in cell.outputs)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Fill the blanks of the release one after the other, and run all of it after each.

    The data set is a tiny random one, so that the training of the given cells takes no time.
    """
    folder = tmp_path_factory.mktemp("student") / ASSIGNMENT
    shutil.copytree(COMMITTED, folder)
    notebook = nbformat.read(folder / NOTEBOOK, as_version=4)
    solutions = {grade_id(cell): cell for cell in nbformat.read(SOURCE, as_version=4).cells}
    student = Student(folder, notebook)
    student.cell("data").source = SMALL_SET
    first_run = student.cell("first_run")
    first_run.source = first_run.source.replace("num_iters=1000", "num_iters=20")
    tuning = solutions["best_net"].source
    solutions["best_net"].source = re.sub(r"num_iters=\d+", "num_iters=5", tuning)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"IPYTHONDIR": str(folder / ".ipython"), "CIFAR10_DOWNLOAD": "0"}
    found: dict[str, Any] = {"folder": folder}
    with student.client.setup_kernel(env=environment):
        for step in STEPS:
            found[step] = student.run_all()
            if step == "forward":
                found["utils"] = student.ask("import utils; print(utils.__file__)").strip()
                found["path"] = student.ask("import sys; print(sys.path)")
            student.cell(step).source = solutions[step].source
        found["end"] = student.run_all()
    return found


def test_utils_is_imported_from_the_release(walk: dict[str, Any]) -> None:
    assert Path(walk["utils"]) == walk["folder"] / "utils" / "__init__.py"
    assert repr(str(ROOT)) not in walk["path"]


def test_untouched_it_stops_at_the_first_check_with_a_sentence(walk: dict[str, Any]) -> None:
    sentence = (
        "forward is not implemented yet. Fill in its blank, run that cell, and this one again."
    )
    assert walk["forward"] == Stop(
        "check_forward", "NotImplementedYet", sentence, f"Not yet: {sentence}"
    )


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ("forward", "forward"),
        ("loss", "softmax_loss"),
        ("backward", "backward"),
        ("predict", "predict"),
        ("train", "train"),
    ],
)
def test_with_the_steps_before_it_filled_the_run_stops_at_a_steps_check(
    step: str, name: str, walk: dict[str, Any]
) -> None:
    stop = walk[step]
    assert (stop.cell, stop.name) == (f"check_{step}", "NotImplementedYet")
    assert stop.message.startswith(f"{name} is not implemented yet.")
    assert "Traceback" not in stop.shown and "\n" not in stop.shown


@pytest.mark.parametrize("step", ["diagnosis_plots", "best_net"])
def test_then_it_stops_at_the_blank_cell_itself(step: str, walk: dict[str, Any]) -> None:
    stop = walk[step]
    assert (stop.cell, stop.name) == (step, "NotImplementedError")
    assert stop.message == "This step is not implemented yet: replace this line."
    assert "YOUR CODE HERE" in stop.shown  # the traceback shows the student's own cell


def test_with_all_blanks_filled_it_runs_to_the_end(walk: dict[str, Any]) -> None:
    assert walk["end"] is None
    packed = walk["folder"] / "submission.zip"
    assert sorted(unzipped(packed)) == ["best_net.npz", NOTEBOOK]


def test_modules_need_numpy_and_matplotlib_only(tmp_path: Path) -> None:
    """What the release's requirements.txt names is enough for its modules."""
    folder = tmp_path / ASSIGNMENT
    shutil.copytree(COMMITTED, folder)
    code = (
        "import sys, importlib, pathlib\n"
        "import matplotlib.pyplot\n"  # with what it needs itself
        "class Only:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        top = name.partition('.')[0]\n"
        "        if top not in {'numpy', 'matplotlib', 'utils', *sys.stdlib_module_names}:\n"
        "            raise ImportError(f'{name} is no requirement of the release')\n"
        "sys.meta_path.insert(0, Only())\n"
        "for path in sorted(pathlib.Path('utils').rglob('*.py')):\n"
        "    if path.name == '__main__.py':  # for CI, and needs pytest\n"
        "        continue\n"
        "    name = '.'.join(path.with_suffix('').parts).removesuffix('.__init__')\n"
        "    module = importlib.import_module(name)\n"
        "    assert pathlib.Path(module.__file__) == path.resolve(), module.__file__\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
