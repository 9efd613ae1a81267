"""Finding submissions, and reading the two files of each: every form, and every trick."""

import io
import os
import stat
import sys
import tracemalloc
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder import course_key
from autograder.notebook import MAX_BYTES
from autograder.reading import MAX_MEMBERS, read_submission
from autograder.submission import Source, Submission, SubmissionError, find_submissions
from tests.homework import HOMEWORK, NOTEBOOK, WEIGHTS

NB, NPZ = b'{"nbformat": 4}', b"weights"


def write(path: Path, data: bytes = NB) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def zipped(path: Path, members: dict[str, bytes] | list[tuple[str, bytes]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items() if isinstance(members, dict) else members:
            archive.writestr(name, data)
    return path


def find(*paths: Path) -> dict[str, Path]:
    sources = find_submissions(paths)
    assert len({source.student for source in sources}) == len(sources)
    return {source.student: source.path for source in sources}


def read(path: Path) -> Submission:
    (source,) = find_submissions([path])
    return read_submission(source)


def refusal(path: Path) -> str:
    with pytest.raises(SubmissionError) as caught:
        read_submission(Source("ann", path))
    said = str(caught.value)
    assert said.endswith(".")
    return said


# ---- where submissions are found


def test_a_notebook(tmp_path: Path) -> None:
    assert find(write(tmp_path / "ann.ipynb")) == {"ann": tmp_path / "ann.ipynb"}
    found = find(write(tmp_path / "bob" / NOTEBOOK))
    assert found == {"bob": tmp_path / "bob" / NOTEBOOK}


def test_a_folder(tmp_path: Path) -> None:
    write(tmp_path / "ann" / "any.ipynb")
    assert find(tmp_path / "ann") == {"ann": tmp_path / "ann"}


def test_the_folder_of_the_assignment_is_the_students(tmp_path: Path) -> None:
    write(tmp_path / "ann" / "two_layer_net" / NOTEBOOK)
    assert find(tmp_path / "ann" / "two_layer_net") == {"ann": tmp_path / "ann" / "two_layer_net"}


def test_one_students_folder_of_the_tree(tmp_path: Path) -> None:
    write(tmp_path / "submitted" / "ann" / "two_layer_net" / NOTEBOOK)
    assert list(find(tmp_path / "submitted" / "ann")) == ["ann"]


def test_a_zip(tmp_path: Path) -> None:
    assert find(zipped(tmp_path / "ann.zip", {NOTEBOOK: NB})) == {"ann": tmp_path / "ann.zip"}
    packed = zipped(tmp_path / "bob" / "submission.zip", {NOTEBOOK: NB})
    assert find(packed) == {"bob": packed}
    assert find(tmp_path / "bob") == {"bob": tmp_path / "bob"}
    assert read(tmp_path / "bob").notebook == NB


def test_the_tree_of_nbgrader(tmp_path: Path) -> None:
    for name in ("ann", "bob"):
        write(tmp_path / "submitted" / name / "two_layer_net" / NOTEBOOK)
        write(tmp_path / "submitted" / name / "two_layer_net" / "timestamp.txt", b"now")
    found = find(tmp_path / "submitted")
    assert list(found) == ["ann", "bob"]
    assert found["ann"] == tmp_path / "submitted" / "ann" / "two_layer_net"


def test_a_folder_of_folders_and_zips(tmp_path: Path) -> None:
    write(tmp_path / "in" / "ann" / NOTEBOOK)
    zipped(tmp_path / "in" / "bob.zip", {NOTEBOOK: NB})
    write(tmp_path / "in" / "empty" / "notes.txt")
    write(tmp_path / "in" / "readme.txt")
    write(tmp_path / "in" / ".hidden" / NOTEBOOK)
    write(tmp_path / "in" / "__MACOSX" / NOTEBOOK)
    assert list(find(tmp_path / "in")) == ["ann", "bob", "empty"]


def test_several_paths(tmp_path: Path) -> None:
    write(tmp_path / "a" / NOTEBOOK)
    write(tmp_path / "b.ipynb")
    assert list(find(tmp_path / "b.ipynb", tmp_path / "a")) == ["b", "a"]


def test_a_folder_of_notebooks(tmp_path: Path) -> None:
    """As `find_submissions` promises: a folder of any of these."""
    write(tmp_path / "in" / "ann.ipynb")
    write(tmp_path / "in" / "bob.ipynb")
    assert list(find(tmp_path / "in")) == ["ann", "bob"]


def test_a_stray_notebook_hides_no_student(tmp_path: Path) -> None:
    write(tmp_path / "submitted" / "ann" / "two_layer_net" / NOTEBOOK)
    write(tmp_path / "submitted" / "statistics.ipynb")
    assert "ann" in find(tmp_path / "submitted")


def test_endings_in_capitals_are_seen(tmp_path: Path) -> None:
    zipped(tmp_path / "in" / "ann.ZIP", {NOTEBOOK: NB})
    assert list(find(tmp_path / "in")) == ["ann"]


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="There is no"):
        find(tmp_path / "nothing")
    with pytest.raises(SubmissionError, match="holds no submission"):
        find(tmp_path)


def test_a_path_that_is_neither_file_nor_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SubmissionError):
        find(tmp_path / "pipe")


