"""Whose photo it is: by what the roster, a manifest or the file name says, and never a guess.

All people are made up.
"""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.records import FileKind, Student
from pipeline.core.rules import Outcome, Remedy
from pipeline.intake.matching import match
from pipeline.rules.roster import ROSTER_RULES

CALM = settings(deadline=None)  # a busy machine is no failure

ID = "99010120010101001X"
ZHANG = Student(
    "2023141460012", 2, student_no="2023141460012", exam_no="23510104110001", id_no=ID,
    capture_code="CJ7K2M", name="张三",
)  # fmt: skip
LI = Student("2023141460013", 3, student_no="2023141460013", name="李四")
LETTERS = Student("B20230101", 4, student_no="B20230101", name="阿依古丽·买买提")
PARTED = Student("2023-0001", 5, student_no="2023-0001", name="王五")
NAMELESS = Student("S9", 6, student_no="S9")
LOST = Student("S10", 7, student_no="S10", name="赵??")
ROSTER = (ZHANG, LI, LETTERS, PARTED, NAMELESS, LOST)

PASSED, BROKEN, SKIPPED = Outcome.PASSED, Outcome.BROKEN, Outcome.SKIPPED
NOT_APPLICABLE = Outcome.NOT_APPLICABLE


def one(photo, students=ROSTER, **options):
    (found,) = match([photo], students, **options)
    return found


def outcomes(found):
    return {f.code: f.outcome for f in found.findings}


def finding(found, code):
    return next(f for f in found.findings if f.code == code)


# Numbers in the file name


@pytest.mark.parametrize(
    "photo",
    [
        "2023141460012.jpg", "2023141460012.JPG", "2023141460012", "2023141460012.tar.gz",
        "张三2023141460012.jpg", "2023141460012张三.jpg", "学号2023141460012姓名张三.jpg",
        "2023141460012-张三.jpg", "张三_2023141460012.jpg", "张三+2023141460012.jpg",
        "文学院、张三、2023141460012.jpg", "【张三】2023141460012.jpg", "（2023141460012）.jpg",
        "张三 (2023141460012).heic", "２０２３１４１４６００１２.jpg",
        "2023141460012(1).jpg", "2023141460012 (2).jpg", "2023141460012（1）.jpg",
        "2023141460012副本.jpg", "2023141460012 - 副本 (2).jpg", "2023141460012 - Copy.jpg",
        "2023141460012 copy 2.jpg", "2023141460012②.jpg", "2023141460012_final.jpg",
        "\u202a2023141460012\u202c.jpg", "2023141460012.jpg#2",
        "23510104110001.jpg", f"{ID}.jpg", f"{ID.lower()}.jpg", f"张三{ID}.jpg", "cj7k2m.jpg",
        "CJ7K2M-2023141460012.jpg",
        "2023141460012-张三/1.jpg", "2023141460012/正面/IMG_1.jpg",
        "交.zip/张三 2023141460012/a.jpg",
        "2023141460012.zip/a.jpg", "2023141460013-李四/2023141460012.jpg",
    ],
)  # fmt: skip
def test_a_number_is_found(photo):
    found = one(photo)
    assert found.student_key == ZHANG.key
    assert not found.preferred
    assert set(outcomes(found).values()) == {PASSED}


@pytest.mark.parametrize(
    "photo",
    [
        "12023141460012.jpg", "20231414600123.jpg", "20231414600.jpg", "A12023141460012.jpg",
        "IMG_0001.jpg", "2023.jpg", "张三.jpg", "张三/1.jpg", ".jpg", "()",
    ],
)  # fmt: skip
def test_a_part_of_a_number_or_a_name_alone_is_no_match(photo):
    found = one(photo)
    assert found.student_key is None
    assert outcomes(found) == {"RC001": BROKEN, "RC003": SKIPPED, "RC004": SKIPPED, "RC005": PASSED}
    assert {f.caused_by for f in found.findings if f.outcome is SKIPPED} == {"RC001"}


# A number that letters touch, or that is parted


