"""Third step over all photos: what counts, what follows from it, what a person let pass."""

import pytest

from pipeline.batch.compare import compare
from pipeline.batch.judge import judge
from pipeline.batch.match import match
from pipeline.batch.reviews import Review
from pipeline.core.errors import RosterError
from pipeline.core.records import Examination, Student, UploadFile
from pipeline.core.rules import Mode, Text, Verdict
from pipeline.core.run_photos import in_memory
from pipeline.rules import run_rules

STUDENTS = (Student("20230001", 2), Student("20230002", 3))
UPLOAD = UploadFile("f" * 64, 1000, 90)


@pytest.fixture
def judged(spec):
    """What comes of files that are faultless in themselves."""

    def run(*photos, students=STUDENTS, manifest=None, same=False, upload=None, **how):
        examined = [
            Examination(photo, "x" if same else photo, Mode.FINAL, (), upload=upload)
            for photo in photos
        ]
        matched = match(in_memory(examined), students, manifest)
        return judge(compare(matched, spec.identity), spec, run_rules(()), Mode.FINAL, **how)

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


def test_a_student_who_passes_has_an_upload_row_named_by_the_number(judged):
    result = judged("20230001.jpg", "20239999.jpg", upload=UPLOAD)
    assert [(u.file, u.student_key) for u in result.uploads] == [("20230001.jpg", "20230001")]
    assert judged("20230001.jpg").uploads == (), "a run that writes no files"


def test_a_roster_that_cannot_name_the_files_is_refused(judged):
    with pytest.raises(RosterError, match="row 2"):
        judged(students=(Student("a/b", 2),))


def test_what_only_the_caller_knows_is_handed_on(judged):
    heads = (Text("最后截止", "deadline"),)
    result = judged(droppings=3, heads=heads)
    assert (result.droppings, result.heads, result.mode) == (3, heads, Mode.FINAL)