def test_other_archives_are_seen_and_refused(tmp_path: Path) -> None:
    """Else nobody would notice that a student has no grade."""
    write(tmp_path / "in" / "ann" / NOTEBOOK)
    write(tmp_path / "in" / "bob.rar", b"Rar!")
    write(tmp_path / "in" / "cleo.7z", b"7z")
    write(tmp_path / "in" / "roster.csv", b"id")
    found = find(tmp_path / "in")
    assert list(found) == ["ann", "bob", "cleo"]
    said = "bob.rar is no notebook and no zip; hand in two_layer_net.ipynb."
    assert refusal(found["bob"]) == said


def test_a_link_to_nowhere_hides_nobody(tmp_path: Path) -> None:
    write(tmp_path / "in" / "ann" / NOTEBOOK)
    (tmp_path / "in" / "bob").symlink_to(tmp_path / "nowhere")
    found = find(tmp_path / "in")
    assert list(found) == ["ann", "bob"]
    assert "is a link" in refusal(found["bob"])


def test_names_that_no_file_can_have(tmp_path: Path) -> None:
    """As after `grade $(cat list.txt)`."""
    with pytest.raises(SubmissionError, match=r"can't be listed: File name too long\."):
        find(tmp_path / ("x" * 300))
    assert refusal(tmp_path / ("x" * 300)).endswith("can't be read: File name too long.")


def test_many_are_listed_by_their_names(tmp_path: Path) -> None:
    """No student's folder is opened, and no file: ten thousand take a second or so."""
    for number in range(1000):
        (tmp_path / f"s{number}" / "two_layer_net").mkdir(parents=True)
    seen: Counter[str] = Counter()
    is_watching = True

    def note(event: str, _: tuple) -> None:
        if is_watching:
            seen[event] += 1

    sys.addaudithook(note)  # there is no way to take it back
    found = find_submissions([tmp_path], HOMEWORK)
    is_watching = False
    assert len(found) == 1000
    assert seen["open"] == 0
    assert seen["os.listdir"] + seen["os.scandir"] <= 3


def test_ten_thousand_of_one_name(tmp_path: Path) -> None:
    from autograder.submission import _with_unique_names

    found = _with_unique_names([Source("Submission" if n % 2 else "submission", tmp_path)
                                for n in range(10_000)])  # fmt: skip
    assert len({source.student.casefold() for source in found}) == 10_000
    first = [source.student for source in found[:3]]
    assert first == ["submission", "Submission-2", "submission-3"]
    assert found[-1].student == "Submission-10000"


