"""MK001: a mask on drawn sitters, and shares of the lower face that are known."""

from dataclasses import replace

import numpy as np
import pytest
from given_facts import given

from checks import mask
from pipeline.core.rules import Outcome
from pipeline.examine.check import run_check
from pipeline.face.head_measures import CHIN
from pipeline.face.models import BODY_SKIN, CLOTHES, FACE_SKIN, OTHERS

SEEDS = (3, 7)


@pytest.fixture(scope="module")
def judged(spec):
    def run(facts):
        finding, hand = run_check(mask.CHECK, facts, spec.limits["mask"])
        assert hand.code == "MK002"
        return finding

    return run


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bare_face_passes_and_a_mask_does_not(judged, final_facts, seed):
    bare, masked = judged(final_facts(seed)), judged(final_facts(seed, wear="mask"))
    assert bare.outcome is Outcome.PASSED
    assert bare.measured < 0.1
    assert masked.outcome is Outcome.BROKEN
    assert masked.measured > 0.6


@pytest.mark.parametrize("how", [{"wear": "sunglasses"}, {"wear": "cap"}, {"look": "mouth_open"}])
def test_what_is_elsewhere_is_no_mask(judged, final_facts, how):
    assert judged(final_facts(**how)).outcome is Outcome.PASSED


@pytest.fixture
def facts(final_facts):
    """Facts of a face whose classes, seen from near, are to be filled in."""
    drawn = final_facts()
    near = replace(drawn.close_view, classes=np.zeros_like(drawn.close_view.classes))
    return given(close_view=near, region_view=near)


@pytest.mark.parametrize(
    ("by", "outcome"),
    [
        (-0.03, Outcome.PASSED),
        (-0.01, Outcome.PASSED),
        (0.01, Outcome.SKIPPED),  # within the measure's uncertainty: a person decides
        (0.03, Outcome.BROKEN),
    ],
)
def test_the_limit_has_two_sides(judged, facts, spec, by, outcome):
    share = spec.limits["mask"].covered.high + by
    facts.close_view.classes[:, :, CLOTHES] = facts.close_view.classes[:, :, OTHERS] = share / 2
    facts.close_view.classes[:, :, FACE_SKIN] = 1 - share
    finding = judged(facts)
    assert finding.measured == pytest.approx(share, abs=1e-5)
    assert finding.outcome is outcome


def test_a_scarf_below_the_chin_and_a_fringe_above_the_eyes_do_not_count(judged, facts):
    _, y = facts.close_view.places()
    facts.close_view.classes[:, :, FACE_SKIN] = 1
    elsewhere = (y < 0.02) | (y > facts.close_view.points[CHIN, 1] + 0.02)
    facts.close_view.classes[elsewhere] = 0
    facts.close_view.classes[elsewhere, CLOTHES] = 1
    assert judged(facts).measured < 0.05


def test_a_hand_is_skin_and_not_a_mask(judged, facts):
    """It is MK002's business."""
    facts.close_view.classes[:, :, BODY_SKIN] = 1
    assert judged(facts).outcome is Outcome.PASSED


def test_a_mask_that_one_view_loses_the_other_one_sees(judged, facts):
    facts.close_view.classes[:, :, FACE_SKIN] = 1
    masked = np.zeros_like(facts.close_view.classes)
    masked[:, :, OTHERS] = 1
    assert judged(facts).outcome is Outcome.PASSED
    wide = replace(facts.close_view, classes=masked)
    assert judged(given(facts, region_view=wide)).outcome is Outcome.BROKEN
    wide = replace(wide, inside=np.zeros_like(facts.close_view.inside))
    assert judged(given(facts, region_view=wide)).outcome is Outcome.PASSED, (
        "beyond the region there is nothing to see"
    )
