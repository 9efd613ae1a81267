"""results.json and grades.csv of made-up reports: what machines read."""

import csv
import io
import json
import string
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.files import write_atomically
from autograder.report import Report
from autograder.results import grades_csv, results, summary, write_results
from autograder.scoring import split_points
from tests.homework import HOMEWORK, PARTS
from tests.reports import STATUSES, check, report

ORDER = ["score", "max_score", "execution_time", "output", "output_format", "visibility",
         "stdout_visibility", "tests", "extra_data"]  # fmt: skip
EXTRA = ["schema", "assignment", "student", "submission_sha256", "checks", "accuracy", "flags",
         "sandbox", "authoritative", "problem", "versions"]  # fmt: skip


def rows(*reports: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(grades_csv(reports))))


# ---- results.json


def test_order_of_fields() -> None:
    content = results(report())
    assert list(content) == ORDER
    assert list(content["extra_data"]) == EXTRA
    assert list(content["tests"][0]) == [
        "name", "number", "score", "max_score", "status", "output", "output_format", "tags",
        "visibility",
    ]  # fmt: skip
    assert list(content["extra_data"]["checks"][0]) == [
        "id", "part", "points", "max_points", "status", "message", "diagnosis",
    ]  # fmt: skip
    assert list(content["extra_data"]["accuracy"]) == [
        "correct", "total", "tier", "test_correct", "test_total", "dataset",
    ]  # fmt: skip


def assert_gradescope_takes(content: dict[str, Any]) -> None:
    """Types and values that Gradescope's documentation allows."""
    visible = ("hidden", "after_due_date", "after_published", "visible")
    formats = ("text", "html", "simple_format", "md", "ansi")
    assert isinstance(content["score"], float)
    assert isinstance(content["output"], str)
    assert content["visibility"] in visible
    assert content["stdout_visibility"] in visible
    assert content["output_format"] in formats
    assert isinstance(content["extra_data"], dict)
    for test in content["tests"]:
        assert isinstance(test["score"], float)
        assert isinstance(test["max_score"], float)
        assert test["status"] in ("passed", "failed")
        assert isinstance(test["name"], str)
        assert isinstance(test["number"], str)
        assert isinstance(test["output"], str)
        assert test["output_format"] in formats
        assert test["visibility"] in visible
        assert all(isinstance(tag, str) for tag in test["tags"])


@pytest.mark.parametrize(
    "made",
    [report(), report(checks=(), accuracy=None, problem="No."), Report("ann", problem="Died.")],
    ids=["graded", "unreadable", "died"],
)
def test_gradescope_takes_it(made: Report, tmp_path: Path) -> None:
    assert_gradescope_takes(results(made))
    text = write_results(made, tmp_path).read_text(encoding="utf-8")
    assert_gradescope_takes(json.loads(text))
    assert text.endswith("}\n")


@pytest.mark.parametrize("status", STATUSES)
def test_only_passed_is_passed(status: str) -> None:
    made = report(checks=(check(status=status, message="why"),))
    (test,) = results(made)["tests"]
    assert (test["status"] == "passed") == (status == "passed")
    assert results(made)["extra_data"]["checks"][0]["status"] == status
    if status != "passed":
        assert "why" in test["output"]
    assert made.graded == (status != "grader_error")


@given(st.lists(st.sampled_from(STATUSES), min_size=22, max_size=22), st.integers(0, 22))
def test_the_score_is_the_sum_of_its_tests(statuses: list[str], tier: int) -> None:
    """For every outcome that the suite's shares allow."""
    points, marks = HOMEWORK.points, iter(statuses)
    shares = {"forward": (6, 3, 1), "loss": (4, 2, 2, 1, 1), "backward": (1, 1, 1, 1),
              "predict": (3, 1, 1), "train": (5, 5, 2, 3)}  # fmt: skip
    checks = [
        check(part, next(marks), max_points=most)
        for part, parts in shares.items()
        for most in split_points(points[part], parts)
    ]
    earned = points["accuracy"] * Fraction(tier, 22)
    checks.append(check("accuracy", "failed", points=earned, max_points=points["accuracy"]))
    content = results(report(checks=tuple(checks)))
    assert content["score"] == pytest.approx(sum(t["score"] for t in content["tests"]), abs=1e-9)
    assert content["max_score"] == sum(t["max_score"] for t in content["tests"]) == 80


def test_the_same_report_gives_the_same_bytes_but_for_the_time(tmp_path: Path) -> None:
    one = write_results(report(), tmp_path / "1").read_bytes()
    assert one == write_results(report(), tmp_path / "2").read_bytes()
    other = json.loads(write_results(report(seconds=9.0), tmp_path / "3").read_bytes())
    assert other.pop("execution_time") == 9.0
    first = json.loads(one)
    del first["execution_time"]
    assert first == other


