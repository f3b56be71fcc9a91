"""Each photo against its own record and everyone's: swaps, chains, strangers, and who is spared."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.templates import (
    BANDS,
    NO_FACE,
    TOO_SMALL,
    UNORDERED,
    FixedBands,
    faces,
    in_order,
    on_record,
    photo,
    student,
    template,
)
from pipeline.core.rules import Outcome, Text
from pipeline.identity.compare import not_compared
from pipeline.identity.identify import identity_findings
from pipeline.identity.similarity import FaceOfPhoto, NoTemplate, ReferenceFace

BROKEN, PASSED, SKIPPED, NOT_ASKED = (
    Outcome.BROKEN,
    Outcome.PASSED,
    Outcome.SKIPPED,
    Outcome.NOT_APPLICABLE,
)


def judge(photos, records=None, order=UNORDERED, scan=()):
    records = on_record(8) if records is None else records
    return identity_findings(photos, records, BANDS, order, scan)


def outcomes(found, at):
    """Outcomes of DU003, DU004, DU005 for the photo at a place."""
    findings = found.findings[photo(at)]
    assert [f.code for f in findings] == ["DU003", "DU004", "DU005"]
    return tuple(f.outcome for f in findings)


def moves(found):
    return {(p.student, p.proposed) for p in found.proposals}


def without(records, *places):
    return [r for r in records if r.student not in {student(at) for at in places}]


def test_everyone_is_who_they_should_be():
    found = judge(faces(range(8)))
    assert {outcomes(found, at) for at in range(8)} == {(PASSED, NOT_ASKED, PASSED)}
    assert not found.pairs
    assert not found.proposals


def test_a_swapped_pair_is_named_to_both_and_proposed():
    found = judge(faces([1, 0, 2, 3, 4, 5, 6, 7]))
    assert moves(found) == {("S000", "S001"), ("S001", "S000")}
    assert outcomes(found, 0) == (BROKEN, NOT_ASKED, SKIPPED)
    assert found.findings[photo(0)][0].because.zh == "疑似与他人互换照片：与【S001】互换"
    assert found.findings[photo(1)][0].because.en.endswith("with S000")
    (row,) = found.pairs
    assert (row.kind, row.student_a, row.student_b) == ("swap", "S000", "S001")
    assert (row.photo_a, row.photo_b) == (photo(0), photo(1))
    assert row.score == pytest.approx(0.65)


def test_what_an_exchange_explains_is_told_under_its_code_alone():
    found = judge(faces([1, 0, 2]))
    assert found.findings[photo(0)][2].caused_by == "DU003"


def test_a_longer_cycle_says_whose_each_photo_is_and_where_the_own_one_stands():
    found = judge(faces([3, 1, 0, 2, 4]))
    assert moves(found) == {("S000", "S003"), ("S003", "S002"), ("S002", "S000")}
    assert len({p.run for p in found.proposals}) == 1
    assert found.findings[photo(0)][0].because.zh.endswith(
        "照片应属【S003】，本人照片在【S002】名下"
    )
    assert [row.kind for row in found.pairs] == ["swap"] * 3


def test_a_chain_ends_at_a_student_without_a_photo():
    found = judge(faces([1, 2, None, 3, 4]))
    assert moves(found) == {("S000", "S001"), ("S001", "S002")}
    assert "未找到本人照片" in found.findings[photo(0)][0].because.zh
    assert outcomes(found, 3) == (PASSED, NOT_ASKED, PASSED)
    assert [row.photo_b for row in found.pairs] == [photo(1), ""]


def test_a_chain_whose_last_photo_shows_a_stranger_accuses_that_one_as_a_stranger():
    found = judge(faces([1, 60, 2, 3]))
    assert moves(found) == {("S000", "S001")}
    assert outcomes(found, 0)[0] is BROKEN
    assert outcomes(found, 1) == (PASSED, NOT_ASKED, BROKEN)


def test_a_stranger_is_not_the_person_on_record():
    found = judge(faces([60, 1, 2]))
    assert outcomes(found, 0) == (PASSED, NOT_ASKED, BROKEN)
    finding = found.findings[photo(0)][2]
    assert (finding.measured, finding.low) == (pytest.approx(0), BANDS.reject)
    assert "照片与本人（录取照）不一致，需身份复核" in finding.because.zh
    (row,) = found.pairs
    assert (row.kind, row.student_a, row.student_b) == ("not_on_record", "S000", "")


@pytest.mark.parametrize(
    ("own", "outcome"),
    [(0.19, BROKEN), (0.21, SKIPPED), (0.39, SKIPPED), (0.41, PASSED)],
)
def test_between_the_bands_it_cannot_be_said(own, outcome):
    found = judge(faces([0, 1, 2], {0: {0: own}}))
    assert outcomes(found, 0) == (PASSED, NOT_ASKED, outcome)
    assert found.findings[photo(0)][2].measured == pytest.approx(own)


def test_whom_their_own_record_accepts_is_not_accused_whoever_else_is_like_them():
    """Twins: each is more like the other's record than like the own one."""
    found = judge(faces([0, 1, 2], {0: {0: 0.41, 1: 0.8}, 1: {1: 0.41, 0: 0.8}}))
    assert {outcomes(found, at)[0] for at in (0, 1)} == {PASSED}
    assert {outcomes(found, at)[2] for at in (0, 1)} == {PASSED}
    assert not found.proposals


