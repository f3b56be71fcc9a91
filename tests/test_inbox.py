"""Everything that was handed in is one row, and nothing in an archive is trusted."""

import os
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.errors import InboxError, PhotoError
from pipeline.intake import archives
from pipeline.intake.archives import decode_name, distinct, shown_path
from pipeline.intake.inbox import list_submissions, read_bytes

CALM = settings(deadline=None)  # a busy machine is no failure

MB = 1 << 20


def photos(inbox):
    return [s.photo for s in list_submissions(inbox)[0]]


def write(folder, *names, content=b"x"):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def write_zip(path, members, **options):
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def why(submission, max_bytes=MB):
    with pytest.raises(PhotoError) as error:
        read_bytes(submission, max_bytes)
    assert error.value.why.zh
    return error.value.why.en


def patch(path, old, new):
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))


def test_every_file_is_a_submission_sorted_by_its_path(tmp_path):
    write(tmp_path, "b/2.jpg", "b/说明.txt", "a/深/1.HEIC", "z.pdf", ".hidden.jpg")
    assert photos(tmp_path) == [".hidden.jpg", "a/深/1.HEIC", "b/2.jpg", "b/说明.txt", "z.pdf"]


def test_droppings_are_counted_and_left_out(tmp_path):
    write(tmp_path, "1.jpg", ".DS_Store", "a/Thumbs.db", "a/desktop.ini", "a/._1.jpg")
    write(tmp_path, "__MACOSX/a/._2.jpg", "__MACOSX/3.jpg")
    found, droppings = list_submissions(tmp_path)
    assert [s.photo for s in found] == ["1.jpg"]
    assert droppings == 6


def test_archives_are_opened_in_the_inbox_and_as_the_inbox(tmp_path):
    members = [("甲/1.jpg", b"one"), ("甲/", b""), ("__MACOSX/._1.jpg", b""), ("in.zip", b"PK")]
    archive = write_zip(tmp_path / "交.ZIP", members)
    write(tmp_path, "2.jpg")
    assert photos(tmp_path) == ["2.jpg", "交.ZIP/in.zip", "交.ZIP/甲/1.jpg"]
    found, droppings = list_submissions(archive)
    assert [s.photo for s in found] == ["in.zip", "甲/1.jpg"]
    assert droppings == 1
    assert read_bytes(found[1], MB) == b"one"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"no zip at all"])
def test_a_broken_archive_is_itself_a_row_but_no_inbox(tmp_path, content):
    write(tmp_path, "x.zip", content=content)
    assert photos(tmp_path) == ["x.zip"]
    with pytest.raises(InboxError, match=r"x\.zip: is neither a folder nor a zip"):
        list_submissions(tmp_path / "x.zip")


def test_an_archive_without_files_is_itself_a_row(tmp_path):
    write_zip(tmp_path / "empty.zip", [("folder/", b"")])
    assert photos(tmp_path) == ["empty.zip"]


def test_no_such_inbox(tmp_path):
    with pytest.raises(InboxError, match="there is no such folder"):
        list_submissions(tmp_path / "none")


def test_a_link_is_listed_but_not_followed(tmp_path):
    outside = tmp_path / "outside"
    write(outside, "secret.jpg")
    inbox = tmp_path / "inbox"
    write(inbox, "1.jpg")
    (inbox / "file.jpg").symlink_to(outside / "secret.jpg")
    (inbox / "folder").symlink_to(outside)
    (inbox / "gone.zip").symlink_to(outside / "none.zip")
    found, _ = list_submissions(inbox)
    assert [s.photo for s in found] == ["1.jpg", "file.jpg", "folder", "gone.zip"]
    assert all("link" in why(s) for s in found[1:])


def test_a_pipe_is_listed_and_does_not_hang_the_run(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    (pipe,), _ = list_submissions(tmp_path)
    assert "not an ordinary file" in why(pipe)


def test_names_of_unknown_encoding_are_decoded():
    assert decode_name("张三.jpg".encode("gb18030")) == "张三.jpg"
    assert decode_name("张䶮/1.jpg".encode()) == "张䶮/1.jpg"  # macOS: UTF-8 without the flag
    assert decode_name("café.jpg".encode("cp437")) == "café.jpg"


@CALM
@given(st.text("张李王䶮𬱖·0123456789ABCabc_-（）", min_size=1))
def test_chinese_names_survive_both_encodings(name):
    assert decode_name(name.encode("gb18030")) == name
    assert decode_name(name.encode()) == name


def test_names_of_windows_archives_are_read(tmp_path):
    raw = "张三".encode("gbk")
    path = write_zip(tmp_path / "a.zip", [("abcd.jpg", b"x")])
    patch(path, b"abcd.jpg", raw + b".jpg")
    (found,), _ = list_submissions(path)
    assert found.photo == "张三.jpg"
    assert read_bytes(found, MB) == b"x"


def test_a_file_name_that_is_no_utf8_is_shown_readable(tmp_path):
    write(tmp_path, os.fsdecode("张三.jpg".encode("gbk")))
    (found,), _ = list_submissions(tmp_path)
    assert found.photo == "张三.jpg"
    assert read_bytes(found, MB) == b"x"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/srv/1.jpg", "srv/1.jpg"),
        ("C:\\照片\\1.jpg", "照片/1.jpg"),
        ("a/./b//1.jpg", "a/b/1.jpg"),
        ("a\n1.jpg", "a\ufffd1.jpg"),
        ("..", "unnamed"),
    ],
)
def test_tricks_in_paths_are_not_even_shown(tmp_path, name, shown):
    assert shown_path(name) == shown
    (found,), _ = list_submissions(write_zip(tmp_path / "a.zip", [(name, b"x")]))
    assert found.photo == shown
    assert read_bytes(found, MB) == b"x"


