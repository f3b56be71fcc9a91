"""SH002 and ED001, both notes: enlarged screenshots, and walls that no camera took."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from checks import edited, sharpness_recapture
from checks.edited import filled_share
from checks.sharpness_recapture import regularity
from pipeline.core.rules import Mode, Outcome, Remedy
from pipeline.examine.check import run_check


@pytest.fixture(scope="module")
def judged(facts_of, spec):
    def run(picture) -> dict:
        facts = facts_of(picture, Mode.FINAL)
        return {
            f.code: f
            for check in (sharpness_recapture.CHECK, edited.CHECK)
            for f in run_check(check, facts, spec.limits[check.name])
        }

    return run


@pytest.fixture(scope="module")
def taken(framed, sitter):
    """A sitter with the grain of a camera."""

    def take(seed=3, grain=2.0):
        noise = np.random.default_rng(seed).normal(0, grain, (640, 480, 1))
        return np.clip(framed(sitter(seed)) + noise, 0, 255).astype(np.uint8)

    return take


def test_they_are_notes():
    assert sharpness_recapture.SH002.remedy is edited.ED001.remedy is Remedy.NOTE


@pytest.mark.parametrize("seed", [3, 7, 16, 30])
def test_a_picture_as_taken_passes_both(judged, taken, seed):
    found = judged(taken(seed))
    assert {f.outcome for f in found.values()} == {Outcome.PASSED}


def test_a_filled_wall_is_noted(judged, framed, sitter):
    finding = judged(framed(sitter()))["ED001"]
    assert finding.outcome is Outcome.BROKEN
    assert "疑似电脑换底" in finding.because.zh


def test_the_more_grain_the_less_it_looks_filled(judged, taken):
    steps = [judged(taken(grain=grain))["ED001"].measured for grain in (0.1, 0.8, 1.6, 3.0)]
    assert all(b < a for a, b in pairwise(steps))


# -- the measures by themselves ----------------------------------------------------------

WALL = np.ones((320, 240), bool)


def wall(colour) -> np.ndarray:
    return np.full((640, 480, 3), colour, np.uint8)


def test_the_share_that_is_filled():
    pixels = wall((100, 197, 255))
    assert filled_share(pixels, WALL) == 1
    pixels[:160] += np.random.default_rng(1).integers(0, 2, (160, 480, 3), np.uint8) * 4
    assert filled_share(pixels, WALL) == pytest.approx(0.75, abs=0.01)


def test_a_slow_gradient_is_not_filled():
    pixels = wall((100, 150, 200))
    pixels[..., 2] = np.linspace(150, 250, 480).astype(np.uint8)
    assert filled_share(pixels, WALL) < 0.05


@pytest.mark.parametrize("colour", [(255, 255, 255), (253, 254, 255), (8, 8, 10)])
def test_clipped_walls_cannot_be_told(colour):
    assert filled_share(wall(colour), WALL) is None
    assert filled_share(wall((90, 90, 90)), np.zeros_like(WALL)) is None


def texture() -> np.ndarray:
    noise = np.random.default_rng(2).normal(0, 1, (240, 240)).astype(np.float32)
    return (128 + 12 * cv2.GaussianBlur(noise, (0, 0), 0.7) / 0.4).astype(np.float32)


@pytest.mark.parametrize("factor", [1.3, 1.7, 2.3])
def test_linear_enlarging_leaves_a_pattern(spec, factor):
    high = spec.limits["recapture"].regular.high
    grown = cv2.resize(texture(), None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)
    assert regularity(texture()) < high
    assert regularity(grown.round()) > high


def test_the_lines_of_a_screen_are_the_stronger_the_higher():
    lines = np.sin(2 * np.pi * np.arange(240) / 3.3)[None, :]
    found = [regularity((texture() + level * lines).astype(np.float32)) for level in (0, 3, 8, 20)]
    assert all(b > a for a, b in pairwise(found))


def test_the_blocks_of_jpeg_itself_do_not_count():
    picture = texture()
    picture[:, ::8] += 6
    picture[::8] += 6
    assert regularity(picture) < 15


def test_a_small_face_cannot_be_judged(judged, facts_of, framed, sitter, spec):
    facts = facts_of(cv2.resize(framed(sitter()), (180, 240), interpolation=cv2.INTER_AREA))
    (finding,) = run_check(sharpness_recapture.CHECK, facts, spec.limits["recapture"])
    assert finding.outcome is Outcome.SKIPPED
