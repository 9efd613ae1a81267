"""The instructor's notebook: what it must be, and what happens when it is run from the top."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbgrader.nbgraderformat import SCHEMA_VERSION, MetadataValidator  # type: ignore[import-untyped]

from autograder.notebook import read_notebook
from autograder.sandbox.inside.program import without_magics
from tests.homework import FUNCTIONS, HOMEWORK, MARKED, NOTEBOOK, PARTS, SOURCE, WEIGHTS
from tests.test_toy_figures import GIVEN, run_cells
from tests.test_toy_figures import SOLUTIONS as STEPS
from utils.synthetic import write_synthetic_CIFAR10

POINTS = {
    "check_forward": 10,
    "check_loss": 10,
    "check_backward": 20,
    "check_predict": 5,
    "check_train": 15,
    "check_accuracy": 20,
    "diagnosis_plots": 5,
    "question_1": 5,
    "question_2": 5,
    "question_3": 5,
}
SOLUTIONS = {"forward", "loss", "backward", "predict", "train", "best_net"}
PLOTS = ("watch_slope", "toy_training", "look", "diagnosis_plots", "subopt_weights", "update_ratio",
         "tuning_results", "compare_runs", "compare_steps", "confusion", "mistakes",
         "best_weights")  # fmt: skip
TUNING_SECONDS = 90
PEAK_BYTES = 800e6

Cell = Any


@pytest.fixture(scope="module")
def notebook() -> Any:
    return nbformat.reads(SOURCE.read_text(encoding="utf-8"), as_version=nbformat.NO_CONVERT)


def marks(cell: Cell) -> dict[str, Any]:
    return cell.metadata.get("nbgrader", {})


def grade_id(cell: Cell) -> str:
    return marks(cell).get("grade_id", "")


def graded(notebook: Any) -> dict[str, Cell]:
    return {grade_id(cell): cell for cell in notebook.cells if grade_id(cell)}


# --- its form ---


def test_format_is_4_5_and_valid(notebook: Any) -> None:
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)


def test_file_is_what_jupyter_writes(notebook: Any) -> None:
    """Opening and saving it changes nothing, so that a diff shows what an author changed."""
    text = SOURCE.read_text(encoding="utf-8")
    assert text == nbformat.writes(notebook) + "\n" * text.endswith("\n")


def test_kernel_is_python(notebook: Any) -> None:
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.kernelspec.language == "python"
    assert notebook.metadata.language_info.name == "python"


def test_metadata_is_nbgraders_and_current(notebook: Any) -> None:
    MetadataValidator().validate_nb(notebook)
    assert SCHEMA_VERSION == 3
    keys = {"grade", "grade_id", "locked", "schema_version", "solution", "task"}
    for name, cell in graded(notebook).items():
        assert marks(cell)["schema_version"] == 3, name
        assert set(marks(cell)) - {"points"} == keys, name


def test_grade_ids_are_unique(notebook: Any) -> None:
    names = [grade_id(cell) for cell in notebook.cells if grade_id(cell)]
    assert len(set(names)) == len(names)
    assert set(names) >= SOLUTIONS | POINTS.keys()
    assert all(re.fullmatch(r"[a-z0-9_]+", name) for name in names)


def test_points(notebook: Any) -> None:
    points = {grade_id(c): marks(c)["points"] for c in notebook.cells if marks(c).get("grade")}
    assert points == POINTS
    assert sum(points.values()) == 100
    assert all("points" not in marks(c) for c in notebook.cells if not marks(c).get("grade"))
    found = {f"check_{part}": value for part, value in HOMEWORK.points.items()}
    assert found | HOMEWORK.marked_points == points


def test_points_in_the_text_are_those_of_the_metadata(notebook: Any) -> None:
    rows = dict(re.findall(r"^\| (.+?) \| (\d+) \|$", notebook.cells[0].source, re.MULTILINE))
    named = {"forward": "`forward`", "loss": "`softmax_loss`", "backward": "`backward`",
             "predict": "`predict`", "train": "`train`",
             "accuracy": "accuracy of your tuned network"}  # fmt: skip
    for part in PARTS:
        assert int(rows.pop(named[part])) == POINTS[f"check_{part}"]
    assert int(rows.pop("plots and three written answers")) == sum(POINTS[m] for m in MARKED)
    assert not rows
    cells = graded(notebook)
    for name in MARKED:
        (said,) = re.findall(r"^### .* \((\d+) points\)$", cells[f"{name}_text"].source, re.M)
        assert int(said) == POINTS[name]
    assert f"points={POINTS['check_accuracy']}" in cells["check_accuracy"].source
    assert rf"\times {POINTS['check_accuracy']} \text{{ points}}" in text_of(notebook)


def text_of(notebook: Any) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def test_mark_schemes_add_up(notebook: Any) -> None:
    for name in MARKED:
        scheme = graded(notebook)[f"{name}_text"].source.split("=== BEGIN MARK SCHEME ===")[1]
        points = [int(n) for n in re.findall(r"^- (\d+) points?:", scheme, re.MULTILINE)]
        assert sum(points) == POINTS[name], name


def test_roles(notebook: Any) -> None:
    """Checks are locked, solutions are open, and all other code is given and locked."""
    for cell in notebook.cells:
        said, name = marks(cell), grade_id(cell)
        if cell.cell_type == "code":
            assert name, cell.id
        if name.startswith("check_"):
            assert (said["grade"], said["locked"], said["solution"]) == (True, True, False), name
        elif name in MARKED:
            assert (said["grade"], said["locked"], said["solution"]) == (True, False, True), name
        elif name in SOLUTIONS:
            assert (said["grade"], said["locked"], said["solution"]) == (False, False, True), name
        elif name:
            assert (said["grade"], said["locked"], said["solution"]) == (False, True, False), name


def test_each_step_is_text_then_function_then_check(notebook: Any) -> None:
    names = [grade_id(cell) for cell in notebook.cells]
    kinds = [cell.cell_type for cell in notebook.cells]
    for step in STEPS:
        written, checked = names.index(step), names.index(f"check_{step}")
        assert kinds[written - 1] == "markdown"
        assert written < checked <= written + 2
        assert all(kind == "markdown" for kind in kinds[written + 1 : checked])


def test_each_function_is_defined_once(notebook: Any) -> None:
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    for name in FUNCTIONS:
        assert len(re.findall(rf"^def {name}\(", code, re.MULTILINE)) == 1


def test_no_outputs_are_committed(notebook: Any) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
        assert set(cell.metadata) <= {"nbgrader"}


def test_code_is_python_of_bearable_width(notebook: Any) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            compile(without_magics(cell.source), cell.id, "exec")
            assert max(map(len, cell.source.splitlines())) <= 110, cell.id
            assert all(line == line.rstrip() for line in cell.source.splitlines()), cell.id


def test_delimiters_are_paired(notebook: Any) -> None:
    names = {"### {} SOLUTION": "code", "### {} HIDDEN TESTS": "code", "=== {} MARK SCHEME ===": ""}
    for cell in notebook.cells:
        lines = [line.strip() for line in cell.source.splitlines()]
        for name in names:
            found = [line.split()[1] for line in lines if line in
                     (name.format("BEGIN"), name.format("END"))]  # fmt: skip
            assert found == ["BEGIN", "END"] * (len(found) // 2), cell.id
        assert not re.search(r"^\s*#+\s*(begin|end) (solution|hidden)", cell.source, re.M)


# --- its text ---


def test_headings_skip_no_level_and_are_numbered(notebook: Any) -> None:
    headings = re.findall(r"^(#+) (.+)$", text_of(notebook), re.MULTILINE)
    levels = [len(hashes) for hashes, _ in headings]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    numbers = [int(title.split(".")[0]) for hashes, title in headings if len(hashes) == 2]
    assert numbers == list(range(1, len(numbers) + 1))


def formulas(markdown: str) -> list[str]:
    """The LaTeX in a cell; fails if a dollar is left over."""
    text = re.sub(r"```.*?```|`[^`\n]*`|\\\$", "", markdown, flags=re.DOTALL)
    found = re.findall(r"\$\$(.+?)\$\$", text, re.DOTALL)
    text = re.sub(r"\$\$.+?\$\$", "", text, flags=re.DOTALL)
    assert "$$" not in text
    for paragraph in text.split("\n\n"):
        assert paragraph.count("$") % 2 == 0, paragraph
        inline = re.findall(r"\$([^$]+)\$", paragraph)
        assert all(formula == formula.strip() for formula in inline), inline
        found += inline
    return found


def test_formulas_are_balanced(notebook: Any) -> None:
    found = [f for c in notebook.cells if c.cell_type == "markdown" for f in formulas(c.source)]
    assert len(found) > 30
    for formula in found:
        depth = 0
        for bracket in re.findall(r"(?<!\\)[{}]", formula):
            depth += 1 if bracket == "{" else -1
            assert depth >= 0, formula
        assert depth == 0, formula
        for left, right in ((r"\\[bB]igg?l\b", r"\\[bB]igg?r\b"), (r"\\left\b", r"\\right\b"),
                            (r"\\lfloor", r"\\rfloor")):  # fmt: skip
            assert len(re.findall(left, formula)) == len(re.findall(right, formula)), formula


def test_markdown_is_tidy(notebook: Any) -> None:
    for cell in notebook.cells:
        assert cell.source == cell.source.strip("\n"), cell.id
        assert cell.source, cell.id
        assert "\t" not in cell.source
        assert not re.search(r"\b(\w+) \1\b", cell.source.replace("\n", " "), re.I), cell.id


# --- a run from the top, in a kernel ---


@dataclass
class Executed:
    """What came of a run.

    Attributes
    ----------
    folder : Path
        Where it ran; what it wrote is there.
    cells : dict of str to Cell
        The executed code cells by grade_id.
    seconds : dict of str to float
        What each cell took.
    peak : int
        The kernel's largest resident memory in bytes; 0 where it isn't known.
    """

    folder: Path
    cells: dict[str, Cell]
    seconds: dict[str, float]
    peak: int

    def said(self, name: str) -> str:
        return "".join(o.text for o in self.cells[name].outputs if o.output_type == "stream")


PEAK = """import pathlib
status = pathlib.Path("/proc/self/status")
print(status.read_text().split("VmHWM:")[1].split()[0] if status.exists() else 0)"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment of the kernels: settings of IPython and matplotlib of their own.

    Matplotlib's list of fonts is made beforehand, since making it may say so on stderr.
    """
    folder = tmp_path_factory.mktemp("settings")
    environment = {"IPYTHONDIR": str(folder / "ipython"), "MPLCONFIGDIR": str(folder / "mpl")}
    subprocess.run(
        [sys.executable, "-c", "import matplotlib.font_manager"],
        check=True, timeout=180, capture_output=True, env={**os.environ, **environment},
    )  # fmt: skip
    return environment


def execute(
    folder: Path, data: Path, settings: dict[str, str], keep: int | None = None
) -> Executed:
    """Run the source notebook in a folder of its own, or its first `keep` cells."""
    folder.mkdir()
    shutil.copy(SOURCE, folder / NOTEBOOK)
    notebook = nbformat.read(folder / NOTEBOOK, as_version=4)
    notebook.cells = notebook.cells[:keep]
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK, id="peak"))
    client = NotebookClient(notebook, timeout=900, resources={"metadata": {"path": str(folder)}})
    client.execute(env={**os.environ, **settings, "CIFAR10_DIR": str(data)})
    peak = 1024 * int(notebook.cells.pop().outputs[0].text)
    code = {grade_id(cell): cell for cell in notebook.cells if cell.cell_type == "code"}
    return Executed(folder, code, {name: seconds(cell) for name, cell in code.items()}, peak)


def seconds(cell: Cell) -> float:
    times = cell.metadata["execution"]
    begun, ended = (
        datetime.fromisoformat(times[f"iopub.status.{state}"].replace("Z", "+00:00"))
        for state in ("busy", "idle")
    )
    return (ended - begun).total_seconds()


def demand_clean(run: Executed, but: tuple[str, ...] = ()) -> None:
    """No error, no warning and nothing on stderr; every plot is shown, once."""
    for name, cell in run.cells.items():
        for output in cell.outputs:
            assert output.output_type != "error", name
            assert output.get("name") != "stderr", (name, output.text)
        assert "Warning" not in run.said(name), name
        pictures = [o for o in cell.outputs if "image/png" in o.get("data", {})]
        assert len(pictures) == (name in PLOTS), name
        assert cell.execution_count is not None, name


def demand_alt_texts(run: Executed) -> None:
    """On the page that nbconvert makes of it, every picture has a text that says what it shows."""
    notebook = nbformat.v4.new_notebook(cells=list(run.cells.values()))
    page, _ = HTMLExporter().from_notebook_node(notebook)
    pictures = re.findall(r"<img\b[^>]*>", page)
    assert len(pictures) == sum(name in PLOTS for name in run.cells)
    for picture in pictures:
        (alt,) = re.findall(r'alt="([^"]*)"', picture)
        assert len(alt) > 30 and alt.endswith("."), alt
        assert "No description" not in alt


def grade(run: Executed, data: Path) -> dict[str, Any]:
    """The grader's verdict on what the run packed."""
    command = [sys.executable, "-m", "autograder", "grade", str(run.folder / "submission.zip")]
    options = ["--out", str(run.folder / "grades"), "--data", str(data), "--workers", "1"]
    subprocess.run(
        [*command, *options, "--level", "C", "--timeout", "60"], check=True, timeout=300,
        capture_output=True,
    )  # fmt: skip
    (results,) = (run.folder / "grades").glob("*/results.json")
    return json.loads(results.read_text(encoding="utf-8"))


