"""What the roster's file column or a manifest says of a file goes before the file's own name.

All people are made up.
"""

import pytest

from pipeline.core.errors import RosterError
from pipeline.core.records import Student
from pipeline.core.rules import Outcome
from pipeline.intake.matching import match, read_manifest

ZHANG = Student(
    "2023141460012", 2, student_no="2023141460012", exam_no="23510104110001", name="张三"
)
LI = Student("2023141460013", 3, student_no="2023141460013", name="李四")
ROSTER = (ZHANG, LI)
PASSED, BROKEN = Outcome.PASSED, Outcome.BROKEN


def one(photo, students=ROSTER, manifest=None):
    (found,) = match([photo], students, manifest)
    return found


def finding(found, code):
    return next(f for f in found.findings if f.code == code)


# What the roster or a manifest names


@pytest.mark.parametrize(
    ("file", "photo"),
    [
        ("IMG_0012.JPG", "IMG_0012.JPG"), ("img_0012.jpg", "IMG_0012.JPG"),
        ("IMG_0012.JPG", "shoot.zip/day1/IMG_0012.JPG"),
        ("D:\\照片\\IMG_0012.JPG", "day1/IMG_0012.JPG"),
        ("./day1/IMG_0012.JPG", "day1/IMG_0012.JPG"),
        ("day1/IMG_0012.JPG", "shoot.zip/day1/IMG_0012.JPG"), ("IMG_0012", "day1/IMG_0012.JPG"),
        ("é.jpg", "e\u0301.jpg"), ("ＩＭＧ.jpg", "img.jpg"),
    ],
)  # fmt: skip
def test_the_file_that_the_roster_names_is_preferred(file, photo):
    found = one(photo, [Student("1", 2, file=file)])
    assert (found.student_key, found.preferred) == ("1", True)
    found = one(photo, [Student("1", 2)], manifest={file: "1"})
    assert (found.student_key, found.preferred) == ("1", True)


def test_a_written_name_that_fits_several_files_decides_nothing():
    found = match(["a/1.jpg", "b/1.jpg"], [Student("S1", 2, file="1.jpg")])
    assert [f.student_key for f in found] == [None, None]
    found = match(["a/1.jpg", "b/1.jpg"], [Student("S1", 2, file="b/1.jpg")])
    assert [f.student_key for f in found] == [None, "S1"]
    found = match(["1.jpg", "b/1.jpg"], [Student("S1", 2, file="1.jpg")])
    assert [f.student_key for f in found] == ["S1", None]


def test_what_is_written_wins_over_the_file_name_but_the_contradiction_is_told():
    found = one("2023141460013.jpg", manifest={"2023141460013.jpg": ZHANG.key})
    assert found.student_key == ZHANG.key
    assert finding(found, "RC004").outcome is BROKEN
    found = one("2023141460012.jpg", manifest={"2023141460012.jpg": ZHANG.exam_no})
    assert found.student_key == ZHANG.key
    assert finding(found, "RC004").outcome is PASSED


def test_a_manifest_that_names_nobody_of_the_roster_is_no_match():
    found = one("2023141460012.jpg", manifest={"2023141460012.jpg": "999"})
    assert found.student_key is None
    assert "manifest" in finding(found, "RC001").because.en


def test_roster_and_manifest_that_disagree_are_left_to_staff():
    roster = [Student("1", 2, file="a.jpg"), Student("2", 3)]
    found = one("a.jpg", roster, manifest={"a.jpg": "2"})
    assert finding(found, "RC005").outcome is BROKEN


# The manifest's file


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("header", ["photo,student_id", "file,student_no", "文件名,学号"])
def test_a_manifest_is_read_like_a_roster(tmp_path, encoding, header):
    path = tmp_path / "m.csv"
    path.write_bytes(f"清单\n{header},备注\n张/1.jpg,0012,\n\n2.jpg,B-1,好\n".encode(encoding))
    assert read_manifest(path) == {"张/1.jpg": "0012", "2.jpg": "B-1"}


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ("photo,name\n1.jpg,张三\n", "has no column photo (or file) with student_id"),
        ("photo,student_id\n1.jpg,\n", "row 2 lacks its photo or its student_id"),
        ("photo,student_id\n,12\n", "row 2 lacks its photo or its student_id"),
        ("photo,student_id\n1.jpg\n", "row 2 lacks its photo or its student_id"),
        ("photo,student_id\n1.jpg,1.1E+17\n", "row 2: the student_id is a number in scientific"),
        ("photo,student_id\n1.jpg,1\n2.jpg,2\n1.jpg,3\n", "rows 2 and 4 give one photo to two"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_refused(tmp_path, rows, why):
    path = tmp_path / "m.csv"
    path.write_text(rows, encoding="utf-8")
    with pytest.raises(RosterError) as error:
        read_manifest(path)
    assert why in str(error.value)
    assert "张三" not in str(error.value)
