"""`gradphoto pack`: what goes into the hand-over, byte for byte, and what is refused."""

import csv
import hashlib
import os
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.errors import PackageError, UsageError
from pipeline.core.records import Student
from pipeline.handover.manifest import Listed, Listing, beside, read_listing
from pipeline.handover.package import Bundle, read_upload, split, write_bundle, write_bundles
from pipeline.intake.file_names import folded_name, is_portable

CALM = settings(deadline=None)  # a busy machine is no failure
PHOTOS = {f"202314146000{n}.jpg": f"picture {n}".encode() for n in (2, 1, 3)}
HEADER = ("file", "student_id", "sha256", "bytes", "quality")


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def finished(out: Path, photos=PHOTOS, rows=None) -> Path:
    """The output folder of a run that wrote ``photos``."""
    upload = out / "upload"
    upload.mkdir(parents=True)
    for name, data in photos.items():
        (upload / name).write_bytes(data)
    rows = (
        rows
        if rows is not None
        else [(n, n.removesuffix(".jpg"), sha(d), len(d), 90) for n, d in photos.items()]
    )
    with (upload / "manifest.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([HEADER, *rows])
    return out


def packed(out: Path, to: Path) -> Path:
    listing = read_upload(out)
    return write_bundle(Bundle("x", listing.rows), listing, out / "upload", to).path


# -- what is written -------------------------------------------------------------------


def test_the_zip_holds_the_listed_photos_and_nothing_else(tmp_path):
    to = packed(finished(tmp_path / "out"), tmp_path / "交付.zip")
    with zipfile.ZipFile(to) as archive:
        assert {e.filename: archive.read(e) for e in archive.infolist()} == PHOTOS
        for entry in archive.infolist():
            assert entry.compress_type == zipfile.ZIP_STORED
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.external_attr >> 16 == stat.S_IFREG | 0o600
            assert entry.create_system == 3
            assert not entry.extra


def test_the_list_lies_beside_as_the_run_wrote_it(tmp_path):
    out = finished(tmp_path / "out")
    to = packed(out, tmp_path / "交付.zip")
    assert beside(to).name == "交付.manifest.csv"
    assert beside(to).read_bytes() == (out / "upload" / "manifest.csv").read_bytes()


def test_both_are_for_their_owner_alone(tmp_path):
    old = os.umask(0)
    try:
        to = packed(finished(tmp_path / "out"), tmp_path / "new" / "a.zip")
    finally:
        os.umask(old)
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    assert stat.S_IMODE(beside(to).stat().st_mode) == 0o600
    assert stat.S_IMODE(to.parent.stat().st_mode) == 0o700


def test_the_same_run_gives_the_same_bytes(tmp_path):
    """Golden: neither clock, nor umask, nor order on disk, nor the version of Python shows."""
    first = finished(tmp_path / "a")
    again = finished(tmp_path / "b", dict(sorted(PHOTOS.items())))
    for path in (again / "upload").glob("*.jpg"):
        os.utime(path, (1e9, 1e9))
        path.chmod(0o644)
    one = packed(first, tmp_path / "1.zip").read_bytes()
    assert one == packed(again, tmp_path / "2.zip").read_bytes()
    assert sha(one) == GOLDEN


GOLDEN = "3e472ba47b9947564d21207a70649ff3ce2deb3610b70548eb89b41404811a79"


def test_names_beyond_ascii_are_utf_8_and_say_so(tmp_path):
    to = packed(
        finished(tmp_path / "out", {"采集码1.jpg": b"a", "1.jpg": b"b"}), tmp_path / "a.zip"
    )
    flags = {e.filename: bool(e.flag_bits & 0x800) for e in zipfile.ZipFile(to).infolist()}
    assert flags == {"1.jpg": False, "采集码1.jpg": True}
    assert "采集码1.jpg".encode() in to.read_bytes()


def test_it_becomes_zip64_where_it_must(tmp_path, monkeypatch):
    small = packed(finished(tmp_path / "out"), tmp_path / "small.zip").read_bytes()
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 60)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 2)
    large = packed(tmp_path / "out", tmp_path / "large.zip")
    end_of_zip64 = b"PK\x06\x06"
    assert end_of_zip64 not in small
    assert end_of_zip64 in large.read_bytes()
    monkeypatch.undo()
    with zipfile.ZipFile(large) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == PHOTOS


