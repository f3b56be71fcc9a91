"""FC: one face, in the right place. A sitter moved by known amounts, and the measures follow."""

import cv2
import numpy as np
import pytest

from checks import face
from checks.face import pose
from pipeline.core.rules import Mode, Outcome
from pipeline.examine.check import run_checks

BLUE = (100, 197, 255)
PX = 1.5  # how exactly the landmarks follow, in output pixels
PERCENT = 0.5
DEGREES = 0.8


@pytest.fixture(scope="module")
def judged(facts_of, spec):
    def run(picture, mode=Mode.FINAL) -> dict:
        found = run_checks((face.COUNT, face.CHECK), facts_of(picture, mode), spec.limits)
        return {finding.code: finding for finding in found}

    return run


@pytest.fixture(scope="module")
def moved(judged, framed, sitter):
    """Findings on a registration file whose sitter is moved; each drawn and judged once."""
    done: dict = {}

    def run(**how) -> dict:
        key = tuple(sorted(how.items()))
        if key not in done:
            done[key] = judged(framed(sitter(), **how))
        return done[key]

    return run


def broken(found) -> set[str]:
    return {code for code, finding in found.items() if finding.outcome is Outcome.BROKEN}


def noted(found) -> set[str]:
    return {c for c, f in found.items() if f.outcome is Outcome.PASSED and f.because is not None}


def test_a_sitter_framed_as_it_should_be_breaks_nothing(moved):
    found = moved()
    assert {finding.outcome for finding in found.values()} == {Outcome.PASSED}


# -- FC003 to FC006: place -------------------------------------------------------------


@pytest.mark.parametrize("percent", [-7.4, -4.4, 4.4, 8.6])
def test_the_offset_follows_a_shift_to_the_side_and_nothing_else_does(moved, percent):
    """In % of the width of 480 px, negative to the left."""
    there, here = moved(shift=(percent * 4.8, 0)), moved()
    offset = there["FC003"].measured - here["FC003"].measured
    assert offset == pytest.approx(percent, abs=PERCENT)
    for code in ("FC004", "FC005", "FC006"):
        assert there[code].measured == pytest.approx(here[code].measured, abs=2 * PX)


@pytest.mark.parametrize(
    ("percent", "is_broken", "is_noted"),
    [(4.4, False, False), (5.6, False, True), (7.4, False, True), (8.6, True, False)],
)
@pytest.mark.parametrize("side", [-1, 1])
def test_off_centre_has_a_note_at_5_and_breaks_at_8_percent(
    moved, side, percent, is_broken, is_noted
):
    found = moved(shift=(side * percent * 4.8, 0))
    assert broken(found) == ({"FC003"} if is_broken else set())
    assert ("FC003" in noted(found)) is is_noted


@pytest.mark.parametrize("dy", [-12, 18])
def test_crown_and_eyes_follow_a_shift_down(moved, dy):
    there, here = moved(shift=(0, dy)), moved()
    for code in ("FC004", "FC005"):
        assert there[code].measured - here[code].measured == pytest.approx(dy, abs=PX)
    for code in ("FC003", "FC006"):
        assert there[code].measured == pytest.approx(here[code].measured, abs=2 * PX)


@pytest.mark.parametrize(
    ("code", "limit", "outside"),
    [("FC004", 50, -1), ("FC004", 110, 1), ("FC005", 200, -1), ("FC005", 300, 1)],
)
def test_crown_50_to_110_and_eyes_200_to_300_px_from_the_top(moved, code, limit, outside):
    """The MOE text's own numbers. Moved to 3 px inside of each, and 6 outside: ±3 is borderline."""
    distance = limit - moved()[code].measured
    for by, is_broken in ((-3 * outside, False), (6 * outside, True)):
        found = moved(shift=(0, round(distance + by)))
        assert found[code].measured == pytest.approx(limit + by, abs=PX + 0.5)
        assert (code in broken(found)) is is_broken


