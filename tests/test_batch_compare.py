"""Second step over all photos: what photos show beside one another, and what is not compared."""

import pytest

from pipeline.batch.compare import compare
from pipeline.batch.match import match
from pipeline.core.records import Examination, FaceTemplate, Student
from pipeline.core.rules import Mode, Outcome, Text
from pipeline.core.run_photos import in_memory
from pipeline.duplicates.resubmitted import Refused, Rejected
from pipeline.identity.compare import OnRecord

STUDENTS = (Student("20230001", 2), Student("20230002", 3))
ONE, TWO = "20230001.jpg", "20230002.jpg"
CODES = ["DU001", "DU006", "DU002", "DU003", "DU004", "DU005"]


@pytest.fixture
def compared(spec):
    def run(hashes, **how):
        examined = [Examination(photo, sha, Mode.FINAL, ()) for photo, sha in hashes.items()]
        return compare(match(in_memory(examined), STUDENTS), spec.identity, **how)

    return run


def outcomes(found, photo):
    return {f.code: f.outcome for f in found.findings[photo]}


def test_every_photo_of_a_student_has_one_finding_a_rule_and_others_have_none(compared):
    found = compared({ONE: "x", TWO: "y", "nobody.jpg": "z"})
    assert list(found.findings) == [ONE, TWO]
    assert [f.code for f in found.findings[ONE]] == CODES


def test_one_file_under_two_students_is_a_pair_and_breaks_both(compared):
    found = compared({ONE: "x", TWO: "x"})
    assert [(p.kind, p.photo_a, p.photo_b) for p in found.pairs] == [("same_file", ONE, TWO)]
    assert outcomes(found, ONE)["DU001"] is outcomes(found, TWO)["DU001"] is Outcome.BROKEN


def test_a_file_of_nobody_is_in_no_pair(compared):
    assert compared({ONE: "x", "nobody.jpg": "x"}).pairs == ()


def test_earlier_rounds_and_faces_are_compared_only_where_they_are_given(compared):
    found = compared({ONE: "x"})
    assert found.faces is None
    assert set(outcomes(found, ONE).values()) == {Outcome.PASSED, Outcome.NOT_APPLICABLE}
    assert outcomes(found, ONE)["DU001"] is Outcome.PASSED


def test_a_picture_that_was_refused_is_known_again(compared):
    refused = Refused((Rejected("old.jpg", None, "x", None),), lambda _: None)
    found = compared({ONE: "x", TWO: "y"}, refused=refused)
    assert outcomes(found, ONE)["DU006"] is Outcome.BROKEN
    assert outcomes(found, TWO)["DU006"] is Outcome.PASSED


def test_faces_that_cannot_be_compared_are_said_to_be_so(compared):
    unseen = FaceTemplate(None, Text("脸太小", "face too small"))
    found = compared({ONE: "x"}, records=[OnRecord("20230001", unseen)])
    assert (found.faces.photos, found.faces.records) == (0, 0)
    assert outcomes(found, ONE)["DU002"] is Outcome.SKIPPED