@pytest.mark.parametrize(
    "photo",
    [
        "zp2023141460012.jpg", "2023141460012liyi.jpg", "IMG2023141460012.jpg",
        "2023141460012é.jpg", "xh2023141460012b张三.jpg", "No.2023141460012a(1).jpg",
        "2023 1414 60012 张三.jpg", "2023 141460012.jpg", "2023-1414-60012.jpg",
        "2023_1414_60012_张三.jpg", "2023.1414.60012.jpg", "2 0 2 3 1 4 1 4 6 0 0 1 2.jpg",
        "２０２３　１４１４　６００１２.jpg", "2023－1414－60012.jpg",
        "学号2023 1414 60012张三.jpg",
        "软件2301 2023 1414 60012.jpg", "2023 1414 60012 2班.jpg", "2023 1414 60012 - 副本.jpg",
        "990101 20010101 001X.jpg", f"zj{ID}.jpg", f"{ID}zhang.jpg",
        "zp2023141460012/正面.jpg", "2023 1414 60012 张三/正面.jpg",
        "2023141460013-李四/zp2023141460012.jpg",
    ],
)  # fmt: skip
def test_a_number_among_letters_and_separators_is_found_where_it_stands_whole(photo):
    found = one(photo)
    assert found.student_key == ZHANG.key
    assert found.proposed == ()
    assert set(outcomes(found).values()) == {PASSED}


@pytest.mark.parametrize(
    ("photo", "number"),
    [
        ("zp20230101.jpg", "20230101"),  # 8 digits are enough
        ("zp2023010.jpg", None), ("2023 010.jpg", None),  # 7 are not
        ("2023-01-01.jpg", None), ("Screenshot 2023-01-01 093012.jpg", None),  # a date
        ("2023 0101.jpg", "20230101"), ("IMG20230101_093012.jpg", "20230101"),
        ("2023 0101 093012.jpg", None),  # more digits: parts of what?
        ("B20230102liyi.jpg", "B20230102"), ("zpB20230102.jpg", None),
        ("2023 141460012 2023 141460013.jpg", None),
    ],
)  # fmt: skip
def test_what_may_be_a_number_is_proposed_and_never_assigned(photo, number):
    roster = [Student(n, at, student_no=n) for at, n in enumerate(
        ("20230101", "2023010", "B20230102", "2023141460012", "2023141460013"), 2
    )]  # fmt: skip
    found = one(photo, roster)
    assert found.student_key == number
    assert bool(found.proposed) == (number is None and "zpB" not in photo)
    if found.proposed:
        assert outcomes(found)["RC001"] is BROKEN
        assert "调整建议" in finding(found, "RC001").because.zh


def test_short_numbers_are_not_even_proposed_among_letters():
    """Counters of cameras would propose somebody for every picture."""
    assert one("IMG0012.jpg", [Student("0012", 2)]).proposed == ()
    assert one("IMG000123.jpg", [Student("000123", 2)]).proposed == ("000123",)


def test_two_whole_numbers_among_letters_are_left_to_staff():
    found = one("zp2023141460012a2023141460013b.jpg")
    assert found.student_key is None
    assert finding(found, "RC005").measured == 2


def test_a_manifest_is_not_contradicted_by_a_number_that_is_only_touched():
    photo = "IMG2023141460013.jpg"
    found = one(photo, manifest={photo: ZHANG.key})
    assert (found.student_key, outcomes(found)["RC004"]) == (ZHANG.key, PASSED)


# Files that are no photos


KIND = {"NEF": FileKind.MASTER, "PSD": FileKind.MASTER} | dict.fromkeys(
    ("AAE", "MOV", "MP4", "xmp", "txt", "pdf", "docx", "on1"), FileKind.OTHER
)


def matches(*photos, students=ROSTER, **how):
    kinds = {photo: KIND.get(photo.rpartition(".")[2], FileKind.PHOTO) for photo in photos}
    found = match(photos, students, kinds=kinds | how.pop("kinds", {}), **how)
    return {m.photo: m for m in found}


@pytest.mark.parametrize(
    "beside",
    [f"2023141460012.{kind}" for kind in (*KIND, "THM")]
    + ["2023141460012.jpg.xmp", "2023141460012(1).NEF", "原片/2023141460012.NEF",
       "@eaDir/2023141460012.jpg/SYNOPHOTO_THUMB_M.jpg"],
)  # fmt: skip
def test_what_is_no_photo_is_no_contender_for_its_student(beside):
    found = matches("2023141460012.jpg", beside)
    photo, other = found["2023141460012.jpg"], found[beside]
    assert not photo.set_aside
    assert finding(photo, "RC003").because is None
    assert other.student_key == ZHANG.key
    assert other.set_aside
    assert "不采用" in finding(other, "RC003").because.zh
    for one_match in (photo, other):
        assert not {BROKEN, SKIPPED} & set(outcomes(one_match).values())


