"""Which submission counts, how attempts are counted, what the days are, where a student stands."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch.reviews import Review, season_findings, waive
from pipeline.batch.rounds import (
    Arrival,
    Disposition,
    StudentState,
    attempts,
    days_late,
    deadline_of_class,
    months_before,
    next_deadline,
    places,
    shown_photos,
    state_of,
)
from pipeline.core.bands import Band
from pipeline.core.records import FileKind
from pipeline.core.rules import Finding, Outcome, Verdict

CURRENT, SUPERSEDED, NOT_TAKEN = Disposition.CURRENT, Disposition.SUPERSEDED, Disposition.NOT_TAKEN
THREE = Band(high=3, source="here", confidence="P")


def arrivals(*rows):
    """Rows of (round, student, photo, content), in the order of arrival."""
    return [
        Arrival(at, number, photo, content, student)
        for at, (number, student, photo, content) in enumerate(rows, 1)
    ]


def test_a_later_round_supersedes_an_earlier_one():
    came = arrivals((1, "S", "a", "x"), (2, "S", "b", "y"), (3, "S", "c", "z"))
    assert places(came, frozenset()) == {1: SUPERSEDED, 2: SUPERSEDED, 3: CURRENT}


def test_what_was_accepted_stays():
    came = arrivals((1, "S", "a", "x"), (2, "S", "b", "y"), (3, "S", "c", "z"))
    assert places(came, frozenset({2})) == {1: SUPERSEDED, 2: CURRENT, 3: NOT_TAKEN}


def test_what_was_accepted_gives_way_to_what_came_after_the_student_called_it_wrong():
    came = arrivals((1, "S", "a", "x"), (2, "S", "b", "y"), (3, "S", "c", "z"))
    assert places(came, frozenset({1}), frozenset({3})) == {1: SUPERSEDED, 2: NOT_TAKEN, 3: CURRENT}


def test_what_is_no_photo_takes_the_place_of_none():
    """The RAW that is copied after its JPEG; a JPEG after a RAW does."""
    jpeg, raw, later = arrivals((1, "S", "a", "x"), (2, "S", "b", "y"), (3, "S", "c", "z"))
    raw = replace(raw, kind=FileKind.MASTER)
    assert places([jpeg, raw, later], frozenset()) == {1: SUPERSEDED, 2: NOT_TAKEN, 3: CURRENT}
    assert places([raw, later], frozenset()) == {2: SUPERSEDED, 3: CURRENT}
    again = replace(later, kind=FileKind.OTHER)
    assert places([raw, again], frozenset()) == {2: SUPERSEDED, 3: CURRENT}
    assert attempts([jpeg, raw, later]) == {1: 1, 2: 1, 3: 2}


def test_the_submissions_of_one_round_stand_and_fall_together():
    came = arrivals((1, "S", "a", "x"), (1, "S", "b", "y"), (2, "S", "c", "z"))
    assert places(came, frozenset()) == {1: SUPERSEDED, 2: SUPERSEDED, 3: CURRENT}
    assert places(came, frozenset({2})) == {1: CURRENT, 2: CURRENT, 3: NOT_TAKEN}


def test_a_file_that_changed_while_its_round_was_under_way_counts_once():
    came = arrivals((1, "S", "a", ""), (1, "S", "a", "x"))
    assert places(came, frozenset()) == {1: SUPERSEDED, 2: CURRENT}


def test_a_file_of_no_student_gives_way_to_the_next_of_its_name_only():
    came = arrivals((1, None, "a", "x"), (1, None, "b", "y"), (2, None, "a", "z"))
    assert places(came, frozenset()) == {1: SUPERSEDED, 2: CURRENT, 3: CURRENT}


def test_students_do_not_meet():
    came = arrivals((1, "S", "a", "x"), (2, "T", "a", "y"))
    assert places(came, frozenset()) == {1: CURRENT, 2: CURRENT}


rows = st.lists(
    st.tuples(
        st.integers(1, 5), st.sampled_from(["S", "T", None]), st.sampled_from("abc"),
        st.sampled_from(["x", "y", "z", ""]),
    ),
    max_size=20,
).map(lambda made: arrivals(*sorted(made, key=lambda row: row[0])))  # fmt: skip


@given(rows, st.frozensets(st.integers(1, 20)))
def test_every_submission_has_a_place_and_every_student_at_most_one_round(came, accepted):
    found = places(came, accepted)
    assert sorted(found) == [a.id for a in came]
    for student in ("S", "T"):
        rounds = {a.round for a in came if a.student_key == student and found[a.id] is CURRENT}
        assert len(rounds) == bool([a for a in came if a.student_key == student])


@given(rows)
def test_every_submission_has_its_own_name_in_the_lists(came):
    names = shown_photos(came)
    assert len(set(names.values())) == len(came)
    first = {a.photo: names[a.id] for a in reversed(came)}
    assert all(name == photo for photo, name in first.items())


def test_an_attempt_is_a_round_with_something_new():
    came = arrivals(
        (1, "S", "a", "x"),
        (1, "S", "b", "y"),  # two in one round: one attempt
        (2, "S", "c", "x"),  # the same picture again: none
        (3, "S", "d", ""),  # could not be read: none
        (4, "S", "e", "z"),
        (4, None, "f", "w"),
    )
    assert attempts(came) == {1: 1, 2: 1, 3: 1, 4: 1, 5: 2}


def test_both_sides_of_the_number_of_attempts():
    third, fourth = (season_findings(n, 0, None, THREE)[0] for n in (3, 4))
    assert third.outcome is Outcome.PASSED
    assert fourth.outcome is Outcome.BROKEN
    assert fourth.because.zh == "超过允许的提交次数：提交次数 4次，要求不超过 3次（超 1次）"


def test_a_file_of_no_student_has_no_attempts():
    assert season_findings(None, 0, None, THREE)[0].outcome is Outcome.NOT_APPLICABLE


def test_the_day_of_the_deadline_is_in_time():
    day = date(2027, 6, 10)
    assert days_late(day, day) == 0
    assert days_late(date(2027, 6, 12), day) == 2
    assert days_late(day, None) == 0
    outcomes = [season_findings(1, days, None, THREE)[1].outcome for days in (0, 2)]
    assert outcomes == [Outcome.PASSED, Outcome.BROKEN]


@pytest.mark.parametrize(
    ("today", "due"),
    [
        ((2026, 11, 25), (2026, 12, 15)),
        ((2026, 12, 15), (2026, 12, 15)),
        ((2026, 12, 16), (2027, 6, 10)),
        ((2027, 6, 10), (2027, 6, 10)),
    ],
)
def test_the_next_deadline_is_the_first_that_has_not_passed(today, due):
    assert next_deadline(date(*today), ((6, 10), (12, 15))) == date(*due)


@pytest.mark.parametrize(
    ("today", "due"),
    [
        ((2026, 11, 27), date(2027, 6, 10)),
        ((2027, 6, 10), date(2027, 6, 10)),
        ((2027, 6, 11), date(2027, 12, 15)),
        ((2027, 12, 16), None),
    ],
)
def test_a_class_is_due_in_its_own_year(today, due):
    assert deadline_of_class(2027, date(*today), ((6, 10), (12, 15))) == due


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ((2027, 6, 10), 3, (2027, 3, 10)),
        ((2027, 2, 15), 3, (2026, 11, 15)),
        ((2027, 5, 31), 3, (2027, 2, 28)),
        ((2027, 12, 15), 0, (2027, 12, 15)),
        ((2027, 1, 31), 1, (2026, 12, 31)),
    ],
)
def test_months_are_counted_back_from_the_deadline(day, months, before):
    assert months_before(date(*day), months) == date(*before)


@pytest.mark.parametrize(
    ("known", "state"),
    [
        ({"verdict": None}, StudentState.MISSING),
        ({"verdict": Verdict.MISSING}, StudentState.MISSING),
        ({"verdict": None, "waiting": True}, StudentState.WAITING),
        ({"verdict": Verdict.RETAKE}, StudentState.RETAKE),
        ({"verdict": Verdict.RETAKE, "waiting": True}, StudentState.WAITING),
        ({"verdict": Verdict.FAIL}, StudentState.REVIEW),
        ({"verdict": Verdict.PASS}, StudentState.PASSED),
        ({"verdict": Verdict.PASS, "waiting": True}, StudentState.PASSED),
        ({"verdict": Verdict.PASS, "uploaded": True}, StudentState.UPLOADED),
        ({"verdict": Verdict.RETAKE, "uploaded": True}, StudentState.RETAKE),
        ({"verdict": Verdict.PASS, "uploaded": True, "proof": True}, StudentState.CONFIRMED),
        ({"verdict": Verdict.PASS, "uploaded": True, "proof": False}, StudentState.DISPUTED),
    ],
)
def test_where_a_student_stands(known, state):
    assert state_of(**{"waiting": False, "uploaded": False, "proof": None, **known}) is state


def test_what_a_person_accepted_counts_no_more_and_nothing_else():
    broken = [Finding(code, Outcome.BROKEN, 1.0) for code in ("HT001", "DU001")]
    skipped = Finding("MO001", Outcome.SKIPPED, caused_by="FC001")
    review = Review(accepted=True, codes=frozenset({"HT001", "MO001"}), why="宗教原因")
    hat, double, mouth = waive([*broken, skipped], review)
    assert (hat.outcome, hat.measured) == (Outcome.PASSED, 1.0)
    assert double.outcome is Outcome.BROKEN
    assert mouth.outcome is Outcome.PASSED
    assert waive(broken, None) == tuple(broken)


def test_what_a_person_rejected_is_broken_with_the_reason():
    review = Review(accepted=False, codes=frozenset(), why="不是近照")
    said = season_findings(1, 0, review, THREE)[2]
    assert said.outcome is Outcome.BROKEN
    assert said.because.zh == "人工审核未通过：不是近照"
