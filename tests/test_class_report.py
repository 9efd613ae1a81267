"""The class report: what it says, that it is only text, and that hidden names stay hidden."""

import base64
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import html5lib  # type: ignore[import-untyped]
import numpy as np
import pytest

from autograder.assignment import load_assignment
from autograder.beside import Beside, flags
from autograder.cli import main
from autograder.honesty import Outcomes, doubts
from autograder.kept import write_report
from autograder.reading import read_submission
from autograder.report import Accuracy, CheckResult, Report
from autograder.report_page.matters import net_flags
from autograder.report_page.page import render_class_report, write_class_report
from autograder.report_page.people import hidden
from autograder.report_page.read import ClassError, ClassResults, read_class
from autograder.scoring import accuracy_share
from autograder.submission import Source
from tests.homework import HOMEWORK, NOTEBOOK, PARTS, ROOT
from tests.reports import check, report
from tests.webpages import PAYLOADS, elements, hostile, text_of
from utils.checks.accuracy import accuracy_tier
from utils.checks.bugs import name

KEY = b"a course's secret"
NAMES = ["Ann Lee", "李明", "Zoë O.", "محمد", "a-2", "x@y.org", "50 + 1", "Ωmega_é"]
ALLOWED = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "div", "span",
           "dl", "dt", "dd", "section", "figure", "figcaption", "img", "table", "tbody", "thead",
           "tr", "th", "td", "br", "ol", "li", "a"}  # fmt: skip
ATTRIBUTES = {"lang", "charset", "name", "content", "http-equiv", "class", "style", "id", "src",
              "alt", "href"}  # fmt: skip


def made(student: str, seed: int = 0, **changed: Any) -> Report:
    """A report as grading would make it, by chance."""
    rng = random.Random(seed)
    checks = []
    for part in PARTS[:-1]:
        most = HOMEWORK.points[part] / 2
        for number in range(2):
            status = rng.choice(["passed", "passed", "passed", "failed"])
            bug = name("gradient no mean", "W1") if status == "failed" and number else ""
            points = most if status == "passed" else Fraction(0)
            checks.append(CheckResult(f"{part}.{number}", part, "A label", points, most, status,
                                      "" if status == "passed" else "Wrong.", bug))  # fmt: skip
    correct = rng.randint(250, 550)
    most = HOMEWORK.points["accuracy"]
    checks.append(CheckResult("accuracy.tier", "accuracy", "Tier",
                              most * accuracy_share(correct, 1000), most, "passed"))  # fmt: skip
    accuracy = Accuracy(correct, 1000, accuracy_tier(correct, 1000), 10 * correct, 10_000,
                        "CIFAR-10")  # fmt: skip
    return report(**{"student": student, "checks": tuple(checks), "accuracy": accuracy,
                     "flags": (), "seconds": round(rng.uniform(0.5, 3), 3)} | changed)  # fmt: skip


def results(*reports: Report, folder: Path = Path("grades"), unreadable: Any = ()) -> ClassResults:
    return ClassResults(folder, HOMEWORK, list(reports), list(unreadable))


def page(*reports: Report, key: bytes | None = None, **more: Any) -> str:
    return render_class_report(results(*reports, **more), Path(), key)


def pictures(html: str) -> Iterator[bytes]:
    for element in elements(html):
        if element.tag == "img":
            start, data = element.attrib["src"].split(",")
            assert start == "data:image/svg+xml;base64"
            yield base64.b64decode(data, validate=True)


def alts(html: str) -> list[str]:
    return [element.attrib["alt"] for element in elements(html) if element.tag == "img"]


def rows_under(html: str, heading: str) -> list[list[str]]:
    """The rows of the first table after a heading."""
    found = iter(elements(html))
    next(e for e in found if e.tag in ("h2", "h3") and "".join(e.itertext()).startswith(heading))
    table = next(element for element in found if element.tag == "table")
    return [
        [" ".join("".join(cell.itertext()).split()) for cell in row.findall("td")]
        for row in table.iter("tr")
        if row.findall("td")
    ]