def test_nan_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_results(report(seconds=float("nan")), tmp_path)


@pytest.mark.parametrize("text", ["\ud800", "\x00\x1b[2J", "</script>", "\u202e", "é李🎉", '"\\\n'])
def test_any_text_is_kept_as_it_is(text: str, tmp_path: Path) -> None:
    made = report(checks=(check(message=text, diagnosis=text),), flags=(text,))
    data = write_results(made, tmp_path).read_bytes()
    assert json.loads(data)["extra_data"]["checks"][0]["message"] == text


def test_what_a_student_reads_first() -> None:
    said = summary(report())
    assert said.startswith("6 of 80 points")
    assert "The other 20" in said
    assert "not authoritative" not in said
    assert "not authoritative" in summary(report(authoritative=False))
    assert summary(report(problem="No notebook.")) == (
        "This submission could not be graded. No notebook."
    )


def test_synthetic_data_are_said() -> None:
    made = report(dataset="synthetic", authoritative=False)
    assert "synthetic data set: it is no CIFAR-10 accuracy" in summary(made)
    assert "no CIFAR-10 accuracy" in results(made)["output"]
    assert "synthetic" not in summary(report())


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "x.txt"
    write_atomically(path, "one")
    write_atomically(path, "two")
    assert path.read_text() == "two"
    with pytest.raises(TypeError):
        write_atomically(path, None)  # type: ignore[arg-type]
    assert path.read_text() == "two"
    assert [p.name for p in path.parent.iterdir() if not p.name.endswith(".part")] == ["x.txt"]


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        write_atomically(tmp_path / "x.txt", None)  # type: ignore[arg-type]
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(OSError):
        write_atomically(tmp_path / "folder.txt", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.txt"]


# ---- grades.csv


def test_columns() -> None:
    (row,) = rows(report())
    assert list(row) == ["student", "score", "max_score", *PARTS, "correct", "total", "dataset",
                         "authoritative", "flags", "bugs", "problem"]  # fmt: skip
    assert row["score"] == "6.0"
    assert row["forward"] == "6.0"
    assert (row["correct"], row["total"], row["authoritative"]) == ("350", "1000", "yes")
    assert (row["flags"], row["bugs"], row["problem"]) == ("A flag.", "d", "")


def test_named_bugs_of_a_student() -> None:
    """Each once, in the order of the checks."""
    checks = [check(diagnosis=name) for name in ("b1 is not added", "", "=1", "b1 is not added")]
    (row,) = rows(report(checks=tuple(checks)))
    assert row["bugs"] == "b1 is not added; =1"


def test_no_grade_is_an_empty_cell_never_a_zero() -> None:
    broken = check(status="grader_error", message="It failed.")
    for made in (report(problem="No notebook.", checks=()), report(checks=(broken,))):
        (row,) = rows(made)
        assert row["score"] == ""
        assert {row[part] for part in PARTS} == {""}
        assert row["problem"]


NAMES = ["Lee, Ann", 'Ann "Al" Lee', "a\nb", "李明", "Zoë", "a;b", "a\tb", "'a", " a "]


@pytest.mark.parametrize("name", NAMES)
def test_quoting(name: str) -> None:
    found = rows(report(student=name, flags=(name,)), report(student="next"))
    assert [row["student"] for row in found] == [name, "next"]
    assert found[0]["flags"] == name


FORMULAS = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")',
            "=1+1;=2", "-2+3+cmd|' /C calc'!A0", "+", "@x"]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("field", ["student", "flags", "bugs", "problem"])
def test_no_cell_is_a_formula(text: str, field: str) -> None:
    said: dict[str, dict[str, Any]] = {
        "flags": {"flags": (text,)},
        "bugs": {"checks": (check(diagnosis=text),)},
    }
    (row,) = rows(report(**said.get(field, {field: text})))
    assert row[field] == f"'{text}"


TEXT = st.text(max_size=20) | st.text("=+-@\t\r\n '\"," + string.ascii_letters, max_size=20)


@given(TEXT.filter(lambda text: "\r" not in text))  # see the test below
def test_any_name(name: str) -> None:
    found = rows(report(student=name), report(student="next"))
    assert len(found) == 2
    assert not found[0]["student"].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert found[0]["student"].removeprefix("'") == name.removeprefix("'")


@pytest.mark.parametrize("text", ["a\rb", "a\r=1", "\r=1"])
def test_a_carriage_return_begins_no_row(text: str) -> None:
    assert len(grades_csv([report(flags=(text,))]).splitlines()) == 2


@pytest.mark.parametrize("text", ["\n=1", " =1", "\N{FULLWIDTH EQUALS SIGN}1"])
def test_formulas_that_some_spreadsheets_find(text: str) -> None:
    (row,) = rows(report(student=text))
    assert row["student"] == f"'{text}"
