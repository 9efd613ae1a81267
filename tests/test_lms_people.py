"""Who is who: nobody is guessed, whatever the script, case or form of a name."""

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.lms.errors import LmsError
from autograder.lms.people import (
    Person,
    as_folder,
    folder_names,
    identities,
    match,
    read_roster,
    spellings,
)
from autograder.submission import Source, _with_unique_names
from tests.lms_platforms import ADA, BEN, CLASS, Student, canvas_name, moodle_name, roster

# Without a few symbols and one Greek mark that Unicode takes apart and never puts together again.
NAMES = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cs", "Cc", "So", "Sm"), exclude_characters="\u0345"
    ),
    min_size=1,
    max_size=20,
)


def in_roster(student: Student, own: str = "") -> Person:
    names = spellings(student.first + student.last, student.last + student.first)
    return Person(student.login, student.full, own, identities(student.login, own), names)


def in_canvas(student: Student) -> Person:
    name = canvas_name(student.sortable)
    number = str(student.number)
    return Person(f"{name}_{number}", name, number, spellings=spellings(name))


@settings(deadline=None)
@given(NAMES, NAMES)
def test_a_name_is_found_as_each_platform_writes_it(first: str, last: str) -> None:
    student = Student("x1", first, last, 17)
    person = in_roster(student)
    if not person.spellings:
        return  # nothing in it is a letter or a digit: nobody is found by it
    for form in ("NFC", "NFD"):
        for name in (canvas_name(student.sortable), moodle_name(student.full), student.full):
            seeker = Person("s", spellings=spellings(unicodedata.normalize(form, name)))
            assert match([seeker], [person], "the roster")[0] == {"s": person}


@settings(deadline=None)
@given(st.lists(st.tuples(NAMES, NAMES), max_size=6), st.data())
def test_no_two_seekers_find_the_same_person(
    names: list[tuple[str, str]], data: st.DataObject
) -> None:
    students = [Student(f"x{n}", first, last, n) for n, (first, last) in enumerate(names)]
    people = [in_roster(s, str(s.number) if data.draw(st.booleans()) else "") for s in students]
    seekers = data.draw(st.permutations([in_canvas(s) for s in students]))
    found, troubles = match(seekers, people, "the roster")
    keys = [person.key for person in found.values()]
    assert len(set(keys)) == len(keys)
    assert len(found) + len(troubles) == len({seeker.key for seeker in seekers})
    by_key = {in_canvas(s).key: s.login for s in students}
    assert all(by_key[seeker] == person.key for seeker, person in found.items())


def test_two_of_one_name_are_told_apart_only_by_their_ids() -> None:
    other = replace(ADA, login="ada2", number=4599)
    seekers = [in_canvas(ADA), in_canvas(other)]
    found, troubles = match(seekers, [in_roster(ADA), in_roster(other)], "roster.csv")
    assert not found
    assert len(troubles) == 2
    assert "2 people in roster.csv could be meant: Ada Lovelace (ada), Ada Lovelace (ada2)" in (
        troubles[0].why
    )
    assert "number (4567) into the roster's column lms_user_id" in troubles[0].why
    found, troubles = match(seekers, [in_roster(ADA, "4567"), in_roster(other)], "roster.csv")
    assert {key: person.key for key, person in found.items()} == {
        "lovelaceada_4567": "ada", "lovelaceada_4599": "ada2"
    }  # fmt: skip
    assert not troubles


def test_two_who_could_be_one_person_are_neither() -> None:
    seekers = [in_canvas(ADA), in_canvas(replace(ADA, number=4599))]
    found, troubles = match(seekers, [in_roster(ADA)], "roster.csv")
    assert not found
    assert [trouble.who for trouble in troubles] == [
        "lovelaceada (lovelaceada_4567)", "lovelaceada (lovelaceada_4599)"
    ]  # fmt: skip
    assert "could all be Ada Lovelace (ada) in roster.csv" in troubles[0].why


