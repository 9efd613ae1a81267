"""What students run, on the Pythons that they have, each in an environment of its own.

It holds what the notebook needs and no JupyterLab: VS Code and Colab run a kernel without one. An
interpreter is looked for on PATH, among pyenv's, and where the variable PYTHONS names it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

from tests.gallery import RELEASE, complete_notebook, grade_id
from tests.homework import NOTEBOOK, ROOT
from utils.synthetic import write_synthetic_CIFAR10

MACHINES = {"3.11": "oldest", "3.12": "locked", "3.13": "locked"}  # and the versions of packages
KERNEL, FOR_TESTS = "ipykernel", ("pytest", "hypothesis", "nbformat")
UTILS = (
    *(
        "checks",
        "colab",
        "data_utils",
        "download",
        "figures",
        "gradient_check",
        "pickles",
        "preflight",
    ),
    *("processes", "progress", "sendable", "submission_pack", "synthetic", "toy_figures"),
    *("training", "tuning", "vis_utils"),
)
FOLDER = "Zoë's homework (1)"  # as a person names it
SHORT = """\
results, best_net, best_val_acc = search(fit, [
    dict(learning_rate=3e-3, learning_rate_decay=0.9, reg=0.25, num_iters=300),
    dict(learning_rate=5e-3, learning_rate_decay=0.9, reg=0.25, num_iters=300),
], processes=2)"""
SHOWN = {"text/plain", "text/markdown", "text/html", "image/png"}  # what every front end can show
MEMORY = 2.5e9  # bytes of all processes, though they share the data; a machine of 4 GB has more
PEAK = """\
import resource
print(sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF,
                                                       *[resource.RUSAGE_CHILDREN] * 2)))"""


def interpreter(version: str) -> str | None:
    """A Python of a version, such as "3.12"; None if there is none."""
    named = os.environ.get("PYTHONS", "").split(os.pathsep)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    found = [sys.executable, *named, shutil.which(f"python{version}")]
    found += map(str, sorted(pyenv.glob(f"{version}.*/bin/python")))
    return next((python for python in found if python and _version(python) == version), None)


def _version(python: str) -> str:
    """What an interpreter says that it is; pyenv's stand-ins may start none."""
    say = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", say], capture_output=True, text=True, timeout=60)
    except OSError:
        return ""
    return done.stdout.strip()


@dataclass(frozen=True)
class Machine:
    """A student's Python, and where it is."""

    python: Path
    folder: Path

    def run(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run it, without anything of ours in its way."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYTEST"))}
        environment = kept | {"PYTHONDONTWRITEBYTECODE": "1", **options.pop("env", {})}
        command = [str(self.python), *arguments]
        options = {"capture_output": True, "text": True, "timeout": 600} | options
        return subprocess.run(command, env=environment, **options)


