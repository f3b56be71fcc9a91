"""`gradphoto verify`: a package beside its list, the roster and the rules; nothing disappears.

All people are made up.
"""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import CHECKS
from checks.files import FL001
from checks.light import LT001
from pipeline.core.records import Examination, Student
from pipeline.core.rules import Finding, Mode, Text
from pipeline.handover.manifest import Listed
from pipeline.handover.verify import PROBLEMS, Problem, verify
from pipeline.rules import run_rules

CALM = settings(deadline=None)
DARK, BROKEN = LT001.broken(), FL001.broken(detail=Text("坏", "bad"))


def photo(name: str, content: str = "", *findings: Finding) -> Examination:
    """A file whose checksum is that of its content; its content is its name by default."""
    return Examination(name, checksum(content or name), Mode.FINAL, findings)


def checksum(content: str) -> str:
    return content.encode().hex().ljust(64, "0")[:64]


def row(n: int, file: str, student_id: str = "", content: str = "") -> Listed:
    return Listed(n, file, student_id, checksum(content or file), ())


def student(n: int, name: str = "张三") -> Student:
    return Student(f"20230{n}", n + 1, student_no=f"20230{n}", name=name)


@pytest.fixture
def problems(spec):
    """What is wrong, by the file (or the listed file, or the student) that it is wrong with."""

    def run(photos, listed=None, students=None, unsafe=frozenset()) -> dict:
        found = verify(
            photos, listed, students, spec=spec, rules=run_rules(CHECKS), unsafe=frozenset(unsafe)
        )
        return {
            r.photo or (r.listed.file if r.listed else r.student_id): list(r.problems)
            for r in found.rows
        }

    return run


# -- each problem, and its absence -----------------------------------------------------


def test_a_package_that_is_as_it_should_be(problems, spec):
    photos, listed = [photo("202301.jpg")], [row(2, "202301.jpg", "202301")]
    assert problems(photos, listed, [student(1)]) == {"202301.jpg": []}
    found = verify(
        photos, listed, [student(1)], spec=spec, rules=run_rules(CHECKS), unsafe=frozenset()
    )
    assert found.sound
    assert found.complete
    assert (found.files, found.listed, found.students) == (1, 1, 1)


def test_missing_and_unlisted(problems):
    listed = [row(2, "202301.jpg", "202301"), row(3, "202302.jpg", "202302")]
    assert problems([photo("202301.jpg"), photo("202303.jpg")], listed) == {
        "202301.jpg": [], "202302.jpg": ["missing"], "202303.jpg": ["unlisted"],
    }  # fmt: skip


def test_changed_and_swapped(problems):
    listed = [row(n, f"20230{n}.jpg") for n in (1, 2, 3)]
    photos = [
        photo("202301.jpg", "202302.jpg"),
        photo("202302.jpg", "202301.jpg"),
        photo("202303.jpg", "new"),
    ]
    assert problems(photos, listed) == {
        "202301.jpg": ["swapped"], "202302.jpg": ["swapped"], "202303.jpg": ["changed"],
    }  # fmt: skip


def test_a_list_without_checksums_tells_no_change(problems):
    assert problems([photo("1.jpg", "new")], [Listed(2, "1.jpg", "", "", ())]) == {"1.jpg": []}


def test_not_in_the_roster_and_without_a_photo(problems):
    photos = [photo("202301.jpg"), photo("202309.jpg")]
    assert problems(photos, None, [student(1), student(2)]) == {
        "202301.jpg": [], "202309.jpg": ["not_in_roster"], "202302": ["no_photo"],
    }  # fmt: skip


def test_a_student_whose_listed_photo_is_missing_is_one_row(problems):
    listed = [row(2, "202301.jpg", "202301"), row(3, "202309.jpg", "202309")]
    assert problems([], listed, [student(1)]) == {
        "202301.jpg": ["missing", "no_photo"], "202309.jpg": ["missing", "not_in_roster"],
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["202301.jpeg", "张三-202301.jpg", "202301 (1).jpg", "202301.png", "202301"]
)
def test_not_named_by_the_rule(problems, name):
    assert problems([photo(name)], None, [student(1)]) == {name: ["wrong_name"]}


@pytest.mark.parametrize("name", ["202301.jpg", "202301.JPG", "交付/202301.jpg"])
def test_named_by_the_rule(problems, name):
    """扩展名应为JPG: no standard fixes its case; what folder a package has is nobody's rule."""
    assert problems([photo(name)], None, [student(1)]) == {name: []}


def test_the_rule_is_the_specs(problems, spec):
    by_id = spec.model_copy(update={"naming": "id_no"})
    one = Student("202301", 2, student_no="202301", id_no="11010519491231002X", name="张三")
    for name, due in (("11010519491231002X.jpg", []), ("202301.jpg", ["wrong_name"])):
        found = verify(
            [photo(name)], None, [one], spec=by_id, rules=run_rules(CHECKS), unsafe=frozenset()
        )
        assert list(found.rows[0].problems) == due


def test_whose_it_is_the_list_says_and_the_name_must_agree(problems):
    listed = [row(2, "202302.jpg", "202301")]
    found = problems([photo("202302.jpg")], listed, [student(1), student(2)])
    assert found == {"202302.jpg": ["wrong_name", "breaks_rules"], "202302": ["no_photo"]}  # RC004


