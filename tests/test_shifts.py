"""Slipped runs: found as one, with their ends, and told from swaps."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.templates import (
    BANDS,
    NO_FACE,
    TOO_SMALL,
    UNORDERED,
    faces,
    in_order,
    on_record,
    photo,
    student,
    template,
)
from pipeline.core.rules import Outcome
from pipeline.identity.identify import identity_findings
from pipeline.identity.shooting_order import ShootingOrder, Shots
from pipeline.identity.similarity import FaceOfPhoto, ReferenceFace

PEOPLE = 40
SCAN = tuple(student(at) for at in range(PEOPLE))


def judge(photos, records=None, *, scan=SCAN, order=None):
    records = on_record(PEOPLE) if records is None else records
    return identity_findings(photos, records, BANDS, order or in_order(photos), scan)


def slipped(start, length, shift, *, closed=True):
    """Whom the photos show where ``length`` of them from ``start`` slipped."""
    shown = list(range(PEOPLE))
    for at in range(start, start + length):
        shown[at] = start + (at - start + shift) % length if closed else at + shift
    return shown


def outcome(found, at, code="DU004"):
    return next(f for f in found.findings[photo(at)] if f.code == code)


def broken(found, code="DU004"):
    return {
        at
        for at in range(PEOPLE)
        if photo(at) in found.findings and outcome(found, at, code).outcome is Outcome.BROKEN
    }


def runs(found):
    return [(row.photo_a, row.photo_b) for row in found.pairs if row.kind == "shift"]


def moves(found):
    return {p.photo: p.proposed for p in found.proposals}


def all_moves(shown, places):
    return {photo(at): student(shown[at]) for at in places}


def test_a_run_is_one_finding_with_its_ends_its_shift_and_a_proposal_for_each_photo():
    shown = slipped(10, 12, 1, closed=False)
    shown[22] = None  # who stands at the end of the run was shot under the one before
    found = judge(faces(shown))
    assert runs(found) == [(photo(10), photo(21))]
    assert broken(found) == set(range(10, 22))
    assert moves(found) == all_moves(shown, range(10, 22))
    assert {p.run for p in found.proposals} == {"shift-1"}
    (row,) = found.pairs
    assert (row.student_a, row.student_b) == ("S010", "S021")
    assert row.because.zh.startswith(
        "按拍摄顺序从【S010】到【S021】共 12 张，照片应属其后第 1 位学生（可能有人扫码后未拍）"
    )
    because = outcome(found, 12).because
    assert because.zh.startswith("整组错位：")
    assert because.zh.endswith("此张应属【S013】")


def test_the_other_rules_of_identity_point_to_the_run():
    found = judge(faces(slipped(10, 12, 1)))
    for code in ("DU003", "DU005"):
        finding = outcome(found, 15, code)
        assert (finding.outcome, finding.caused_by) == (Outcome.SKIPPED, "DU004")
    assert {row.kind for row in found.pairs} == {"shift"}


def test_somebody_shot_twice_slips_the_rest_the_other_way():
    shown = slipped(10, 8, -1, closed=False)
    found = judge(faces(shown))
    assert runs(found) == [(photo(10), photo(17))]
    assert moves(found) == all_moves(shown, range(10, 18))
    assert outcome(found, 9).outcome is Outcome.PASSED  # the first photo of that person is right
    assert "照片应属其前第 1 位学生（可能有人拍了两次）" in found.pairs[0].because.zh


@settings(deadline=None, max_examples=60)
@given(
    start=st.integers(1, 12),
    length=st.integers(5, 20),
    shift=st.sampled_from([-5, -4, -3, -2, -1, 1, 2, 3, 4, 5]),
    closed=st.booleans(),
    scores=st.lists(st.floats(0.42, 0.9), min_size=PEOPLE, max_size=PEOPLE),
)
def test_runs_of_five_or_more_are_found_with_both_ends(start, length, shift, closed, scores):
    closed = closed and 2 * abs(shift) < length
    start = max(start, -shift)
    shown = slipped(start, length, shift, closed=closed)
    for at in range(start + length, start + length + shift if not closed else 0):
        shown[at] = None
    given_scores = {at: {who: scores[at]} for at, who in enumerate(shown) if who is not None}
    found = judge(faces(shown, given_scores))
    assert runs(found) == [(photo(start), photo(start + length - 1))]
    assert moves(found) == all_moves(shown, range(start, start + length))


@pytest.mark.parametrize("poor", [0.25, 0.1, 0.0])
def test_a_poor_score_within_a_run_does_not_break_it(poor):
    shown = slipped(10, 12, 1)
    found = judge(faces(shown, {15: {shown[15]: poor}}))
    assert runs(found) == [(photo(10), photo(21))]
    assert 15 in broken(found)
    # A face that denies the record by its place is left to staff.
    assert (photo(15) in moves(found)) is (poor > BANDS.reject)


def test_a_photo_without_a_face_within_a_run_goes_by_its_place():
    shown = slipped(10, 12, 1)
    photos = [p for p in faces(shown) if p.photo != photo(15)]
    found = judge([*photos, FaceOfPhoto(photo(15), student(15), NO_FACE)])
    assert runs(found) == [(photo(10), photo(21))]
    assert outcome(found, 15).measured is None
    assert moves(found)[photo(15)] == student(16)


@pytest.mark.parametrize("given_one", [True, False])
def test_students_without_a_usable_record_within_a_run_do_not_break_it(given_one):
    records = [r for r in on_record(PEOPLE) if r.student not in {student(14), student(15)}]
    if given_one:
        records += [ReferenceFace(student(at), TOO_SMALL) for at in (14, 15)]
    found = judge(faces(slipped(10, 12, 1)), records)
    assert runs(found) == [(photo(10), photo(21))]
    assert broken(found) == set(range(10, 22))


def test_a_stranger_within_a_run_is_told_as_part_of_it_without_a_proposal():
    shown = slipped(10, 12, 1)
    shown[15] = 60
    found = judge(faces(shown))
    assert outcome(found, 15).because.zh.endswith("此张属谁需人工核对")
    assert photo(15) not in moves(found)
    assert 15 not in broken(found, "DU005")


def test_two_neighbours_exchanged_are_a_swap_and_no_run():
    shown = [*range(PEOPLE)]
    shown[10], shown[11] = 11, 10
    found = judge(faces(shown))
    assert not runs(found)
    assert broken(found, "DU003") == {10, 11}
    assert {p.run for p in found.proposals} == {"swap-1"}


def test_three_neighbours_in_a_ring_are_an_exchange():
    found = judge(faces(slipped(10, 3, 1)))
    assert not runs(found)
    assert broken(found, "DU003") == {10, 11, 12}


def test_two_runs_with_two_shifts_are_two():
    shown = slipped(5, 8, 1, closed=False)
    for at in range(13, 20):
        shown[at] = at + 2
    shown[20] = shown[21] = None
    found = judge(faces(shown))
    assert runs(found) == [(photo(5), photo(12)), (photo(13), photo(19))]
    assert {p.run for p in found.proposals} == {"shift-1", "shift-2"}


def test_two_runs_side_by_side_share_no_photo():
    shown = slipped(5, 8, 1)
    shown[13:21] = slipped(13, 8, -1)[13:21]
    found = judge(faces(shown))
    assert runs(found) == [(photo(5), photo(12)), (photo(13), photo(20))]
    assert len(found.proposals) == 16


def test_a_run_and_a_swap_beside_it_are_told_apart():
    shown = slipped(10, 8, 1)
    shown[30], shown[33] = 33, 30
    found = judge(faces(shown))
    assert broken(found) == set(range(10, 18))
    assert broken(found, "DU003") == {30, 33}


def test_several_frames_of_a_student_are_one_place():
    shown = slipped(10, 8, 1)
    photos = list(faces(shown))
    second = [
        FaceOfPhoto(f"IMG_{at:04}b.JPG", student(at), template({who: 0.6}, 127 - at))
        for at, who in enumerate(shown)
    ]
    files = sorted(p.photo for p in (*photos, *second))
    order = ShootingOrder("file_number", (Shots("IMG", tuple(files), (0,) * len(files)),))
    found = judge([*photos, *second], order=order)
    assert runs(found) == [(photo(10), "IMG_0017b.JPG")]
    assert len(found.proposals) == 16


def test_numbers_that_are_missing_at_an_end_are_said():
    shown = slipped(10, 8, 1, closed=False)
    shown[18] = None
    found = judge(faces(shown), scan=())
    assert "起止处缺 1 个文件编号" in found.pairs[0].because.zh


def test_who_has_no_photo_is_put_in_their_place_by_the_list():
    shown = slipped(10, 8, 2, closed=False)
    shown[18] = shown[19] = None
    poor = {17: {19: 0.35}}
    assert moves(judge(faces(shown, poor)))[photo(17)] == student(19)
    assert photo(17) not in moves(judge(faces(shown, poor), scan=()))


def test_without_a_list_the_end_of_a_run_is_known_by_the_faces():
    shown = slipped(10, 8, 2, closed=False)
    shown[18] = shown[19] = None
    found = judge(faces(shown), scan=())
    assert runs(found) == [(photo(10), photo(17))]
    assert moves(found) == all_moves(shown, range(10, 18))


def test_a_photo_in_a_run_that_its_own_record_accepts_is_not_accused_but_looked_at():
    shown = slipped(10, 8, 1)
    found = judge(faces(shown, {13: {13: 0.45, 14: 0.6}}))
    assert runs(found) == [(photo(10), photo(17))]
    assert outcome(found, 13).outcome is Outcome.SKIPPED
    assert outcome(found, 13, "DU005").outcome is Outcome.PASSED
    assert photo(13) not in moves(found)


def test_two_cameras_slip_each_for_itself():
    shown = slipped(4, 10, 1)
    photos = faces(shown)
    files = [p.photo for p in photos]
    halves = tuple(
        Shots(name, tuple(part), (0,) * 20) for name, part in (("A", files[:20]), ("B", files[20:]))
    )
    found = judge(photos, order=ShootingOrder("file_number", halves))
    assert runs(found) == [(photo(4), photo(13))]


def test_without_an_order_a_run_is_still_an_exchange():
    shown = slipped(10, 8, 1)
    found = judge(faces(shown), order=UNORDERED)
    assert not runs(found)
    assert moves(found) == all_moves(shown, range(10, 18))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0.0, 0.95), min_size=PEOPLE, max_size=PEOPLE))
def test_photos_that_fit_nobody_else_are_never_a_run(own):
    found = judge(faces(range(PEOPLE), {at: {at: score} for at, score in enumerate(own)}))
    assert not broken(found)
    assert not broken(found, "DU003")


def twice(at, score=0.7):
    """Photos of which two in a row, under two students, are of one person on no record."""
    photos = list(faces(range(PEOPLE)))
    for step in (0, 1):
        vector = template({60: score**0.5}, 127 - at - step)
        photos[at + step] = FaceOfPhoto(photo(at + step), student(at + step), vector)
    return photos


def test_without_records_one_person_in_a_row_under_two_students_is_still_found():
    found = judge(twice(10), [])
    assert broken(found) == {10, 11}
    assert runs(found) == [(photo(10), photo(11))]
    assert "连续两张为同一人" in outcome(found, 10).because.zh
    assert not found.proposals


def test_a_repeat_explains_why_the_second_is_not_the_person_on_record():
    records = [r for r in on_record(PEOPLE) if r.student != student(10)]
    found = judge(twice(10), records)
    assert broken(found) == {10, 11}
    assert outcome(found, 11, "DU005").caused_by == "DU004"
    assert not broken(found, "DU005")


def test_what_is_missing_near_a_repeat_is_said():
    photos = [p for p in twice(10) if p.photo != photo(13)]
    because = outcome(judge(photos, []), 10).because
    assert "附近缺 1 个文件编号" in because.zh
    assert "附近有 1 名学生没有照片" in because.zh


@pytest.mark.parametrize(("score", "found_at_all"), [(0.49, False), (0.51, True)])
def test_two_photos_in_a_row_must_be_as_like_as_any_that_was_looked_for(score, found_at_all):
    assert bool(broken(judge(twice(10, score), []))) is found_at_all


def test_twins_in_a_row_whose_own_records_accept_them_are_no_repeat():
    photos = list(faces(range(PEOPLE)))
    for at in (10, 11):
        photos[at] = FaceOfPhoto(photo(at), student(at), template({at: 0.5, 60: 0.8}, 127 - at))
    assert not broken(judge(photos))