@pytest.mark.parametrize("zoom", [0.55, 0.6, 0.75])
def test_the_face_width_follows_the_zoom(moved, zoom):
    due = moved()["FC006"].measured * zoom / 0.65
    assert moved(zoom=zoom)["FC006"].measured == pytest.approx(due, rel=0.015)


@pytest.mark.parametrize(("limit", "outside"), [(180, -1), (300, 1)])
def test_a_face_is_180_to_300_px_wide(moved, limit, outside):
    px_at_1 = moved()["FC006"].measured / 0.65
    for by, is_broken in ((-5 * outside, False), (5 * outside, True)):
        found = moved(zoom=(limit + by) / px_at_1)
        assert ("FC006" in broken(found)) is is_broken


# -- FC007 to FC009: pose --------------------------------------------------------------


@pytest.mark.parametrize("degrees", [-9, -4, 2, 7])
def test_roll_follows_a_turn_and_is_positive_clockwise(moved, degrees):
    """The picture's right eye is the lower one: positive."""
    turn = moved(roll=degrees)["FC007"].measured - moved()["FC007"].measured
    assert turn == pytest.approx(degrees, abs=DEGREES)


@pytest.mark.parametrize(
    ("degrees", "is_broken", "is_noted"),
    [(2, False, False), (4, False, True), (7, False, True), (9, True, False)],
)
@pytest.mark.parametrize("side", [-1, 1])
def test_roll_has_a_note_at_3_and_breaks_at_8_degrees(moved, side, degrees, is_broken, is_noted):
    found = moved(roll=side * degrees)
    assert ("FC007" in broken(found)) is is_broken
    assert ("FC007" in noted(found)) is is_noted


def test_a_turn_about_the_eyes_is_neither_yaw_nor_pitch(moved):
    for code in ("FC008", "FC009"):
        assert moved(roll=9)[code].measured == pytest.approx(moved()[code].measured, abs=4)


def test_a_mirror_turns_roll_and_yaw_about_and_leaves_pitch(facts_of, framed, sitter):
    picture = framed(sitter(), roll=6)
    roll, yaw, pitch = pose(facts_of(picture, Mode.FINAL))
    mirrored = pose(facts_of(np.ascontiguousarray(picture[:, ::-1]), Mode.FINAL))
    assert mirrored == pytest.approx((-roll, -yaw, pitch), abs=1.5)


class Turned:
    """Facts of which only the landmarker's pose is given: a head turned by known angles."""

    def __init__(self, yaw: float, pitch: float) -> None:
        y, p = np.radians([yaw, pitch])
        about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
        about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
        self.mesh = self
        self.points = np.zeros((478, 3))
        self.points[473, 0] = 1
        self.transform = np.eye(4)
        self.transform[:3, :3] = 7 * about_y @ about_x  # whatever the scale


@pytest.mark.parametrize("yaw", [-20, 0, 9, 20])
@pytest.mark.parametrize("pitch", [-15, 0, 12])
def test_yaw_and_pitch_are_read_off_the_pose_of_the_head(yaw, pitch):
    level = pose(Turned(0, 0))
    roll, measured_yaw, measured_pitch = pose(Turned(yaw, pitch))
    assert roll == 0
    assert measured_yaw == pytest.approx(yaw)
    assert measured_pitch - level[2] == pytest.approx(pitch)


# -- FC001, FC002: how many ------------------------------------------------------------


def test_a_wall_has_no_face_and_that_is_the_reason_for_every_skip(judged):
    found = judged(np.full((640, 480, 3), BLUE, np.uint8))
    assert found.pop("FC001").outcome is Outcome.BROKEN
    assert {finding.outcome for finding in found.values()} == {Outcome.SKIPPED}
    assert {finding.caused_by for finding in found.values()} == {"FC001"}