# ---- 300 students, from the folder to the page


@pytest.fixture(scope="module")
def grades(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("class") / "grades"
    students = [*NAMES, *(f"student of number {number}" for number in range(292))]
    for number, student in enumerate(students):
        write_report(made(student, number), folder)
    return folder


@pytest.fixture(scope="module")
def big_page(grades: Path) -> str:
    return render_class_report(read_class(grades, HOMEWORK), grades.parent)


def test_reports_come_back_as_they_were(grades: Path) -> None:
    found = read_class(grades, HOMEWORK)
    assert (len(found.reports), found.unreadable) == (300, [])
    by_name = {report.student: report for report in found.reports}
    for number, student in enumerate(NAMES):
        assert by_name[student] == replace(made(student, number), kept=True)


def test_the_page_is_valid_html(big_page: str) -> None:
    html5lib.HTMLParser(strict=True).parse(big_page)
    for html in (page(report(checks=(), accuracy=None, problem="No.")), page(made("a")),
                 page(made("a"), unreadable=["b"])):  # fmt: skip
        html5lib.HTMLParser(strict=True).parse(html)


def test_headings_are_in_order(big_page: str) -> None:
    levels = [int(e.tag[1]) for e in elements(big_page) if e.tag in ("h1", "h2", "h3")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_figures_say_in_words_what_they_show(grades: Path, big_page: str) -> None:
    reports = read_class(grades, HOMEWORK).reports
    scores = sorted(float(report.score) for report in reports)
    percent = [report.accuracy.correct / 10 for report in reports if report.accuracy]
    score, accuracy, scatter = alts(big_page)
    assert f"{len(scores)} scores" in score
    assert f"from {scores[0]:.4g} to {scores[-1]:.4g} of 80" in score
    assert f"median {np.median(scores):.4g}" in score
    assert f"{sum(value < 29 for value in percent)} lie below 29 %" in accuracy
    assert f"{sum(value >= 50 for value in percent)} reach 50 %" in accuracy
    assert "of 300 nets" in scatter


def test_success_by_part(grades: Path, big_page: str) -> None:
    reports = read_class(grades, HOMEWORK).reports
    rows = rows_under(big_page, "Success by part")
    assert [row[0] for row in rows] == [HOMEWORK.titles[part] for part in PARTS]
    for part, row in zip(PARTS, rows, strict=True):
        earned = [
            sum(check.points for check in report.checks if check.part == part) for report in reports
        ]
        full, none = earned.count(HOMEWORK.points[part]), earned.count(Fraction(0))
        assert [int(cell) for cell in row[1:4]] == [full, 300 - full - none, none]


def test_named_bugs(grades: Path, big_page: str) -> None:
    reports = read_class(grades, HOMEWORK).reports
    count = sum(any(check.diagnosis for check in report.checks) for report in reports)
    assert 0 < count < 300
    ((bug, students, _),) = rows_under(big_page, "Named bugs")
    assert bug.startswith("dW1 is exactly N times too large")
    assert bug.endswith("(4. Backward)")
    assert int(students) == count


def test_the_slowest_ten(grades: Path, big_page: str) -> None:
    reports = sorted(read_class(grades, HOMEWORK).reports, key=lambda report: -report.seconds)
    rows = rows_under(big_page, "Slowest")
    assert [row[0] for row in rows] == [report.student for report in reports[:10]]


def test_the_same_class_gives_the_same_bytes(grades: Path, big_page: str) -> None:
    assert render_class_report(read_class(grades, HOMEWORK), grades.parent) == big_page


# ---- links


def links(html: str) -> list[str]:
    found = [e.attrib["href"] for e in elements(html) if e.tag == "a"]
    return [link for link in found if not link.startswith("#")]


@pytest.mark.parametrize("place", [".", "grades", "elsewhere/deep"])
def test_links_lead_to_the_feedback(grades: Path, place: str) -> None:
    beside = grades.parent / place
    found = links(render_class_report(read_class(grades, HOMEWORK), beside))
    assert len(set(found)) == 300
    for link in found:
        assert link.startswith(("./", "../"))
        assert Path(os.path.normpath(beside / unquote(link))).is_file()


def test_odd_names_in_links(tmp_path: Path) -> None:
    odd = ["javascript:alert(1)", "a#b?c", '"><b>', "50%", "a&b;c", "http:", "\udce9"]
    for student in odd:
        (tmp_path / student).mkdir()
        (tmp_path / student / "feedback.html").write_text("x")
    reports = [made(student) for student in odd]
    for link in links(page(*reports, folder=tmp_path)):
        assert Path(os.fsdecode(os.path.normpath(os.fsencode(Path(unquote_bytes(link)))))).is_file()
        assert not set(link) & set("\"<>&#?: '")


def unquote_bytes(link: str) -> str:
    return unquote(link, errors="surrogateescape")


def test_no_link_to_what_is_not_there(tmp_path: Path) -> None:
    write_report(made("ann"), tmp_path / "grades")
    (tmp_path / "grades" / "ann" / "feedback.html").unlink()
    found = read_class(tmp_path / "grades", HOMEWORK)
    assert links(render_class_report(found, tmp_path)) == []
    (tmp_path / "grades" / "ann" / "feedback.html").symlink_to(tmp_path)
    assert links(render_class_report(found, tmp_path)) == []


# ---- inertness


def assert_is_only_text(html: str) -> None:
    found = list(elements(html))
    assert {element.tag for element in found} <= ALLOWED
    assert sum(element.tag == "style" for element in found) == 1
    assert sum(element.tag == "meta" for element in found) == 3
    for element in found:
        assert set(element.attrib) <= ATTRIBUTES
        for attribute, value in element.attrib.items():
            assert "url(" not in value
            if attribute == "href":
                assert value == "#person"  # these students have no page
            if attribute == "style":
                assert value.startswith("width: ")
            if attribute == "src":
                assert value.startswith("data:image/svg+xml;base64,")
    (style,) = (element.text or "" for element in found if element.tag == "style")
    assert "url(" not in style and "@import" not in style
    for picture in pictures(html):
        assert_is_only_drawn(picture)


def assert_is_only_drawn(picture: bytes) -> None:
    for element in ElementTree.fromstring(picture).iter():
        tag = element.tag.rpartition("}")[2]
        assert tag not in ("script", "foreignObject", "image", "a", "animate", "set")
        for attribute, value in element.attrib.items():
            assert not attribute.startswith("on")
            if attribute.endswith("href"):
                assert value.startswith("#")


def test_hostile_text_is_only_text() -> None:
    """As name, flag, message of the grader, named bug, data set and all the rest."""
    html = page(*(hostile(text) for text in PAYLOADS), unreadable=PAYLOADS)
    assert_is_only_text(html)
    assert html.count("{{ 7 * 7 }}") >= 4
    assert "[object" not in html and "<module" not in html


def test_hostile_problems_are_only_text() -> None:
    reports = [report(student=text, checks=(), problem=text, flags=(text,)) for text in PAYLOADS]
    assert_is_only_text(page(*reports))
    assert_is_only_text(page(*reports, key=KEY))


@pytest.mark.parametrize("text", ["<b>bold</b>", 'a "b" & c', "x < y > z", "é 李 🎉", "{{ x }}"])
def test_text_is_shown_as_it_is(text: str) -> None:
    said = text_of(page(made(text, flags=(text,))))
    assert said.count(text) == 4  # needs a person, its flag, slowest, all students


def test_half_characters_can_be_written(tmp_path: Path) -> None:
    write_class_report(results(made("a", flags=("a\ud800b",))), tmp_path / "page.html")
    assert "a\\ud800b" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_the_page_forbids_all_but_its_own_pictures(big_page: str) -> None:
    (policy,) = (e.attrib["content"] for e in elements(big_page)
                 if e.attrib.get("http-equiv") == "Content-Security-Policy")  # fmt: skip
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


# ---- hidden names


def class_of_secrets() -> list[Report]:
    """Every place where a name can hide: files, messages, problems."""
    broken = check(status="grader_error", message="Secret-Name could not be graded.")
    beside = flags([Beside("Secret-Name.py", "file")])
    return [
        made("Secret-Name", 1, flags=(*beside, "Secret-Name was trained on validation images.")),
        made("Secret-Name-2", 2, checks=(broken,)),
        made("Secret-Name-3", 3, checks=(), accuracy=None, problem="Secret-Name.ipynb is a link."),
        made("Secret-Name-4", 4, checks=(check(status="timeout", message="Secret-Name"),)),
    ]


def test_hidden_names_are_nowhere(tmp_path: Path) -> None:
    reports = class_of_secrets()
    for one in reports:
        write_report(one, tmp_path / "Secret-Name")
    found = replace(read_class(tmp_path / "Secret-Name", HOMEWORK), unreadable=["Secret-Name-5"])
    shown, html = (render_class_report(found, tmp_path, key) for key in (None, KEY))
    assert "Secret-Name" in shown
    assert "secret" not in html.lower()
    assert all(b"secret" not in picture.lower() for picture in pictures(html))
    assert links(html) == []
    said = text_of(html).split("All students")[1]
    assert [f"student {number:02}" in said for number in range(1, 6)].count(True) == 4


def test_pseudonyms_stay_and_tell_nothing() -> None:
    students = [f"s{number:03}" for number in range(300)]
    people = hidden(students, KEY)
    assert people == hidden(reversed(students), KEY)
    assert sorted(person.name for person in people.values()) == [
        f"student {number:03}" for number in range(1, 301)
    ]
    assert [people[student].name for student in students] != sorted(
        person.name for person in people.values()
    )
    assert hidden(students, b"another secret") != people


def test_what_needs_a_person_is_said_without_names() -> None:
    said = text_of(page(*class_of_secrets(), key=KEY))
    for words in ("The submission or the grader failed.", "Its accuracy or its training is doubted",
                  "Unusual files were handed in.", "in forward", "names are hidden"):  # fmt: skip
        assert words in said


# ---- what needs a person


def test_the_kinds() -> None:
    refused, slow = check("loss", "refused"), check("train", "timeout")
    broken = check("loss", "grader_error", message="It broke.")
    html = page(
        made("ann", checks=(), accuracy=None, problem="There is no notebook."),
        made("ben", checks=(broken,)),
        made("cy", flags=("Far above test accuracy.",)),
        made("dot", checks=(refused, slow, check("predict", "timeout"))),
        made("eve"),
        unreadable=["flo"],
    )
    assert rows_under(html, "No grade: 3") == [
        ["flo", "results.json can't be read; grade this submission again."],
        ["ann", "There is no notebook."],
        ["ben", "It broke."],
    ]
    assert rows_under(html, "A flag on the tuned net: 1") == [["cy", "Far above test accuracy."]]
    assert rows_under(html, "Stopped by the sandbox: 1") == [["dot", "in loss"]]
    assert rows_under(html, "Not finished in time: 1") == [["dot", "in train, predict"]]
    said = text_of(html)
    assert "need a person 5" in said
    assert "submissions 6" in said
    assert "with a grade 3" in said


def test_nothing_needs_a_person() -> None:
    said = text_of(page(made("ann")))
    assert "Nothing: every submission has a grade" in said
    assert "need a person 0" in said


def real_file_flags(tmp_path: Path) -> list[str]:
    utils = Beside("utils/data_utils.py", "file", lambda limit: b"other")
    many = [Beside(f"{number}.txt", "file") for number in range(10_001)]
    for notebook in (NOTEBOOK, "other.ipynb"):
        (tmp_path / notebook).write_text("{}")
    two = read_submission(Source("ann", tmp_path)).flags
    return [*flags([utils, Beside("setup.py", "file")]), *flags(many), *two]


def test_flags_on_files_are_not_drawn_as_doubtful_nets(tmp_path: Path) -> None:
    found = real_file_flags(tmp_path)
    assert len(found) == 4
    assert net_flags(report(flags=tuple(found))) == []


def test_flags_on_nets_are_drawn() -> None:
    right = np.arange(1000) < 800
    val = Outcomes(right, right.astype(float))
    test = Outcomes(~right, right.astype(float))
    found = doubts(val, test, is_cifar10=False)
    assert len(found) == 1
    assert net_flags(report(flags=tuple(found))) == found
    html = page(made("a", flags=tuple(found)), made("b", flags=("setup.py differs from the "
                "release; the grader uses its own.",)), made("c"))  # fmt: skip
    assert "1 nets are flagged" in alts(html)[2]


# ---- notices and small classes


def test_other_data_are_said() -> None:
    accuracy = Accuracy(300, 1000, 1, 3000, 10_000, "synthetic")
    said = text_of(page(made("a", accuracy=accuracy, authoritative=False), made("b")))
    assert "Graded on the synthetic data set: these are no CIFAR-10 accuracies." in said
    assert "1 of 2 grades are not authoritative." in said
    assert "no CIFAR-10" not in text_of(page(made("a")))


@pytest.mark.parametrize("count", [1, 2])
def test_small_classes(count: int) -> None:
    html = page(*(made(f"s{number}", number) for number in range(count)))
    assert len(alts(html)) == 3


def test_a_class_without_a_grade() -> None:
    html = page(report(student="ann", checks=(), accuracy=None, problem="No."))
    assert alts(html) == []
    assert rows_under(html, "No grade: 1") == [["ann", "No."]]


@pytest.mark.parametrize("correct", [0, 1000])
def test_accuracies_far_out(correct: int) -> None:
    accuracy = Accuracy(correct, 1000, accuracy_tier(correct, 1000), 10 * correct, 10_000,
                        "CIFAR-10")  # fmt: skip
    said = alts(page(made("a", accuracy=accuracy)))[1]
    assert f"from {correct / 10:.1f} % to {correct / 10:.1f} %" in said


def test_another_assignment() -> None:
    other = load_assignment(ROOT / "tests" / "assignments" / "softmax_classifier")
    part, points = next(iter(other.points.items()))
    one = Report("ann", checks=(CheckResult("x", part, "A label", points, points, "passed"),),
                 assignment=other)  # fmt: skip
    html = render_class_report(ClassResults(Path("grades"), other, [one], []), Path())
    assert other.title in text_of(html)
    assert len(alts(html)) == 1  # it has no accuracies
    assert [row[0] for row in rows_under(html, "Success by part")] == list(other.titles.values())


# ---- reading


def broken_contents() -> Iterator[tuple[str, Any]]:
    yield "no JSON", b"{"
    yield "deep", b"[" * 100_000
    yield "large", b" " * (5 << 20)
    yield "empty", b""
    yield "a list", b"[]"
    changes: dict[str, tuple[str, Any]] = {
        "other student": ("student", "eve"),
        "no name": ("student", ["ann"]),
        "other assignment": ("assignment", "another"),
        "flags": ("flags", [1]),
        "accuracy": ("accuracy", {"correct": "1"}),
        "too many right": ("accuracy", {"correct": 2, "total": 1, "tier": 1, "test_correct": 1,
                                        "test_total": 1, "dataset": "x"}),
        "no images": ("accuracy", {"correct": 0, "total": 0, "tier": 1, "test_correct": 0,
                                   "test_total": 0, "dataset": "x"}),
        "dataset": ("accuracy", {"correct": 0, "total": 1, "tier": 1, "test_correct": 0,
                                 "test_total": 1, "dataset": 3}),
        "problem": ("problem", {}),
    }  # fmt: skip
    yield from changes.items()


@pytest.mark.parametrize(("what", "change"), list(broken_contents()))
def test_results_that_are_none(tmp_path: Path, what: str, change: Any) -> None:
    for student in ("ann", "ben"):
        write_report(made(student), tmp_path)
    path = tmp_path / "ann" / "results.json"
    if isinstance(change, bytes):
        path.write_bytes(change)
    else:
        content = json.loads(path.read_bytes())
        content["extra_data"][change[0]] = change[1]
        path.write_text(json.dumps(content))
    found = read_class(tmp_path, HOMEWORK)
    assert found.unreadable == ["ann"]
    assert [report.student for report in found.reports] == ["ben"]


@pytest.mark.parametrize("seconds", ["NaN", '"1"', "1e400", "null"])
def test_times_that_are_none(tmp_path: Path, seconds: str) -> None:
    path = write_report_of(made("ann", seconds=1.25), tmp_path)
    path.write_text(path.read_text().replace("1.25", seconds, 1))
    assert read_class(tmp_path, HOMEWORK).unreadable == ["ann"]


def write_report_of(one: Report, folder: Path) -> Path:
    write_report(one, folder)
    return folder / one.student / "results.json"


def test_links_are_not_followed(tmp_path: Path) -> None:
    path = write_report_of(made("ann"), tmp_path / "grades")
    (tmp_path / "ann.json").write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(tmp_path / "ann.json")
    (tmp_path / "grades" / "ben").symlink_to(tmp_path / "grades" / "ann")
    found = read_class(tmp_path / "grades", HOMEWORK)
    assert (found.reports, found.unreadable) == ([], ["ann"])


def test_what_is_no_students_folder_is_left_out(tmp_path: Path) -> None:
    write_report(made("ann"), tmp_path)
    (tmp_path / "grades.csv").write_text("x")
    (tmp_path / "similar").mkdir()
    write_report(made("ann"), tmp_path / ".hidden")
    assert [report.student for report in read_class(tmp_path, HOMEWORK).reports] == ["ann"]


@pytest.mark.parametrize("place", ["nowhere", "file", "empty"])
def test_folders_without_results(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ClassError, match=place):
        read_class(tmp_path / place, HOMEWORK)


# ---- the command


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_report(made("ann"), tmp_path / "grades")
    monkeypatch.chdir(tmp_path)
    assert main(["report"]) == 0
    assert capsys.readouterr().out == "The report on 1 submissions is report.html.\n"
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert set(links(html)) == {"./grades/ann/feedback.html"}


def test_the_command_with_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUTOGRADER_SECRET", "x")
    write_report(made("ann"), tmp_path)
    write_report_of(made("ben"), tmp_path).write_text("{")
    out = tmp_path / "deep" / "page.html"
    assert main(["report", str(tmp_path), "--out", str(out), "--hide-names"]) == 1
    assert "results.json can't be read of ben" in capsys.readouterr().err
    said = text_of(out.read_text(encoding="utf-8"))
    assert "student 01" in said
    assert "ann" not in said.split()


@pytest.mark.parametrize("arguments", [["nowhere"], [".", "--assignment", "nowhere"]])
def test_wrong_calls(
    tmp_path: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["report", *arguments]) == 2
    assert "nowhere" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_out_that_can_not_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_report(made("ann"), tmp_path / "grades")
    (tmp_path / "taken").mkdir()
    assert main(["report", str(tmp_path / "grades"), "--out", str(tmp_path / "taken")]) == 2
    assert "can't be written" in capsys.readouterr().err


def test_other_commands_don_t_wait_for_matplotlib() -> None:
    code = (
        "import sys, autograder.cli as cli\n"
        "cli.make_parser()\n"
        "print([name for name in ('matplotlib', 'jinja2') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          timeout=60)  # fmt: skip
    assert done.stdout == "[]\n", done.stderr
