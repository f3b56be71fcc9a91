"""Third step over all photos: what counts, what follows from it, what a person let pass."""

import pytest

from checks import CHECKS
from pipeline.batch.compare import compare
from pipeline.batch.judge import judge
from pipeline.batch.match import match
from pipeline.batch.reviews import Review
from pipeline.core.errors import RosterError
from pipeline.core.records import Examination, FileKind, Student, Submission, UploadFile
from pipeline.core.rules import Mode, Text, Verdict
from pipeline.core.run_photos import in_memory
from pipeline.duplicates.claims import Claim
from pipeline.examine.examine import unreadable
from pipeline.rules import run_rules
from reports.summary import summary

STUDENTS = (Student("20230001", 2), Student("20230002", 3))
UPLOAD = UploadFile("f" * 64, 1000, 90)


@pytest.fixture
def judged(spec):
    """What comes of files that are faultless in themselves."""

    def run(*photos, students=STUDENTS, manifest=None, same=False, upload=None, claims=None, **how):
        examined = [
            Examination(photo, "x" if same else photo, Mode.FINAL, (), upload=upload)
            for photo in photos
        ]
        matched = match(in_memory(examined), students, manifest)
        compared = compare(matched, spec.identity, claims=claims or {})
        return judge(compared, spec, run_rules(()), Mode.FINAL, **how)

    return run


def verdicts(result):
    return {row.student.key: (row.verdict, row.photo) for row in result.students}


@pytest.mark.parametrize(
    ("photo", "code"), [("20230001 20230002.jpg", "RC005"), ("20239999.jpg", "RC001")]
)
def test_a_file_without_one_student_has_that_one_code(judged, photo, code):
    result = judged(photo)
    (row,), (detail,) = result.photos, result.details([photo])
    assert (row.student_key, row.codes, row.verdict) == (None, (code,), Verdict.FAIL)
    assert {f.code for f in detail.findings} >= {"RC001", "RC002", "RC005", "DU001"}


def test_every_file_and_every_student_has_one_row(judged):
    result = judged("20230001.jpg", "20239999.jpg")
    assert [row.photo for row in result.photos] == ["20230001.jpg", "20239999.jpg"]
    assert verdicts(result) == {
        "20230001": (Verdict.PASS, "20230001.jpg"),
        "20230002": (Verdict.MISSING, None),
    }


def test_of_several_photos_the_preferred_one_speaks_for_the_student_else_the_first(judged):
    photos = ("20230001.jpg", "20230001 (2).jpg")
    assert verdicts(judged(*photos))["20230001"][1] == "20230001 (2).jpg"
    named = judged(*photos, manifest={"20230001.jpg": "20230001"})
    assert verdicts(named)["20230001"][1] == "20230001.jpg"


@pytest.fixture
def beside(spec):
    """What comes of files of which some are no photos: FL001 is broken, as `examine` says."""

    def run(*photos, kinds):
        examined = [
            unreadable(Submission(p, None), "x", Mode.FINAL, CHECKS, Text("坏", "bad"), kinds[p])
            if p in kinds
            else Examination(p, p, Mode.FINAL, ())
            for p in photos
        ]
        matched = match(in_memory(examined), STUDENTS)
        return judge(compare(matched, spec.identity), spec, run_rules(CHECKS), Mode.FINAL)

    return run


@pytest.mark.parametrize("kind", [FileKind.MASTER, FileKind.OTHER])
def test_what_lies_beside_a_photo_is_one_row_and_its_student_is_judged_by_the_photo(beside, kind):
    """Two students' records of edits have the same bytes, and that accuses nobody."""
    kinds = {f"2023000{n}.AAE": kind for n in (1, 2)}
    result = beside("20230001.jpg", "20230002.jpg", *kinds, kinds=kinds)
    assert verdicts(result) == {
        "20230001": (Verdict.PASS, "20230001.jpg"), "20230002": (Verdict.PASS, "20230002.jpg"),
    }  # fmt: skip
    assert result.pairs == ()
    rows = [(r.photo, r.student_key, r.verdict, r.codes, r.set_aside) for r in result.photos]
    assert [r for r in rows if r[0] in kinds] == [
        ("20230001.AAE", "20230001", Verdict.RETAKE, ("FL001",), True),
        ("20230002.AAE", "20230002", Verdict.RETAKE, ("FL001",), True),
    ]
    assert summary(result).set_aside == 2
    (one, other) = result.details(["20230001.AAE", "20230001.jpg"])
    told = {f.code: f for f in one.findings}
    assert told.keys() >= {f.code for f in other.findings}
    assert "不采用" in told["RC003"].because.zh


