"""feedback.html: whatever a student's text says, the page is only text."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import html5lib  # type: ignore[import-untyped]
import pytest

from autograder.pages import PARTLY, STATUS_WORDS, CoursePage, Marked, render_page, write_page
from autograder.report import Report
from autograder.results import part_points
from tests.homework import PARTS
from tests.reports import STATUSES, check, report
from tests.webpages import PAYLOADS, PNG, assert_is_only_text, elements, hostile, text_of
from utils.checks.bugs import BUGS

OF_A_COURSE = {"pre", "img"}


@pytest.mark.parametrize("text", PAYLOADS)
def test_hostile_text_is_only_text(text: str) -> None:
    page = render_page(hostile(text))
    assert_is_only_text(page)
    assert text.count("{{ 7 * 7 }}") * 3 <= page.count("{{ 7 * 7 }}")  # no template of ours


def course_page(text: str = "", **changed: Any) -> CoursePage:
    """What a gradebook knows, with a text wherever a student or a marker may write one."""
    marks = {"question_1": Fraction(7, 2), "question_2": None}
    marked = tuple(
        Marked(text or title, points, Fraction(5), text, is_code, (PNG,), text, points is None)
        for (title, points), is_code in zip(marks.items(), (False, True), strict=True)
    )
    points = {part: part_points(report(), part) for part in PARTS}
    words = dict.fromkeys(PARTS, text)
    made = CoursePage(Fraction(860, 11), Fraction(100), text, points, words, words, marked)
    return replace(made, **changed)


@pytest.mark.parametrize("text", PAYLOADS)
def test_hostile_text_in_a_gradebook_is_only_text(text: str) -> None:
    page = render_page(hostile(text), course_page(text))
    assert_is_only_text(page, OF_A_COURSE)
    assert sum(element.tag == "img" for element in elements(page)) == 2


@pytest.mark.parametrize("text", PAYLOADS)
def test_hostile_problems_are_only_text(text: str) -> None:
    assert_is_only_text(render_page(report(student=text, checks=(), problem=text)))


@pytest.mark.parametrize("text", ["<b>bold</b>", 'a "b" & c', "x < y > z", "é 李 🎉", "{{ x }}"])
def test_text_is_shown_as_it_is(text: str) -> None:
    said = text_of(render_page(report(student=text, checks=(check(message=text),))))
    assert said.count(text) >= 2


def test_half_characters_can_be_written(tmp_path: Path) -> None:
    path = write_page(report(checks=(check(message="a\ud800b"),)), tmp_path)
    assert "a\\ud800b" in path.read_text(encoding="utf-8")


def test_the_page_is_valid_html() -> None:
    for made in (
        report(),
        report(checks=(), accuracy=None, problem="No."),
        Report("a", problem="x"),
    ):
        html5lib.HTMLParser(strict=True).parse(render_page(made))


def test_the_page_forbids_scripts_to_itself() -> None:
    (policy,) = (e.attrib["content"] for e in elements(render_page(report()))
                 if e.attrib.get("http-equiv") == "Content-Security-Policy")  # fmt: skip
    assert "default-src 'none'" in policy


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_words(status: str) -> None:
    said = text_of(render_page(report(checks=(check(status=status, message="The message."),))))
    assert STATUS_WORDS[status] in said
    assert "The message." in said


def test_what_the_page_says() -> None:
    checks = (check(status="passed"), check(message="It is wrong.", diagnosis="b1 is not added"))
    said = text_of(render_page(report(checks=checks)))
    assert "6 of 80 points from the automatic checks" in said
    assert "Likely cause: b1 is not added." in said
    assert "3400 are right. Data set: CIFAR-10." in said
    assert said.count("marked by a person") == 1 + 4  # in a sentence, and for each answer
    assert said.count("from the automatic checks") == 1


def test_a_named_bug_comes_with_its_cause() -> None:
    """What in the code does it, and where to read again."""
    bug = BUGS["gradient no mean"]
    wrong = check("backward", message="It is wrong.", diagnosis=bug.name.format("W1"))
    said = text_of(render_page(report(checks=(wrong,))))
    assert f"Likely cause: {bug.name.format('W1')}. {bug.cause} Read again: {bug.reread}." in said
    twice = (wrong, replace(wrong, id="backward.y", message="It is wrong, too."))
    said = text_of(render_page(report(checks=twice)))
    assert (said.count("Likely cause"), said.count(bug.cause)) == (2, 1)
    unknown = check("backward", message="It is wrong.", diagnosis="nobody knows this one")
    said = text_of(render_page(report(checks=(unknown,))))
    assert "Likely cause: nobody knows this one." in said
    assert "Read again" not in said


def test_what_ended_alike_is_said_once() -> None:
    """An exception in a function fails all checks of its part, whatever they call it with."""
    words = "forward raised KeyError: 'W3'. (Called with X ({}, 3).)"
    raised = [check(status="error", message=words.format(rows)) for rows in range(3)]
    done = [check(status="passed"), check(status="passed")]
    page = render_page(report(checks=(*done[:1], *raised, *done[1:])))
    said = text_of(page)
    assert said.count("KeyError") == said.count(STATUS_WORDS["error"]) == 1
    assert said.count("A label") == 5
    assert "(Called with X (0, 3).)" in said
    assert said.index("KeyError") < said.index("✓ passed")
    assert page.count('class="check open"') == page.count('class="check passed"') == 1


def test_a_check_with_a_part_of_its_points() -> None:
    """20 of 22 tiers are not called wrong."""
    points, most = Fraction(200, 11), Fraction(20)
    partly = check("accuracy", points=points, max_points=most, message="Tier 20 of 22.")
    page = render_page(report(checks=(partly,)))
    said = text_of(page)
    assert f"{PARTLY} A label18.18 of 20 Tier 20 of 22." in said
    assert STATUS_WORDS["failed"] not in said
    assert page.count('class="check partly"') == 1


def test_what_the_page_of_a_course_says() -> None:
    said = text_of(render_page(report(), course_page()))
    assert "78.18 of 100 points" in said
    assert "Not marked yet, so not counted here: question_2." in said
    assert "a person changed that" not in said
    assert "To be looked at again" not in said


def test_what_a_person_changed_is_said() -> None:
    points = course_page().points | {"forward": Fraction(9)}
    said = text_of(render_page(report(), course_page(points=points)))
    assert said.count("a person changed that") == 1
    again = replace(course_page().marked[0], waits=True)
    said = text_of(render_page(report(), course_page(marked=(again,))))
    assert "To be looked at again: question_1." in said


def test_a_report_with_a_problem() -> None:
    said = text_of(render_page(report(checks=(), accuracy=None, problem="There is no notebook.")))
    assert "No grade yet" in said
    assert "There is no notebook." in said
    assert "forward" not in said
    assert "graded on its own" not in said


def test_synthetic_data_are_said() -> None:
    said = text_of(render_page(report(dataset="synthetic", authoritative=False)))
    assert "synthetic data set: it is no CIFAR-10 accuracy" in said
    assert "not authoritative" in said


def test_flags_are_for_the_instructor() -> None:
    """They are a hint for a person to look, and no verdict to show a student."""
    page = render_page(report(flags=("A flag.",)))
    assert "A flag." not in page
    assert "A flag." not in render_page(report(flags=("A flag.",), checks=(), problem="No."))
