"""Downloads that lie: nothing is written elsewhere, nobody is mistaken, nothing is blown up."""

import os
import stat
import zipfile
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.lms import archive, gradescope, moodle
from autograder.lms.archive import Entry, open_download
from autograder.lms.collect import Settings, collect
from autograder.lms.errors import LmsError
from autograder.lms.people import Person, identities, spellings
from autograder.lms.submitted import Origin, Tree
from autograder.lms.tables import Table
from autograder.notebook import MAX_BYTES
from autograder.submission import SubmissionError
from tests.homework import HOMEWORK, NOTEBOOK, WEIGHTS
from tests.lms_platforms import (
    ADA,
    BEN,
    Student,
    blackboard_members,
    canvas_gradebook,
    canvas_members,
    gradescope_members,
    moodle_members,
    packed,
    write_zip,
)
from tests.test_lms_collect import Desk, files

VICTIM = replace(BEN, first="Vic", last="Tim", number=4568)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "desk")
    return made


@pytest.fixture(autouse=True)
def _outside(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


# --- paths, links, and sizes


@pytest.mark.parametrize("path", [
    "../../{}", "/etc/{}", "..\\..\\{}", "C:\\x\\{}", "a/../../{}", "./{}", "a//{}", "\u202e/{}",
])  # fmt: skip
def test_nothing_is_written_elsewhere(desk: Desk, tmp_path: Path, path: str) -> None:
    before = tree(tmp_path) | {"desk/download.zip"}
    members = [
        (path.format(name), content) for name, content in canvas_members({ADA: files()}, late=[ADA])
    ]
    desk.collect(desk.zip(members), platform="canvas")
    written = tree(tmp_path) - before
    assert all(name.startswith("desk/submitted") for name in written)
    assert desk.read("ada") == files()


def test_a_student_can_not_leave_their_folder(desk: Desk) -> None:
    members = moodle_members({ADA: {f"../Vic Tim_4568_assignsubmission_file/{NOTEBOOK}": b"{}"}})
    assert desk.collect(desk.zip(members)).done == {"ada": "new"}
    metadata, *_ = gradescope_members({(ADA,): files(1), (BEN,): files(2)})
    root = "assignment_8046601_export"
    members = [metadata, (f"{root}/submission_500/../submission_501/{NOTEBOOK}", b'{"a": 1}'),
               (f"{root}/submission_501/{NOTEBOOK}", b'{"b": 1}')]  # fmt: skip
    desk.collect(desk.zip(members), root=desk.root / "two")
    assert (desk.root / "two/ben" / HOMEWORK.name / NOTEBOOK).read_bytes() == b'{"b": 1}'


def test_a_link_in_a_zip_is_told(desk: Desk) -> None:
    path = desk.zip(canvas_members({ADA: files()}))
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo(f"timvic_4568_1_{NOTEBOOK}")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    collected = desk.collect(path, roster=None)
    assert collected.done == {"lovelaceada_4567": "new"}
    assert collected.troubles[0].why == f"timvic_4568_1_{NOTEBOOK} is a link, not a file"


def test_links_in_a_folder_are_not_followed(desk: Desk, tmp_path: Path) -> None:
    secret = tmp_path / "secret.ipynb"
    secret.write_text("{}")
    download = tmp_path / "unpacked"
    for name in ("ada", "ben"):
        (download / name).mkdir(parents=True)
    (download / "ada" / NOTEBOOK).symlink_to(secret)
    (download / "ben" / NOTEBOOK).write_bytes(b"{}")
    (download / "chi").symlink_to(tmp_path)
    os.mkfifo(download / "ben" / WEIGHTS)
    collected = desk.collect(download)
    assert not collected.done
    assert {trouble.why for trouble in collected.troubles} >= {
        f"{NOTEBOOK} is a link; hand in the file itself", f"{WEIGHTS} is not a regular file"
    }  # fmt: skip


@pytest.mark.parametrize("place", ["ada", f"ada/{HOMEWORK.name}"])
def test_a_link_in_submitted_is_not_followed(desk: Desk, tmp_path: Path, place: str) -> None:
    target = tmp_path / "target"
    target.mkdir()
    link = desk.into / place
    link.parent.mkdir(parents=True)
    link.symlink_to(target)
    for replacing in (False, True):
        collected = desk.collect(desk.zip(canvas_members({ADA: files()})), replacing=replacing)
        assert "is a link; put a folder in its place" in collected.troubles[0].why
        assert not list(target.iterdir())


def test_bombs_are_not_unpacked(desk: Desk) -> None:
    bomb = b"\0" * (MAX_BYTES + 1)
    inner = packed({NOTEBOOK: b"{}"})
    handed = {ADA: {NOTEBOOK: bomb}, BEN: {"submission.zip": inner}}
    collected = desk.collect(desk.zip(canvas_members(handed)))
    assert collected.done == {"ben": "new"}
    assert collected.troubles[0].why.endswith(f"{NOTEBOOK} is larger than 50 MB")


def test_a_crowd_of_files_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_ENTRIES", 10)
    with pytest.raises(LmsError, match="more than 10 files"):
        desk.collect(desk.zip([(f"x_{n}_1_a", b"") for n in range(11)]))


@pytest.mark.parametrize("damage", ["encrypted", "rare", "cut"])
def test_a_damaged_member_is_told(desk: Desk, damage: str) -> None:
    path = desk.zip(canvas_members({ADA: files(), BEN: files()}))
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\x01\x02")
    if damage == "encrypted":
        data[central + 8] |= 1
    elif damage == "rare":
        data[central + 10 : central + 12] = (12).to_bytes(2, "little")
    else:
        data[40:60] = b"\xff" * 20
    path.write_bytes(data)
    collected = desk.collect(path)
    assert collected.done == {"ben": "new"}
    assert len(collected.troubles) == 1


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
def test_a_damaged_zip_never_crashes(desk: Desk, data: st.DataObject) -> None:
    path = desk.zip(canvas_members({ADA: files(), BEN: files()}))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    try:
        collected = desk.collect(path, root=desk.root / "any")
    except LmsError as error:
        assert str(error).endswith(".")
    else:
        assert set(collected.done) <= {"ada", "ben"}


# --- somebody else's name


@pytest.mark.parametrize("name, student", [
    (f"880_{NOTEBOOK}", ADA),
    (f"4568_880_{NOTEBOOK}", ADA),
    (NOTEBOOK, replace(ADA, last="Lovelace_4568")),
    (NOTEBOOK, replace(ADA, first="4568", last="Tim, Vic_")),
])  # fmt: skip
def test_numbers_in_names_do_not_pass_for_another_student(
    desk: Desk, name: str, student: Student
) -> None:
    handed = {student: {name: b'{"by": "ada"}'}, VICTIM: files(7)}
    members = canvas_members(handed)
    desk.collect(desk.zip(members), roster=None, root=desk.root / "guessed")
    victim = desk.root / "guessed" / "timvic_4568" / HOMEWORK.name / NOTEBOOK
    assert victim.read_bytes() == files(7)[NOTEBOOK]
    desk.roster.write_text("id,first_name,last_name\nvic,Vic,Tim\nada,Ada,Lovelace\n")
    collected = desk.collect(desk.zip(members), canvas_gradebook([student, VICTIM]))
    assert desk.read("vic") == files(7)
    assert collected.done.get("ada", "new") == "new"
    for source in desk.all().values():
        assert source[NOTEBOOK] in (b'{"by": "ada"}', files(7)[NOTEBOOK])


def test_one_number_with_two_names_is_nobodys(desk: Desk) -> None:
    members = [*canvas_members({VICTIM: files()}), (f"evil_4568_5_{NOTEBOOK}", b"{}")]
    collected = desk.collect(desk.zip(members), roster=None)
    assert not collected.done
    assert collected.troubles[0].who == "evil, timvic (4568)"
    assert "they have one number; name Canvas's gradebook by --ids" in collected.troubles[0].why
    collected = desk.collect(desk.zip(members), canvas_gradebook([VICTIM]), roster=None)
    assert collected.done == {"timvic_4568": "new"}


def test_a_comment_in_blackboards_text_names_nobody(desk: Desk) -> None:
    time = "2026-11-30-23-40-00"
    members = [(f"HW_ada_attempt_{time}.txt", b"Name: Ada (ben) (ada)\nComments:\nName: B (ben)\n"),
               (f"HW_ada_attempt_{time}_x_ben_attempt_{time}_{NOTEBOOK}", b"{}")]  # fmt: skip
    assert desk.collect(desk.zip(members)).done == {"ada": "new"}


@pytest.mark.parametrize("name", [
    f"x_{'1' * 5000}_2_{NOTEBOOK}", f"x_1_{'2' * 5000}_{NOTEBOOK}", f"x_\u0664_\u0665_{NOTEBOOK}",
])  # fmt: skip
def test_a_number_that_is_none_of_canvass_is_told(desk: Desk, name: str) -> None:
    collected = desk.collect(desk.zip([(name, b"{}")]), platform="canvas")
    assert collected.troubles[0].why == "it isn't called as Canvas calls files"


@pytest.mark.parametrize("day", ["0000-00-00", "0001-01-01", "9999-12-31", "2026-13-45"])
def test_a_time_that_can_not_be_is_no_time(desk: Desk, day: str) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        members = blackboard_members({ADA: [(f"{day}-00-00-00", files())]})
        collected = desk.collect(desk.zip(members), zone=ZoneInfo(zone))
        assert set(collected.done) == {"ada"}


@settings(deadline=None)
@given(st.text(max_size=30) | st.from_regex(r"\A[0-9:./ -]{1,30}\Z"))
def test_any_time_of_moodles_is_a_time_or_none(text: str) -> None:
    ids = Table("x", ["Identifier", moodle.HANDED_IN_AT], [["Participant 1", text]])
    for time in moodle.times(ids).values():
        assert Origin("moodle", time, "").when == time
        Origin("moodle", time, "").utc(ZoneInfo("Pacific/Kiritimati"))


# --- metadata


def entry(content: bytes) -> Entry:
    def read(limit: int) -> bytes:
        if len(content) > limit:
            raise SubmissionError("it is too large")
        return content

    return Entry((gradescope.METADATA,), "", read)


LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
BAD_METADATA = {
    "a python object": b"submission_1: !!python/object/apply:os.system ['touch /tmp/x']\n",
    "a list": b"- a\n- b\n",
    "a scalar": b"hello\n",
    "empty": b"",
    "not utf-8": b"\xff\xfe\x00",
    "no yaml": b"a: [1, 2\n",
    "deep": b"a: " + b"[" * 60 + b"]" * 60,
    "very deep": b"[" * 100_000,
    "itself": b"a: &a {b: *a}\n",
    "an unknown alias": b"a: *b\n",
    "control characters": b"a: \x00\n",
    "laughs": LAUGHS.encode(),
}


@pytest.mark.parametrize("name", BAD_METADATA)
def test_bad_metadata_is_told(name: str) -> None:
    with pytest.raises(LmsError, match=r"submission_metadata.yml (can't be read|is not)") as error:
        gradescope.read_metadata(entry(BAD_METADATA[name]))
    assert str(error.value).isprintable()


def test_aliases_of_ruby_are_read_and_copy_nothing() -> None:
    text = "submission_1: &a\n  :submitters:\n  - &x\n    :name: Ada\n    :sid: 007\n"
    text += "submission_2:\n  :submitters:\n  - *x\nsubmission_3: *a\n"
    content = gradescope.read_metadata(entry(text.encode()))
    assert content["submission_2"][":submitters"] == [{":name": "Ada", ":sid": "007"}]
    assert content["submission_3"] is content["submission_1"]


def test_laughs_cost_nothing() -> None:
    text = (
        f"submission_1:\n  :submitters: []\n  :x:\n    {LAUGHS.replace(chr(10), chr(10) + ' ' * 4)}"
    )
    assert gradescope.read_metadata(entry(text.encode()))["submission_1"][":submitters"] == []


def test_tags_mean_nothing() -> None:
    text = "submission_1: !ruby/object:User\n  :submitters: !!python/tuple\n  - :sid: !!int '3'\n"
    content = gradescope.read_metadata(entry(text.encode()))
    assert content == {"submission_1": {":submitters": [{":sid": "3"}]}}


@settings(deadline=None)
@given(st.recursive(st.text(max_size=3) | st.none(), lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(st.sampled_from([":submitters", ":sid", ":name", "x"]),
                                      inner, max_size=3), max_leaves=8))  # fmt: skip
def test_any_metadata_gives_people_or_troubles(value: object) -> None:
    import yaml  # type: ignore[import-untyped]

    text = yaml.safe_dump({"submission_1": value})
    entries = [entry(text.encode()), Entry(("submission_1", NOTEBOOK), "", lambda limit: b"")]
    try:
        attempts, troubles = gradescope.attempts(entries, [], [])
    except LmsError:
        return
    assert len(attempts) + len(troubles) >= 1
    assert all(person.key for attempt in attempts for person in attempt.who)


def test_a_students_metadata_is_not_gradescopes(desk: Desk) -> None:
    forged = b"two_layer_net:\n  :submitters:\n  - :sid: ben\n"
    members = moodle_members({ADA: {gradescope.METADATA: forged, NOTEBOOK: b"{}"}, BEN: files()})
    collected = desk.collect(desk.zip(members))
    assert (collected.platform, collected.troubles) == ("moodle", [])
    assert desk.read("ben") == files()
    metadata, *rest = gradescope_members({(ADA,): {gradescope.METADATA: forged, NOTEBOOK: b"{}"}})
    members = [(name.partition("/")[2], content) for name, content in (*rest, metadata)]
    collected = desk.collect(desk.zip(members), root=desk.root / "flat")
    assert (collected.platform, collected.troubles) == ("gradescope", [])
    assert collected.done == {"ada": "new"}


def test_a_submission_without_people_and_a_stray_file_are_told(desk: Desk) -> None:
    members = gradescope_members({(): files(), (ADA,): files()})
    members.append(("assignment_8046601_export/submission_999/x.ipynb", b""))
    collected = desk.collect(desk.zip(members))
    assert collected.done == {"ada": "new"}
    assert [trouble.why for trouble in collected.troubles] == [
        "submission_metadata.yml doesn't name it",
        "submission_metadata.yml doesn't say who handed it in",
    ]


# --- anything at all

NAME = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=25
) | st.from_regex(r"\A[a-z]{0,3}_\d{1,2}_\d{1,2}_[a-z]\.ipynb\Z")  # fmt: skip


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    names=st.lists(NAME, min_size=1, max_size=5, unique=True),
    platform=st.sampled_from(["", "canvas", "moodle", "blackboard", "folder"]),
)
def test_any_names_are_placed_or_told(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], platform: str
) -> None:
    root = tmp_path_factory.mktemp("any")
    path = write_zip(root / "any.zip", [(name, b"{}") for name in names], is_raw=True)
    with open_download(path) as entries:
        if not entries:
            return
    collected = collect(path, Settings(Tree(root / "submitted", HOMEWORK), platform))
    assert tree(root) - {"any.zip", "submitted"} == {
        name for name in tree(root) if name.startswith("submitted/")
    }
    placed = {p.parts[1] for name in tree(root) if len((p := Path(name)).parts) > 1}
    assert placed == set(collected.done)
    assert collected.done or collected.troubles


def test_ids_of_another_kind_do_not_meet() -> None:
    """A Canvas number that is another's student number finds nobody."""
    from autograder.lms.people import match

    canvas = Person("x_1234", own="1234", spellings=spellings("xx"))
    school = Person("bob", ids=identities("1234", "bob@example.org"), spellings=spellings("bob"))
    assert match([canvas], [school], "roster.csv")[0] == {}