def demand_full_grade(results: dict[str, Any]) -> None:
    checks = results["extra_data"]["checks"]
    assert {check["status"] for check in checks} == {"passed"}
    for part in PARTS:
        points = sum(check["points"] for check in checks if check["part"] == part)
        assert points == pytest.approx(POINTS[f"check_{part}"], abs=1e-3), part


def demand_sane_training(run: Executed) -> None:
    """Chance at the start, 20 images by heart, and steps longer in the tuned run than the first."""
    chance = re.search(r"images is (\d\.\d+); ln 10 = 2\.3026", run.said("fresh_net"))
    assert chance and float(chance[1]) == pytest.approx(np.log(10), abs=1e-3)
    assert "20 images: passed." in run.said("tiny_set")
    assert "20 of 20 labels are right" in run.said("tiny_set")
    assert run.seconds["fresh_net"] + run.seconds["tiny_set"] < 5 or os.getloadavg()[0] > 2.5
    steps = dict(re.findall(r"^(.+): (\S+) in the first tenth", run.said("compare_steps"), re.M))
    assert steps.keys() == {f"{net}, {name}" for net in ("first run", "tuned")
                            for name in ("W1", "W2")}  # fmt: skip
    assert float(steps["tuned, W1"]) > 10 * float(steps["first run, W1"])


