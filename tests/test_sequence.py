"""Whose frames are by code cards and by scans: never a guess, and what is wrong is told."""

from datetime import datetime

from pipeline.batch import sequence
from pipeline.batch.sequence import by_cards, by_scans
from pipeline.core.records import FileKind, Student
from pipeline.core.rules import Finding, Outcome
from pipeline.core.run_photos import PhotoSummary

A, B = "2023141460001", "2023141460002"
STUDENTS = (Student(A, 2, student_no=A, capture_code="C0001"), Student(B, 3, student_no=B))
POSTER = "https://example.org/about/us"
NO_FACE = (Finding("FC001", Outcome.BROKEN),)


def shots(*kinds: str, start=1):
    """Frames of one camera: ``x``, ``-`` without a face; a number is a card, of A and B at least.

    A code after ``x`` or ``-`` is in such a frame too.
    """
    made = []
    for number, kind in enumerate(kinds, start=start):
        photo = f"IMG_{number:04}.jpg"
        failing = NO_FACE if kind.startswith("-") else ()
        file_kind = FileKind.PHOTO if kind[0] in "x-" else FileKind.CARD
        made.append(PhotoSummary(photo, photo, failing, kind=file_kind, card=kind.lstrip("x-")))
    return made


def told(paired):
    return {photo[4:8]: words for photo, words in paired.told.items()}


def owners(paired):
    return {photo[4:8]: number for photo, number in paired.numbers.items()}


def test_frames_are_of_the_card_before_them():
    paired = by_cards(shots(A, "x", "x", B, "x"), STUDENTS)
    assert owners(paired) == {"0001": A, "0002": A, "0003": A, "0004": B, "0005": B}
    assert told(paired) == {}


def test_the_order_is_the_cameras_not_that_of_arrival():
    frames = shots(A, "x", B, "x")
    assert by_cards(frames[::-1], STUDENTS) == by_cards(frames, STUDENTS)
    assert owners(by_cards(frames[:2][::-1], STUDENTS)) == {"0001": A, "0002": A}


def test_frames_before_the_first_card_are_nobodys():
    paired = by_cards(shots("x", A, "x"), STUDENTS)
    assert owners(paired) == {"0002": A, "0003": A}
    assert told(paired) == {"0001": sequence.BEFORE_FIRST}


def test_a_raw_file_beside_its_jpeg_is_no_unread_card():
    unread = (Finding("FL001", Outcome.BROKEN),)
    raw = PhotoSummary("IMG_0002.NEF", "raw", unread, kind=FileKind.MASTER)
    first, second, third = shots(A, "x", "x")
    paired = by_cards([first, raw, second, third], STUDENTS)
    assert owners(paired) == {"0001": A, "0002": A, "0003": A}
    assert paired.numbers["IMG_0002.NEF"] == A
    assert told(paired) == {}


def test_two_cards_in_a_row_are_told_unless_they_are_one_card_twice():
    assert told(by_cards(shots(A, B, "x"), STUDENTS)) == {"0002": sequence.NO_PHOTO_BETWEEN}
    assert told(by_cards(shots(A, A, "x"), STUDENTS)) == {}


def test_a_frame_that_may_be_an_unread_card_ends_what_the_card_before_began():
    paired = by_cards(shots(A, "x", "-", "x", B, "x"), STUDENTS)
    assert owners(paired) == {"0001": A, "0002": A, "0005": B, "0006": B}
    assert told(paired) == {"0003": sequence.MAY_BE_CARD, "0004": sequence.BEFORE_FIRST}


def test_a_card_of_nobody_gives_its_frames_to_nobody():
    paired = by_cards(shots(A, "x", "-999", "x"), STUDENTS)
    assert owners(paired) == {"0001": A, "0002": A, "0003": "999"}
    assert told(paired) == {"0003": sequence.NOT_IN_ROSTER, "0004": sequence.BEFORE_FIRST}


def test_a_number_of_nobody_ends_what_the_card_before_began_even_beside_a_face():
    paired = by_cards(shots(A, "x", f"x{A[:-1]}9", "x"), STUDENTS)
    assert told(paired) == {"0003": sequence.NOT_IN_ROSTER, "0004": sequence.BEFORE_FIRST}


def test_two_cards_in_one_frame_are_told_and_none_is_guessed():
    paired = by_cards(shots(A, "x", f"{A}\n{B}", "x", B, "x"), STUDENTS)
    assert owners(paired) == {"0001": A, "0002": A, "0005": B, "0006": B}
    assert told(paired) == {"0003": sequence.TWO_CARDS, "0004": sequence.BEFORE_FIRST}


def test_one_card_beside_another_code_is_read():
    assert owners(by_cards(shots(f"{A}\n{POSTER}", "x"), STUDENTS)) == {"0001": A, "0002": A}


def test_a_poster_behind_the_students_is_told_once_and_is_no_card():
    frames = shots(A, f"x{POSTER}", f"x{POSTER}", B, f"x{POSTER}")
    paired = by_cards(frames, STUDENTS)
    assert owners(paired) == {"0001": A, "0002": A, "0003": A, "0004": B, "0005": B}
    assert told(paired) == {"0002": sequence.BESIDE}


def test_a_code_without_a_number_and_without_a_face_may_be_a_wrong_card():
    paired = by_cards(shots(A, "x", f"-{POSTER}", "x"), STUDENTS)
    assert told(paired) == {"0003": sequence.NOT_A_CARD, "0004": sequence.BEFORE_FIRST}


def test_frames_are_of_whoever_was_scanned_last_before_they_were_taken():
    scans = [
        (datetime.fromisoformat("2026-10-08T09:00:05"), A),
        (datetime.fromisoformat("2026-10-08T09:01:00"), B),
    ]
    times = {"1": "2026:10:08 09:00:04", "2": "2026:10:08 09:00:05", "3": "2026:10:08 09:00:59"}
    times |= {"4": "2026:10:08 09:01:00", "5": ""}
    frames = [PhotoSummary(p, p, (), captured=taken) for p, taken in times.items()]
    paired = by_scans(frames, scans, STUDENTS)
    assert paired.numbers == {"2": A, "3": A, "4": B}
    assert paired.told == {"1": sequence.NO_SCAN, "5": sequence.NO_TIME}
