"""The gallery grades the same at every level: no honest submission is refused for a layer.

At level A, tests/test_mutants.py and tests/test_variants.py say so. The accuracy's part is left
out here, as no student code runs for it.
"""

import pytest

from autograder.report import Report
from tests.gallery import Example, complete_notebook, examples
from tests.graded import grade, grade_examples
from tests.levels import demand
from tests.test_mutants import MUTANTS
from tests.test_variants import BUILDS, UNFAIR

pytestmark = pytest.mark.slow
GALLERY = [*MUTANTS, *(v for v in examples("variants") if v.name not in UNFAIR)]


@pytest.fixture(scope="module", params=["B", "C"])
def level(request: pytest.FixtureRequest) -> str:
    demand(request.param)
    return str(request.param)


@pytest.fixture(scope="module")
def reports(level: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    notebooks = {name: build() for name, build in BUILDS.items() if name not in UNFAIR}
    handed = {"complete": complete_notebook(), **notebooks}
    return grade_examples(tmp_path_factory, GALLERY, b"", level) | grade(
        tmp_path_factory, {name: (notebook, b"") for name, notebook in handed.items()}, level=level
    )


def outcomes(report: Report) -> dict[str, str]:
    """Each check's status, but for what earns other points than its status says."""
    assert not report.problem
    earned = {"passed": 1}
    return {
        check.id: check.status
        if check.points == earned.get(check.status, 0) * check.max_points
        else f"{check.status} with {check.points} points"
        for check in report.checks
        if check.part != "accuracy"
    }


@pytest.mark.parametrize("example", [pytest.param(e, id=e.name) for e in GALLERY])
def test_an_example_grades_as_it_says(
    example: Example, level: str, reports: dict[str, Report]
) -> None:
    report = reports[example.name]
    assert report.level == level
    found = outcomes(report)
    assert found == {
        check: example.status if check in example.loses else "passed" for check in found
    }
    assert set(example.loses) <= set(found)


@pytest.mark.parametrize("name", ["complete", *(name for name in BUILDS if name not in UNFAIR)])
def test_a_notebook_passes(name: str, level: str, reports: dict[str, Report]) -> None:
    assert reports[name].level == level
    assert set(outcomes(reports[name]).values()) == {"passed"}