@pytest.mark.parametrize("kind", ["NEF", "PSD"])
def test_a_raw_alone_speaks_for_its_student(kind):
    (found,) = matches(f"2023141460012.{kind}").values()
    assert (found.student_key, found.set_aside) == (ZHANG.key, False)


def test_of_several_that_cannot_be_judged_one_tells_what_to_do():
    found = matches("2023141460012.NEF", "2023141460012(1).NEF", "2023141460012.MOV")
    assert [m.set_aside for m in found.values()] == [True, False, True]
    assert {outcomes(m)["RC003"] for m in found.values()} == {PASSED}


@pytest.mark.parametrize("kind", ["AAE", "MOV", "xmp", "txt", "docx"])
def test_what_lies_beside_photos_never_speaks_for_a_student(kind):
    (found,) = matches(f"2023141460012.{kind}").values()
    assert (found.student_key, found.set_aside) == (ZHANG.key, True)


def test_a_document_called_a_photo_was_meant_for_one_and_gives_way_to_one():
    """Its name says what it was handed in as."""
    lie = {"2023141460012.jpg": FileKind.OTHER, "2023141460012": FileKind.OTHER}
    for name in lie:
        assert not matches(name, kinds=lie)[name].set_aside
    found = matches("2023141460012.jpg", "2023141460012(1).png", kinds=lie)
    assert [m.set_aside for m in found.values()] == [True, False]


def test_what_nobody_knows_is_what_its_name_says():
    unknown = dict.fromkeys(("2023141460012(1).jpg", "2023141460012.on1"), FileKind.UNKNOWN)
    found = matches("2023141460012.jpg", *unknown, kinds=unknown)
    assert [outcomes(m)["RC003"] for m in found.values()] == [BROKEN, BROKEN, PASSED]
    assert [m.set_aside for m in found.values()] == [False, False, True]


def test_two_photos_are_contenders_whatever_lies_beside_them():
    found = matches("2023141460012.jpg", "2023141460012(1).jpg", "2023141460012.NEF")
    assert [outcomes(m)["RC003"] for m in found.values()] == [BROKEN, BROKEN, PASSED]
    assert finding(found["2023141460012.jpg"], "RC003").measured == 2


def test_what_lies_beside_a_photo_is_whose_the_photo_is():
    """IMG_0012.JPG is given to a student by the manifest, and its MOV is nobody else's."""
    photos = ("a/IMG_0012.JPG", "a/IMG_0012.MOV", "a/img_0012.jpg.xmp", "b/IMG_0012.MOV")
    found = matches(*photos, manifest={"a/IMG_0012.JPG": ZHANG.key})
    keys = [found[p].student_key for p in photos]
    assert keys == [ZHANG.key, ZHANG.key, ZHANG.key, None]


@pytest.mark.parametrize("written", ["IMG_0012.NEF", "IMG_0012", "D:\\照片\\IMG_0012.NEF"])
def test_a_list_that_names_the_raw_means_the_photo_beside_it(written):
    found = matches("a/IMG_0012.JPG", "a/IMG_0012.NEF", manifest={written: ZHANG.key})
    assert found["a/IMG_0012.JPG"].student_key == ZHANG.key
    assert not found["a/IMG_0012.JPG"].set_aside
    assert found["a/IMG_0012.NEF"].set_aside


def test_a_raised_digit_never_makes_another_students_number():
    first, other = Student("2023001", 2), Student("20230012", 3)
    assert one("2023001②.jpg", [first, other]).student_key == "2023001"
    assert one("2023001².jpg", [first, other]).student_key == "2023001"


@pytest.mark.parametrize(
    ("photo", "student"),
    [
        ("b20230101.jpg", LETTERS), ("阿依古丽·买买提B20230101.jpg", LETTERS),
        ("2023-0001.jpg", PARTED), ("王五 2023_0001 (1).jpg", PARTED), ("20230001.jpg", PARTED),
        ("20230101.jpg", None), ("2023-00011.jpg", None), ("2023-1-0001.jpg", None),
    ],
)  # fmt: skip
def test_numbers_with_letters_and_separators(photo, student):
    assert one(photo).student_key == (student and student.key)


