"""Everything that was handed in is one row, and nothing in an archive is trusted."""

import io
import os
import socket
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.errors import InboxError, PhotoError
from pipeline.intake import archives
from pipeline.intake.archives import decode_name, distinct, shown_path
from pipeline.intake.inbox import list_submissions, read_bytes, unopened_archives, without

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


DROPPINGS = {
    ".DS_Store": b"\0\0\0\1Bud1",
    "a/Thumbs.db": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "a/desktop.ini": b"[.ShellClassInfo]\r\n",
    "a/._1.jpg": b"\0\5\x16\7" + bytes(60),
    "__MACOSX/a/._2.jpg": b"\0\5\x16\7" + bytes(60),
}


def test_droppings_are_counted_and_left_out(tmp_path):
    write(tmp_path, "1.jpg")
    for name, content in DROPPINGS.items():
        write(tmp_path, name, content=content)
    found, droppings = list_submissions(tmp_path)
    assert [s.photo for s in found] == ["1.jpg"]
    assert droppings == 5


def test_a_dropping_is_one_by_its_content(tmp_path):
    """A photo in __MACOSX is a photo, and a program called desktop.ini is a row."""
    write(tmp_path, *DROPPINGS, "__MACOSX/3.jpg", content=b"\xff\xd8\xff\xe0")
    assert photos(tmp_path) == sorted([*DROPPINGS, "__MACOSX/3.jpg"])
    archive = write_zip(tmp_path / "z", [(name, b"MZ") for name in DROPPINGS])
    assert len(photos(archive)) == len(DROPPINGS)


def test_of_a_package_everything_is_a_file(tmp_path):
    inner = write_zip(tmp_path / "inner", [("1.jpg", b"x")]).read_bytes()
    members = [("1.jpg", b"x"), ("in.zip", inner), *DROPPINGS.items()]
    archive = write_zip(tmp_path / "z", members)
    found, droppings = list_submissions(archive, as_it_is=True)
    assert {s.photo for s in found} == {"1.jpg", "in.zip", *DROPPINGS}
    assert droppings == 0
    assert {s.photo: read_bytes(s, MB) for s in found}["in.zip"] == inner


def test_archives_are_opened_in_the_inbox_and_as_the_inbox(tmp_path):
    dropping = b"\0\5\x16\7"
    members = [
        ("甲/1.jpg", b"one"),
        ("甲/", b""),
        ("__MACOSX/._1.jpg", dropping),
        ("in.zip", b"PK"),
    ]
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
    (inbox / "loop.jpg").symlink_to("loop.jpg")
    (inbox / "there").symlink_to("back")
    (inbox / "back").symlink_to("there")
    found, _ = list_submissions(inbox)
    names = ["1.jpg", "back", "file.jpg", "folder", "gone.zip", "loop.jpg", "there"]
    assert [s.photo for s in found] == names
    assert all("link" in why(s) for s in found[1:])


def test_pipes_and_sockets_are_listed_and_do_not_hang_the_run(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.jpg")
    os.mkfifo(tmp_path / "pipe.zip")
    os.mkfifo(tmp_path / "Thumbs.db")
    monkeypatch.chdir(tmp_path)  # the path of a socket may be no longer than 108 bytes
    with socket.socket(socket.AF_UNIX) as end:
        end.bind("socket.jpg")
        found, _ = list_submissions(tmp_path)
        assert [s.photo for s in found] == ["Thumbs.db", "pipe.jpg", "pipe.zip", "socket.jpg"]
        assert all("not an ordinary file" in why(s) for s in found)


def test_the_tables_that_were_given_are_no_submissions_but_links_to_them_are(tmp_path):
    write(tmp_path, "1.jpg", "名单.csv")
    (tmp_path / "again.csv").symlink_to("名单.csv")
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    found, _ = list_submissions(tmp_path)

    def left(*tables):
        return [s.photo for s in without(found, [tmp_path / table for table in tables])]

    assert left("名单.csv") == ["1.jpg", "again.csv", "loop.csv"]
    assert left("again.csv") == ["1.jpg", "loop.csv"], "a roster may be given as a link"
    assert left("loop.csv", "none.csv") == ["1.jpg", "again.csv", "名单.csv"]


# Archives in archives


def packed(*members, **options):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", **options) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_archives_in_archives_are_opened(tmp_path, method):
    inner = packed(("1.jpg", b"one"), ("甲/", b""), ("2.jpg", b"two" * 99), compression=method)
    middle = packed(("软件.zip", inner), ("3.jpg", b"three"), compression=method)
    outer = write_zip(tmp_path / "全校.zip", [("学院.ZIP", middle), ("4.jpg", b"four")])
    assert photos(outer) == [
        "4.jpg", "学院.ZIP/3.jpg", "学院.ZIP/软件.zip/1.jpg", "学院.ZIP/软件.zip/2.jpg",
    ]  # fmt: skip
    found, _ = list_submissions(tmp_path)
    assert [read_bytes(s, MB) for s in found] == [b"four", b"three", b"one", b"two" * 99]


def test_how_deep_archives_are_opened_is_bounded(tmp_path):
    content, name = b"x", "1.jpg"
    for depth in range(8):
        content, name = packed((name, content)), f"{depth}.zip"
    (tmp_path / "a.zip").write_bytes(content)
    (found,), _ = list_submissions(tmp_path)
    assert found.photo == "a.zip/6.zip/5.zip/4.zip"
    assert read_bytes(found, MB).startswith(b"PK")


def test_an_archive_inside_that_cannot_be_opened_is_a_row(tmp_path, monkeypatch):
    bomb = packed(*((f"{n}.jpg", bytes(MB)) for n in range(9)))
    members = [
        ("bad.zip", b"PK\3\4 cut off"), ("empty.zip", packed(("a/", b""))), ("big.zip", bomb),
        ("photo.zip", b"\xff\xd8\xff"), ("1.jpg", b"x"),
    ]  # fmt: skip
    path = write_zip(tmp_path / "a.zip", members, compression=zipfile.ZIP_DEFLATED)
    assert photos(path) == ["1.jpg", "bad.zip", "big.zip", "empty.zip", "photo.zip"], "it swells"
    (other := tmp_path / "b.zip").write_bytes(packed(*members))
    assert "big.zip/0.jpg" in photos(other), "lying there as it is, it cannot"
    monkeypatch.setattr(archives, "MOST_MEMBERS", 12)
    archives._open_once.cache_clear()
    assert photos(other) == ["1.jpg", "bad.zip", "big.zip", "empty.zip", "photo.zip"]
    archives._open_once.cache_clear()


def test_archives_that_were_not_opened_are_counted_by_their_extensions(tmp_path):
    write(tmp_path, "1.jpg", "软件.rar", "B.RAR", "c/d.7z", "e.zip", "rar")
    assert unopened_archives(photos(tmp_path)) == {".7z": 1, ".rar": 2, ".zip": 1}
    assert unopened_archives(["a.rar#2", "a.zip/1.jpg"]) == {".rar": 1}


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
    write(tmp_path, "#2", "a/#12")
    write(tmp_path, "Thumbs.db#3", content=b"\xd0\xcf\x11\xe0")
    assert photos(tmp_path) == ["#2", "a/#12"]
