"""A file named by 姓名 in a folder named by 班级: proposed where one student fits, never assigned.

All people are made up.
"""

import pytest

from pipeline.core.records import Student
from pipeline.core.rules import Outcome
from pipeline.intake.matching import match

ROSTER = (
    Student("1001", 2, name="张霁月", class_name="软件2301班"),
    Student("1002", 3, name="张霁月", class_name="软件2302班"),
    Student("1003", 4, name="李霁月", class_name="软件2301班"),
    Student("1004", 5, name="王霁月", class_name="1.5班"),
    Student("1005", 6, name="赵霁月", class_name="法学2301班"),
    Student("1006", 7, name="赵霁月", class_name="法学2301班"),
)


def one(photo):
    (found,) = match([photo], ROSTER)
    return found


@pytest.mark.parametrize(
    ("photo", "key"),
    [
        ("软件2301班/张霁月.jpg", "1001"),
        ("软件2302/张霁月.jpg", "1002"),  # without 班
        ("文学院/软件 2301班/张霁月(1).jpg", "1001"),
        ("软件2301班.zip/张霁月.jpg", "1001"),
        ("软件2301班/正面/李 霁月 正面.jpg", "1003"),
        ("1.5班/王霁月.jpg", "1004"),
    ],
)
def test_who_alone_has_the_name_in_the_class_is_proposed_and_not_assigned(photo, key):
    found = one(photo)
    assert found.proposed == (key,)
    assert found.student_key is None
    rc001 = next(f for f in found.findings if f.code == "RC001")
    assert rc001.outcome is Outcome.BROKEN
    assert "调整建议" in rc001.because.zh


@pytest.mark.parametrize(
    "photo",
    [
        "张霁月.jpg",  # no class
        "李霁月.jpg",  # the only one of the name in the roster: without the class no proposal
        "软件2303班/张霁月.jpg",  # a class that the roster has not
        "软件2302班/李霁月.jpg",  # of another class
        "法学2301班/赵霁月.jpg",  # two of one name in one class
        "软件2301班/张霁月 李霁月.jpg",  # two names
        "软件2301班/软件2302班/张霁月.jpg",  # two classes that both have the name
        "软件2301班/张霁月儿.jpg",  # a longer name
        "15班/王霁月.jpg",
    ],
)
def test_in_doubt_nobody_is_proposed(photo):
    assert one(photo).proposed == ()
    assert one(photo).student_key is None


def test_a_number_decides_before_a_name():
    found = one("软件2301班/张霁月1003.jpg")
    assert (found.student_key, found.proposed) == ("1003", ())
