"""Zip directories from anywhere: what is wrong with one entry costs no other, and none is lost.

The archives are written byte by byte, since no library writes wrong ones.
"""

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.errors import InboxError, PhotoError
from pipeline.intake.inbox import list_submissions, read_bytes
from pipeline.intake.zip_directory import read_directory

CALM = settings(deadline=None)
MB = 1 << 20


def raw_zip(*members, size=None):
    """An archive of (name, content) or (name, content, {flag, extra, said}), names as bytes."""
    body, directory = b"", b""
    for name, content, *more in members:
        how = {"flag": 0, "extra": b"", "said": len(content), "local": name} | dict(*more)
        fields = struct.pack(
            "<HHHHHIIIH", 20, how["flag"], 0, 0, 0x5B6C, zlib.crc32(content), len(content),
            how["said"], len(name),
        )  # fmt: skip
        at = len(body)
        body += b"PK\3\4" + fields + struct.pack("<H", 0) + how["local"] + content
        directory += b"PK\1\2\x14\0" + fields + struct.pack("<H", len(how["extra"]))
        directory += struct.pack("<HHHII", 0, 0, 0, 0, at) + name + how["extra"]
    size = len(directory) if size is None else size
    return (
        body
        + directory
        + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, len(members), len(members), size, len(body), 0)
    )


def read(submission):
    """What a file holds; None: it cannot be read."""
    try:
        return read_bytes(submission, MB)
    except PhotoError:
        return None


def listed(tmp_path, data):
    """What an archive is listed as, and what each file reads as; None: it cannot be read."""
    (tmp_path / "a.zip").write_bytes(data)
    found, _ = list_submissions(tmp_path)
    return {s.photo.removeprefix("a.zip/"): read(s) for s in found}


# -- what made members vanish ------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"folder/1.jpg/", "folder/1.jpg"),
        (b"folder\\1.jpg\\", "folder/1.jpg"),
        (b"1.jpg/", "1.jpg"),
        (b"folder/\0secret.jpg", "folder/\ufffdsecret.jpg"),
        (b"1.jpg\0.exe", "1.jpg\ufffd.exe"),
        (b"/", "unnamed"),
        (b"", "unnamed"),
        (b"..", "unnamed"),
    ],
)
def test_what_has_content_is_a_file_whatever_it_is_called(tmp_path, name, shown):
    assert listed(tmp_path, raw_zip((name, b"photo"), (b"2.jpg", b"two"))) == {
        shown: b"photo", "2.jpg": b"two",
    }  # fmt: skip


@pytest.mark.parametrize("name", [b"folder/", b"folder\\", "照片/".encode("gb18030")])
def test_a_folder_is_an_entry_of_size_0_whose_name_ends_in_a_slash(tmp_path, name):
    assert listed(tmp_path, raw_zip((name, b""), (b"1.jpg", b"x"))) == {"1.jpg": b"x"}


def test_an_empty_file_is_a_file(tmp_path):
    assert listed(tmp_path, raw_zip((b"0.jpg", b""))) == {"0.jpg": None}


def test_a_folder_that_only_says_that_it_is_empty_is_a_file(tmp_path):
    data = raw_zip((b"folder/", b"\xff" * 99, {"said": 0}), (b"1.jpg", b"x"))
    assert set(listed(tmp_path, data)) == {"folder", "1.jpg"}


def test_the_second_byte_of_a_character_is_no_backslash(tmp_path):
    name = "乗".encode("gb18030")  # 81 5C
    assert listed(tmp_path, raw_zip((name, b""), (b"1.jpg", b"x"))) == {"乗": None, "1.jpg": b"x"}


# -- one bad member, and the rest --------------------------------------------------------

GOOD = ((b"1.jpg", b"one"), (b"3.jpg", b"three"))


@pytest.mark.parametrize(
    "bad",
    [
        (b"\xff\xfe2.jpg", b"two", {"flag": 0x800}),  # says UTF-8, and is not
        (b"2.jpg", b"two", {"extra": b"\1"}),
        (b"2.jpg", b"two", {"extra": b"\1\0\x10\0abcd"}),  # shorter than it says
        (b"2.jpg", b"two", {"extra": b"\xff" * 7}),
        (b"2.jpg", b"two", {"said": 9}),
    ],
)
def test_a_bad_name_or_extra_field_costs_nothing(tmp_path, bad):
    found = listed(tmp_path, raw_zip(GOOD[0], bad, GOOD[1]))
    assert len(found) == 3
    assert found["1.jpg"] == b"one"
    assert found["3.jpg"] == b"three"
    assert b"two" in found.values()


@pytest.mark.parametrize(
    "bad",
    [
        (b"2.jpg", b"two", {"local": b"x.jpg"}),  # one name for who reads the directory
        (b"2.jpg", b"two", {"said": 0xFFFFFFFF}),  # its true size is nowhere
        (b"2.jpg", b"two", {"flag": 1}),  # a password
    ],
)
def test_a_bad_member_fails_alone(tmp_path, bad):
    assert listed(tmp_path, raw_zip(GOOD[0], bad, GOOD[1])) == {
        "1.jpg": b"one", "2.jpg": None, "3.jpg": b"three",
    }  # fmt: skip


