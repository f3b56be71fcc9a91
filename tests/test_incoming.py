"""Packages as they lie on disk: their lists, their names, and archives that mean no good.

All people are made up.
"""

import os
import zipfile

import pytest

from pipeline.core.errors import PhotoError, UsageError
from pipeline.handover.incoming import open_package
from pipeline.handover.manifest import read_listing
from pipeline.intake.inbox import read_bytes

MB = 1 << 20


# -- packages on disk ------------------------------------------------------------------


def write_zip(path, *members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def opened(package, spec, **how):
    return open_package(package, how.get("manifest"), how.get("roster"), spec)


def test_lists_beside_a_zip_and_in_a_folder_are_found_and_are_no_photos(tmp_path, spec):
    write_zip(tmp_path / "甲.zip", ("1.jpg", b"x"))
    (tmp_path / "甲.manifest.csv").write_text("file,sha256\n1.jpg,\n", encoding="utf-8")
    (tmp_path / "乙.manifest.csv").write_text("文件名,学号\n2.jpg,2\n", encoding="gb18030")
    one = opened(tmp_path / "甲.zip", spec)
    assert [r.file for r in one.listed] == ["1.jpg"]
    both = opened(tmp_path, spec)
    assert [s.photo for s in both.submissions] == ["甲.zip/1.jpg"]
    assert [r.file for r in both.listed] == ["乙.zip/2.jpg", "甲.zip/1.jpg"]
    assert both.lists == ("乙.manifest.csv", "甲.manifest.csv")
    (tmp_path / "manifest.csv").write_text("file\n1.jpg\n", encoding="utf-8")
    assert [r.file for r in opened(tmp_path, spec).listed] == ["1.jpg"], "the folder's own"


def test_a_list_inside_the_zip_is_a_file_like_any_other(tmp_path, spec):
    path = write_zip(tmp_path / "a.zip", ("manifest.csv", b"file\n1.jpg\n"), ("1.jpg", b"x"))
    package = opened(path, spec)
    assert package.listed is None
    assert [s.photo for s in package.submissions] == ["1.jpg", "manifest.csv"]


def test_whatever_lies_in_a_package_beside_the_lists_that_are_read_is_a_file_of_it(tmp_path, spec):
    """What nobody lists is a payload, be it called a dropping or a list."""
    inner = write_zip(tmp_path / "in", ("2.jpg", b"x"))
    payloads = {
        "__MACOSX/evil.exe": b"MZ", "__MACOSX/._1.jpg": b"\0\5\x16\7", "._evil.exe": b"MZ",
        "desktop.ini": b"MZ", ".DS_Store": b"\0\0\0\1Bud1", "x.manifest.csv": b"MZ",
        "sub/manifest.csv": b"file\n", "in.zip": inner.read_bytes(),
    }  # fmt: skip
    archive = write_zip(tmp_path / "a.zip", ("1.jpg", b"x"), *payloads.items())
    (tmp_path / "a.manifest.csv").write_text("file\n1.jpg\n", encoding="utf-8")
    assert {s.photo for s in opened(archive, spec).submissions} == {"1.jpg", *payloads}
    folder = tmp_path / "folder"
    for name, content in {"1.jpg": b"x", "manifest.csv": b"file\n1.jpg\n", **payloads}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    del payloads["in.zip"]
    there = {"1.jpg", "in.zip/2.jpg", *payloads}
    assert {s.photo for s in opened(folder, spec).submissions} == there
    listed = folder / "x.manifest.csv"
    listed.write_text("file\n1.jpg\n", encoding="utf-8")
    with_list = opened(folder, spec, manifest=listed).submissions
    assert {s.photo for s in with_list} == there - {"x.manifest.csv"} | {"manifest.csv"}


def test_links_and_pipes_in_a_package_are_files_of_it(tmp_path, spec):
    (package := tmp_path / "p").mkdir()
    (package / "1.jpg").write_bytes(b"x")
    (package / "2.jpg").symlink_to("2.jpg")
    os.mkfifo(package / "manifest.csv")
    (package / "list.csv").write_text("file\n1.jpg\n", encoding="utf-8")
    (package / "a.manifest.csv").symlink_to("list.csv")
    (package / "roster.csv").write_text("学号\n1\n", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(package / "roster.csv")
    found = opened(package, spec, roster=tmp_path / "link.csv", manifest=package / "list.csv")
    names = {s.photo for s in found.submissions}
    assert names == {"1.jpg", "2.jpg", "manifest.csv", "a.manifest.csv"}


def test_the_roster_may_lie_in_the_folder(tmp_path, spec):
    (tmp_path / "1.jpg").write_bytes(b"x")
    (tmp_path / "名单.csv").write_text("学号\n1\n", encoding="utf-8")
    package = opened(tmp_path, spec, roster=tmp_path / "名单.csv")
    assert [s.photo for s in package.submissions] == ["1.jpg"]


@pytest.mark.parametrize(
    "name",
    ["../1.jpg", "a/../../1.jpg", "/1.jpg", "C:\\1.jpg", "..\\1.jpg", "\\1.jpg", "a\x07.jpg"],
)
def test_a_stored_name_that_is_a_trick_is_told(tmp_path, spec, name):
    path = write_zip(tmp_path / "a.zip", (name, b"x"), ("fine/./2.jpg", b"y"), ("好/3..jpg", b"z"))
    package = opened(path, spec)
    assert len(package.unsafe) == 1
    assert package.unsafe < {s.photo for s in package.submissions}


def test_a_link_in_a_zip_is_told(tmp_path, spec):
    link = zipfile.ZipInfo("1.jpg")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    assert opened(write_zip(tmp_path / "a.zip", (link, b"/etc/passwd")), spec).unsafe == {"1.jpg"}


def test_names_in_gbk_are_read(tmp_path, spec):
    path = write_zip(tmp_path / "a.zip", ("XXXX/1.jpg", b"x"))
    path.write_bytes(path.read_bytes().replace(b"XXXX", "学院".encode("gbk")))
    assert [s.photo for s in opened(path, spec).submissions] == ["学院/1.jpg"]


def test_bombs_and_locked_and_nested_files_are_rows_and_nothing_is_unpacked(tmp_path, spec):
    path = write_zip(
        tmp_path / "a.zip",
        ("bomb.jpg", bytes(20 * MB)),
        ("in.zip", b"PK\3\4"),
        ("locked.jpg", b"x"),
    )
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\1\2") + 8] |= 1  # the last member's flag: encrypted
    path.write_bytes(data)
    submissions = {s.photo: s for s in opened(path, spec).submissions}
    for name, words in (("bomb.jpg", "unpacks to far more"), ("locked.jpg", "password")):
        with pytest.raises(PhotoError, match=words):
            read_bytes(submissions[name], 64 * MB)
    assert set(submissions) == {"bomb.jpg", "in.zip", "locked.jpg"}
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]


@pytest.mark.parametrize("content", [b"", b"PK\3\4 cut off", b"no zip"])
def test_what_cannot_be_opened_is_refused(tmp_path, spec, content):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(UsageError, match=r"a\.zip"):
        opened(tmp_path / "a.zip", spec)


def test_a_package_of_nothing_is_refused_unless_a_list_says_what_is_missing(tmp_path, spec):
    path = write_zip(tmp_path / "a.zip")
    with pytest.raises(UsageError, match="holds no files"):
        opened(path, spec)
    (tmp_path / "a.manifest.csv").write_text("file\n1.jpg\n", encoding="utf-8")
    assert opened(path, spec).submissions == ()


def test_a_formula_sign_that_a_list_was_given_is_taken_off(tmp_path):
    path = tmp_path / "manifest.csv"
    path.write_text("file,student_id,sha256\n'-1.jpg,'-1,\n'a.jpg,a,\n", encoding="utf-8-sig")
    assert [r.file for r in read_listing(path).rows] == ["-1.jpg", "'a.jpg"]
    assert read_listing(path).rows[0].cells[0] == "'-1.jpg", "as it was written"