# ---- names


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("Ann Lee", "Ann Lee"),
        ("ann@x.edu", "ann@x.edu"),
        ("Zoë", "Zoë"),
        ("李明", "李明"),
        ("हिन्दी", "हिन्दी"),
        ("ชื่อ", "ชื่อ"),
        ("<img src=x>", "_img src_x_"),
        ("a\nb", "a_b"),
        ("a\x1b[2J", "a__2J"),
        ("=cmd", "_cmd"),
        ("_. .", "_"),
        ("~", "_"),
        (" ann. ", "ann"),
        ("a'b\"c", "a_b_c"),
        ("x" * 200, "x" * 100),
        (os.fsdecode(b"a\xff"), "a_"),
        ("-rf", "-rf"),
    ],
)
def test_names_are_made_safe(tmp_path: Path, folder: str, name: str) -> None:
    write(tmp_path / "in" / folder / NOTEBOOK)
    assert list(find(tmp_path / "in")) == [name]


def test_names_that_collide(tmp_path: Path) -> None:
    for folder in ("A?b", "A*b", "a_b"):
        write(tmp_path / folder / "two_layer_net" / NOTEBOOK)
    assert sorted(find(tmp_path)) == ["A_b", "A_b-2", "a_b-3"]
    inner = tmp_path / "a_b" / "two_layer_net"
    assert list(find(inner, inner)) == ["a_b", "a_b-2"]


def test_names_that_collide_with_a_numbered_one(tmp_path: Path) -> None:
    for folder in ("x/a", "y/a", "z/a-2"):
        write(tmp_path / folder / NOTEBOOK)
    find(*(tmp_path / folder for folder in ("x/a", "y/a", "z/a-2")))


def test_a_collision_is_said(tmp_path: Path) -> None:
    write(tmp_path / "bob" / NOTEBOOK)
    zipped(tmp_path / "bob.zip", {NOTEBOOK: NB})
    found = [read_submission(source) for source in find_submissions([tmp_path])]
    assert [submission.student for submission in found] == ["bob", "bob-2"]
    assert found[0].flags == ()
    (said,) = found[1].flags
    assert "Another submission has the name bob" in said
    assert str(tmp_path / "bob.zip") in said


@pytest.mark.parametrize("inner", ["bob", "bob/two_layer_net"])
def test_nobody_takes_another_name_from_within_a_folder(tmp_path: Path, inner: str) -> None:
    """As after `grade submitted/*`: each folder that is named is one student's."""
    write(tmp_path / "ada" / inner / NOTEBOOK)
    write(tmp_path / "ada" / "carol.ipynb")
    write(tmp_path / "ada" / "dan.ipynb")
    write(tmp_path / "bob" / NOTEBOOK)
    found = find(tmp_path / "ada", tmp_path / "bob")
    assert found == {"ada": tmp_path / "ada", "bob": tmp_path / "bob"}
    with pytest.raises(SubmissionError):
        read_submission(Source("ada", tmp_path / "ada"))
    assert list(find(tmp_path)) == ["ada", "bob"]


@given(st.lists(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]),
                        min_size=1, max_size=30), min_size=1, max_size=4, unique=True))  # fmt: skip
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_name_stays_within_the_folder_of_results(tmp_path: Path, names: list[str]) -> None:
    from autograder.submission import _with_unique_names

    for source in _with_unique_names([Source(name, tmp_path) for name in names]):
        name = source.student
        assert name.isprintable()
        assert name not in ("", ".", "..")
        assert (tmp_path / name).parent == tmp_path
        assert not set(name) & set("/\\<>:\"'|?*&;`$=\n")


# ---- reading


def test_what_is_read(tmp_path: Path) -> None:
    write(tmp_path / "ann" / NOTEBOOK)
    write(tmp_path / "ann" / WEIGHTS, NPZ)
    write(tmp_path / "ann" / "notes.txt")
    found = read(tmp_path / "ann")
    assert (found.student, found.notebook, found.weights, found.flags) == ("ann", NB, NPZ, ())
    assert read(tmp_path / "ann" / NOTEBOOK) == found


def test_weights_beside_a_notebook_are_its_own(tmp_path: Path) -> None:
    write(tmp_path / "ann.ipynb")
    assert read(tmp_path / "ann.ipynb").weights == b""
    write(tmp_path / WEIGHTS, NPZ)
    assert read(tmp_path / "ann.ipynb").weights == NPZ


def test_no_notebook(tmp_path: Path) -> None:
    write(tmp_path / "ann" / WEIGHTS, NPZ)
    assert refusal(tmp_path / "ann") == "There is no notebook; hand in two_layer_net.ipynb."
    assert "no notebook" in refusal(write(tmp_path / "notes.txt"))