def test_a_student_of_whom_only_a_raw_came_is_told_what_to_do(beside):
    result = beside("20230001.NEF", "20230002.MOV", kinds={
        "20230001.NEF": FileKind.MASTER, "20230002.MOV": FileKind.OTHER,
    })  # fmt: skip
    assert verdicts(result) == {
        "20230001": (Verdict.RETAKE, "20230001.NEF"), "20230002": (Verdict.MISSING, None),
    }  # fmt: skip


def test_what_a_name_suggests_is_proposed(judged):
    assert judged("20230001 7.jpg").proposals == ()
    result = judged("2023-00 01 7.jpg")
    (move,) = result.proposals
    assert (move.photo, move.student, move.proposed) == ("2023-00 01 7.jpg", "", "20230001")
    assert verdicts(result)["20230001"][0] is Verdict.MISSING


def test_a_broken_id_number_counts_with_a_photo_and_without_one(judged):
    students = (Student("20230001", 2, id_no="990101200501010000"), *STUDENTS[1:])
    for photos in ((), ("20230001.jpg",)):
        row = judged(*photos, students=students).students[0]
        assert row.codes == ("RC002",)
    assert row.verdict is Verdict.FAIL


def test_what_a_person_let_pass_counts_no_more_and_is_told_so(judged):
    photos = ("20230001.jpg", "20230002.jpg")
    assert judged(*photos, same=True).photos[0].codes == ("DU001",)
    reviews = {photos[0]: Review(accepted=True, codes=frozenset({"DU001"}), why="twins")}
    result = judged(*photos, same=True, reviews=reviews)
    assert [row.verdict for row in result.photos] == [Verdict.PASS, Verdict.FAIL]
    (detail,) = result.details(photos[:1])
    assert {f.code: f.because for f in detail.findings}["DU001"].zh == "人工审核后接受"


def test_what_a_person_let_pass_before_is_not_what_comes_up_later(judged):
    photos = ("20230001.jpg", "20230002.jpg")
    reviews = {photos[0]: Review(accepted=True, codes=frozenset({"FC005"}), why="seen")}
    result = judged(*photos, same=True, reviews=reviews)
    assert result.photos[0].codes == ("DU001",)


def test_who_had_passed_with_a_picture_before_another_came_with_it_keeps_the_upload_file(judged):
    one, two = photos = ("20230001.jpg", "20230002.jpg")
    claims = {one: Claim(1, passed=1), two: Claim(2)}
    result = judged(*photos, same=True, upload=UPLOAD, claims=claims)
    assert verdicts(result) == {
        "20230001": (Verdict.PASS, one),
        "20230002": (Verdict.FAIL, two),
    }
    assert [row.student_key for row in result.uploads] == ["20230001"]
    assert len(result.pairs) == 1


def test_a_student_who_passes_has_an_upload_row_named_by_the_number(judged):
    result = judged("20230001.jpg", "20239999.jpg", upload=UPLOAD)
    assert [(u.file, u.student_key) for u in result.uploads] == [("20230001.jpg", "20230001")]
    assert judged("20230001.jpg").uploads == (), "a run that writes no files"


def test_a_roster_that_cannot_name_the_files_is_refused(judged):
    with pytest.raises(RosterError, match="row 2"):
        judged(students=(Student("a/b", 2),))


def test_what_only_the_caller_knows_is_handed_on(judged):
    header_lines = (Text("最后截止", "deadline"),)
    result = judged(droppings=3, header_lines=header_lines)
    assert (result.droppings, result.header_lines, result.mode) == (3, header_lines, Mode.FINAL)