def accuracy(said: str) -> float:
    return float(re.findall(r"accuracy: (\d\.\d+)", said)[-1])


def losses(run: Executed) -> dict[int, float]:
    lines = re.findall(r"^iteration +(\d+) / 1000: loss (\d\.\d+)", run.said("first_run"), re.M)
    return {int(number): float(loss) for number, loss in lines}


def demand_what_is_packed(run: Executed) -> None:
    with np.load(run.folder / WEIGHTS, allow_pickle=False) as saved:
        shapes = {name: saved[name].shape for name in saved.files}
        assert all(saved[name].dtype == np.float32 for name in saved.files)
    assert shapes == {"W1": (50, 3072), "b1": (50,), "W2": (10, 50), "b2": (10,)}
    assert {p.name for p in run.folder.iterdir() if not p.name.startswith(".")} <= {
        NOTEBOOK, WEIGHTS, "submission.zip", "grades", "tuning.json", "tuning.npz",
    }  # fmt: skip


def test_the_hidden_test_of_train_holds_for_any_draw() -> None:
    notebook = read_notebook(SOURCE.read_bytes())
    names = run_cells(notebook, *GIVEN, "toy", *STEPS)
    source = notebook.by_grade_id()["check_train"].source
    hidden = source.split("### BEGIN HIDDEN TESTS")[1].split("### END HIDDEN TESTS")[0]
    code = compile(hidden, "<hidden test>", "exec")
    for seed in range(2000):
        np.random.seed(seed)
        exec(code, names)