def test_another_name_is_no_harm(tmp_path: Path) -> None:
    write(tmp_path / "ann" / "two_layer_net (1).ipynb", b"one")
    assert read(tmp_path / "ann").notebook == b"one"


def test_two_notebooks(tmp_path: Path) -> None:
    write(tmp_path / "ann" / "a.ipynb")
    write(tmp_path / "ann" / "b.ipynb")
    said = refusal(tmp_path / "ann")
    assert said == "There are 2 notebooks (a.ipynb, b.ipynb); hand in only two_layer_net.ipynb."
    write(tmp_path / "ann" / NOTEBOOK, b"this")
    found = read(tmp_path / "ann")
    assert found.notebook == b"this"
    assert found.flags == (
        "More than one notebook: two_layer_net.ipynb was graded, not a.ipynb, b.ipynb.",
    )


def test_hidden_copies_are_no_notebooks(tmp_path: Path) -> None:
    write(tmp_path / "ann" / "hw.ipynb", b"this")
    write(tmp_path / "ann" / "._hw.ipynb", b"mac")
    write(tmp_path / "ann" / ".ipynb_checkpoints" / "hw-checkpoint.ipynb", b"old")
    assert read(tmp_path / "ann").notebook == b"this"


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret", b"secret")
    for name in (NOTEBOOK, WEIGHTS):
        folder = tmp_path / f"by {name}"
        write(folder / NOTEBOOK)
        write(folder / WEIGHTS, NPZ)
        (folder / name).unlink()
        (folder / name).symlink_to(secret)
        assert refusal(folder) == f"{name} is a link; hand in the file itself."
    (tmp_path / "z").mkdir()
    (tmp_path / "z" / "submission.zip").symlink_to(zipped(tmp_path / "o.zip", {NOTEBOOK: NB}))
    assert "is a link" in refusal(tmp_path / "z")
    (tmp_path / "dangling").mkdir()
    (tmp_path / "dangling" / NOTEBOOK).symlink_to(tmp_path / "nowhere")
    assert "is a link" in refusal(tmp_path / "dangling")


def test_a_link_to_another_students_folder(tmp_path: Path) -> None:
    write(tmp_path / "in" / "ann" / "two_layer_net" / NOTEBOOK)
    (tmp_path / "in" / "eve").mkdir()
    (tmp_path / "in" / "eve" / "two_layer_net").symlink_to(tmp_path / "in/ann/two_layer_net")
    sources = {source.student: source for source in find_submissions([tmp_path / "in"])}
    with pytest.raises(SubmissionError):
        read_submission(sources["eve"])


@pytest.mark.parametrize("name", [NOTEBOOK, WEIGHTS])
def test_a_pipe_does_not_hang(tmp_path: Path, name: str) -> None:
    write(tmp_path / "ann" / NOTEBOOK)
    (tmp_path / "ann" / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / "ann" / name)
    assert refusal(tmp_path / "ann") == f"{name} is not a regular file."


def test_a_folder_that_is_named_like_a_notebook(tmp_path: Path) -> None:
    (tmp_path / "ann" / NOTEBOOK).mkdir(parents=True)
    assert NOTEBOOK in refusal(tmp_path / "ann")


def test_a_folder_that_is_named_like_a_notebook_leaks_nothing(tmp_path: Path) -> None:
    (tmp_path / "ann" / NOTEBOOK).mkdir(parents=True)
    there = len(os.listdir("/proc/self/fd"))
    refusal(tmp_path / "ann")
    assert len(os.listdir("/proc/self/fd")) == there


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_can_not_be_read(tmp_path: Path) -> None:
    write(tmp_path / "ann" / NOTEBOOK).chmod(0)
    assert "can't be read: Permission denied" in refusal(tmp_path / "ann")
    (tmp_path / "ann" / NOTEBOOK).chmod(stat.S_IRUSR)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = write(tmp_path / "ann" / NOTEBOOK)
    os.truncate(path, MAX_BYTES + 1)  # a hole; nothing is written
    assert "larger than 50 MB" in refusal(tmp_path / "ann")


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    assert "can't be read" in refusal(tmp_path / "gone.ipynb")