def test_droppings_of_a_file_browser_are_left_out(tmp_path):
    out = finished(tmp_path / "out")
    (out / "upload" / ".DS_Store").write_bytes(b"x")
    with zipfile.ZipFile(packed(out, tmp_path / "a.zip")) as archive:
        assert set(archive.namelist()) == set(PHOTOS)


# -- what is refused -------------------------------------------------------------------


def turn_bit(upload: Path) -> None:
    path = upload / "2023141460001.jpg"
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1, *path.read_bytes()[1:]]))


def replace_by_link(upload: Path) -> None:
    path = upload / "2023141460001.jpg"
    path.rename(upload.parent / "elsewhere.jpg")
    path.symlink_to(upload.parent / "elsewhere.jpg")


def add_in_folder(upload: Path) -> None:
    (upload / "more").mkdir()
    (upload / "more" / "2023141460001.jpg").write_bytes(b"picture 1")


REFUSED = {
    "missing": (lambda u: (u / "2023141460001.jpg").unlink(), "missing (row 3)"),
    "changed": (turn_bit, "changed since the check (row 3)"),
    "a link": (replace_by_link, "missing (row 3)"),
    "a stranger": (lambda u: (u / "2023141460009.jpg").write_bytes(b"x"), "does not name: 1"),
    "a stranger in a folder": (add_in_folder, "does not name: 1"),
    "half a file": (lambda u: (u / ".x.part").write_bytes(b""), "does not name: 1"),
    "no list": (lambda u: (u / "manifest.csv").unlink(), "holds no upload/manifest.csv"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_folder_that_is_not_what_its_list_says(tmp_path, case):
    """One line that names rows of the list; a file's name is a student's number."""
    spoil, words = REFUSED[case]
    out = finished(tmp_path / "out")
    spoil(out / "upload")
    with pytest.raises(PackageError) as error:
        read_upload(out)
    assert words in str(error.value)
    assert "202314146" not in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "nobody passed"),
        ([("../1.jpg", "1", sha(b"a"), 1, 90)], "row 2"),
        ([("a/1.jpg", "1", sha(b"a"), 1, 90)], "row 2"),
        ([("CON.jpg", "1", sha(b"a"), 1, 90)], "row 2"),
        ([("1.exe", "1", sha(b"a"), 1, 90)], "row 2: is no .jpg"),
        ([("1.jpg", "1", "", 1, 90)], "row 2 has no sha256"),
        ([("1.jpg", "1", "12ab", 1, 90)], "row 2: the sha256"),
        ([("1.jpg", "1.1E+17", sha(b"a"), 1, 90)], "row 2: the student_id"),
        ([("", "1", sha(b"a"), 1, 90)], "row 2 names no file"),
        ([("x.jpg", "1", sha(b"a"), 1, 90), ("X.jpg", "2", sha(b"b"), 1, 90)], "rows 2 and 3"),
        ([("é.jpg", "1", sha(b"a"), 1, 90), ("e\u0301.jpg", "2", sha(b"b"), 1, 9)], "rows 2 and 3"),
    ],
)
def test_a_list_that_no_check_wrote(tmp_path, rows, words):
    out = finished(tmp_path / "out", {}, rows)
    with pytest.raises(PackageError, match=words):
        read_upload(out)


def test_what_changes_while_it_is_packed_leaves_the_old_zip(tmp_path):
    out = finished(tmp_path / "out")
    to = packed(out, tmp_path / "a.zip")
    before = to.read_bytes()
    listing = read_upload(out)
    turn_bit(out / "upload")
    with pytest.raises(PackageError, match="row 3: changed while being packed"):
        write_bundle(Bundle("a", listing.rows), listing, out / "upload", to)
    assert to.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.manifest.csv", "a.zip", "out"]


def test_packing_tells_how_many_files_are_in(tmp_path):
    out, told = finished(tmp_path / "out"), []
    listing = read_upload(out)
    bundle, to = Bundle("a", listing.rows), tmp_path / "a.zip"
    write_bundle(bundle, listing, out / "upload", to, lambda *count: told.append(count))
    files = len(listing.rows)
    assert told == [(done, files) for done in range(1, files + 1)]