def test_an_id_that_means_two_people_means_none() -> None:
    people = [Person("a", ids=identities("17")), Person("b", ids=identities("x17@example.org"))]
    seeker = Person("s", ids=identities("17", "X17@example.org"))
    found, troubles = match([seeker], people, "the roster")
    assert not found
    assert "2 people" in troubles[0].why


def test_ids_come_before_names() -> None:
    people = [in_roster(ADA), replace(in_roster(BEN), ids=identities("lovelace"))]
    seeker = Person("s", ids=identities("LOVELACE"), spellings=spellings("Ada Lovelace"))
    assert match([seeker], people, "the roster")[0]["s"].key == "ben"


def test_the_roster_is_nbgraders(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text(roster(CLASS, ada="4567"), encoding="utf-8-sig")
    people = read_roster(path)
    assert [person.key for person in people] == [student.login for student in CLASS]
    assert people[0].own == "4567"
    assert people[0].ids == {"ada", "ada@example.org", "4567"}
    assert people[2].spellings == {"千尋", "尋千"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_roster_may_be_a_spreadsheets(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = tmp_path / "roster.csv"
    text = roster(CLASS).replace(",", delimiter)
    path.write_bytes(text.encode(encoding))
    assert [person.key for person in read_roster(path)] == [student.login for student in CLASS]


BAD_ROSTERS = {
    "no id": (b"name,email\nAda,a@example.org\n", "has no column id; its columns are: name, email"),
    "twice": (b"id,first_name\nada,A\nADA,B\n", "Row 3 of roster.csv: the id ADA stands in it tw"),
    "a path": (b"id\n../../etc\n", "Row 2 of roster.csv: the id '../../etc' can't be"),
    "a drive": (b"id\nc:\\x\n", "can't be a folder's name"),
    "hidden": (b"id\n.ssh\n", "can't be a folder's name"),
    "no id given": (b'id,first_name\n"",Ada\n', "Row 2 of roster.csv"),
    "latin": ("id,first_name\nx,Émilie\n".encode("latin-1"), "is not UTF-8"),
    "empty": (b"", "is empty"),
    "a zip": (b"PK\x03\x04\xff\xfe\x00", "is not UTF-8"),
    "not closed": (b'id,first_name\nx,"' + b"a" * 200_000, "is no CSV file"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_ROSTERS)
def test_a_bad_roster_is_told(tmp_path: Path, name: str) -> None:
    content, said = BAD_ROSTERS[name]
    path = tmp_path / "roster.csv"
    path.write_bytes(content)
    with pytest.raises(LmsError) as error:
        read_roster(path)
    assert said in str(error.value)


def test_a_missing_roster_is_told(tmp_path: Path) -> None:
    with pytest.raises(LmsError, match="can't be read: No such file"):
        read_roster(tmp_path / "roster.csv")


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_key_becomes_a_safe_folder(key: str) -> None:
    name = as_folder(key)
    assert 0 < len(name) <= 100
    assert not set(name) & set("/\\:\0\n\r\"'<>|*?")
    assert name not in (".", "..")
    assert not name.startswith(".")
    assert as_folder(name) == name


@settings(deadline=None)
@given(st.lists(st.text(max_size=12), unique=True, max_size=6))
def test_no_two_share_a_folder(keys: list[str]) -> None:
    names, troubles = folder_names([Person(key) for key in keys])
    folded = [unicodedata.normalize("NFC", name).casefold() for name in names.values()]
    assert len(set(folded)) == len(folded)
    assert len(names) + len(troubles) == len(keys)


@settings(deadline=None)
@given(st.text(st.characters(categories=("Lu", "Ll", "Lo", "Nd")), min_size=1, max_size=30))
def test_grade_calls_a_folder_as_collect_does(key: str) -> None:
    name = as_folder(key)
    assert _with_unique_names([Source(name, Path(name))])[0].student == name
