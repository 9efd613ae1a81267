"""Right solutions pass every check, however they are written and whatever stands around them."""

import copy
from collections.abc import Callable

import pytest

from autograder.report import Report
from tests.gallery import (
    Example,
    NotebookDict,
    complete_notebook,
    examples,
    grade_id,
    with_cell,
)
from tests.graded import (
    Handed,
    assert_full_marks,
    grade,
    grade_examples,
    selected,
    synthetic_data,
    tuned_weights,
)

SOLUTIONS = ("forward", "loss", "backward", "predict", "train")

# Right solutions that the grader does not take yet: what has to be mended.
UNFAIR: dict[str, str] = {}


def marked(name: str, value: object) -> object:
    if name not in UNFAIR:
        return pytest.param(value, id=name)
    unfair = pytest.mark.xfail(strict=True, raises=AssertionError, reason=UNFAIR[name])
    return pytest.param(value, id=name, marks=unfair)


@pytest.fixture(scope="module")
def reports(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Report]:
    weights = tuned_weights(synthetic_data(tmp_path_factory))
    return grade_examples(tmp_path_factory, selected(request, "variant"), weights)


@pytest.mark.parametrize("variant", [marked(v.name, v) for v in examples("variants")])
def test_a_variant_passes(variant: Example, reports: dict[str, Report]) -> None:
    assert variant.loses == ()
    assert_full_marks(reports[variant.name])


# ---- what needs more than another text of one cell

BUILDS: dict[str, Callable[[], NotebookDict]] = {}


def build(function: Callable[[], NotebookDict]) -> Callable[[], NotebookDict]:
    BUILDS[function.__name__] = function
    return function


@pytest.fixture(scope="module")
def built(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Report]:
    weights = tuned_weights(synthetic_data(tmp_path_factory))
    handed: dict[str, Handed] = {
        name: (BUILDS[name](), weights) for name in selected(request, "notebook")
    }
    return grade(tmp_path_factory, handed)


def with_text(name: str, text: str, base: NotebookDict | None = None) -> NotebookDict:
    """The notebook with the text of a cell prepended."""
    notebook = copy.deepcopy(base or complete_notebook())
    for cell in notebook["cells"]:
        if grade_id(cell) == name:
            cell["source"] = text + source_of(cell)
    return notebook


def source_of(cell: NotebookDict) -> str:
    return "".join(cell["source"])


def sources() -> dict[str, str]:
    """The solutions by grade_id."""
    cells = complete_notebook()["cells"]
    return {grade_id(cell): source_of(cell) for cell in cells if grade_id(cell) in SOLUTIONS}


def without(notebook: NotebookDict, *names: str) -> NotebookDict:
    cells = [cell for cell in notebook["cells"] if grade_id(cell) not in names]
    return {**notebook, "cells": cells}


AFFINE = "def affine(x, w, b):\n    return x @ w.T + b\n"
FORWARD_BY_AFFINE = """
def forward(params, X):
    hidden = np.maximum(affine(X, params["W1"], params["b1"]), FLOOR)
    return affine(hidden, params["W2"], params["b2"]), hidden
"""


@build
def helper_in_a_cell_before() -> NotebookDict:
    notebook = complete_notebook({"forward": FORWARD_BY_AFFINE})
    return with_cell(with_cell(notebook, AFFINE), "FLOOR = 0")


@build
def helper_in_a_cell_after() -> NotebookDict:
    notebook = complete_notebook({"forward": FORWARD_BY_AFFINE})
    return with_cell(notebook, AFFINE + "\n\nFLOOR = 0.0\n", before="check_forward")


@build
def helper_in_a_cell_with_a_plot() -> NotebookDict:
    notebook = complete_notebook({"forward": FORWARD_BY_AFFINE})
    plot = "FLOOR = 0\nplt.figure()\nplt.plot(np.arange(10));\nplt.show()\n"
    return with_cell(notebook, plot + AFFINE + "print(affine)\n1 / 0\n")


@build
def helper_that_is_told_apart_by_a_table() -> NotebookDict:
    text = """
def forward(params, X):
    hidden = ACTIVATIONS["relu"](X @ params["W1"].T + params["b1"])
    return hidden @ params["W2"].T + params["b2"], hidden
"""
    table = 'ACTIVATIONS = {}\nACTIVATIONS["relu"] = lambda a: np.maximum(a, 0)\n'
    return with_cell(complete_notebook({"forward": text}), table)


