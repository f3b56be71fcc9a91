"""MO001: lips apart, on drawn sitters and on landmarks moved by known amounts."""

import numpy as np
import pytest
from given_facts import given

from checks import mouth
from pipeline.core.rules import Mode, Outcome
from pipeline.examine.check import run_check

SEEDS = (3, 7)
LOWER = (14, 87, 317)  # inner lip: middle, right, left
CORNERS = (78, 308)


@pytest.fixture(scope="module")
def judged(spec):
    def run(facts):
        (finding,) = run_check(mouth.CHECK, facts, spec.limits["mouth"])
        return finding

    return run


@pytest.mark.parametrize("seed", SEEDS)
def test_closed_lips_pass_and_an_open_mouth_does_not(judged, final_facts, seed):
    closed = judged(final_facts(seed))
    opened = judged(final_facts(seed, look="mouth_open"))
    assert closed.outcome is Outcome.PASSED
    assert closed.measured < 0.1
    assert opened.outcome is Outcome.BROKEN
    assert opened.measured > closed.measured + 0.15


def test_a_mask_shows_no_open_mouth(judged, final_facts):
    """It hides the lips; that is MK001's to say, not this rule's."""
    assert judged(final_facts(wear="mask")).outcome is Outcome.PASSED


@pytest.fixture
def parted(facts_of, framed, sitter):
    """Facts of a mouth 100 px wide whose lips are ``gap`` px apart, then enlarged."""
    facts = facts_of(framed(sitter()), Mode.FINAL)

    def part(gap: float, zoom: float = 1.0):
        points = np.zeros((478, 2), np.float32)
        points[CORNERS[1], 0] = 100
        points[list(LOWER), 1] = gap
        return given(facts, points=points * zoom)

    return part


@pytest.mark.parametrize(("by", "outcome"), [(-1, Outcome.PASSED), (1, Outcome.BROKEN)])
def test_the_limit_has_two_sides(judged, parted, spec, by, outcome):
    limit = spec.limits["mouth"].gap
    gap = 100 * (limit.high + limit.uncertainty * (by > 0)) + by
    finding = judged(parted(gap))
    assert finding.measured == pytest.approx(gap / 100, abs=1e-5)
    assert finding.outcome is outcome


@pytest.mark.parametrize("zoom", [0.5, 3.0])
def test_the_gap_is_of_the_mouths_width_whatever_the_size_of_the_face(judged, parted, zoom):
    assert judged(parted(20, zoom)).measured == pytest.approx(0.2)
