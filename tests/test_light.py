"""LT001: a sitter under less and more light, and skin of known lightness."""

from itertools import pairwise

import numpy as np
import pytest
from given_facts import given

from checks import light
from pipeline.core.rules import Mode, Outcome
from pipeline.examine.check import run_check
from pipeline.face.models import FACE_SKIN


@pytest.fixture(scope="module")
def judged(spec):
    def run(facts):
        found = run_check(light.CHECK, facts, spec.limits["light"])
        return next(f for f in found if f.code == "LT001")

    return run


@pytest.fixture(scope="module")
def under(judged, facts_of, framed, sitter):
    """The finding on a sitter under so many times the light; as seen, not linear."""

    def run(gain: float):
        lit = np.clip(framed(sitter()).astype(np.float32) * gain, 0, 255).astype(np.uint8)
        return judged(facts_of(lit, Mode.FINAL))

    return run


def test_lightness_follows_the_light(under):
    found = [under(gain) for gain in (0.2, 0.5, 0.8, 1.0, 1.2)]
    assert all(b.measured - a.measured > 5 for a, b in pairwise(found))
    assert [f.outcome for f in found] == [Outcome.BROKEN] + 4 * [Outcome.PASSED]


def test_overexposed_skin_is_called_clipped(under):
    finding = under(1.9)
    assert finding.outcome is Outcome.BROKEN
    assert "过曝" in finding.because.zh
    assert "clipped" in finding.because.en


def test_a_darker_skin_in_the_same_light_passes(judged, final_facts):
    dark, fair = judged(final_facts(30)), judged(final_facts(7))
    assert dark.measured < fair.measured - 10
    assert dark.outcome is fair.outcome is Outcome.PASSED


@pytest.fixture
def skin(facts_of, framed, sitter):
    """Facts whose face is skin all over; its lightness is the test's to set."""
    facts = facts_of(framed(sitter()), Mode.FINAL)
    classes = np.zeros_like(facts.classes)
    classes[:, :, FACE_SKIN] = 1
    return given(facts, classes=classes, lab=np.zeros_like(facts.lab))


@pytest.mark.parametrize(("end", "sign"), [("low", -1), ("high", 1)])
@pytest.mark.parametrize("beyond", [False, True])
def test_each_limit_has_two_sides(judged, skin, spec, end, sign, beyond):
    face = spec.limits["light"].face
    by = face.uncertainty + 0.1 if beyond else -0.1
    skin.lab[:, :, 0] = getattr(face, end) + by * sign
    assert (judged(skin).outcome is Outcome.BROKEN) is beyond


@pytest.mark.parametrize("beyond", [False, True])
def test_a_part_of_the_face_may_shine(judged, skin, spec, beyond):
    """Given as a share of the skin at L* 98 or more, from one side of the face."""
    skin.lab[:, :, 0] = 70
    inside = np.argwhere(skin.region(light.OVAL))
    share = spec.limits["light"].clipped.high + (0.02 if beyond else -0.02)
    shining = inside[: round(share * len(inside))]
    skin.lab[shining[:, 0], shining[:, 1], 0] = 99
    finding = judged(skin)
    assert (finding.outcome is Outcome.BROKEN) is beyond
    assert finding.measured == pytest.approx(70)


def test_light_beside_the_face_does_not_count(judged, skin):
    skin.lab[:, :, 0] = np.where(skin.region(light.OVAL), 60, 100)
    assert judged(skin).measured == pytest.approx(60)


def test_a_face_of_which_no_skin_shows_cannot_be_judged(judged, skin):
    skin.classes[:] = 0
    finding = judged(skin)
    assert finding.outcome is Outcome.SKIPPED
    assert finding.caused_by is None, "no other rule is at fault: a person must look"
