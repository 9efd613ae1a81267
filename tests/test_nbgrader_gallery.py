"""One result wherever you look: command line, gradebook and pytest, for the whole gallery."""

import csv
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest

from autograder.kept import restored
from autograder.nbgrader.record import from_record, to_record
from autograder.report import Report
from autograder.results import part_points
from autograder.scoring import render, say_points
from tests.gallery import Example, complete_notebook, examples
from tests.graded import synthetic_data, tuned_weights
from tests.homework import PARTS
from tests.nbgrader_course import Course, partly_tuned_weights

GALLERY = examples("mutants")
BY_PYTEST = [example for example in GALLERY if example.status != "timeout"]
PYTEST = """
import sys
import pytest
suite = ["-c", "/dev/null", "-p", "autograder.suite.options", "-p", "no:cacheprovider"]
for folder in sys.argv[1:]:
    print(f"SUBMISSION {folder}", flush=True)
    pytest.main(["autograder/suite", "-q", "--tb=no", *suite, "--submission", folder])
"""
PROCESSES = 2
GIVEN_AWAY = """
import re, sys
from pathlib import Path
import numpy as np
from autograder.grading import Grader
from autograder.pages import render_page
from autograder.sandbox import Limits
from autograder.submission import find_submissions
from autograder.suite import support
from utils.data_utils import open_dataset

expected, shown, compare = set(), {}, support.difference

def noting(name, got, right, *tolerances):
    expected.update(f"{value:.8g}" for value in np.ravel(right))
    return compare(name, got, right, *tolerances)

def numbers(report):
    digits = r"-?[0-9]+[.][0-9]{5,}(?:e[-+][0-9]+)?"
    shown[report.student] = set(re.findall(digits, render_page(report)))

support.difference = noting
grader = Grader(open_dataset(quiet=True), Limits(seconds=2))
grader.grade(find_submissions([Path("submitted")]), numbers)
grader.close()
print(len(expected), sum(map(len, shown.values())))
print(*sorted(student for student, found in shown.items() if found & expected))
"""

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Graded:
    """The gallery's grades by `grade --gradebook`, and after that by `nbgrader autograde`."""

    course: Course
    by_us: dict[str, dict[str, float]]
    by_nbgrader: dict[str, dict[str, float]]


def automatic(course: Course) -> dict[str, dict[str, float]]:
    found = {}
    for example in GALLERY:
        grades = course.grades(example.name)
        found[example.name] = {part: grades[f"check_{part}"]["auto_score"] for part in PARTS}
    return found


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    data = synthetic_data(tmp_path_factory)
    course = Course.make(tmp_path_factory.mktemp("gallery") / "course", data)
    weights = tuned_weights(data), partly_tuned_weights(data)  # all of 22 tiers, and 12
    for number, example in enumerate(GALLERY):
        notebook = complete_notebook({example.cell: example.text})
        course.submit(example.name, notebook, weights[number % 2])
    grade = ("-m", "autograder", "grade", "submitted", "--gradebook", "--level", "C")
    done = course.python(*grade)
    assert done.code == 0, done.said
    by_us = automatic(course)
    done = course.run("autograde", "two_layer_net", "--force")
    assert done.code == 0, done.said
    return Graded(course, by_us, automatic(course))


def record_of(course: Course, student: str) -> Report:
    return from_record(course.autograded(student)["metadata"]["autograder"])


def test_both_ways_into_the_gradebook_give_the_same(graded: Graded) -> None:
    assert graded.by_us == graded.by_nbgrader
    assert len(graded.by_us) == len(GALLERY) > 100


@pytest.mark.parametrize("example", GALLERY, ids=lambda example: example.name)
def test_every_place_says_the_same(graded: Graded, example: Example) -> None:
    """To the last fraction in the gradebook; to four decimals where a file has no more."""
    report = record_of(graded.course, example.name)
    assert from_record(json.loads(json.dumps(to_record(report)))) == report
    points = {part: part_points(report, part) for part in PARTS}
    assert graded.by_nbgrader[example.name] == {p: float(points[p]) for p in PARTS}
    path = graded.course.root / "grades" / example.name / "results.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    assert restored(results, report.dataset).checks == report.checks
    for ours, check in zip(results["extra_data"]["checks"], report.checks, strict=True):
        assert ours["points"] == render(check.points)
        assert (ours["status"], ours["message"]) == (check.status, check.message)
    with (graded.course.root / "grades" / "grades.csv").open(encoding="utf-8") as stream:
        rows = {row["student"]: row for row in csv.DictReader(stream)}
    assert float(rows[example.name]["score"]) == render(sum(points.values(), Fraction(0)))
    assert sum(points.values()) == report.score < report.max_score


@pytest.fixture(scope="module")
def by_pytest(graded: Graded) -> dict[str, str]:
    """What pytest says of each, in its own words; its imports are paid for once."""
    folders = [graded.course.folder("submitted", example.name) for example in BY_PYTEST]
    with ThreadPoolExecutor(PROCESSES) as pool:
        shares = [folders[start::PROCESSES] for start in range(PROCESSES)]
        done = list(pool.map(lambda share: graded.course.python("-c", PYTEST, *share), shares))
    said = [part for each in done for part in each.said.split("SUBMISSION ")[1:]]
    return {Path(part.partition("\n")[0]).parent.name: part for part in said}


@pytest.mark.parametrize("example", BY_PYTEST, ids=lambda example: example.name)
def test_pytest_says_the_same(graded: Graded, by_pytest: dict[str, str], example: Example) -> None:
    report = record_of(graded.course, example.name)
    for part in PARTS:
        said = re.findall(rf"^{part} +([\d.]+) of \d+$", by_pytest[example.name], re.MULTILINE)
        assert said == [say_points(part_points(report, part))]


def test_no_page_gives_an_expected_value_away(graded: Graded) -> None:
    """All numbers on it, to eight digits, are the student's own."""
    done = graded.course.python("-c", GIVEN_AWAY)
    counts, found = done.said.splitlines()[:2]
    expected, shown = map(int, counts.split())
    assert expected > 10_000
    assert shown > 100
    # It returns the probabilities for scores, and its page says one; the loss is to return them.
    assert found.split() == ["forward_softmax_scores"]
