"""Of several frames of one student the best, or the last; without a choice a person is asked."""

from dataclasses import replace

import pytest

from checks import CHECKS
from fixtures.stub_examiner import StubPool
from pipeline.batch.choose import choose_among, room
from pipeline.batch.match import match
from pipeline.core.records import Student
from pipeline.core.rules import Finding, Mode, Outcome, Remedy
from pipeline.core.run_photos import in_memory
from pipeline.core.verdict import remedies
from pipeline.rules import run_rules
from pipeline.spec.spec import load_spec

KEY = "2023141460001"
STUDENTS = (Student(KEY, 2, student_no=KEY), Student("2023141460002", 3))


@pytest.fixture(scope="module")
def remedy():
    return remedies(run_rules(CHECKS), {})


@pytest.fixture(scope="module")
def plain():
    """An examination in which every rule passes without a measured value."""
    spec = load_spec("chsi_graduate", CHECKS)
    one = StubPool(spec, Mode.SOURCE, None)._found(b"anything", "")
    kept = tuple(Finding(f.code, Outcome.PASSED) for f in one.findings)
    return replace(one, findings=kept, upload=None)


def shot(plain, name, captured="", **values):
    """A frame of the student; a value is (measured, low, high), or "broken"."""
    found = {f.code: f for f in plain.findings}
    for code, value in values.items():
        if value == "broken":
            found[code] = Finding(code, Outcome.BROKEN)
        else:
            found[code] = Finding(code, Outcome.PASSED, *value)
    return replace(
        plain,
        photo=f"{KEY}_{name}.jpg",
        sha256=name,
        captured=captured,
        findings=tuple(found.values()),
    )


def chosen(shots, how, remedy):
    matched = choose_among(match(in_memory(shots), STUDENTS), how, remedy)
    return [m.photo[len(KEY) + 1 : -4] for m in matched.matches.values() if m.preferred]


def test_without_a_choice_a_person_is_asked(plain, remedy):
    shots = [shot(plain, "a"), shot(plain, "b")]
    matched = choose_among(match(in_memory(shots), STUDENTS), "ask", remedy)
    broken = [
        f.code for m in matched.matches.values() for f in m.findings if f.outcome is Outcome.BROKEN
    ]
    assert broken == ["RC003", "RC003"]


def test_a_frame_that_passes_comes_before_one_with_more_room_that_does_not(plain, remedy):
    shots = [
        shot(plain, "a", EY001="broken", FC005=(250, 200, 300)),
        shot(plain, "b", FC005=(299, 200, 300)),
    ]
    assert chosen(shots, "best", remedy) == ["b"]


def test_of_those_that_pass_the_largest_least_room_counts(plain, remedy):
    shots = [
        shot(plain, "a", FC005=(250, 200, 300), FC006=(181, 180, 300)),
        shot(plain, "b", FC005=(230, 200, 300), FC006=(220, 180, 300)),
    ]
    assert chosen(shots, "best", remedy) == ["b"]


def test_the_sharper_of_two_equals_then_the_one_with_eyes_wide_open(plain, remedy):
    room_left = {"FC005": (210, 200, 300)}
    sharp = [
        shot(plain, "a", SH001=(0.30, None, 0.5), **room_left),
        shot(plain, "b", SH001=(0.20, None, 0.5), **room_left),
    ]
    assert chosen(sharp, "best", remedy) == ["b"]
    eyes = [
        shot(plain, "a", EY001=(-0.2, None, 0.1), **room_left),
        shot(plain, "b", EY001=(-0.4, None, 0.1), **room_left),
    ]
    assert chosen(eyes, "best", remedy) == ["b"]


def test_where_none_passes_the_one_that_lacks_least_speaks(plain, remedy):
    shots = [
        shot(plain, "a", EY001="broken", MO001="broken"),
        shot(plain, "b", EY001="broken"),
        shot(plain, "c", HT001="broken"),  # a person must look
    ]
    assert chosen(shots, "best", remedy) == ["b"]


def test_a_note_and_the_made_file_say_nothing_of_a_frame(plain, remedy):
    shots = [
        shot(plain, "a", FS001=(10.01, 10, 100), FC005=(250, 200, 300)),
        shot(plain, "b", FS001=(50, 10, 100), FC005=(240, 200, 300)),
    ]
    assert chosen(shots, "best", remedy) == ["a"]
    noted = remedy | {"FC005": Remedy.NOTE}
    assert chosen(shots, "best", noted) == ["a"]  # equals: the first by name


def test_the_last_is_that_of_the_camera_then_of_the_number(plain, remedy):
    timed = [
        shot(plain, "9999", "2026:10:08 09:00:01"),
        shot(plain, "0001", "2026:10:08 09:00:02"),  # the counter rolled over
    ]
    assert chosen(timed, "last", remedy) == ["0001"]
    numbered = [shot(plain, "9"), shot(plain, "10")]
    assert chosen(numbered, "last", remedy) == ["10"]


def test_spares_keep_their_rows_and_say_what_they_are(plain, remedy):
    shots = [shot(plain, "a"), shot(plain, "b")]
    matched = choose_among(match(in_memory(shots), STUDENTS), "last", remedy)
    spare = matched.matches[f"{KEY}_a.jpg"]
    (rc003,) = [f for f in spare.findings if f.code == "RC003"]
    assert rc003.outcome is Outcome.PASSED
    assert rc003.measured == 2
    assert "备用" in rc003.because.zh


def test_what_the_list_names_is_chosen_whatever_it_is_worth(plain, remedy):
    shots = [shot(plain, "a", EY001="broken"), shot(plain, "b")]
    named = match(in_memory(shots), STUDENTS, {f"{KEY}_a.jpg": KEY})
    matched = choose_among(named, "best", remedy)
    assert [m.photo for m in matched.matches.values() if m.preferred] == [f"{KEY}_a.jpg"]


@pytest.mark.parametrize(
    ("value", "low", "high", "share"),
    [
        *((250, 200, 300, 1.0), (200, 200, 300, 0.0), (225, 200, 300, 0.5), (300, 200, 300, 0.0)),
        *((0.5, None, 0.5, 0.0), (0.25, None, 0.5, 0.5), (-9.0, None, 0.5, 1.0)),
        *((1.0, 1.0, None, 0.0), (2.0, 1.0, None, 0.5), (0.0, None, 0.0, 0.0)),
        *((7.0, None, None, 1.0), (None, 1.0, 2.0, 1.0)),
    ],
)
def test_room_is_a_share_of_what_there_can_be(value, low, high, share):
    assert room(Finding("FC005", Outcome.PASSED, value, low, high)) == pytest.approx(share)
