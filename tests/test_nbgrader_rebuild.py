"""The autograded notebook of any submission: valid, the source's, and harmless to render."""

import copy
import json
import random
from typing import Any

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator
from traitlets.config.loader import PyFileConfigLoader

from autograder.nbgrader.rebuild import Rebuilt, rebuild, to_json
from autograder.nbgrader.record import from_record, to_record
from autograder.nbgrader.template import Template, load_template
from autograder.notebook import NotebookError, read_notebook
from tests.attack_suite import Attack, attacks
from tests.gallery import NotebookDict, complete_notebook, grade_id, write_submission
from tests.homework import MARKED, ROOT
from tests.nbgrader_course import SAVED_BY, stripped
from tests.reports import report

HOSTILE = [attack for attack in attacks() if attack.name.startswith("lying_notebook_")]
JUNK: tuple[Any, ...] = (
    *(None, 0, -1, 1e308, True, "", "x" * 1000, "\ud800", "\x00\x1b[2J", [], {}, [[]], {"": {}}),
    *("code", "markdown", "question_1", "check_forward", {"image/png": "x"}, ["image/png"]),
)


@pytest.fixture(scope="module")
def template() -> Template:
    return load_template(PyFileConfigLoader("nbgrader_config.py", str(ROOT)).load_config())


def rebuilt(template: Template, notebook: NotebookDict | bytes) -> Rebuilt:
    data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    return rebuild(template, read_notebook(data), report())


def assert_is_the_sources(made: Rebuilt, template: Template) -> None:
    text = to_json(made.notebook)
    read = nbformat.reads(text, as_version=4)
    nbformat.validate(read)
    MetadataValidator().validate_nb(read)
    found = [cell for cell in read.cells if grade_id(cell)]
    wanted = [cell for cell in template.cells if cell.grade_id]
    assert [cell.id for cell in found] == [cell.raw["id"] for cell in wanted]
    for ours, cell in zip(wanted, found, strict=True):
        assert cell.metadata == ours.raw["metadata"]
        assert ours.is_students or cell.source == ours.marked
    assert len({cell.id for cell in read.cells}) == len(read.cells)
    assert set(made.answers) == set(MARKED)
    "".join(cell.source for cell in read.cells).encode("utf-8")


def test_the_markers_view_holds_no_solution(template: Template) -> None:
    text = " ".join(cell.marked for cell in template.cells)
    assert "BEGIN SOLUTION" not in text
    assert text.count("=== BEGIN MARK SCHEME ===") == len(MARKED)
    assert "MARK SCHEME" not in " ".join(cell.released for cell in template.cells)


@pytest.mark.parametrize("seed", range(40))
def test_any_damage_to_the_notebook(template: Template, seed: int) -> None:
    """Whatever is written into cells and their metadata, moved, copied or taken away."""
    rng = random.Random(seed)
    notebook = SAVED_BY[rng.choice(sorted(SAVED_BY))](complete_notebook())
    cells = notebook["cells"]
    for _ in range(60):
        cell, other = rng.choice(cells), rng.randrange(len(cells))
        damage = rng.randrange(7)
        if damage == 0:
            cells.insert(other, copy.deepcopy(cell))
        elif damage == 1:
            cells.remove(cell)
        elif damage == 2:
            cells.insert(other, cells.pop(cells.index(cell)))
        elif damage == 3:
            cell["metadata"] = rng.choice(JUNK)
        elif damage == 4 and isinstance(cell.get("metadata"), dict):
            cell["metadata"]["nbgrader"] = {"grade_id": rng.choice(JUNK), "points": "9"}
        elif damage == 5:
            cell[rng.choice(["outputs", "attachments", "id", "cell_type"])] = rng.choice(JUNK)
        else:
            cell["source"] = rng.choice([entry for entry in JUNK if isinstance(entry, str)])
    assert_is_the_sources(rebuilt(template, notebook), template)


@pytest.mark.parametrize("attack", HOSTILE, ids=lambda attack: attack.name)
def test_hostile_notebooks(template: Template, attack: Attack, tmp_path: Any) -> None:
    write_submission(tmp_path, complete_notebook())
    space: dict[str, Any] = {}
    exec(attack.source({}), space)  # it is ours: it writes the hostile file
    space["make"](tmp_path)
    path = tmp_path / "two_layer_net.ipynb"
    if not path.is_file() or path.is_symlink():
        return  # nothing of it is ever read
    try:
        made = rebuilt(template, path.read_bytes())
    except NotebookError:
        return  # it has no grade, and no autograded notebook
    assert_is_the_sources(made, template)


@pytest.mark.parametrize("change", [*SAVED_BY.values()], ids=[*SAVED_BY])
def test_answers_are_the_same_whoever_saved_them(template: Template, change: Any) -> None:
    """A notebook that is saved by another program is not an answer that has changed."""
    notebook = complete_notebook()
    before, after = rebuilt(template, notebook), rebuilt(template, change(notebook))
    assert before.answers == after.answers
    assert not any(answer.is_blank for answer in before.answers.values())


def test_an_answer_in_a_cell_of_its_own_is_not_blank(template: Template) -> None:
    """Under an untouched cell, or anywhere if the cell is gone."""
    notebook = complete_notebook({"question_2": "YOUR ANSWER HERE"})
    assert rebuilt(template, notebook).answers["question_2"].is_blank
    place = [grade_id(cell) for cell in notebook["cells"]].index("question_2")
    own = {"cell_type": "markdown", "id": "own", "metadata": {}, "source": "Here it is."}
    notebook["cells"].insert(place + 1, own)
    assert not rebuilt(template, notebook).answers["question_2"].is_blank
    del notebook["cells"][place]
    assert not rebuilt(template, notebook).answers["question_2"].is_blank


def test_untouched_cells_are_blank_without_metadata_too(template: Template) -> None:
    notebook = complete_notebook(dict.fromkeys(MARKED[1:], "YOUR ANSWER HERE"))
    answers = rebuilt(template, stripped(notebook)).answers
    assert {name: answer.is_blank for name, answer in answers.items()} == {
        name: name != "diagnosis_plots" for name in MARKED
    }


def test_records_come_back_to_the_last_fraction() -> None:
    made = report()
    assert from_record(json.loads(json.dumps(to_record(made)))) == made
