"""Our exports as nbgrader's: `nbgrader export --exporter=autograder.lms.exporters...`."""

from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Unicode

from autograder.assignment import ASSIGNMENT
from autograder.lms.errors import LmsError
from autograder.lms.export import default_name, export, save
from autograder.lms.grades import of_gradebook
from autograder.lms.people import read_roster
from autograder.lms.tables import read_table
from autograder.nbgrader.late import renew_penalties
from autograder.text import shown


class LmsExportPlugin(ExportPlugin):
    """Exports the totals of this assignment; subclasses say to where.

    A person who is left out is named in the log, and the command then ends with exit code 1.
    """

    target = ""
    ids = Unicode("", help="What the platform exported of itself.").tag(config=True)
    roster = Unicode("", help="nbgrader's roster, with lms_user_id where names clash.").tag(
        config=True
    )
    column = Unicode("", help="The platform's column, by its title or number.").tag(config=True)
    include_not_authoritative = Bool(
        False, help="Also what was graded at level C or on synthetic data."
    ).tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Write the file."""
        out = Path(self.to or default_name(self.target))
        lists = [Path(name) if name else None for name in (self.ids, self.roster)]
        try:
            if self.assignment and ASSIGNMENT not in self.assignment:
                raise LmsError(f"Only {ASSIGNMENT} can be exported this way.")
            renew_penalties(gradebook, parent=self)
            grades = of_gradebook(
                gradebook, self.include_not_authoritative, list(map(str, self.student))
            )
            ids = read_table(lists[0]) if lists[0] else None
            roster = read_roster(lists[1]) if lists[1] else None
            exported = export(grades, self.target, ids, roster, self.column)
            save(exported, out, *lists)
        except LmsError as error:
            self.log.error("%s", error)
            raise SystemExit(1) from None
        for trouble in exported.troubles:
            self.log.error("Not exported: %s: %s", shown(trouble.who), trouble.why)
        self.log.info("%s has %d grades.", out, len(exported.students))
        if exported.troubles or not exported.students:
            raise SystemExit(1)


class CanvasExportPlugin(LmsExportPlugin):
    """Writes what Canvas's gradebook imports; `ids` is the gradebook as Canvas exports it."""

    target = "canvas"


class MoodleExportPlugin(LmsExportPlugin):
    """Writes a graded worksheet for Moodle; `ids` is the worksheet as Moodle exports it."""

    target = "moodle"


class BlackboardExportPlugin(LmsExportPlugin):
    """Writes what Blackboard uploads; `ids` is the gradebook as Blackboard exports it."""

    target = "blackboard"


class PlainCsvExportPlugin(LmsExportPlugin):
    """Writes a plain CSV file, quoted, with all parts and the feedback."""

    target = "csv"


class JsonExportPlugin(LmsExportPlugin):
    """Writes JSON, with all parts and the feedback."""

    target = "json"
