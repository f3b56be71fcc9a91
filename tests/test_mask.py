"""MK001: a mask on drawn sitters, and shares of the lower face that are known."""

import numpy as np
import pytest

from checks import mask
from pipeline.check import run_check
from pipeline.models import BODY_SKIN, CLOTHES, FACE_SKIN, OTHERS
from pipeline.words import Mode, Outcome

SEEDS = (3, 7)


@pytest.fixture(scope="module")
def judged(spec):
    def run(facts):
        (finding,) = run_check(mask.CHECK, facts, spec.limits["mask"])
        return finding

    return run


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bare_face_passes_and_a_mask_does_not(judged, final_facts, seed):
    bare, masked = judged(final_facts(seed)), judged(final_facts(seed, wear="mask"))
    assert bare.outcome is Outcome.PASSED
    assert bare.measured < 0.1
    assert masked.outcome is Outcome.BROKEN
    assert masked.measured > 0.7


@pytest.mark.parametrize("how", [{"wear": "sunglasses"}, {"wear": "cap"}, {"look": "mouth_open"}])
def test_what_is_elsewhere_is_no_mask(judged, final_facts, how):
    assert judged(final_facts(**how)).outcome is Outcome.PASSED


@pytest.fixture
def facts(facts_of, framed, sitter):
    facts = facts_of(framed(sitter()), Mode.FINAL)
    facts.classes = np.zeros_like(facts.classes)
    return facts


@pytest.mark.parametrize(("by", "outcome"), [(-0.01, Outcome.PASSED), (0.01, Outcome.BROKEN)])
def test_the_limit_has_two_sides(judged, facts, spec, by, outcome):
    share = spec.limits["mask"].covered.high + by
    facts.classes[:, :, CLOTHES] = facts.classes[:, :, OTHERS] = share / 2
    facts.classes[:, :, FACE_SKIN] = 1 - share
    finding = judged(facts)
    assert finding.measured == pytest.approx(share, abs=1e-5)
    assert finding.outcome is outcome


def test_a_scarf_below_the_chin_and_a_fringe_above_the_eyes_do_not_count(judged, facts):
    eyes, chin = facts.placement.eye / 2, facts.placement.chin / 2
    facts.classes[:, :, FACE_SKIN] = 1
    for rows in (slice(0, int(eyes) + 2), slice(int(chin) + 2, None)):
        facts.classes[rows] = 0
        facts.classes[rows, :, CLOTHES] = 1
    assert judged(facts).measured < 0.05


def test_a_hand_is_skin_and_not_a_mask(judged, facts):
    """MK002's business, where it can be measured."""
    facts.classes[:, :, BODY_SKIN] = 1
    assert judged(facts).outcome is Outcome.PASSED
