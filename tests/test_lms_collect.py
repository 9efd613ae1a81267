"""`collect`: what each platform gives out becomes submitted/, and nothing newer is lost."""

import json
import os
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from autograder.cli import main
from autograder.lms import collect as collecting
from autograder.lms import commands, submitted
from autograder.lms.archive import open_download
from autograder.lms.collect import Collected, Settings, collect, recognised
from autograder.lms.errors import LmsError
from autograder.lms.people import read_roster
from autograder.lms.submitted import Tree
from autograder.lms.tables import read_table
from autograder.reading import read_submission
from autograder.submission import Source, SubmissionError, find_submissions
from tests.homework import HOMEWORK, NOTEBOOK, WEIGHTS
from tests.lms_platforms import (
    ADA,
    BEN,
    CLASS,
    Files,
    blackboard_gradebook,
    blackboard_members,
    canvas_gradebook,
    canvas_members,
    gradescope_members,
    moodle_members,
    moodle_worksheet,
    packed,
    roster,
    unpack,
    write_zip,
)

TREE = [field.name for field in fields(Tree)]
BERLIN = ZoneInfo("Europe/Berlin")
LATER = (2026, 12, 1, 12, 0, 0)


def files(version: int = 1) -> dict[str, bytes]:
    return {NOTEBOOK: b'{"version": %d}' % version, WEIGHTS: b"weights %d" % version}


HANDED = {student: files(student.number) for student in CLASS}
DOWNLOADS: dict[str, Callable[[], list[tuple[str, bytes]]]] = {
    "canvas": lambda: canvas_members(HANDED),
    "moodle": lambda: moodle_members(HANDED),
    "moodle, flat": lambda: moodle_members(HANDED, is_flat=True),
    "gradescope": lambda: gradescope_members({(s,): f for s, f in HANDED.items()}),
    "blackboard": lambda: blackboard_members(
        {s: [("2026-11-30-23-40-00", f)] for s, f in HANDED.items()}
    ),
    "folder": lambda: [
        (f"class/{s.full}/{name}", content)
        for s, f in HANDED.items()
        for name, content in f.items()
    ],
    "folder, zips": lambda: [(f"{s.login}.zip", packed(f)) for s, f in HANDED.items()],
}


class Desk:
    """Where an instructor collects."""

    def __init__(self, root: Path):
        self.root, self.into = root, root / "submitted"
        self.roster = root / "roster.csv"
        self.roster.write_text(roster(CLASS), encoding="utf-8")

    def zip(
        self, members: Sequence[tuple[str, bytes]], is_raw: bool = True,
        modified: tuple[int, int, int, int, int, int] = (2026, 11, 30, 12, 0, 0),
    ) -> Path:  # fmt: skip
        return write_zip(self.root / "download.zip", members, is_raw, modified)

    def collect(self, download: Path, ids: str = "", **settings: Any) -> Collected:
        listed = None
        if ids:
            (self.root / "ids.csv").write_text(ids, encoding="utf-8")
            listed = read_table(self.root / "ids.csv")
        tree = {name: settings.pop(name) for name in TREE if name in settings}
        known = Settings(
            replace(Tree(self.into, HOMEWORK), **tree),
            roster=read_roster(self.roster),
            roster_name="roster.csv",
            listed=listed,
        )
        return collect(download, replace(known, **settings))

    def folder(self, student: str) -> Path:
        return self.into / student / HOMEWORK.name

    def read(self, student: str) -> dict[str, bytes]:
        submission = read_submission(Source(student, self.folder(student)))
        return {NOTEBOOK: submission.notebook, WEIGHTS: submission.weights}

    def all(self) -> dict[str, dict[str, bytes]]:
        """As `grade` finds them."""
        return {
            source.student: self.read(source.student) for source in find_submissions([self.into])
        }


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize("is_unpacked", [False, True], ids=["zip", "folder"])
@pytest.mark.parametrize("name", DOWNLOADS)
def test_each_platform_is_recognised_and_collected(
    desk: Desk, name: str, is_unpacked: bool
) -> None:
    download = desk.zip(DOWNLOADS[name](), is_raw=not is_unpacked)
    if is_unpacked:
        download = unpack(download, desk.root / "unpacked")
    collected = desk.collect(download)
    assert collected.platform == name.partition(",")[0]
    assert (collected.troubles, collected.missing, collected.notes) == ([], [], [])
    assert collected.done == {student.login: "new" for student in CLASS}
    assert desk.all() == {student.login: HANDED[student] for student in CLASS}


