"""HT001: a cap on drawn sitters; bare heads of several hair styles."""

from types import SimpleNamespace

import numpy as np
import pytest

from checks import head_covering
from checks.head_covering import HT001, covered_share
from pipeline.check import run_check
from pipeline.verdict import counting, remedies, verdict_of
from pipeline.words import Mode, Outcome, Verdict

SEEDS = (3, 7)


@pytest.fixture(scope="module")
def judged(final_facts, spec):
    limits = spec.limits["head_covering"]

    def run(seed=3, **how):
        (finding,) = run_check(head_covering.CHECK, final_facts(seed, **how), limits)
        return finding

    return run


@pytest.mark.parametrize("seed", SEEDS)
def test_hair_is_no_covering_and_a_cap_is(judged, seed):
    bare, capped = judged(seed), judged(seed, wear="cap")
    assert bare.outcome is Outcome.PASSED
    assert bare.measured < 0.15
    assert capped.outcome is Outcome.BROKEN
    assert capped.measured > 0.7


@pytest.mark.parametrize("wear", ["mask", "sunglasses"])
def test_what_is_worn_below_is_not_on_the_head(judged, wear):
    assert judged(wear=wear).outcome is Outcome.PASSED


def test_a_person_decides_on_an_exemption(judged):
    """Religious and medical reasons exist: the student is not simply sent away."""
    remedy = remedies([HT001], {})
    counted = counting([judged(wear="cap")], remedy)
    assert verdict_of(counted, remedy) is Verdict.FAIL


class Bare:
    """Facts of a face 200 px wide whose forehead ends at (240, ``forehead``)."""

    def __init__(self, forehead=120.0) -> None:
        self.points = np.zeros((478, 2), np.float32)
        self.points[10] = (240, forehead)
        self.placement = SimpleNamespace(face_width=200)
        self.classes = np.zeros((320, 240, 6), np.float32)
        self.classes[:, :, 1] = 1

    def cover(self, rows: slice, columns: slice, share=1.0) -> "Bare":
        self.classes[rows, columns] = 0
        self.classes[rows, columns, 4] = share / 2
        self.classes[rows, columns, 5] = share / 2
        self.classes[rows, columns, 1] = 1 - share
        return self


EVERYWHERE = slice(None)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.3, 1.0])
def test_the_share_is_that_of_clothes_and_other_things(share):
    assert covered_share(Bare().cover(EVERYWHERE, EVERYWHERE, share)) == pytest.approx(share)


def test_only_the_band_above_the_forehead_counts():
    """Up to 30 % of the face's width above it, over the middle 80 %; in cells of 2 px."""
    assert covered_share(Bare().cover(slice(64, None), EVERYWHERE)) == 0, "the face"
    assert covered_share(Bare().cover(slice(0, 29), EVERYWHERE)) == 0, "above the head"
    assert covered_share(Bare().cover(EVERYWHERE, slice(0, 79))) == 0, "beside the head"
    assert covered_share(Bare().cover(slice(30, 63), slice(80, 160))) == 1
    assert covered_share(Bare().cover(EVERYWHERE, slice(0, 120))) == pytest.approx(0.5)


def test_a_forehead_above_the_frame_cannot_be_judged():
    assert covered_share(Bare(forehead=-40)) is None


@pytest.mark.parametrize(("by", "outcome"), [(-0.01, Outcome.PASSED), (0.01, Outcome.BROKEN)])
def test_the_limit_has_two_sides(facts_of, framed, sitter, spec, by, outcome):
    limits = spec.limits["head_covering"]
    facts = facts_of(framed(sitter()), Mode.FINAL)
    classes = np.zeros_like(facts.classes)
    classes[:, :, 5] = limits.covered.high + by
    facts.classes = classes
    (finding,) = run_check(head_covering.CHECK, facts, limits)
    assert finding.outcome is outcome