def test_toy_part_runs_clean(tmp_path: Path, notebook: Any, settings: dict[str, str]) -> None:
    names = [grade_id(cell) for cell in notebook.cells]
    run = execute(tmp_path / "run", tmp_path, settings, keep=names.index("toy_training") + 1)
    demand_clean(run)
    demand_alt_texts(run)
    assert "Final toy loss: 0.014497864587765886" in run.said("toy_training")
    for step in STEPS:
        assert ": passed." in run.said(f"check_{step}")
    errors = dict(re.findall(r"(\w\d): relative error (\S+)", run.said("check_backward")))
    assert errors.keys() == {"W1", "b1", "W2", "b2"}
    assert all(float(error) < 1e-8 for error in errors.values())


@pytest.fixture(scope="module")
def synthetic_run(
    tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]
) -> tuple[Executed, Path]:
    folder = tmp_path_factory.mktemp("synthetic")
    data = write_synthetic_CIFAR10(folder / "data")
    return execute(folder / "run", data, settings), data


@pytest.mark.slow
def test_run_on_the_synthetic_set(
    synthetic_run: tuple[Executed, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    run, data = synthetic_run
    demand_clean(run)
    demand_alt_texts(run)
    demand_what_is_packed(run)
    demand_sane_training(run)
    with capsys.disabled():
        report(run, "synthetic")
    assert "synthetic data set" in run.said("data")
    assert "do not count as CIFAR-10" in run.said("data")
    assert 0.27 <= accuracy(run.said("first_run")) <= 0.30
    assert accuracy(run.said("best_net")) > 0.5
    assert accuracy(run.said("test")) > 0.5
    assert "That is 20 of 20 points." in run.said("check_accuracy")
    results = grade(run, data)
    demand_full_grade(results)
    assert results["extra_data"]["accuracy"]["dataset"] == "synthetic"
    assert results["extra_data"]["authoritative"] is False


@pytest.mark.slow
def test_a_synthetic_accuracy_never_passes_for_a_real_one(
    synthetic_run: tuple[Executed, Path],
) -> None:
    run, _ = synthetic_run
    assert "synthetic" in run.said("check_accuracy")


@pytest.fixture(scope="module")
def real_run(
    tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]
) -> tuple[Executed, Path]:
    if not os.environ.get("CIFAR10_DIR"):
        pytest.skip("CIFAR10_DIR is not set")
    data = Path(os.environ["CIFAR10_DIR"])
    return execute(tmp_path_factory.mktemp("real") / "run", data, settings), data


@pytest.mark.slow
def test_run_on_real_CIFAR10(
    real_run: tuple[Executed, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    run, data = real_run
    demand_clean(run)
    demand_what_is_packed(run)
    demand_sane_training(run)
    with capsys.disabled():
        report(run, "real")
    assert "Using CIFAR-10 from" in run.said("data")
    assert "(49000, 3072) float32" in run.said("data")
    assert 0.28 <= accuracy(run.said("first_run")) <= 0.299
    assert losses(run)[0] == pytest.approx(2.3028, abs=5e-5)
    assert losses(run)[100] == pytest.approx(2.302, abs=5e-4)
    assert losses(run)[900] == pytest.approx(1.95, abs=0.05)
    assert accuracy(run.said("best_net")) > 0.5
    assert accuracy(run.said("test")) == pytest.approx(0.5, abs=0.025)
    demand_full_grade(grade(run, data))


@pytest.mark.slow
def test_memory_and_time_on_real_CIFAR10(real_run: tuple[Executed, Path]) -> None:
    run, _ = real_run
    if run.peak == 0:
        pytest.skip("peak memory is read from Linux's /proc")
    assert run.peak <= PEAK_BYTES
    slow = run.seconds["best_net"] > TUNING_SECONDS
    if slow and os.getloadavg()[0] > (os.cpu_count() or 1) + 0.5:
        pytest.skip(f"the machine is busy: tuning took {run.seconds['best_net']:.0f} s")
    assert not slow


def report(run: Executed, name: str) -> None:
    print(f"\n{name}: first run {accuracy(run.said('first_run')):.3f} (losses {losses(run)}), "
          f"best {accuracy(run.said('best_net')):.3f}, test {accuracy(run.said('test')):.3f}, "
          f"peak {run.peak / 1e6:.0f} MB, data {run.seconds['data']:.1f} s, "
          f"first run {run.seconds['first_run']:.1f} s, tuning {run.seconds['best_net']:.1f} s, "
          f"all cells {sum(run.seconds.values()):.1f} s")  # fmt: skip