def test_a_photo_of_somebody_who_has_an_accepted_one_names_that_person_and_spares_them():
    found = judge(faces([1, 1, 2]))
    assert outcomes(found, 0) == (PASSED, NOT_ASKED, BROKEN)
    assert "【S001】" in found.findings[photo(0)][2].because.zh
    assert outcomes(found, 1) == (PASSED, NOT_ASKED, PASSED)
    assert found.pairs[0].student_b == "S001"
    assert not found.proposals


@pytest.mark.parametrize(("score", "found_at_all"), [(0.49, False), (0.51, True)])
def test_who_was_looked_for_among_all_must_score_the_margin_more(score, found_at_all):
    found = judge(faces([0, None, 2], {0: {1: score}}))
    assert bool(found.proposals) is found_at_all


@pytest.mark.parametrize(
    ("one", "other", "swapped"),
    [
        (0.65, 0.31, True),
        (0.65, 0.29, False),  # the other half is in the lower half of the band
        (0.41, 0.31, True),
        (0.39, 0.39, False),  # neither says so
    ],
)
def test_the_two_halves_of_a_swap_bear_each_other_out(one, other, swapped):
    found = judge(faces([1, 0, 2], {0: {1: one}, 1: {0: other}}))
    assert (("S001", "S000") in moves(found) and ("S000", "S001") in moves(found)) is swapped


def test_a_chance_likeness_to_a_third_does_not_hide_the_other_half():
    found = judge(faces([1, 0, None, 3], {1: {0: 0.35, 2: 0.42}}))
    assert moves(found) == {("S000", "S001"), ("S001", "S000")}


def test_the_other_half_is_not_guessed_where_its_record_cannot_be_used():
    records = [*without(on_record(4), 0), ReferenceFace("S000", TOO_SMALL)]
    found = judge(faces([1, 0, 2, 3]), records)
    assert moves(found) == {("S000", "S001")}
    assert outcomes(found, 1)[2] is BROKEN
    assert found.findings[photo(1)][2].because.zh.endswith("本人照片疑似在【S000】名下")


def test_without_a_photo_on_record_the_rules_do_not_apply():
    found = judge(faces([0, 1, 2]), without(on_record(3), 0))
    assert outcomes(found, 0) == (NOT_ASKED, NOT_ASKED, NOT_ASKED)
    assert outcomes(found, 1) == (PASSED, NOT_ASKED, PASSED)


def test_a_record_that_cannot_be_used_is_said_to_be_the_reason():
    found = judge(faces([0, 1]), [*without(on_record(2), 0), ReferenceFace("S000", TOO_SMALL)])
    assert outcomes(found, 0) == (PASSED, NOT_ASKED, SKIPPED)
    assert found.findings[photo(0)][2].because == TOO_SMALL.why


def test_a_photo_without_a_face_is_left_to_the_rule_that_says_so():
    photos = [FaceOfPhoto(photo(0), student(0), NO_FACE), *faces([None, 1, 2])]
    found = judge(photos)
    assert outcomes(found, 0) == (SKIPPED, SKIPPED, SKIPPED)
    assert {f.caused_by for f in found.findings[photo(0)]} == {"FC001"}


def test_a_face_that_gives_no_template_is_one_reason_told_once():
    photos = [FaceOfPhoto(photo(0), student(0), NoTemplate(Text("脸太小", "face too small")))]
    found = judge(photos).findings[photo(0)]
    assert {f.because.zh for f in found} == {"脸太小"}
    assert [f.caused_by for f in found] == ["DU005", "DU005", None]


def test_a_photo_without_a_face_needs_none_where_there_is_no_record():
    found = judge([FaceOfPhoto(photo(0), student(0), NO_FACE)], [])
    assert outcomes(found, 0) == (NOT_ASKED, NOT_ASKED, NOT_ASKED)


def test_templates_are_in_no_words_about_them():
    (face,), (record,) = faces([0]), on_record(1)
    assert "array" not in repr(face)
    assert "array" not in repr(record)


def test_the_best_of_several_photos_on_record_counts():
    earlier = np.stack([template({40: 1.0 - 1e-6}, 41), template({0: 1.0 - 1e-6}, 42)])
    found = judge(faces([0, 1]), [*without(on_record(2), 0), ReferenceFace("S000", earlier)])
    assert outcomes(found, 0)[2] is PASSED


def test_of_two_photos_of_a_student_the_one_that_is_somebody_elses_is_swapped():
    extra = FaceOfPhoto("extra.JPG", "S000", template({1: 0.65}, 100))
    found = judge([*faces([0, 0, 2]), extra])
    assert {(p.photo, p.proposed) for p in found.proposals} == {
        ("extra.JPG", "S001"),
        (photo(1), "S000"),
    }
    assert outcomes(found, 0) == (PASSED, NOT_ASKED, PASSED)


