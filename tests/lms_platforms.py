"""Learning platforms' own files for a made-up class: what they give out, and how they read back.

Forms follow Canvas's ContentZipper, GradebookExporter and GradebookImporter, Moodle's mod_assign
downloader and offline grading worksheet, Gradescope's export and Blackboard's downloads. Writers
mangle names as the platforms do; readers look up what the platforms look up, and nothing else.
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MODIFIED = (2026, 11, 30, 12, 0, 0)  # of files in a zip: when it was downloaded
UTF8_FLAG = 0x800
WORD = ("L", "M")  # with Nd and Pc, what Ruby takes for letters of a word


@dataclass(frozen=True)
class Student:
    """A student, as the school and the platforms know them."""

    login: str
    first: str
    last: str
    number: int

    @property
    def email(self) -> str:
        return f"{self.login}@example.org"

    @property
    def full(self) -> str:
        return f"{self.first} {self.last}".strip()

    @property
    def sortable(self) -> str:
        return f"{self.last}, {self.first}"

    @property
    def sid(self) -> str:
        return f"00{self.number}"


ADA = Student("ada", "Ada", "Lovelace", 4567)
BEN = Student("ben", "Ben", "O'Brien-Núñez", 4568)
CHI = Student("chi", "千", "尋", 4569)
DAN = Student("dan", "دانا", "بن‌علي", 4570)
EMI = Student("emi", "Émilie", "du Châtelet", 4571)
CLASS = (ADA, BEN, CHI, DAN, EMI)

Files = Mapping[str, bytes]


class RawName(zipfile.ZipInfo):
    """A member whose name is UTF-8 and doesn't say so, as rubyzip writes it."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("utf-8"), self.flag_bits & ~UTF8_FLAG


def write_zip(
    path: Path,
    members: Sequence[tuple[str, bytes]],
    is_raw: bool = False,
    modified: tuple[int, int, int, int, int, int] = MODIFIED,
) -> Path:
    """Write a zip of these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            member = (RawName if is_raw else zipfile.ZipInfo)(name, modified)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return path


def packed(files: Files) -> bytes:
    """A student's own zip."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def unpack(path: Path, folder: Path) -> Path:
    """Unpack a platform's zip, as an instructor may have done."""
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder


# --- Canvas


def canvas_name(sortable: str) -> str:
    """A name in Canvas's zip."""
    lower = re.sub(r"_(\d+)_", r"\1", sortable).lower()
    return "".join(c for c in lower if _is_word(c))


def _is_word(c: str) -> bool:
    category = unicodedata.category(c)
    return category[0] in WORD or category in ("Nd", "Pc")


def canvas_members(
    handed: Mapping[Student, Files], late: Sequence[Student] = (), first_file: int = 990_000
) -> list[tuple[str, bytes]]:
    """The members of Canvas's zip; files have numbers in the order they came."""
    members = []
    for student, files in handed.items():
        who = f"{canvas_name(student.sortable)}{'_LATE' if student in late else ''}"
        for name, content in files.items():
            members.append((f"{who}_{student.number}_{first_file}_{name}", content))
            first_file += 1
    return members


def canvas_gradebook(students: Sequence[Student], column: str = "", **scores: str) -> str:
    """Canvas's gradebook as it exports it, with another assignment and its read-only columns."""
    column = column or "Two-layer network (71)"
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Student", "ID", "SIS User ID", "SIS Login ID", "Section",
                     "Reading, week 1 (70)", column, "Assignments Current Score",
                     "Final Score"])  # fmt: skip
    writer.writerow(["", "", "", "", "", "", "Manual Posting", "", ""])
    writer.writerow(["    Points Possible", "", "", "", "", "10.00", scores.pop("points", "100.00"),
                     "(read only)", "(read only)"])  # fmt: skip
    for student in students:
        writer.writerow([student.sortable, student.number, student.sid, student.login,
                         "Deep Learning", "9.00", scores.get(student.login, ""), "90.00",
                         "45.00"])  # fmt: skip
    writer.writerow(["Student, Test", 9999, "", "7d3a", "Deep Learning", "", "", "", ""])
    return text.getvalue()


def canvas_reads(content: str) -> tuple[str, dict[str, str]]:
    """What Canvas's importer takes: the assignment's number, and a grade for each user."""
    header, *rows = csv.reader(io.StringIO(content))
    assert len(header) > 3 and "Student" in header[0] and "ID" in header[1]
    assert header[2:5] == ["SIS User ID", "SIS Login ID", "Section"]
    titles = [re.fullmatch(r"(.*) \((\d+)\)", title) for title in header[5:]]
    assert len(titles) == 1 and titles[0]
    points = [row for row in rows if "Points Possible" in row[0]]
    assert [row[5] for row in points] == ["100.00"]
    students = [row for row in rows if "Points Possible" not in row[0]]
    return titles[0][2], {row[1]: row[5].strip() for row in students}


# --- Moodle


def moodle_name(full: str) -> str:
    """A name in Moodle's zip."""
    cleaned = re.sub(r"[\x00-\x1f\x7f&<>\"`|':\\/]", "", full.replace("_", " "))
    return re.sub(r"\.\.+", "", cleaned)