@CALM
@given(st.text())
def test_a_shown_path_stays_inside_and_can_be_written_down(name):
    shown = shown_path(name)
    assert shown.encode()
    assert not {"", ".", ".."} & set(shown.split("/"))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_two_rows(tmp_path):
    members = [("1.jpg", b"first"), ("1.jpg", b"second"), ("./1.jpg", b"third"), ("2.jpg", b"4")]
    path = write_zip(tmp_path / "a.zip", members)
    found, _ = list_submissions(path)
    assert [s.photo for s in found] == ["1.jpg", "1.jpg#2", "1.jpg#3", "2.jpg"]
    assert [read_bytes(s, MB) for s in found] == [b"first", b"second", b"third", b"4"]


@CALM
@given(st.lists(st.sampled_from(["a", "a#2", "a#3", "b", "a#2#2"])))
def test_distinct_names_are_distinct(names):
    made = list(distinct(names))
    assert len(set(made)) == len(names)
    assert all(new.startswith(old) for old, new in zip(names, made, strict=True))


def test_reading_says_why_it_cannot(tmp_path):
    write(tmp_path, "empty.jpg", content=b"")
    write(tmp_path, "gone.jpg", "large.jpg", content=b"x" * 101)
    (empty, gone, large), _ = list_submissions(tmp_path)
    gone.path.unlink()
    assert "empty" in why(empty)
    assert "gone" in why(gone)
    assert "larger" in why(large, 100)
    assert len(read_bytes(large, 101)) == 101


def test_a_damaged_member_fails_alone(tmp_path):
    path = write_zip(tmp_path / "a.zip", [("1.jpg", b"content"), ("2.jpg", b"sound")])
    patch(path, b"content", b"CONTENT")  # the checksum no longer holds
    (first, second), _ = list_submissions(path)
    assert "damaged" in why(first)
    assert read_bytes(second, MB) == b"sound"


def test_encrypted_empty_and_vanished_members(tmp_path):
    path = write_zip(tmp_path / "a.zip", [("1.jpg", b"x"), ("2.jpg", b"")])
    (one, two), _ = list_submissions(path)
    assert "empty" in why(two)
    content = path.read_bytes()
    at = content.index(b"PK\x01\x02")
    flagged = content[: at + 8] + struct.pack("<H", 1) + content[at + 10 :]
    path.write_bytes(flagged + b"")
    os.utime(path, (1, 1))  # the archive was replaced
    assert "password" in why(one)
    path.unlink()
    assert "gone" in why(one)


def test_bombs_are_not_unpacked(tmp_path, monkeypatch):
    members = [("1.jpg", b"\0" * 8 * MB), ("2.jpg", b"\0" * 1000)]
    path = write_zip(tmp_path / "a.zip", members, compression=zipfile.ZIP_DEFLATED)
    (bomb, small), _ = list_submissions(path)
    assert "unpacks to far more" in why(bomb, 100 * MB)
    assert "larger" in why(bomb, MB)
    assert len(read_bytes(small, MB)) == 1000
    monkeypatch.setattr(archives, "MOST_MEMBERS", 1)
    archives._open_once.cache_clear()
    with pytest.raises(InboxError, match="over 1 files"):
        list_submissions(path)
    assert photos(tmp_path) == ["a.zip"]


def test_a_lie_about_the_size_is_found_out(tmp_path):
    path = write_zip(tmp_path / "a.zip", [("1.jpg", b"x" * 1000)], compression=zipfile.ZIP_DEFLATED)
    patch(path, struct.pack("<I", 1000), struct.pack("<I", 10))
    (found,), _ = list_submissions(path)
    assert why(found, 500)


def test_a_name_that_is_only_the_mark_of_a_double_is_a_file(tmp_path):
    write(tmp_path, "#2", "a/#12", "Thumbs.db#3")
    assert photos(tmp_path) == ["#2", "a/#12"]