def test_photos_without_a_student_take_no_part():
    stray = FaceOfPhoto("stray.jpg", None, template({0: 0.9}))
    assert "stray.jpg" not in judge([*faces([0, 1]), stray]).findings


def test_faces_that_are_not_compared_are_said_to_be_so():
    found = not_compared(["a.jpg"]).findings["a.jpg"]
    assert [(f.code, f.outcome) for f in found] == [
        (code, NOT_ASKED) for code in ("DU002", "DU003", "DU004", "DU005")
    ]
    assert found[0].because.zh == "未开启人脸比对"


@pytest.mark.parametrize(
    "bands", [(0.2, 0.2, 0.2), (0.2, 0.3, 0.4), (0.4, 0.2, 0.3), (float("nan"), 0.2, 0.5)]
)
def test_bands_out_of_order_are_refused(bands):
    with pytest.raises(ValueError, match="thresholds"):
        identity_findings(faces([0]), on_record(1), FixedBands(*bands), UNORDERED, ())


def test_the_same_photo_or_record_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        judge([*faces([0]), *faces([0])])
    with pytest.raises(ValueError, match="two entries"):
        judge(faces([0]), [*on_record(1), *on_record(1)])


def test_a_batch_without_records_or_photos_is_no_error():
    assert not judge([]).findings
    assert outcomes(judge(faces([0, 1]), []), 0) == (NOT_ASKED, NOT_ASKED, NOT_ASKED)


def test_no_sentence_holds_a_score():
    found = judge(faces([1, 0, 60, 4, 5, 3, None, 3]))
    texts = [p.because for p in (*found.pairs, *found.proposals)]
    texts += [f.because for each in found.findings.values() for f in each if f.because]
    assert texts
    assert not any("0." in text.zh or "0." in text.en for text in texts)


PEOPLE = 24


@settings(deadline=None, max_examples=40)
@given(st.permutations(range(PEOPLE)), st.floats(0.52, 0.75), st.booleans())
def test_any_permutation_is_found_exactly(shown, genuine, ordered):
    photos = faces(shown, genuine=genuine)
    found = judge(photos, on_record(PEOPLE), in_order(photos) if ordered else UNORDERED)
    wrong = {at for at, who in enumerate(shown) if at != who}
    assert moves(found) == {(student(at), student(shown[at])) for at in wrong}
    for at in range(PEOPLE):
        assert (BROKEN in outcomes(found, at)) is (at in wrong)
        assert outcomes(found, at).count(BROKEN) <= 1


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0.41, 1.0), min_size=PEOPLE, max_size=PEOPLE), st.booleans())
def test_nobody_is_accused_where_all_are_honest(own, ordered):
    photos = faces(range(PEOPLE), {at: {at: score} for at, score in enumerate(own)})
    found = judge(photos, on_record(PEOPLE), in_order(photos) if ordered else UNORDERED)
    assert {outcomes(found, at)[2] for at in range(PEOPLE)} == {PASSED}
    assert not found.pairs


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 11), min_size=12, max_size=12), st.randoms())
def test_the_order_of_the_input_does_not_matter(shown, random):
    photos, records = list(faces(shown)), list(on_record(12))
    order = in_order(photos)
    once = judge(photos, records, order)
    random.shuffle(photos)
    random.shuffle(records)
    again = judge(photos, records, order)
    assert once == again


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_whatever_is_wrong_each_photo_has_one_finding_a_rule_and_one_cause_at_most(data):
    count = 16
    whom = st.one_of(st.none(), st.integers(0, count + 4))
    shown = data.draw(st.lists(whom, min_size=count, max_size=count))
    scores = data.draw(st.lists(st.floats(0.1, 0.9), min_size=count, max_size=count))
    photos = [
        FaceOfPhoto(p.photo, p.student, NO_FACE) if data.draw(st.integers(0, 9)) == 0 else p
        for p in faces(shown, {at: {shown[at] or 0: score} for at, score in enumerate(scores)})
    ]
    absent = data.draw(st.sets(st.integers(0, count - 1), max_size=3))
    order = in_order(photos) if data.draw(st.booleans()) else UNORDERED
    scan = tuple(student(at) for at in range(count)) if data.draw(st.booleans()) else ()
    found = judge(photos, without(on_record(count), *absent), order, scan)
    assert found.findings.keys() == {p.photo for p in photos}
    broken = {p.photo: outcomes(found, int(p.photo[4:8])) for p in photos}
    assert all(each.count(BROKEN) <= 1 for each in broken.values())
    moved = [p.photo for p in found.proposals]
    assert len(moved) == len(set(moved))
    assert all(BROKEN in broken[photo][:2] for photo in moved)
    assert all(p.student != p.proposed for p in found.proposals)
    assert all(np.isfinite(row.score) for row in found.pairs)
