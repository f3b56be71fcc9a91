"""Second step over all photos: what photos show beside one another, and what is not compared."""

from dataclasses import replace

import pytest

from pipeline.batch import compare as compare_module
from pipeline.batch.compare import compare
from pipeline.batch.match import match
from pipeline.core.records import Examination, FaceTemplate, Student
from pipeline.core.rules import Mode, Outcome, Text
from pipeline.core.run_photos import in_memory
from pipeline.duplicates.claims import Claim
from pipeline.duplicates.resubmitted import Refused, Rejected
from pipeline.identity.compare import OnRecord, not_compared
from pipeline.rules.identity import DU002, DU005

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


def claims(one, two):
    return {ONE: one, TWO: two}


def test_who_had_passed_before_the_other_came_keeps_it_with_a_note(compared):
    found = compared({ONE: "x", TWO: "x"}, claims=claims(Claim(1, passed=1), Claim(2)))
    first, later = (found.findings[photo][0] for photo in (ONE, TWO))
    assert (first.outcome, first.measured, later.outcome) == (Outcome.PASSED, 1.0, Outcome.BROKEN)
    for words in (first.because.zh, first.because.en):
        assert "20230002" in words
    assert "20230001" in later.because.zh
    assert [p.kind for p in found.pairs] == ["same_file"]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (Claim(2, passed=2), Claim(2, passed=2)),  # one round
        (Claim(1), Claim(2)),  # never passed
        (Claim(1, passed=2), Claim(2)),  # passed when the other was there
        (Claim(1, passed=3), Claim(2)),
    ],
)
def test_else_both_are_asked(compared, one, two):
    found = compared({ONE: "x", TWO: "x"}, claims=claims(one, two))
    assert outcomes(found, ONE)["DU001"] is outcomes(found, TWO)["DU001"] is Outcome.BROKEN


def test_the_order_of_the_names_has_no_say_in_who_came_first(compared):
    found = compared({ONE: "x", TWO: "x"}, claims=claims(Claim(3), Claim(1, passed=2)))
    assert outcomes(found, ONE)["DU001"] is Outcome.BROKEN
    assert outcomes(found, TWO)["DU001"] is Outcome.PASSED


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (DU005.broken(), Outcome.BROKEN),
        (DU005.passed(), Outcome.PASSED),
        (DU002.broken(), Outcome.PASSED),  # no word of the photos on record
    ],
)
def test_nobody_keeps_a_picture_that_the_photos_on_record_deny(compared, monkeypatch, said, kept):
    def faces(matched, *_):
        return replace(not_compared(matched.student_of), findings={ONE: (said,), TWO: ()})

    monkeypatch.setattr(compare_module, "compare_faces", faces)
    known = claims(Claim(1, passed=1), Claim(2))
    found = compared({ONE: "x", TWO: "x"}, records=[], claims=known)
    assert outcomes(found, ONE)["DU001"] is kept
    assert outcomes(found, TWO)["DU001"] is Outcome.BROKEN


def test_who_is_later_than_one_and_earlier_than_another_is_asked(spec):
    students = (*STUDENTS, Student("20230003", 4))
    examined = [Examination(f"{s.key}.jpg", "x", Mode.FINAL, ()) for s in students]
    known = {
        ONE: Claim(1, passed=1),
        TWO: Claim(2, passed=3),  # a person accepted it
        "20230003.jpg": Claim(4),
    }
    found = compare(match(in_memory(examined), students), spec.identity, claims=known)
    told = [found.findings[photo][0].outcome for photo in known]
    assert told == [Outcome.PASSED, Outcome.BROKEN, Outcome.BROKEN]


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