def test_a_number_inside_a_longer_one_is_no_second_match():
    short, long = Student("2023", 2), Student("2023-0001", 3)
    assert one("2023-0001.jpg", [short, long]).student_key == "2023-0001"


def test_an_old_id_number_is_found_in_both_forms():
    student = Student("1", 2, id_no="110105491231002")
    assert one("110105491231002.jpg", [student]).student_key == "1"
    assert one("11010519491231002X.jpg", [student]).student_key == "1"


def test_two_students_in_one_name_are_left_to_staff():
    found = one("2023141460012_2023141460013.jpg")
    assert found.student_key is None
    assert outcomes(found) == {"RC001": PASSED, "RC003": SKIPPED, "RC004": SKIPPED, "RC005": BROKEN}
    assert {f.caused_by for f in found.findings if f.outcome is SKIPPED} == {"RC005"}
    assert finding(found, "RC005").measured == 2


# Names in the file name


@pytest.mark.parametrize(
    ("photo", "outcome"),
    [
        ("2023141460012李四.jpg", BROKEN), ("2023141460012 李 四.jpg", BROKEN),
        ("2023141460012-李四/1.jpg", BROKEN), ("2023141460012阿依古丽・买买提.jpg", BROKEN),
        ("2023141460012张三 李四.jpg", PASSED),  # his own name is there
        ("2023141460012张　三.jpg", PASSED),
        ("2023141460012李四光.jpg", PASSED),  # no student of the roster
        ("2023141460012证件照.jpg", PASSED),
        ("2023141460012.jpg", PASSED),
        ("S9李四.jpg", NOT_APPLICABLE),
        ("S10.jpg", PASSED), ("S10赵䶮.jpg", PASSED),
        ("S10李四.jpg", SKIPPED),  # a name with ?? cannot be compared: staff look
        ("B20230101阿依古丽•买买提.jpg", PASSED),
        ("B20230101 阿依古丽 买买提.jpg", PASSED),
    ],
)  # fmt: skip
def test_the_name_of_another_student_contradicts(photo, outcome):
    found = one(photo)
    assert found.student_key is not None
    rc004 = finding(found, "RC004")
    assert rc004.outcome is outcome
    assert rc004.caused_by is None


def test_findings_hold_no_names_and_no_numbers():
    for photo in ("2023141460012李四.jpg", "2023141460012_2023141460013.jpg", "x.jpg"):
        for found in one(photo).findings:
            words = "" if found.because is None else found.because.zh + found.because.en
            assert "李四" not in words
            assert "2023141460012" not in words


# Several photos of one student


def test_several_photos_without_a_preferred_one_are_all_left_to_staff():
    found = match(["2023141460012.jpg", "2023141460012(1).jpg"], ROSTER)
    assert [finding(f, "RC003").outcome for f in found] == [BROKEN, BROKEN]
    assert [finding(f, "RC003").measured for f in found] == [2, 2]


def test_the_preferred_photo_supersedes_the_others():
    photos = ["2023141460012.jpg", "2023141460012(1).jpg"]
    first, other = match(photos, ROSTER, {"2023141460012(1).jpg": ZHANG.key})
    assert (first.preferred, other.preferred) == (False, True)
    assert finding(first, "RC003").outcome is PASSED
    assert "不采用" in finding(first, "RC003").because.zh
    assert "superseded" in finding(first, "RC003").because.en
    assert finding(other, "RC003").because is None


def test_two_preferred_photos_are_left_to_staff_and_the_rest_superseded():
    photos = ["a.jpg", "b.jpg", "2023141460012.jpg"]
    found = match(photos, ROSTER, {"a.jpg": ZHANG.key, "b.jpg": ZHANG.key})
    assert [finding(f, "RC003").outcome for f in found] == [BROKEN, BROKEN, PASSED]


def test_files_with_the_same_bytes_count_as_one():
    photos = ["2023141460012(1).jpg", "2023141460012.jpg"]
    hashes = dict.fromkeys(photos, "same")
    first, second = match(photos, ROSTER, sha256=hashes)
    assert [finding(f, "RC003").outcome for f in (first, second)] == [PASSED, PASSED]
    assert (first.preferred, second.preferred) == (True, False)  # "(" sorts before "."
    assert "same bytes" in finding(second, "RC003").because.en
    third = "张三2023141460012.jpg"
    found = match([*photos, third], ROSTER, sha256=hashes | {third: "other"})
    assert [finding(f, "RC003").outcome for f in found] == [BROKEN] * 3
    assert finding(found[0], "RC003").measured == 2