def test_file_names_are_shown_printable(tmp_path: Path) -> None:
    for name in ("a\x1b[2J\n.ipynb", os.fsdecode(b"\xff.ipynb")):
        write(tmp_path / "ann" / name)
    if not refusal(tmp_path / "ann").isprintable():
        pytest.xfail("names of files are quoted as they come, terminal codes and all")


# ---- zips


@pytest.mark.parametrize("folder", ["", "two_layer_net/", "a/b/c/", "../../", "/etc/", "C:\\x\\"])
def test_folders_in_a_zip_do_not_matter(tmp_path: Path, folder: str) -> None:
    """Nothing is unpacked, so a path has no power."""
    members = {f"{folder}{NOTEBOOK}": NB, f"{folder}{WEIGHTS}": NPZ, "../../evil.txt": b"x"}
    found = read(zipped(tmp_path / "in" / "ann.zip", members))
    assert (found.notebook, found.weights) == (NB, NPZ)
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "ann.zip"]


def test_what_macos_adds_is_left_out(tmp_path: Path) -> None:
    members = {f"hw/{NOTEBOOK}": NB, f"__MACOSX/hw/._{NOTEBOOK}": b"x",
               f"__MACOSX/hw/{NOTEBOOK}": b"x", f"hw/._{NOTEBOOK}": b"x"}  # fmt: skip
    assert read(zipped(tmp_path / "ann.zip", members)).notebook == NB


def test_checkpoints_in_a_zip_are_left_out(tmp_path: Path) -> None:
    members = {"hw.ipynb": NB, ".ipynb_checkpoints/hw-checkpoint.ipynb": b"old"}
    assert read(zipped(tmp_path / "ann.zip", members)).notebook == NB


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_twice_in_a_zip(tmp_path: Path) -> None:
    twice = [(NOTEBOOK, b"one"), (NOTEBOOK, b"two")]
    assert "twice" in refusal(zipped(tmp_path / "a.zip", twice))
    in_folders = {f"a/{NOTEBOOK}": b"one", f"b/{NOTEBOOK}": b"two"}
    assert "twice" in refusal(zipped(tmp_path / "b.zip", in_folders))
    weights = {NOTEBOOK: NB, f"a/{WEIGHTS}": b"one", f"b/{WEIGHTS}": b"two"}
    assert "twice" in refusal(zipped(tmp_path / "c.zip", weights))


def test_two_notebooks_in_a_zip(tmp_path: Path) -> None:
    assert "2 notebooks" in refusal(zipped(tmp_path / "a.zip", {"a.ipynb": NB, "b.ipynb": NB}))
    found = read(zipped(tmp_path / "b.zip", {"a.ipynb": b"x", NOTEBOOK: NB}))
    assert (found.notebook, len(found.flags)) == (NB, 1)


def test_no_notebook_in_a_zip(tmp_path: Path) -> None:
    assert "no notebook" in refusal(zipped(tmp_path / "a.zip", {}))
    assert "no notebook" in refusal(zipped(tmp_path / "b.zip", {f"{NOTEBOOK}/": b""}))