@pytest.mark.parametrize("name", DOWNLOADS)
def test_collecting_again_changes_nothing(desk: Desk, name: str) -> None:
    download = desk.zip(DOWNLOADS[name]())
    desk.collect(download)
    before = {path: path.read_bytes() for path in desk.into.rglob("*") if path.is_file()}
    assert set(desk.collect(download).done.values()) == {"unchanged"}
    assert before == {path: path.read_bytes() for path in desk.into.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", DOWNLOADS)
def test_without_a_roster_people_are_called_as_the_platform_calls_them(
    desk: Desk, name: str
) -> None:
    collected = desk.collect(desk.zip(DOWNLOADS[name]()), roster=None)
    assert not collected.troubles
    assert len(collected.done) == len(CLASS)
    ada = {"canvas": "lovelaceada_4567", "moodle": "Ada Lovelace_4567", "gradescope": "004567",
           "blackboard": "ada", "folder": "Ada Lovelace", "folder, zips": "ada"}  # fmt: skip
    assert desk.read(ada[name.removesuffix(", flat")]) == HANDED[ADA]


def test_each_platform_is_named_once() -> None:
    assert tuple(collecting.PLATFORMS) == commands.PLATFORMS


# --- which files count


ZIP = packed({f"two_layer_net/{NOTEBOOK}": b'{"z": 1}', f"two_layer_net/{WEIGHTS}": b"z",
              "two_layer_net/utils/x.py": b"1"})  # fmt: skip
FROM_ZIP = {NOTEBOOK: b'{"z": 1}', WEIGHTS: b"z"}
STRANGE = "Handed in, but not of the release and not used: two_layer_net/utils/x.py."
COUNTING: dict[str, tuple[Files, Files, list[str]]] = {
    "submission.zip": ({"submission.zip": ZIP}, FROM_ZIP, [STRANGE]),
    "resubmitted zip": ({"submission-1.zip": ZIP}, FROM_ZIP, [STRANGE]),
    "a zip of another name": ({"ada homework.zip": ZIP}, FROM_ZIP, [STRANGE]),
    "downloaded twice": ({"submission (2).zip": ZIP}, FROM_ZIP, [STRANGE]),
    "weights only in the zip": ({NOTEBOOK: b"{}", "submission.zip": ZIP}, FROM_ZIP,
                                [STRANGE, f"submission.zip was taken, not {NOTEBOOK}"]),
    "a zip beside both": ({**files(), "submission.zip": ZIP}, files(),
                          [f"{NOTEBOOK} was taken, not submission.zip"]),
    "resubmitted": ({"two_layer_net-2.ipynb": b"{}", "best_net-2.npz": b"w"},
                    {NOTEBOOK: b"{}", WEIGHTS: b"w"}, []),
    "downloads": ({"two_layer_net (1).ipynb": b"{}", "best_net(1).npz": b"w"},
                  {NOTEBOOK: b"{}", WEIGHTS: b"w"}, []),
    "a lone notebook": ({"my homework.ipynb": b"{}"}, {NOTEBOOK: b"{}", WEIGHTS: b""}, []),
    "others beside it": ({**files(), "notes.txt": b"x", "scratch.ipynb": b"{}"}, files(),
                         [f"{NOTEBOOK} was taken, not scratch.ipynb"]),
    "the newest of one name": ({NOTEBOOK: b'{"old": 1}', "two_layer_net-1.ipynb": b"{}"},
                               {NOTEBOOK: b"{}", WEIGHTS: b""}, []),
}  # fmt: skip


@pytest.mark.parametrize("name", COUNTING)
def test_the_files_that_count_on_canvas(desk: Desk, name: str) -> None:
    handed, expected, notes = COUNTING[name]
    collected = desk.collect(desk.zip(canvas_members({ADA: handed})))
    assert not collected.troubles
    assert desk.read("ada") == expected
    assert [note.why for note in collected.notes] == notes
    assert {note.who for note in collected.notes} <= {"ada"}


def test_only_two_files_are_placed(desk: Desk) -> None:
    desk.collect(desk.zip(canvas_members({ADA: {"submission.zip": ZIP, "run.sh": b"rm"}})))
    assert {path.name for path in desk.folder("ada").iterdir()} == {
        NOTEBOOK, WEIGHTS, submitted.RECORD
    }  # fmt: skip


NOT_PLACED: dict[str, tuple[Files, str]] = {
    "no notebook": ({WEIGHTS: b"w", "a.pdf": b"x"}, "no notebook and no zip, but best_net.npz"),
    "two notebooks": ({"a.ipynb": b"{}", "b.ipynb": b"{}"}, "there are 2 notebooks: a.ipynb"),
    "two zips": ({"a.zip": ZIP, "b.zip": ZIP}, "there are 2 zips: a.zip, b.zip"),
    "a broken zip": ({"submission.zip": b"PK\x03\x04"}, "The zip can't be read"),
    "a zip without": ({"submission.zip": packed({"a.txt": b""})}, "There is no notebook"),
    "a zip twice over": ({"submission.zip": packed({f"a/{NOTEBOOK}": b"", f"b/{NOTEBOOK}": b""})},
                         "holds two_layer_net.ipynb twice"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_PLACED)
def test_what_can_not_be_placed_is_told(desk: Desk, name: str) -> None:
    handed, said = NOT_PLACED[name]
    collected = desk.collect(desk.zip(canvas_members({ADA: handed, BEN: files()})))
    assert collected.done == {"ben": "new"}
    assert [t.who for t in collected.troubles] == ["lovelaceada (lovelaceada_4567)"]
    assert said in collected.troubles[0].why
    assert not desk.folder("ada").exists()


def test_two_files_of_one_name_count_where_no_order_is_known(desk: Desk) -> None:
    handed = {f"a/{NOTEBOOK}": b'{"a": 1}', f"b/{NOTEBOOK}": b'{"b": 1}'}
    collected = desk.collect(desk.zip(moodle_members({ADA: handed})))
    assert "two files two_layer_net.ipynb, and no telling which counts" in collected.troubles[0].why


def test_a_typed_text_is_told(desk: Desk) -> None:
    members = [*canvas_members({BEN: files()}), ("lovelaceada_LATE_4567_text.html", b"<p>")]
    collected = desk.collect(desk.zip(members))
    assert collected.troubles[0].why == "a text or a link was typed in, and no file handed in"
    name = "Ada Lovelace_4567_assignsubmission_onlinetext/onlinetext.html"
    collected = desk.collect(desk.zip([*moodle_members({BEN: files()}), (name, b"<p>")]))
    assert collected.troubles[0].why == "a text was typed in, and no file handed in"


def test_an_anonymous_download_is_told(desk: Desk) -> None:
    members = [(f"anon_{who}_99_{NOTEBOOK}", b"{}") for who in ("Ab3dE", "x9YzK")]
    collected = desk.collect(desk.zip(members))
    assert collected.platform == "canvas"
    assert len(collected.troubles) == 2
    assert "it is anonymous" in collected.troubles[0].why


def test_who_is_not_in_the_roster_is_told(desk: Desk) -> None:
    desk.roster.write_text(roster([ADA]))
    collected = desk.collect(desk.zip(canvas_members({ADA: files(), BEN: files()})))
    assert collected.done == {"ada": "new"}
    assert "nobody in roster.csv is known by this name or id" in collected.troubles[0].why


def test_who_handed_in_nothing_is_told(desk: Desk) -> None:
    collected = desk.collect(desk.zip(canvas_members({ADA: files()})))
    assert collected.missing == ["ben", "chi", "dan", "emi"]


# --- two of one name, and the platform's own list


TWIN = replace(ADA, login="ada2", number=4599)


@pytest.mark.parametrize("platform", ["canvas", "moodle"])
def test_twins_are_told_apart_by_the_platforms_list(desk: Desk, platform: str) -> None:
    both = {ADA: files(1), TWIN: files(2)}
    desk.roster.write_text(roster([ADA, TWIN]))
    if platform == "canvas":
        members, ids = canvas_members(both), canvas_gradebook([ADA, TWIN])
    else:
        members, ids = moodle_members(both), moodle_worksheet([ADA, TWIN])
    download = desk.zip(members)
    assert len(desk.collect(download).troubles) == 2
    assert not desk.into.exists()
    collected = desk.collect(download, ids)
    assert not collected.troubles
    assert (desk.read("ada"), desk.read("ada2")) == (files(1), files(2))


def test_twins_are_told_apart_by_the_roster(desk: Desk) -> None:
    desk.roster.write_text(roster([ADA, TWIN], ada="Participant 4567", ada2="Participant 4599"))
    collected = desk.collect(desk.zip(moodle_members({ADA: files(1), TWIN: files(2)})))
    assert not collected.troubles
    assert (desk.read("ada"), desk.read("ada2")) == (files(1), files(2))


def test_a_login_in_the_platforms_list_finds_a_nickname(desk: Desk) -> None:
    nicknamed = replace(ADA, first="Countess", last="of Lovelace")
    download = desk.zip(canvas_members({nicknamed: files()}))
    assert len(desk.collect(download).troubles) == 1
    assert desk.collect(download, canvas_gradebook([nicknamed])).done == {"ada": "new"}


def test_a_list_is_refused_where_it_has_no_use(desk: Desk) -> None:
    with pytest.raises(LmsError, match="is Gradescope's, which needs no --ids"):
        desk.collect(desk.zip(gradescope_members({(ADA,): files()})), canvas_gradebook([ADA]))


def test_a_username_with_underscores(desk: Desk) -> None:
    people = [replace(ADA, login="a_l_1"), replace(BEN, login="l_1")]
    desk.roster.write_text(roster(people))
    for has_texts in (True, False):
        members = blackboard_members(
            {s: [("2026-11-30-23-40-00", files(s.number))] for s in people}, "HW_1", has_texts
        )
        collected = desk.collect(desk.zip(members))
        assert not collected.troubles
        assert (desk.read("a_l_1"), desk.read("l_1")) == (files(4567), files(4568))


def test_blackboards_list_knows_names(desk: Desk) -> None:
    desk.roster.write_text(roster([replace(ADA, login="al1815", last="Lovelace")]))
    download = desk.zip(
        blackboard_members({ADA: [("2026-11-30-23-40-00", files())]}, has_texts=False)
    )
    assert len(desk.collect(download).troubles) == 1
    assert desk.collect(download, blackboard_gradebook([ADA])).done == {"al1815": "new"}


# --- groups, attempts, and what is newer


def test_a_group_hands_in_for_each_member(desk: Desk) -> None:
    members = gradescope_members({(ADA, BEN): files(1), (CLASS[2],): files(2)})
    collected = desk.collect(desk.zip(members))
    assert not collected.troubles
    assert desk.read("ada") == desk.read("ben") == files(1)
    assert desk.read("chi") == files(2)


@pytest.mark.parametrize("first_is_newer", [False, True])
def test_the_newest_attempt_counts(desk: Desk, first_is_newer: bool) -> None:
    old, new = ("2026-11-29-10-00-00", files(1)), ("2026-11-30-09-00-00", {NOTEBOOK: b'{"v": 2}'})
    attempts = [new, old] if first_is_newer else [old, new]
    collected = desk.collect(desk.zip(blackboard_members({ADA: attempts})), zone=BERLIN)
    assert not collected.troubles
    assert desk.read("ada") == {NOTEBOOK: b'{"v": 2}', WEIGHTS: b""}
    assert (desk.folder("ada") / "timestamp.txt").read_text() == "2026-11-30 08:00:00 UTC\n"


def test_the_newest_of_a_persons_groups_counts_across_zones(desk: Desk) -> None:
    times = ["2026-11-30 23:40:00 -08:00", "2026-12-01 08:00:00.5 +01:00"]  # the first is later
    members = gradescope_members({(ADA, BEN): files(1), (ADA,): files(2)}, times)
    desk.collect(desk.zip(members))
    assert desk.read("ada") == files(1)


def test_a_later_download_replaces_and_an_earlier_one_does_not(desk: Desk) -> None:
    for name in ("canvas", "moodle"):
        make = canvas_members if name == "canvas" else moodle_members
        early, late = desk.root / "early.zip", desk.root / "late.zip"
        write_zip(early, make({ADA: files(1)}), is_raw=True)
        write_zip(late, make({ADA: {NOTEBOOK: b'{"v": 2}'}}), is_raw=True, modified=LATER)
        into = desk.root / name
        assert desk.collect(early, root=into).done == {"ada": "new"}
        assert desk.collect(late, root=into).done == {"ada": "replaced"}
        assert desk.collect(early, root=into).done == {"ada": "kept"}
        folder = into / "ada" / HOMEWORK.name
        assert read_submission(Source("ada", folder)).notebook == b'{"v": 2}'
        assert not (folder / WEIGHTS).exists()


def test_times_decide_also_against_nbgraders_own(desk: Desk) -> None:
    folder = desk.folder("ada")
    folder.mkdir(parents=True)
    (folder / NOTEBOOK).write_bytes(b'{"by": "nbgrader"}')
    (folder / "timestamp.txt").write_text("2026-11-30 21:00:00.123456 UTC")
    early = gradescope_members({(ADA,): files(1)}, ["2026-11-30 20:00:00.5 Z"])
    late = gradescope_members({(ADA,): files(2)}, ["2026-11-30 22:30:00.5 +01:00"])
    assert desk.collect(desk.zip(early)).done == {"ada": "kept"}
    assert desk.collect(desk.zip(late)).done == {"ada": "replaced"}
    assert (folder / "timestamp.txt").read_text() == "2026-11-30 21:30:00 UTC\n"


def test_what_nothing_orders_is_left_to_a_person(desk: Desk) -> None:
    folder = desk.folder("ada")
    folder.mkdir(parents=True)
    (folder / NOTEBOOK).write_bytes(b'{"by": "hand"}')
    download = desk.zip(canvas_members({ADA: files()}))
    collected = desk.collect(download)
    assert not collected.done
    assert "nothing says which is newer; --replace takes this one" in collected.troubles[0].why
    assert desk.read("ada")[NOTEBOOK] == b'{"by": "hand"}'
    assert desk.collect(download, replacing=True).done == {"ada": "replaced"}
    assert desk.read("ada") == files()


def test_not_even_replacing_loses_what_is_newer(desk: Desk) -> None:
    desk.collect(desk.zip(canvas_members({ADA: files(2)}), modified=LATER))
    download = desk.zip(canvas_members({ADA: files(1)}))
    assert desk.collect(download, replacing=True).done == {"ada": "kept"}
    assert desk.read("ada") == files(2)


def test_the_same_again_later_is_unchanged_but_for_its_time(desk: Desk) -> None:
    for time, said in (("2026-11-30 20:00:00.5 Z", "20:00"), ("2026-12-01 09:00:00.5 Z", "09:00"),
                       ("2026-11-30 20:00:00.5 Z", "09:00")):  # fmt: skip
        done = desk.collect(desk.zip(gradescope_members({(ADA,): files()}, [time]))).done
        assert done in ({"ada": "new"}, {"ada": "unchanged"})
        assert said in (desk.folder("ada") / "timestamp.txt").read_text()


def test_names_that_a_mac_took_apart_are_found(desk: Desk) -> None:
    for make in (canvas_members, moodle_members):
        members = [(unicodedata.normalize("NFD", name), data) for name, data in make(HANDED)]
        assert not desk.collect(desk.zip(members)).troubles
    assert desk.read("emi") == HANDED[CLASS[4]]


def test_what_was_mended_by_hand_is_not_lost(desk: Desk) -> None:
    desk.collect(desk.zip(canvas_members({ADA: files()})))
    (desk.folder("ada") / NOTEBOOK).write_bytes(b'{"mended": 1}')
    download = desk.zip(canvas_members({ADA: files(2)}), modified=LATER)
    collected = desk.collect(download)
    assert "was changed since it was collected" in collected.troubles[0].why
    assert desk.read("ada")[NOTEBOOK] == b'{"mended": 1}'


def test_a_full_disk_loses_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.collect(desk.zip(canvas_members({ADA: files(1)})))
    download = desk.zip(canvas_members({ADA: files(2)}), modified=LATER)
    rename = Path.rename

    def fail_for_the_new_one(self: Path, target: Path) -> Path:
        if self.name.endswith(".part"):
            raise OSError(28, "No space left on device")
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", fail_for_the_new_one)
        collected = desk.collect(download)
    assert "can't be written: No space left on device" in collected.troubles[0].why
    assert desk.read("ada") == files(1)
    assert desk.collect(download).done == {"ada": "replaced"}
    assert [path.name for path in (desk.into / "ada").iterdir()] == [HOMEWORK.name]


def test_an_interrupted_run_is_mended(desk: Desk) -> None:
    desk.collect(desk.zip(canvas_members({ADA: files(1)})))
    folder = desk.folder("ada")
    folder.rename(folder.with_name(f".{HOMEWORK.name}.old"))
    half = folder.with_name(f".{HOMEWORK.name}.part")
    half.mkdir()
    (half / NOTEBOOK).write_bytes(b"{")
    assert desk.collect(desk.zip(canvas_members({ADA: files(1)}))).done == {"ada": "unchanged"}
    assert desk.read("ada") == files(1)
    assert [path.name for path in folder.parent.iterdir()] == [HOMEWORK.name]


# --- times and late marks


def test_moodles_times_come_from_the_worksheet(desk: Desk) -> None:
    download = desk.zip(moodle_members({ADA: files()}))
    collected = desk.collect(download, moodle_worksheet([ADA]))
    assert collected.untimed == 1
    assert not (desk.folder("ada") / "timestamp.txt").exists()
    collected = desk.collect(download, moodle_worksheet([ADA]), zone=BERLIN)
    assert (collected.done, collected.untimed) == ({"ada": "unchanged"}, 0)
    assert (desk.folder("ada") / "timestamp.txt").read_text() == "2026-11-30 22:40:00 UTC\n"


def test_canvas_marks_who_is_late(desk: Desk) -> None:
    collected = desk.collect(desk.zip(canvas_members({ADA: files(), BEN: files()}, late=[BEN])))
    assert collected.late == ["ben"]
    assert not collected.troubles


def test_nbgrader_reads_our_timestamp(desk: Desk) -> None:
    from nbgrader.utils import parse_utc

    desk.collect(desk.zip(gradescope_members({(ADA,): files()})))
    said = (desk.folder("ada") / "timestamp.txt").read_text().strip()
    assert parse_utc(said).isoformat() == "2026-11-30T22:40:00"


# --- the command


def run(desk: Desk, *arguments: object) -> int:
    return main(["collect", *map(str, arguments), "--into", str(desk.into)])


def test_the_command(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    download = desk.zip(canvas_members({ADA: files(), BEN: files()}, late=[BEN]))
    assert run(desk, download, "--roster", desk.roster) == 0
    said = capsys.readouterr().out
    assert "2 submissions from Canvas: 2 new. They are in" in said
    assert "Marked as late there: ben." in said
    assert "Of the roster, nothing was handed in by: chi, dan, emi." in said


def test_the_command_says_what_it_could_not_place(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    download = desk.zip(blackboard_members({ADA: [("2026-11-30-23-40-00", {"a.pdf": b""})],
                                            BEN: [("2026-11-30-23-40-00", files())]}))  # fmt: skip
    assert run(desk, download, "--from", "blackboard") == 1
    said = capsys.readouterr()
    assert "--zone Europe/Berlin" in said.out
    assert re.search(
        r"1 could not be placed:\n  Ada Lovelace \(ada\): there is no notebook", said.err
    )


WRONG_CALLS = {
    "no such file": (["absent.zip"], "absent.zip: No such file or directory"),
    "no zip": (["roster.csv"], "roster.csv: it is no zip that can be read; download it again."),
    "no such zone": (["download.zip", "--zone", "Mars/Olympus"], "Mars/Olympus is no time zone"),
    "a bad zone": (["download.zip", "--zone", "../../etc/passwd"], "is no time zone"),
    "a bad list": (["download.zip", "--ids", "roster.csv"], "roster.csv has no column Identifier"),
    "not gradescope": (["download.zip", "--from", "gradescope"], "no submission_metadata.yml"),
    "no assignment": (["download.zip", "--assignment", "."], "assignment.toml can't be read"),
}


@pytest.mark.parametrize("name", WRONG_CALLS)
def test_a_wrong_call_is_told(
    desk: Desk, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments, said = WRONG_CALLS[name]
    desk.zip(moodle_members({ADA: files()}))
    monkeypatch.chdir(desk.root)
    assert main(["collect", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert not (desk.root / "submitted").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_can_not_be_written_is_told(desk: Desk) -> None:
    desk.into.mkdir(mode=0o500)
    collected = desk.collect(desk.zip(canvas_members({ADA: files()})))
    assert "can't be written: Permission denied" in collected.troubles[0].why


def test_an_empty_download_is_told(desk: Desk) -> None:
    with pytest.raises(LmsError, match="holds no files"), open_download(desk.zip([])) as entries:
        recognised(entries)


def test_a_pipe_is_not_waited_for(desk: Desk) -> None:
    os.mkfifo(desk.root / "pipe.zip")
    with pytest.raises(LmsError, match="is neither a zip nor a folder"):
        desk.collect(desk.root / "pipe.zip")


def test_another_assignment_has_no_weights(desk: Desk) -> None:
    assignment = replace(HOMEWORK, folder=HOMEWORK.folder.with_name("essay"), weights="")
    handed = {"essay-1.ipynb": b"{}", WEIGHTS: b"w"}
    collected = desk.collect(desk.zip(canvas_members({ADA: handed})), assignment=assignment)
    assert not collected.troubles
    folder = desk.into / "ada" / "essay"
    assert {path.name for path in folder.iterdir()} == {"essay.ipynb", submitted.RECORD}


def test_the_record_is_small_and_strict(desk: Desk) -> None:
    desk.collect(desk.zip(canvas_members({ADA: files()})))
    record = desk.folder("ada") / submitted.RECORD
    assert set(json.loads(record.read_text())) == {"platform", "when", "seen", "sha256"}
    for content in ("[]", "{}", '{"platform": 1}', "[" * 3000, "x" * 10_000):
        record.write_text(content)
        assert set(desk.collect(desk.root / "download.zip").done.values()) == {"unchanged"}


def test_a_submission_there_that_can_not_be_read_is_told(desk: Desk) -> None:
    desk.folder("ada").mkdir(parents=True)
    (desk.folder("ada") / "a.ipynb").touch()
    (desk.folder("ada") / "b.ipynb").touch()
    with pytest.raises(SubmissionError):
        desk.read("ada")
    collected = desk.collect(desk.zip(canvas_members({ADA: files()})))
    assert "is there and can't be read; --replace gives it up" in collected.troubles[0].why
    download = desk.root / "download.zip"
    assert desk.collect(download, replacing=True).done == {"ada": "replaced"}