def test_a_zip_that_does_not_read_back_never_takes_its_name(tmp_path, monkeypatch):
    write = zipfile.ZipFile.writestr

    def on_a_bad_disk(self, entry, data):
        write(self, entry, data)
        self.fp.seek(-1, os.SEEK_CUR)
        self.fp.write(b"\xff")

    out = finished(tmp_path / "out")
    monkeypatch.setattr(zipfile.ZipFile, "writestr", on_a_bad_disk)
    with pytest.raises(PackageError, match="does not read back"):
        packed(out, tmp_path / "a.zip")
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    out = finished(tmp_path / "out")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="cannot be written"):
        packed(out, tmp_path / "file" / "a.zip")


# -- one zip for each college, or each major -------------------------------------------


def of(*students: tuple[str, str]) -> tuple[Student, ...]:
    return tuple(
        Student(f"202314146000{n}", n + 1, college=college, major=major)
        for n, (college, major) in enumerate(students, start=1)
    )


def parted(tmp_path, students, by) -> dict[str, set[str]]:
    out = finished(tmp_path / "out")
    listing = read_upload(out)
    bundles = split(listing, students, by)
    done = write_bundles(bundles, listing, out / "upload", tmp_path / "to")
    found = {}
    for one in done:
        assert {r.file for r in read_listing(beside(one.path)).rows} == set(
            zipfile.ZipFile(one.path).namelist()
        )
        found[one.path.name] = {name[12] for name in zipfile.ZipFile(one.path).namelist()}
    return found


def test_each_college_gets_its_own_students_alone(tmp_path):
    students = of(("计算机学院", "软件"), ("外国语学院", "英语"), ("计算机学院", "网络"))
    assert parted(tmp_path, students, "college") == {
        "计算机学院.zip": {"1", "3"}, "外国语学院.zip": {"2"},
    }  # fmt: skip


def test_one_major_in_two_colleges_is_two_zips(tmp_path):
    students = of(("外国语学院", "英语"), ("国际学院", "英语"), ("", ""))
    assert parted(tmp_path, students, "major") == {
        "外国语学院-英语.zip": {"1"}, "国际学院-英语.zip": {"2"}, "未注明.zip": {"3"},
    }  # fmt: skip


def test_names_that_some_system_takes_for_one_are_told_apart(tmp_path):
    students = of(("School A/B", ""), ("school a:b", ""), ("../CON", ""))
    assert parted(tmp_path, students, "college") == {
        "_CON.zip": {"3"}, "School A_B.zip": {"1"}, "school a_b (2).zip": {"2"},
    }  # fmt: skip


def test_the_roster_of_another_run_is_refused(tmp_path):
    listing = read_upload(finished(tmp_path / "out"))
    with pytest.raises(PackageError, match=r"row 2: its student is not in the roster"):
        split(listing, of(("计算机学院", "")), "college")


def test_zips_of_an_earlier_split_are_not_handed_over_too(tmp_path):
    everyone = of(("甲", ""), ("乙", ""), ("乙", ""))
    parted(tmp_path, everyone, "college")
    listing = read_upload(tmp_path / "out")
    again = split(listing, everyone, "college")
    assert len(write_bundles(again, listing, tmp_path / "out" / "upload", tmp_path / "to")) == 2
    moved = split(listing, of(("甲", ""), ("丙", ""), ("丙", "")), "college")
    with pytest.raises(PackageError, match="holds other files"):
        write_bundles(moved, listing, tmp_path / "out" / "upload", tmp_path / "to")


names = st.text(max_size=12) | st.sampled_from(
    ["", "..", "CON", "a/b", "A/B", "甲", "甲 ", "aux.乙"]
)


@CALM
@given(
    st.lists(st.tuples(names, names), min_size=1, max_size=12),
    st.sampled_from(["college", "major"]),
)
def test_every_row_is_in_one_part_and_every_part_has_its_own_name(fields, by):
    students = [Student(str(n), n, college=c, major=m) for n, (c, m) in enumerate(fields)]
    rows = tuple(Listed(n, f"{n}.jpg", str(n), "", ()) for n in range(len(fields)))
    bundles = split(Listing((), rows), students, by)
    assert sorted(r.row for b in bundles for r in b.rows) == list(range(len(fields)))
    assert len({folded_name(b.name) for b in bundles}) == len(bundles)
    for bundle in bundles:
        assert is_portable(bundle.name)
        assert len({students[r.row].college for r in bundle.rows}) == 1