def test_a_bomb(tmp_path: Path) -> None:
    """What unpacks to more than the limit is read up to it, not further."""
    path = zipped(tmp_path / "a.zip", {NOTEBOOK: bytes(3 * MAX_BYTES)})
    assert path.stat().st_size < 1 << 20
    tracemalloc.start()
    said = refusal(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "too large" in said
    assert peak < 3 * MAX_BYTES


def test_a_bomb_of_many_notebooks(tmp_path: Path) -> None:
    """10,000 of them would be 500 GB."""
    path = zipped(tmp_path / "a.zip", {f"{i}.ipynb": bytes(MAX_BYTES - 1) for i in range(5)})
    tracemalloc.start()
    refusal(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * MAX_BYTES


def test_too_many_members(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {f"{i}": b"" for i in range(MAX_MEMBERS + 1)})
    assert "more than 10,000 files" in refusal(path)


def patched(path: Path, local: int, central: int, value: bytes) -> Path:
    """A zip whose first member has a field changed, in both of its headers."""
    data = bytearray(zipped(path, {NOTEBOOK: NB * 20}).read_bytes())
    for signature, offset in ((b"PK\x03\x04", local), (b"PK\x01\x02", central)):
        place = data.find(signature) + offset
        data[place : place + len(value)] = value
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("local", "central", "value"),
    [
        pytest.param(6, 8, b"\x01\x00", id="encrypted"),
        pytest.param(8, 10, b"\x63\x00", id="AES"),
        pytest.param(8, 10, b"\x09\x00", id="deflate64"),
        pytest.param(8, 10, b"\x0c\x00", id="bzip2"),
        pytest.param(14, 16, b"\x00\x00\x00\x00", id="crc"),
        pytest.param(4, 6, b"\xff\xff", id="version"),
    ],
)
def test_members_that_can_not_be_read(
    tmp_path: Path, local: int, central: int, value: bytes
) -> None:
    said = refusal(patched(tmp_path / "a.zip", local, central, value))
    assert said.startswith("The zip ")
    assert "; pack it again" in said


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"x" * 1000, b"PK\x05\x06" + bytes(17)])
def test_what_is_no_zip(tmp_path: Path, data: bytes) -> None:
    said = refusal(write(tmp_path / "a.zip", data))
    assert said == "The zip can't be read; pack it again."


GOOD = io.BytesIO()
with zipfile.ZipFile(GOOD, "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr(f"é/{NOTEBOOK}", NB)
    archive.writestr(WEIGHTS, NPZ * 20)


def test_damaged_zips(tmp_path: Path) -> None:
    """Every byte of a zip, changed to several values."""
    good, uncaught = GOOD.getvalue(), set()
    for place in range(len(good)):
        for value in (0, 1, 8, 12, 0x7F, 0x80, 0xFF):
            data = good[:place] + bytes([value]) + good[place + 1 :]
            try:
                read_submission(Source("ann", write(tmp_path / "a.zip", data)))
            except SubmissionError:
                continue
            except Exception as error:
                uncaught.add(type(error).__name__)
    assert uncaught == set()


def test_damaged_lzma(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(NOTEBOOK, NB)
    data = bytearray(path.read_bytes())
    data[60:70] = b"\xff" * 10
    assert refusal(write(path, bytes(data)))


# ---- identity


def test_the_hash_is_of_both_files_and_of_nothing_else(tmp_path: Path) -> None:
    one = Submission("ann", NB, NPZ).sha256
    assert one == Submission("bob", NB, NPZ, ("flag",)).sha256
    others = [Submission("ann", NB), Submission("ann", b"", NB + NPZ), Submission("ann", NPZ, NB),
              Submission("ann", NB + NPZ), Submission("ann", NB, NPZ + b"\0")]  # fmt: skip
    assert one not in {other.sha256 for other in others}
    assert len({other.sha256 for other in others}) == len(others)


def test_a_zip_and_a_folder_of_the_same_files_are_the_same(tmp_path: Path) -> None:
    write(tmp_path / "ann" / NOTEBOOK)
    write(tmp_path / "ann" / WEIGHTS, NPZ)
    path = zipped(tmp_path / "bob.zip", {f"x/{WEIGHTS}": NPZ, f"x/{NOTEBOOK}": NB})
    assert read(tmp_path / "ann").sha256 == read(path).sha256


def test_the_course_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(course_key.VARIABLE, raising=False)
    path = tmp_path / "secret"
    key = course_key.load(path)
    assert len(key) == 64
    assert course_key.load(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert course_key.load(tmp_path / "other") != key
    monkeypatch.setenv(course_key.VARIABLE, "given")
    assert course_key.load(path) == b"given"
    keys = {course_key.for_submission(key, Submission("x", nb).sha256) for nb in (NB, NPZ)}
    assert len(keys) == 2


def test_an_empty_secret_is_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two graders that start at once: one has made the file, and not written it yet."""
    monkeypatch.delenv(course_key.VARIABLE, raising=False)
    path = write(tmp_path / "secret", b"")
    assert course_key.load(path)