def test_what_the_rules_say(problems):
    photos = [
        photo("1.jpg", "", DARK),
        photo("2.jpg", "", BROKEN),
        photo("3.jpg", "", LT001.passed()),
    ]
    assert problems(photos) == {"1.jpg": ["breaks_rules"], "2.jpg": ["unreadable"], "3.jpg": []}


@pytest.mark.parametrize("students", [None, [student(1), student(2)]])
def test_one_picture_under_two_names(problems, students):
    found = problems([photo("202301.jpg", "same"), photo("202302.jpg", "same")], None, students)
    assert found == {"202301.jpg": ["breaks_rules"], "202302.jpg": ["breaks_rules"]}  # DU001


def test_two_photos_of_one_student_are_two_rows(problems):
    found = problems([photo("a/202301.jpg", "x"), photo("b/202301.jpg", "y")], None, [student(1)])
    assert found == {"a/202301.jpg": ["breaks_rules"], "b/202301.jpg": ["breaks_rules"]}  # RC003


@pytest.mark.parametrize(
    "name", ["CON.jpg", "a?.jpg", ".1.jpg", "1.jpg ", "aux/1.jpg", "\u202egpj.1.jpg"]
)
def test_names_that_some_system_cannot_hold(problems, name):
    assert "unsafe_name" in problems([photo(name)])[name]


def test_names_that_some_system_takes_for_one(problems):
    for pair in (("a.jpg", "A.jpg"), ("é.jpg", "e\u0301.jpg"), ("a.jpg", "a.jpg#2")):
        assert set(map(tuple, problems(list(map(photo, pair))).values())) == {("unsafe_name",)}


def test_every_problem_has_words_in_both_languages():
    assert set(PROBLEMS) == set(Problem)
    assert all(text.zh and text.en for text in PROBLEMS.values())


# -- which file is which row -----------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "listed", "due"),
    [
        ("交付/1.jpg", "1.jpg", []), ("1.jpg", "D:\\照片\\1.jpg", []), ("a/b/1.jpg", "b/1.jpg", []),
        ("甲.ZIP/1.jpg", "甲.zip/1.jpg", []),
        ("甲.zip/1.jpg", "乙.zip/1.jpg", ["wrong_name"]), ("1.JPG", "1.jpg", ["wrong_name"]),
    ],
)  # fmt: skip
def test_a_file_is_found_by_the_end_of_its_path(problems, there, listed, due):
    assert problems([photo(there, "x")], [row(2, listed, content="x")]) == {there: due}


def test_one_name_in_two_folders_goes_by_the_folder(problems):
    photos = [photo("包/甲/1.jpg", "x"), photo("包/乙/1.jpg", "new")]
    listed = [row(2, "乙/1.jpg", content="y"), row(3, "甲/1.jpg", content="x")]
    assert problems(photos, listed) == {"包/甲/1.jpg": [], "包/乙/1.jpg": ["changed"]}


def test_a_renamed_file_is_found_by_its_content(problems):
    assert problems([photo("张三.jpg", "x")], [row(2, "1.jpg", content="x")]) == {
        "张三.jpg": ["wrong_name"]
    }


def test_content_that_stands_twice_is_no_evidence(problems):
    photos = [photo("a.jpg", "x"), photo("b.jpg", "y")]
    listed = [row(2, "1.jpg", content="x"), row(3, "2.jpg", content="x")]
    found = problems(photos, listed)
    assert found == {
        "a.jpg": ["unlisted"], "b.jpg": ["unlisted"], "1.jpg": ["missing"], "2.jpg": ["missing"],
    }  # fmt: skip


numbers = st.integers(1, 6)
files = st.sampled_from(
    ["20230{}.jpg", "甲/20230{}.jpg", "20230{}.JPG", "张三-20230{}.jpg", "{}.txt"]
)


@CALM
@given(
    st.lists(
        st.tuples(files, numbers, st.sampled_from("xyz")), max_size=8, unique_by=lambda t: t[:2]
    ),
    st.none()
    | st.lists(
        st.tuples(numbers, numbers, st.sampled_from("xyz")), max_size=6, unique_by=lambda t: t[0]
    ),
    st.none() | st.sets(numbers, min_size=1),
)
def test_conservation(spec, there, listed, students):
    """Every file and every row of the list once; every student, and once unless of two files."""
    photos = [photo(file.format(n), content) for file, n, content in there]
    rows = listed and [
        row(at, f"20230{n}.jpg", f"20230{s}", c) for at, (n, s, c) in enumerate(listed)
    ]
    roster = students and [student(n) for n in sorted(students)]
    found = verify(photos, rows, roster, spec=spec, rules=run_rules(CHECKS), unsafe=frozenset())
    assert Counter(r.photo for r in found.rows if r.photo) == Counter(e.photo for e in photos)
    assert Counter(r.listed for r in found.rows if r.listed) == Counter(rows or ())
    keys = {s.key for s in roster or ()}
    owned = Counter(r.student_id for r in found.rows if r.student_id in keys)
    if roster is not None:
        assert set(owned) == keys
        without = {r.student_id for r in found.rows if Problem.NO_PHOTO in r.problems}
        assert found.counts[Problem.NO_PHOTO] == len(without)
        assert not without & {r.student_id for r in found.rows if r.photo}
    assert found.sound == (not any(set(r.problems) - {Problem.NO_PHOTO} for r in found.rows))