def beside(picture, other, height: int, at: tuple[int, int]) -> np.ndarray:
    """Another head, cut out of its picture, ``height`` px high, with its top left at ``at``."""
    head = other[80:760, 200:760]
    small = cv2.resize(head, (round(height * 560 / 680), height), interpolation=cv2.INTER_AREA)
    out, (x, y) = picture.copy(), at
    out[y : y + small.shape[0], x : x + small.shape[1]] = small
    return out


@pytest.fixture(scope="module")
def wide(sitter):
    """A raw frame with much wall to the sitter's right."""
    frame = np.full((1280, 2000, 3), BLUE, np.uint8)
    frame[:, :960] = sitter()
    return frame


def test_two_sitters_are_two(judged, sitter):
    found = judged(np.hstack([sitter(), sitter(7)]), Mode.SOURCE)
    assert found["FC002"].outcome is Outcome.BROKEN
    assert found["FC002"].measured == 2


def test_a_bystander_whom_the_crop_leaves_out_does_not_count(judged, facts_of, sitter, wide):
    picture = beside(wide, sitter(7), 260, (1400, 300))
    assert len(facts_of(picture).faces) == 2, "found, but out of the crop"
    found = judged(picture, Mode.SOURCE)
    assert found["FC002"].outcome is Outcome.PASSED
    assert broken(found) == set()


def test_the_same_bystander_within_the_crop_counts(judged, sitter, wide):
    picture = beside(wide, sitter(7), 260, (655, 80))
    assert judged(picture, Mode.SOURCE)["FC002"].outcome is Outcome.BROKEN


def test_a_second_face_of_half_the_size_counts_wherever_it_is(judged, sitter, wide):
    """Whose photo is it? Only a person can say."""
    picture = beside(wide, sitter(7), 520, (1400, 300))
    assert judged(picture, Mode.SOURCE)["FC002"].outcome is Outcome.BROKEN


# -- FC010, and what a frame without room is told --------------------------------------


def test_a_final_file_that_cuts_the_head_off(moved):
    assert {"FC004", "FC010"} <= broken(moved(shift=(0, -80)))


@pytest.mark.parametrize(("aside", "is_broken"), [(50, False), (140, True)])
@pytest.mark.parametrize("side", [-1, 1])
def test_a_head_cut_by_the_side_of_the_frame(moved, side, aside, is_broken):
    assert ("FC010" in broken(moved(shift=(side * aside, 0)))) is is_broken


@pytest.mark.parametrize(("below_chin", "is_broken"), [(64, False), (56, True)])
def test_shoulders_need_60_px_below_the_chin(
    judged, facts_of, framed, sitter, below_chin, is_broken
):
    chin = facts_of(framed(sitter()), Mode.FINAL).placement.chin
    found = judged(framed(sitter(), shift=(0, round(640 - below_chin - chin))))
    assert ("FC010" in broken(found)) is is_broken


@pytest.mark.parametrize(
    ("cut", "due"),
    [
        ((slice(50, None), slice(None)), {"FC004"}),
        ((slice(115, None), slice(None)), {"FC004", "FC010"}),
        ((slice(None), slice(265, None)), {"FC003"}),
        ((slice(None, 780), slice(None)), {"FC005"}),
    ],
    ids=["too little above", "head cut", "at the left edge", "too little below"],
)
def test_a_raw_frame_is_told_of_the_side_that_lacks_room_and_of_nothing_else(
    judged, sitter, cut, due
):
    """A window that no crop keeps must not drag the others out with it."""
    assert broken(judged(np.ascontiguousarray(sitter()[cut]), Mode.SOURCE)) == due


def test_every_window_is_kept_in_the_crop_of_a_raw_frame_wherever_the_sitter_stands(
    judged, sitter, wide
):
    for left in (0, 400):
        picture = np.ascontiguousarray(np.roll(wide, left, axis=1))
        assert broken(judged(picture, Mode.SOURCE)) == set()