def test_a_method_that_is_not_known_fails_alone(tmp_path):
    data = bytearray(raw_zip(*GOOD))
    at = data.index(b"PK\1\2") + 10
    data[at : at + 2] = struct.pack("<H", 98)
    assert listed(tmp_path, bytes(data)) == {"1.jpg": None, "3.jpg": b"three"}


@pytest.mark.parametrize("spoil", ["mark", "length"])
def test_a_damaged_directory_gives_what_it_still_names_and_the_archive_itself(tmp_path, spoil):
    data = bytearray(raw_zip(GOOD[0], (b"2.jpg", b"two"), GOOD[1]))
    second = data.index(b"PK\1\2", data.index(b"PK\1\2") + 4)
    if spoil == "mark":
        data[second : second + 4] = b"PK\1\3"
    else:
        data[second + 32 : second + 34] = struct.pack("<H", 9)  # of a comment that is not there
    found = listed(tmp_path, bytes(data))
    assert {"a.zip", "1.jpg", "3.jpg"} <= set(found)
    assert found["1.jpg"] == b"one"
    assert found["3.jpg"] == b"three"


def test_a_member_that_runs_into_the_next_is_refused(tmp_path):
    """So bombs are made: many members share what they unpack."""
    data = bytearray(raw_zip(*GOOD))
    first = data.index(b"PK\1\2")
    data[first + 20 : first + 28] = struct.pack("<II", 30, 30)
    assert listed(tmp_path, bytes(data)) == {"1.jpg": None, "3.jpg": b"three"}


def test_a_member_that_points_into_another_harms_it_not(tmp_path):
    data = bytearray(raw_zip(*GOOD))
    second = data.rindex(b"PK\1\2")
    data[second + 42 : second + 46] = struct.pack("<I", 33)
    assert listed(tmp_path, bytes(data)) == {"1.jpg": b"one", "3.jpg": None}


# -- as zipfile reads them ---------------------------------------------------------------


def test_what_was_put_before_an_archive_shifts_it(tmp_path):
    """Self-extracting archives."""
    assert listed(tmp_path, b"MZ" + bytes(99) + raw_zip(*GOOD)) == {
        "1.jpg": b"one", "3.jpg": b"three",
    }  # fmt: skip


def test_large_archives_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 10)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.jpg", b"one" * 99)
        archive.writestr("照片/2.jpg", b"two" * 99)
        archive.comment = b"PK\5\6 a comment"
    assert b"PK\6\6" in stream.getvalue()
    assert listed(tmp_path, stream.getvalue()) == {
        "1.jpg": b"one" * 99, "照片/2.jpg": b"two" * 99,
    }  # fmt: skip


# -- what always holds -------------------------------------------------------------------

NAMES = st.one_of(
    st.binary(max_size=12),
    st.sampled_from([b"a/", b"a\\", b"1.jpg", b"a/1.jpg", b"\0", b"x.zip", b"__MACOSX/._1.jpg"]),
    st.text("张三aé/\\.\0", max_size=6).map(lambda t: t.encode("gb18030", "replace")),
    st.text("张三aé/\\.\0", max_size=6).map(str.encode),
)
MEMBERS = st.tuples(
    NAMES,
    st.binary(max_size=40),
    st.fixed_dictionaries(
        {"flag": st.sampled_from([0, 0x800, 8, 1]), "extra": st.binary(max_size=12)}
    ),
)


@CALM
@given(st.lists(MEMBERS, max_size=6))
def test_every_entry_is_a_row_or_an_empty_folder(members):
    directory = read_directory(io.BytesIO(raw_zip(*members)), most=100)
    assert [e.name for e in directory.entries] == [name for name, *_ in members]
    assert directory.whole


@CALM
@given(st.lists(MEMBERS, max_size=5))
def test_no_member_vanishes(tmp_path_factory, members):
    folder = tmp_path_factory.mktemp("zip")
    (folder / "a.zip").write_bytes(raw_zip(*members))
    found, dropped = list_submissions(folder)
    holding = sum(bool(content) for _, content, _ in members)
    assert holding <= len(found) + dropped <= max(1, len(members))
    contents = set(map(read, found))
    plain = {c for _, c, how in members if c and how["flag"] != 1 and not c.startswith(b"\0\5")}
    assert plain <= contents


@CALM
@given(st.lists(MEMBERS, min_size=1, max_size=4), st.data())
def test_whatever_is_changed_in_an_archive_it_is_listed_and_read_or_refused(
    tmp_path_factory, members, data
):
    """Nothing but these two errors, whatever the bytes are."""
    archive = bytearray(raw_zip(*members))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(archive) - 1))
        archive[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(archive)))
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    path.write_bytes(archive[: cut if data.draw(st.booleans()) else len(archive)])
    assert list_submissions(path.parent)[0]
    try:
        found, _ = list_submissions(path)
    except InboxError:
        return
    for submission in found:
        read(submission)


@CALM
@given(st.binary(max_size=200))
def test_bytes_that_are_no_archive_are_refused(junk):
    for data in (junk, junk + b"PK\5\6" + bytes(18), b"PK\1\2" + junk + raw_zip(*GOOD)[-22:]):
        try:
            read_directory(io.BytesIO(data), most=100)
        except (zipfile.BadZipFile, OverflowError):
            continue