def moodle_members(
    handed: Mapping[Student, Files], is_flat: bool = False
) -> list[tuple[str, bytes]]:
    """The members of Moodle's zip."""
    return [
        (
            f"{moodle_name(student.full)}_{student.number}_assignsubmission_file"
            f"{'_' if is_flat else '/'}{name}",
            content,
        )
        for student, files in handed.items()
        for name, content in files.items()
    ]


HANDED_IN = "Monday, 30 November 2026, 11:40 PM"
GRADED_AT = "Tuesday, 1 December 2026, 9:05 AM"


def moodle_worksheet(
    students: Sequence[Student], most: str = "100.00", is_open: str = "Yes"
) -> str:
    """Moodle's grading worksheet, with its byte order mark."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Identifier", "Full name", "ID number", "Email address", "Status", "Grade",
                     "Maximum grade", "Grade can be changed", "Last modified (submission)",
                     "Last modified (grade)", "Feedback comments"])  # fmt: skip
    for student in students:
        writer.writerow([f"Participant {student.number}", student.full, student.sid,
                         student.email, "Submitted for grading", "", most, is_open, HANDED_IN,
                         GRADED_AT, ""])  # fmt: skip
    return "\ufeff" + text.getvalue()


def moodle_reads(content: str) -> dict[str, tuple[str, str, str]]:
    """What Moodle's importer takes for each participant: grade, time of grading, comments."""
    header, *rows = csv.reader(io.StringIO(content))
    own, grade, at = map(header.index, ("Identifier", "Grade", "Last modified (grade)"))
    comments = header.index("Feedback comments") if "Feedback comments" in header else 0
    return {
        row[own][len("Participant ") :]: (row[grade], row[at], row[comments] if comments else "")
        for row in rows
    }


# --- Blackboard


def blackboard_members(
    handed: Mapping[Student, Sequence[tuple[str, Files]]],
    title: str = "HW 1",
    has_texts: bool = True,
) -> list[tuple[str, bytes]]:
    """The members of Blackboard's zip: for each student the attempts, each with its time."""
    members = []
    for student, attempts in handed.items():
        for time, files in attempts:
            start = f"{title}_{student.login}_attempt_{time}"
            said = (
                f"Name: {student.full} ({student.login})\nAssignment: {title}\n"
                f"Date Submitted: {time}\nCurrent Grade: Needs Grading\n\nSubmission Field:\n"
                "There is no student submission text data for this assignment.\n"
            )
            members += [(f"{start}.txt", said.encode())] * has_texts
            members += [(f"{start}_{name}", content) for name, content in files.items()]
    return members


BLACKBOARD_COLUMN = "HW 1 [Total Pts: 100 Score] |403340"


def blackboard_gradebook(students: Sequence[Student], has_feedback: bool = True) -> str:
    """Blackboard's gradebook as it is downloaded, with a calculated column."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    feedback = ["Grading Notes", "Notes Format", "Feedback to Learner", "Feedback Format"]
    writer.writerow(["Last Name", "First Name", "Username", "Student ID", "Availability",
                     "Total [Total Pts: up to 110 Score] |403339", BLACKBOARD_COLUMN,
                     *feedback * has_feedback])  # fmt: skip
    for student in students:
        writer.writerow([student.last, student.first, student.login, student.sid, "Yes", "", "",
                         *[""] * 4 * has_feedback])  # fmt: skip
    return text.getvalue()


def blackboard_reads(content: str) -> dict[str, dict[str, str]]:
    """What Blackboard takes for each username, by the column's number or title."""
    header, *rows = csv.reader(io.StringIO(content))
    keys = [title.rpartition("|")[2] for title in header]
    return {row[header.index("Username")]: dict(zip(keys, row, strict=True)) for row in rows}


# --- Gradescope


def gradescope_members(
    handed: Mapping[tuple[Student, ...], Files], times: Sequence[str] = ()
) -> list[tuple[str, bytes]]:
    """The members of Gradescope's export: a folder for each group, and what says whose it is."""
    root, metadata, members = "assignment_8046601_export", "---\n", []
    for number, (group, files) in enumerate(handed.items()):
        folder = f"submission_{500 + number}"
        metadata += f"{folder}:\n  :submitters:\n"
        for student in group:
            metadata += f"  - :name: {student.full}\n    :sid: '{student.sid}'\n"
            metadata += f"    :email: {student.email}\n"
        time = times[number] if times else "2026-11-30 23:40:00.861687000 +01:00"
        metadata += (
            f"  :created_at: {time}\n  :score: 2.0\n  :results:\n    output: |-\n"
            "      =====\n      Final: 2.0\n  :history: []\n"
        )
        members += [(f"{root}/{folder}/{name}", content) for name, content in files.items()]
    return [(f"{root}/submission_metadata.yml", metadata.encode()), *members]


def roster(students: Sequence[Student], **lms_user_ids: str) -> str:
    """nbgrader's roster."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "first_name", "last_name", "email", "lms_user_id"])
    for s in students:
        writer.writerow([s.login, s.first, s.last, s.email, lms_user_ids.get(s.login, "")])
    return text.getvalue()
