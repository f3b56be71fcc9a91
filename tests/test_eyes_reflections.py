"""EY003, EY005, HR001: lamps in lenses, red pupils, hair over eyes and brows."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from given_facts import given

from checks import eyes_reflections, hair
from pipeline.core.rules import Mode, Outcome
from pipeline.examine.check import run_check
from pipeline.face.head_measures import LEFT_IRIS, RIGHT_IRIS
from pipeline.face.models import FACE_SKIN, HAIR


@pytest.fixture
def facts(facts_of, framed, sitter):
    """Facts of one sitter, on whose picture and classes the test may paint."""
    found = facts_of(framed(sitter()), Mode.FINAL)
    mine = {
        name: getattr(found, name).copy()
        for name in ("registration_crop", "classes", "lab", "points")
    }
    return given(found, **mine)


@pytest.fixture(scope="module")
def judged(spec):
    def run(facts) -> dict:
        return {
            f.code: f
            for check in (eyes_reflections.CHECK, hair.CHECK)
            for f in run_check(check, facts, spec.limits[check.name])
        }

    return run


@pytest.mark.parametrize("seed", [3, 7, 16, 30])
def test_a_drawn_sitter_has_none_of_it(judged, final_facts, seed):
    found = judged(final_facts(seed))
    assert {f.outcome for f in found.values()} == {Outcome.PASSED}
    assert {f.because for f in found.values()} == {None}


def red_eye(facts, redness: float, iris=LEFT_IRIS) -> None:
    x, y = facts.points[iris]
    disc = np.zeros(facts.registration_crop.shape[:2], np.float32)
    cv2.circle(disc, (round(float(x)), round(float(y))), 6, 1.0, -1, cv2.LINE_AA)
    red = np.array((190, 30, 40), np.float32)
    share = (disc * redness)[..., None]
    facts.registration_crop[:] = facts.registration_crop * (1 - share) + red * share


def test_the_redder_the_pupil_the_higher(judged, facts):
    steps = [judged(facts)["EY005"]]
    whole = facts.registration_crop.copy()
    for redness in (0.3, 0.6, 1.0):
        facts.registration_crop[:] = whole
        red_eye(facts, redness)
        steps.append(judged(facts)["EY005"])
    assert all(b.measured > a.measured for a, b in pairwise(steps))
    assert steps[0].outcome is Outcome.PASSED
    assert steps[-1].outcome is Outcome.BROKEN
    assert steps[-1].because.zh.startswith("红眼")


@pytest.mark.parametrize("iris", [LEFT_IRIS, RIGHT_IRIS])
def test_one_red_eye_is_enough(judged, facts, iris):
    red_eye(facts, 1.0, iris)
    assert judged(facts)["EY005"].outcome is Outcome.BROKEN


def test_a_brown_or_a_blue_eye_is_not_red(judged, facts):
    for colour in ((92, 56, 32), (60, 90, 150), (90, 60, 160)):
        x, y = np.round(facts.points[LEFT_IRIS]).astype(int)
        cv2.circle(facts.registration_crop, (int(x), int(y)), 6, colour, -1)
        assert judged(facts)["EY005"].outcome is Outcome.PASSED


def lamp(facts, size: int) -> None:
    """A reflection on the lens, below the eye on the picture's right."""
    x, y = np.round(facts.points[LEFT_IRIS] + (6, 24)).astype(int)
    axes = (size, max(1, size // 2))
    cv2.ellipse(facts.registration_crop, (int(x), int(y)), axes, 0, 0, 360, (255, 255, 255), -1)


def test_the_larger_the_reflection_the_higher(judged, facts):
    steps = [judged(facts)["EY003"]]
    for size in (2, 6, 13):
        lamp(facts, size)
        steps.append(judged(facts)["EY003"])
    assert all(b.measured > a.measured for a, b in pairwise(steps))
    assert steps[0].measured == 0
    assert steps[1].outcome is Outcome.PASSED
    assert steps[-1].outcome is Outcome.BROKEN


def test_the_catchlight_in_the_pupil_is_no_fault(judged, facts):
    x, y = np.round(facts.points[LEFT_IRIS]).astype(int)
    cv2.circle(facts.registration_crop, (int(x), int(y)), 3, (255, 255, 255), -1)
    assert judged(facts)["EY003"].measured == 0


def test_a_skin_that_is_as_bright_all_over_does_not_shine(judged, facts):
    facts.registration_crop[:] = (250, 246, 240)
    facts.lab[:] = (97, 0, 3)
    assert judged(facts)["EY003"].measured == 0


def test_eyes_outside_the_picture_cannot_be_judged(judged, facts):
    found = judged(given(facts, points=facts.points - (0, 400)))
    assert {f.outcome for f in found.values()} == {Outcome.SKIPPED}
    assert {f.caused_by for f in found.values()} == {None}


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("beyond", [False, True])
def test_hair_over_any_eye_or_brow_counts(judged, facts, spec, part, beyond):
    name, outline = hair._PARTS[part]
    share = spec.limits["hair"].covered.high + (0.04 if beyond else -0.02)
    facts.classes[:] = 0
    facts.classes[..., FACE_SKIN] = 1
    facts.classes[facts.region(outline)] = np.eye(6)[HAIR] * share + np.eye(6)[FACE_SKIN] * (
        1 - share
    )
    finding = judged(facts)["HR001"]
    assert finding.measured == pytest.approx(share, abs=1e-4)
    assert (finding.outcome is Outcome.BROKEN) is beyond
    assert name.zh in finding.because.zh
    assert name.en in finding.because.en