@pytest.fixture(scope="module", params=MACHINES)
def machine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    version = request.param
    python = interpreter(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here; the variable PYTHONS may name it")
    folder = tmp_path_factory.mktemp(f"python{version}-")
    made = Machine(folder / "venv" / "bin" / "python", folder)
    subprocess.run([python, "-m", "venv", "--without-pip", folder / "venv"], check=True, timeout=60)
    pip = [sys.executable, "-m", "pip", "--python", str(made.python), "--quiet"]
    pip += ["--disable-pip-version-check", "install"]
    asked, constraints = packages(MACHINES[version]), folder / "constraints.txt"
    constraints.write_text(pins(asked), encoding="utf-8")
    done = subprocess.run(
        [*pip, "--constraint", str(constraints), *asked, KERNEL, *FOR_TESTS],
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    yield made
    shutil.rmtree(folder / "venv")  # some 300 MB


def packages(versions: str) -> list[str]:
    """What the release asks for but JupyterLab, in the versions that it asks for at least."""
    text = (RELEASE.parent / "requirements.txt").read_text(encoding="utf-8")
    asked = dict(re.findall(r"^([\w-]+)>=([\d.]+)$", text, re.MULTILINE))
    assert asked.pop("jupyterlab")
    return [f"{name}=={least}.*" if versions == "oldest" else name for name, least in asked.items()]


def pins(asked: list[str]) -> str:
    """The lock file's versions, without their hashes, of all that is not asked for otherwise."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    found = re.findall(r"^(([\w.-]+)==\S+(?: ; [^\\\n]+)?)", lock, re.MULTILINE)
    otherwise = {name.split("==")[0] for name in asked if "==" in name}
    return "".join(f"{pin}\n" for pin, name in found if name not in otherwise)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_synthetic_CIFAR10(tmp_path_factory.mktemp("synthetic"))


@pytest.mark.slow
def test_the_tests_of_utils_pass(machine: Machine) -> None:
    """And no file is opened as the system's encoding would have it."""
    options = ["-q", "--disable-warnings", "-p", "no:cacheprovider", "-m", "not slow"]
    options += [f"--basetemp={machine.folder}/tests"]
    options += ["-o", r"filterwarnings=error::EncodingWarning:utils\..*"]
    modules = [f"tests/test_{name}.py" for name in UTILS]
    command = ("-X", "warn_default_encoding", "-m", "pytest", *options, *modules)
    done = machine.run(*command, cwd=ROOT, env={"OPENBLAS_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stdout[-5000:]
    assert re.search(r"\d{3} passed", done.stdout)


@pytest.mark.slow
def test_the_notebook_runs_under_a_bare_kernel(machine: Machine, data: Path) -> None:
    """From top to bottom, in a folder with a name that has more than ASCII."""
    assert machine.run("-c", "import jupyterlab").returncode != 0
    folder = machine.folder / FOLDER
    shutil.copytree(RELEASE.parent, folder, ignore=shutil.ignore_patterns("__pycache__"))
    notebook = nbformat.reads(json.dumps(complete_notebook({"best_net": SHORT})), as_version=4)
    nbformat.write(notebook, folder / NOTEBOOK)
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK, id="peak"))
    execute(notebook, machine, folder, data)
    peak = 1024 * int(said(notebook.cells.pop()))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            demand_plain_outputs(cell)
            if grade_id(cell).startswith("check_") and grade_id(cell) != "check_accuracy":
                assert ": passed" in said(cell)
    assert {"submission.zip", "best_net.npz"} <= {path.name for path in folder.iterdir()}
    assert peak < MEMORY


def execute(notebook: Any, machine: Machine, folder: Path, data: Path) -> None:
    """Run a notebook in the machine's kernel; raises what a cell raises."""
    spec = machine.folder / "kernels" / "bare"
    spec.mkdir(parents=True)
    command = [str(machine.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    content = {"argv": command, "display_name": "Bare", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(content), encoding="utf-8")
    specs = KernelSpecManager(kernel_dirs=[str(spec.parent)])
    manager = KernelManager(kernel_name="bare", kernel_spec_manager=specs)
    settings = {"HOME": str(machine.folder), "IPYTHONDIR": str(machine.folder / "ipython"),
                "MPLCONFIGDIR": str(machine.folder / "matplotlib")}  # fmt: skip
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    client = NotebookClient(
        notebook, timeout=600, km=manager, resources={"metadata": {"path": str(folder)}}
    )
    client.execute(env=kept | settings | {"CIFAR10_DIR": str(data), "OPENBLAS_NUM_THREADS": "1"})


def said(cell: Any) -> str:
    return "".join(o.text for o in cell.outputs if o.output_type == "stream")


def demand_plain_outputs(cell: Any) -> None:
    """Nothing that only one front end could show, and a text for those that show nothing else."""
    for output in cell.outputs:
        assert output.output_type != "error"
        kinds = set(output.get("data", {}))
        assert kinds <= SHOWN, grade_id(cell)
        assert not kinds or "text/plain" in kinds, grade_id(cell)


def test_the_release_unpacks_on_every_system() -> None:
    """No two names are one where case means nothing; none is too long, or Windows' own."""
    names = [path.relative_to(RELEASE.parent).as_posix() for path in RELEASE.parent.rglob("*")]
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert not PureWindowsPath(name).is_reserved()
        assert re.fullmatch(r"[\w./-]+", name, re.ASCII)
        assert len(name) < 80