@build
def helper_from_a_star_import() -> NotebookDict:
    text = """
def forward(params, X):
    hidden = maximum(einsum("nd,hd->nh", X, params["W1"]) + params["b1"], 0)
    return hidden.dot(params["W2"].T) + params["b2"], hidden
"""
    return with_cell(complete_notebook({"forward": text}), "from numpy import *\n")


@build
def helper_under_a_condition() -> NotebookDict:
    helper = f"FLOOR = 0\nif FLOOR == 0:\n    {AFFINE.replace(chr(10), chr(10) + '    ')}"
    return with_cell(complete_notebook({"forward": FORWARD_BY_AFFINE}), helper)


@build
def wrapped_afterwards() -> NotebookDict:
    text = """
import functools

def counted(function):
    calls = []
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        calls.append(1)
        return function(*args, **kwargs)
    return wrapper

forward, predict, backward = counted(forward), counted(predict), counted(backward)
"""
    return with_cell(complete_notebook(), text, before="two_layer_net")


@build
def alias_of_forward() -> NotebookDict:
    text = """
run_net = forward


def predict(params, X):
    return run_net(params, X)[0].argmax(axis=1)
"""
    return complete_notebook({"predict": text})


@build
def future_annotations() -> NotebookDict:
    text = "from __future__ import annotations\n\n\n"
    solution = sources()["forward"].replace("(params, X)", "(params: Params, X: Matrix)")
    return complete_notebook({"forward": text + solution})


# ---- experiments, which must not be run

EXPERIMENTS = {
    "endless": "while True:\n    pass\n",
    "endless_with_names": "i = 0\nwhile True:\n    i += 1\n    loss = grads = hidden = i\n",
    "failing": "1 / 0\n",
    "undefined": "print(undefined_name)\nundefined_name.train()\n",
    "exit": "import os, sys\nsys.exit()\nos._exit(1)\n",
    "input": 'answer = input("Go on? ")\n',
    "sleep": "import time\ntime.sleep(100_000)\n",
    "training": (
        "net = TwoLayerNet(3072, 5000, 10)\n"
        "stats = net.train(X_train, y_train, X_val, y_val, num_iters=10**9)\n"
        "params = net.params\n"
        'params["W1"][0, 0] = 1\n'
    ),
    "memory": "big = np.ones(10**12)\n",
    "plots": (
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nimport seaborn as sns\n"
        "for it in range(10**12):\n    plt.plot(np.random.randn(10))\nplt.show();\n"
    ),
    "called": "scores, hidden = forward(toy_params, toy_X)\nassert scores.shape == (1, 1)\n",
    "not_installed": "import torch\nfrom tqdm.notebook import trange\n",
    "syntax_error": "def forward_2(params, X:\n    return\n",
    "prose": "forward, backward and train don't work in here yet ...\n",
    "await": "import asyncio\nawait asyncio.sleep(10**6)\n",
    "seterr": 'np.seterr(all="raise")\nnp.random.seed(0)\n',
    "main": 'if __name__ == "__main__":\n    while True:\n        train_all()\n',
    "empty": "",
    "comment": "# TODO: forward\n",
}


def experiment(text: str, before: str) -> Callable[[], NotebookDict]:
    return lambda: with_cell(complete_notebook(), text, before)


for name, text in EXPERIMENTS.items():
    BUILDS[f"experiment_{name}"] = experiment(text, before="check_train")


# ---- IPython's own lines

MAGICS = {
    "time": "%%time\n",
    "capture": "%%capture output\n\n",
    "inline": "%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n",
    "pip": "!pip install --quiet scipy\n%pip install tqdm\n",
    "shell": "files = !ls\n!echo {files}\n",
    "help": "np.maximum?\n?np.dot\nnp.sum??\n",
}


def magic(text: str) -> Callable[[], NotebookDict]:
    def notebook() -> NotebookDict:
        made = complete_notebook()
        for name in SOLUTIONS:
            made = with_text(name, text, made)
        return made

    return notebook


for name, text in MAGICS.items():
    BUILDS[f"magic_{name}"] = magic(text)


@build
def magic_below_a_solution() -> NotebookDict:
    text = sources()["forward"] + "\n\n%timeit forward(toy_params, toy_X)\n%time 1\n!ls\n"
    return complete_notebook({"forward": text})


