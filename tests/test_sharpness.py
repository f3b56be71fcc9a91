"""SH001: the more blurred the more blurred, whatever the size of the source."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from skimage import measure

from checks import sharpness
from pipeline.core.rules import Mode, Outcome
from pipeline.examine.check import run_check


@pytest.fixture(scope="module")
def judged(facts_of, spec):
    def run(picture, mode=Mode.FINAL):
        (finding,) = run_check(sharpness.CHECK, facts_of(picture, mode), spec.limits["sharpness"])
        return finding

    return run


def blurred(picture, sigma: float):
    return cv2.GaussianBlur(picture, (0, 0), sigma)


def enlarged(picture, factor: float):
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)


def test_it_grows_with_the_blur_between_0_and_1(judged, framed, sitter):
    picture = framed(sitter())
    found = [judged(picture), *(judged(blurred(picture, s)) for s in (0.9, 1.8, 4.0))]
    assert all(b.measured - a.measured > 0.02 for a, b in pairwise(found))
    assert 0 < found[0].measured < 0.55
    assert found[-1].measured < 1
    assert found[0].outcome is Outcome.PASSED
    assert found[0].because is None
    assert found[-1].outcome is Outcome.BROKEN


@pytest.mark.parametrize("factor", [2, 3])
def test_a_larger_frame_of_the_same_picture_is_as_sharp(judged, sitter, factor):
    once = judged(sitter(), Mode.SOURCE).measured
    assert judged(enlarged(sitter(), factor), Mode.SOURCE).measured == pytest.approx(once, abs=0.03)


def test_a_blur_of_the_same_part_of_the_frame_counts_the_same_in_every_size(judged, sitter):
    once = judged(blurred(sitter(), 3), Mode.SOURCE)
    twice = judged(blurred(enlarged(sitter(), 2), 6), Mode.SOURCE)
    assert once.measured == pytest.approx(twice.measured, abs=0.03)
    assert once.outcome is twice.outcome is Outcome.BROKEN


def test_the_face_decides_and_not_the_wall_or_the_clothes(judged, framed, sitter):
    picture = framed(sitter())
    around = blurred(picture, 6)
    around[80:480, 100:380] = picture[80:480, 100:380]
    assert judged(around).measured == pytest.approx(judged(picture).measured, abs=0.01)


def test_a_soft_picture_is_noted_before_it_is_broken(judged, framed, sitter, spec):
    """Growing blur passes through the note band, and the ends are the spec's own."""
    band, picture = spec.limits["sharpness"].blur, framed(sitter())
    seen = []
    for sigma in (0.9, 1.4, 1.8, 2.5):
        finding = judged(blurred(picture, sigma))
        seen.append((finding.outcome is Outcome.BROKEN, finding.because is not None))
        assert (finding.outcome is Outcome.BROKEN) is (finding.measured > band.high)
        assert (finding.because is not None) is (finding.measured > band.note_high)
    assert seen == sorted(seen), "calm, then noted, then broken"
    assert {(False, False), (False, True), (True, True)} == set(seen)


def test_without_a_face_there_is_nothing_that_could_be_sharp(judged):
    finding = judged(np.full((640, 480, 3), (100, 197, 255), np.uint8))
    assert finding.outcome is Outcome.SKIPPED
    assert finding.caused_by == "FC001"


@pytest.mark.parametrize("sigma", [0.5, 1.5, 4])
def test_it_is_the_measure_of_scikit_image(framed, sitter, sigma):
    grey = cv2.cvtColor(blurred(framed(sitter()), sigma), cv2.COLOR_RGB2GRAY)[150:450, 100:380]
    assert sharpness.blur_effect(grey) == pytest.approx(measure.blur_effect(grey), abs=1e-6)


def test_a_face_of_one_colour_is_wholly_blurred():
    assert sharpness.blur_effect(np.full((64, 64), 128, np.uint8)) == 1