# What always holds

NUMBERS = st.from_regex(r"[0-9A-Z]{4,6}", fullmatch=True)
ROSTERS = st.lists(NUMBERS, min_size=1, max_size=6, unique=True).map(
    lambda numbers: [Student(n, at, student_no=n) for at, n in enumerate(numbers, 2)]
)
PATHS = st.text("0123AB张三李四 _-.()（）/·①é", min_size=1, max_size=20)


@CALM
@given(st.lists(st.one_of(PATHS, st.text(min_size=1)), unique=True, max_size=8), ROSTERS)
def test_every_file_gets_exactly_one_match_with_all_findings(photos, students):
    manifest = dict.fromkeys(photos[::3], students[0].key)
    found = match(photos, students, manifest)
    assert [f.photo for f in found] == photos
    for one_match in found:
        assert list(outcomes(one_match)) == ["RC001", "RC003", "RC004", "RC005"]
        assert (one_match.student_key is None) == (
            BROKEN in {outcomes(one_match)["RC001"], outcomes(one_match)["RC005"]}
        )


@CALM
@given(ROSTERS, ROSTERS, st.data())
def test_unrelated_students_never_change_a_match(students, others, data):
    photos = [
        f"{s.key}{data.draw(st.sampled_from(['', '(1)', '张三', '-b']))}.jpg" for s in students
    ]
    unrelated = [Student(f"X-{s.key}", 99, student_no=f"X-{s.key}", name="孙七") for s in others]
    assert match(photos, students) == match(photos, [*unrelated, *students])
    assert match(photos, students) == match(photos, [*students, *unrelated])


@CALM
@given(
    NUMBERS,
    st.sampled_from(["", "张三", "张三-", "【照片】", "(", "文学院 ", "x_"]),
    st.lists(
        st.sampled_from(["(1)", "（2）", " - 副本", "副本", " - Copy", "_", " ", "张三", "②"]),
        max_size=3,
    ),
    st.sampled_from([".jpg", ".JPG", ".heic", ""]),
)  # fmt: skip
def test_separators_and_marks_of_copies_keep_a_match(number, before, after, extension):
    student = Student(number, 2, student_no=number, name="张三")
    found = one(f"{before}{number}{''.join(after)}{extension}", [student])
    assert found.student_key == number
    assert outcomes(found)["RC004"] is PASSED


@CALM
@given(
    st.text("0123456789", min_size=4, max_size=9),
    st.one_of(st.text("0123456789", min_size=1, max_size=3), st.text("AB", min_size=1, max_size=3)),
)
def test_a_longer_number_is_never_a_match_and_letters_touch_only_long_ones(number, more):
    student = Student(number, 2, student_no=number)
    touches = more.isalpha() and len(number) >= 8
    for photo in (f"{number}{more}.jpg", f"{more}{number}.jpg"):
        assert (one(photo, [student]).student_key == number) == touches


def test_work_grows_with_the_number_of_photos_only_in_proportion():
    def work(count):
        students = [Student(f"2023{n:09d}", n, student_no=f"2023{n:09d}", file=f"{n}.jpg")
                    for n in range(count)]  # fmt: skip
        photos = [f"a/2023{n:09d}(1).jpg" for n in range(count)]
        calls = 0

        def count_call(_frame, event, _argument):
            nonlocal calls
            calls += event in {"call", "c_call"}

        sys.setprofile(count_call)
        found = match(photos, students)
        sys.setprofile(None)
        assert all(f.student_key for f in found)
        return calls

    # Calls, not seconds: those are another machine's. A nested loop would make 64 times as many.
    assert work(4000) < 12 * work(500)


# The rules


def test_the_rules_of_records_are_for_staff_and_say_where_they_come_from():
    assert [rule.code for rule in ROSTER_RULES] == [f"RC00{n}" for n in range(1, 6)]
    for rule in ROSTER_RULES:
        assert rule.remedy is Remedy.STAFF
        assert all(
            (rule.fault.zh, rule.fault.en, rule.student.zh, rule.photographer.en, rule.source)
        )