@build
def magic_cells() -> NotebookDict:
    made = complete_notebook()
    for text in (
        "%%timeit\nforward(toy_params, toy_X)\n",
        "%%bash\nfor f in *; do echo $f; done\n",
        "%%html\n<b>forward</b>\n",
        "%%writefile helpers.py\ndef forward(): pass\n",
        "%lsmagic",
    ):
        made = with_cell(made, text, before="check_forward")
    return made


# ---- what becomes of the notebook's cells


@build
def copied_cell() -> NotebookDict:
    """The wrong one stands first, under the same grade_id."""
    made = complete_notebook()
    for name in SOLUTIONS:
        place = [grade_id(cell) for cell in made["cells"]].index(name)
        first = copy.deepcopy(made["cells"][place])
        head = source_of(first).partition('"""')[0]
        first["source"] = f"{head}raise NotImplementedError()\n"
        made["cells"].insert(place, first)
    return made


@build
def checks_deleted() -> NotebookDict:
    names = [grade_id(cell) for cell in complete_notebook()["cells"]]
    return without(complete_notebook(), *(name for name in names if name.startswith("check_")))


@build
def checks_edited() -> NotebookDict:
    made = complete_notebook()
    for name in ("check_forward", "check_loss", "check_train"):
        made = with_text(name, "forward = softmax_loss = train = None\nwhile True: pass\n", made)
    return made


@build
def given_cells_deleted() -> NotebookDict:
    made = complete_notebook()
    return {**made, "cells": [cell for cell in made["cells"] if grade_id(cell) in SOLUTIONS]}


@build
def given_cells_edited() -> NotebookDict:
    made = with_text("setup", "import nothing_like_this\nnp = None\n")
    return with_text("two_layer_net", "raise SystemExit\n", made)


@build
def metadata_stripped() -> NotebookDict:
    made = complete_notebook()
    for cell in made["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    return {**made, "metadata": {}, "nbformat_minor": 4}


@build
def metadata_stripped_with_experiments() -> NotebookDict:
    made = with_cell(complete_notebook(), EXPERIMENTS["endless_with_names"], before="check_train")
    for cell in made["cells"]:
        cell["metadata"] = {"collapsed": True, "tags": ["mine"], "nbgrader": "none"}
    return made


@build
def everything_in_one_cell() -> NotebookDict:
    text = "import numpy as np\n\n\n" + "\n\n\n".join(sources().values())
    made = with_cell(complete_notebook(), text, before="setup")
    return without(made, *SOLUTIONS)


@build
def solutions_in_cells_of_their_own() -> NotebookDict:
    made = complete_notebook()
    for name, text in sources().items():
        made = with_cell(made, text, before=name)
    return without(made, *SOLUTIONS)


@build
def cells_in_another_order() -> NotebookDict:
    made = complete_notebook()
    return {**made, "cells": made["cells"][::-1]}


@build
def sources_as_lists() -> NotebookDict:
    made = complete_notebook()
    for cell in made["cells"]:
        cell["source"] = source_of(cell).splitlines(keepends=True)
    return made


@build
def windows_line_ends() -> NotebookDict:
    made = complete_notebook()
    for cell in made["cells"]:
        cell["source"] = source_of(cell).replace("\n", "\r\n")
    return made


@build
def letters_from_everywhere() -> NotebookDict:
    made = complete_notebook()
    text = sources()["forward"].replace("hidden", "ĥ").replace('"""Scores', '"""Σκορ 🙂 — ö')
    made = with_text("loss", "# 注释: naïve café 🙂\nλ = 1\n", made)
    for cell in made["cells"]:
        if grade_id(cell) == "forward":
            cell["source"] = text
    return made


@build
def outputs_of_all_kinds() -> NotebookDict:
    made = complete_notebook()
    for number, cell in enumerate(cell for cell in made["cells"] if cell["cell_type"] == "code"):
        cell["execution_count"] = number
        cell["outputs"] = [
            {"output_type": "stream", "name": "stderr", "text": ["a warning\n"]},
            {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["\u001b[0;31m"]},
            {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<script>"}},
        ]
    return made


@build
def raw_and_markdown_cells() -> NotebookDict:
    made = with_cell(complete_notebook(), "forward = None", before="check_train")
    made = with_cell(made, "train = None", before="check_train")
    kinds = iter(("raw", "markdown"))
    for cell in made["cells"]:
        if cell.get("id") == "extra":
            cell["cell_type"] = next(kinds)
    return made


@pytest.mark.parametrize("notebook", [marked(name, name) for name in BUILDS])
def test_a_notebook_passes(notebook: str, built: dict[str, Report]) -> None:
    assert_full_marks(built[notebook])
