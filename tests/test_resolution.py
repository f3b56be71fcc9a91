"""RS: enough pixels (source); exactly the right ones, unstretched, and their tag (final)."""

import cv2
import numpy as np
import pytest

from checks import resolution
from checks.resolution import RS001, RS002, RS003
from pipeline.core.rules import Mode, Outcome
from pipeline.core.verdict import counting, remedies
from pipeline.examine.check import run_checks

BLUE = (100, 197, 255)
BOTH = (resolution.PIXELS, resolution.SHAPE_AND_TAG)


@pytest.fixture(scope="module")
def judged(facts_of, spec, jpeg):
    def run(picture, mode=Mode.FINAL, **how) -> dict:
        data = picture if isinstance(picture, bytes) else jpeg(picture, **how)
        found = run_checks(BOTH, facts_of(data, mode), spec.limits)
        return {finding.code: finding for finding in found}

    return run


def blank(width: int, height: int) -> np.ndarray:
    return np.full((height, width, 3), BLUE, np.uint8)


@pytest.mark.parametrize(
    ("size", "outcome"),
    [
        ((480, 640), Outcome.PASSED),
        ((479, 640), Outcome.BROKEN),
        ((481, 640), Outcome.BROKEN),
        ((480, 639), Outcome.BROKEN),
        ((480, 641), Outcome.BROKEN),
        ((960, 1280), Outcome.BROKEN),
        ((640, 480), Outcome.BROKEN),
    ],
)
def test_a_final_file_has_the_exact_size(judged, size, outcome):
    finding = judged(blank(*size))["RS001"]
    assert finding.outcome is outcome
    if outcome is Outcome.BROKEN:
        assert f"{size[0]}×{size[1]}" in finding.because.zh
        assert "宽480×高640" in finding.because.zh


@pytest.mark.parametrize(
    ("size", "outcome"),
    [
        ((240, 320), Outcome.PASSED),
        ((484, 640), Outcome.PASSED),  # 0.8 % wider
        ((485, 640), Outcome.BROKEN),  # 1.04 %
        ((476, 640), Outcome.PASSED),
        ((475, 640), Outcome.BROKEN),
        ((480, 600), Outcome.BROKEN),
    ],
)
def test_a_stretched_file_is_one_that_lost_the_aspect(judged, size, outcome):
    assert judged(blank(*size))["RS002"].outcome is outcome


def test_the_stretch_is_measured_in_percent(judged):
    assert judged(blank(528, 640))["RS002"].measured == pytest.approx(10.0)
    assert judged(blank(432, 640))["RS002"].measured == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("dpi", "outcome"),
    [
        ((300, 300), Outcome.PASSED),
        ((299, 299), Outcome.BROKEN),
        ((301, 301), Outcome.BROKEN),
        ((300, 72), Outcome.BROKEN),
        ((72, 72), Outcome.BROKEN),
        ((0, 0), Outcome.BROKEN),  # written without a unit: no tag
    ],
)
def test_the_tag_is_the_one_that_is_asked_for(judged, dpi, outcome):
    assert judged(blank(480, 640), dpi=dpi)["RS003"].outcome is outcome


def test_a_tag_in_dots_a_centimetre_is_the_same_tag(judged, jpeg):
    data = bytearray(jpeg(blank(480, 640)))
    unit = data.index(b"JFIF\0") + 7
    data[unit : unit + 5] = bytes([2, 0, 118, 0, 118])  # 118/cm = 299.7 dpi
    assert judged(bytes(data))["RS003"].outcome is Outcome.PASSED


def test_a_wrong_tag_is_a_note_and_costs_no_student_a_retake(judged):
    found = judged(blank(480, 640), dpi=(72, 72)).values()
    assert counting(found, remedies((RS001, RS002, RS003), {})) == ()


def test_of_a_source_only_the_pixels_for_the_crop_are_asked(judged, sitter):
    found = judged(sitter(), Mode.SOURCE, dpi=(72, 72))
    assert found["RS001"].outcome is Outcome.PASSED
    assert found["RS002"].outcome is found["RS003"].outcome is Outcome.NOT_APPLICABLE


def test_source_pixels_for_an_output_pixel_follow_the_size_of_the_source(judged, sitter):
    small = cv2.resize(sitter(), (840, 1120), interpolation=cv2.INTER_AREA)
    whole, less = (judged(p, Mode.SOURCE)["RS001"].measured for p in (sitter(), small))
    assert less == pytest.approx(whole * 840 / 960, rel=0.03)


@pytest.mark.parametrize(
    ("face_px", "outcome"),
    [(172, Outcome.BROKEN), (188, Outcome.PASSED)],
)
def test_a_face_must_be_180_px_wide_in_the_source(judged, sitter, face_px, outcome):
    """The least that the standard takes, without enlarging; the frame has pixels enough."""
    factor = face_px / 346  # as wide as the sitter is drawn
    small = cv2.resize(sitter(), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    frame = blank(960, 1280)
    left = (960 - small.shape[1]) // 2
    frame[-small.shape[0] :, left : left + small.shape[1]] = small
    finding = judged(frame, Mode.SOURCE)["RS001"]
    assert finding.outcome is outcome
    if outcome is Outcome.BROKEN:
        assert finding.measured == pytest.approx(face_px / 180, abs=0.01)
        assert "与 FC006 脸部宽度不少于 180px冲突" in finding.because.zh


@pytest.mark.parametrize(
    ("size", "outcome"),
    [((480, 640), Outcome.PASSED), ((450, 600), Outcome.BROKEN)],
)
def test_a_frame_smaller_than_the_output_would_be_enlarged(judged, sitter, framed, size, outcome):
    picture = cv2.resize(framed(sitter()), size, interpolation=cv2.INTER_AREA)
    finding = judged(picture, Mode.SOURCE)["RS001"]
    assert finding.outcome is outcome
    assert finding.measured == pytest.approx(size[0] / 480, abs=0.02)


def test_without_a_face_there_is_no_crop_to_have_pixels_for(judged):
    finding = judged(blank(960, 1280), Mode.SOURCE)["RS001"]
    assert finding.outcome is Outcome.SKIPPED
    assert finding.caused_by == "FC001"
