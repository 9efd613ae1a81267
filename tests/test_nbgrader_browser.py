"""A marker at formgrader, in a real browser: open a submission, mark an answer, see the total."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from autograder import course_key
from tests.browser import CHROMIUM, keep, window
from tests.gallery import complete_notebook, grade_id
from tests.graded import synthetic_data, tuned_weights
from tests.homework import ASSIGNMENT, MARKED
from tests.jupyterlab import server as jupyter_server
from tests.nbgrader_course import PNG, SECRET, Course

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response
else:
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    Page = Response = object


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
]

ALERT = "<script>document.title = 'taken over'</script>"


@dataclass(frozen=True)
class Server:
    """A notebook server of the course's folder, and what opens it."""

    url: str
    token: str

    def sign_in(self, page: "Page", path: str) -> None:
        """Sign in as a marker does, and go to a page."""
        page.goto(f"{self.url}/login?token={self.token}&next={path}")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Two submissions: one is graded, the other waits for the button."""
    data = synthetic_data(tmp_path_factory)
    course = Course.make(tmp_path_factory.mktemp("browser") / "course", data)
    notebook = complete_notebook({"question_1": f"It is too low. {ALERT}"})
    plots = next(cell for cell in notebook["cells"] if grade_id(cell) == "diagnosis_plots")
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": PNG}}
    plots["outputs"] = [picture, picture | {"data": {"text/html": ALERT}}]
    course.submit("ada", notebook, tuned_weights(data))
    course.submit("bea", complete_notebook(), tuned_weights(data))
    done = course.run("autograde", ASSIGNMENT, "--student=ada")
    assert done.code == 0, done.said
    return course


@pytest.fixture(scope="module")
def server(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    variables = {"PYTHONPATH": str(course.root), "CIFAR10_DIR": str(course.data),
                 course_key.VARIABLE: SECRET}  # fmt: skip
    command, home = ("-m", "jupyter", "server"), tmp_path_factory.mktemp("home")
    with jupyter_server(command, course.root, home, variables) as (url, token):
        yield Server(url, token)


def is_saved(response: "Response", what: str) -> bool:
    return f"/api/{what}/" in response.url and response.request.method == "PUT"


def test_marking_in_formgrader(course: Course, server: Server, tmp_path: Path) -> None:
    with window(tmp_path / "profile") as page:
        listing = f"/formgrader/gradebook/{ASSIGNMENT}/{ASSIGNMENT}"
        server.sign_in(page, listing)
        page.get_by_role("link", name="Submission #1").click()
        page.wait_for_selector("#question_1")

        body = page.inner_text("body")
        assert body.count("=== BEGIN MARK SCHEME ===") == len(MARKED)
        assert "10 of 10 points" in body
        assert page.title() != "taken over"
        assert page.locator(f"img[src*='{PNG[:40]}']").count() == 1

        for name, points in dict.fromkeys(MARKED, "4.5").items():
            with page.expect_response(lambda r: is_saved(r, "grade")):
                page.fill(f"#{name}", points)
                page.locator(f"#{name}").press("Tab")
        with page.expect_response(lambda r: is_saved(r, "comment")):
            page.fill("#question_1-comment", "Say which plot shows it.")
            page.locator("#question_1-comment").press("Tab")
        keep(page, "formgrader-submission", whole=True)

        page.goto(f"{server.url}{listing}")
        row = page.locator("tr", has=page.get_by_role("link", name="Submission #1"))
        row.get_by_text("98 / 100").wait_for()
        keep(page, "formgrader-total", whole=True)
    grades = course.grades("ada")
    assert {name: grades[name]["manual_score"] for name in MARKED} == dict.fromkeys(MARKED, 4.5)
    assert not any(grade["needs_manual_grade"] for grade in grades.values())
    assert course.python("-m", "autograder", "feedback", "ada").code == 0
    written = (course.folder("feedback", "ada") / f"{ASSIGNMENT}.html").read_text()
    assert "98 <small>of 100 points" in written
    assert "Say which plot shows it." in written


def test_feedback_on_a_phone(course: Course, tmp_path: Path) -> None:
    """Nothing is wider than the screen, nothing is fetched, and no script runs."""
    assert course.python("-m", "autograder", "feedback", "ada").code == 0
    written = course.folder("feedback", "ada") / f"{ASSIGNMENT}.html"
    with window(tmp_path / "profile") as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.set_viewport_size({"width": 360, "height": 740})
        page.goto(written.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.title() == "Two-layer network: ada"
        assert [url for url in asked if not url.startswith("data:")] == [written.as_uri()]
        keep(page, "feedback-on-a-phone", whole=True)


def test_the_autograde_button(course: Course, server: Server, tmp_path: Path) -> None:
    """formgrader grades by the engine as well."""
    with window(tmp_path / "profile") as page:
        server.sign_in(page, f"/formgrader/manage_submissions/{ASSIGNMENT}")
        row = page.locator("tr", has=page.get_by_text("bea", exact=True))
        row.locator("td.autograde a").click()
        page.get_by_text("Successfully autograded").wait_for()
        keep(page, "formgrader-button", whole=True)
    assert course.grades("bea")["check_accuracy"]["auto_score"] == 20
