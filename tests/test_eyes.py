"""EY: drawn sitters with closed eyes and with sunglasses, and what tells the two apart."""

import numpy as np
import pytest

from checks import eyes
from pipeline.check import run_check
from pipeline.words import Mode, Outcome

SEEDS = (3, 7)


@pytest.fixture(scope="module")
def judged(final_facts, spec):
    def run(seed=3, **how) -> dict:
        found = run_check(eyes.CHECK, final_facts(seed, **how), spec.limits["eyes"])
        return {finding.code: finding for finding in found}

    return run


def broken(found) -> set[str]:
    return {code for code, finding in found.items() if finding.outcome is Outcome.BROKEN}


@pytest.mark.parametrize("seed", SEEDS)
def test_open_eyes_are_open_and_bare(judged, seed):
    found = judged(seed)
    assert broken(found) == set()
    assert found["EY001"].measured < 0.2
    assert found["EY002"].measured < 0.1


@pytest.mark.parametrize("seed", SEEDS)
def test_closed_eyes_are_closed_and_not_covered(judged, seed):
    assert broken(judged(seed, look="eyes_closed")) == {"EY001"}


@pytest.mark.parametrize("seed", SEEDS)
def test_sunglasses_cover_the_eyes_and_do_not_close_them(judged, seed):
    found = judged(seed, wear="sunglasses")
    assert broken(found) == {"EY002"}
    assert found["EY002"].measured > 0.8


@pytest.mark.parametrize("how", [{"wear": "mask"}, {"wear": "cap"}, {"look": "mouth_open"}])
def test_what_is_elsewhere_on_the_face_is_not_over_the_eyes(judged, how):
    assert broken(judged(**how)) == set()


def test_without_a_face_the_eyes_are_skipped_for_that_reason(facts_of, spec):
    blank = np.full((640, 480, 3), (100, 197, 255), np.uint8)
    found = run_check(eyes.CHECK, facts_of(blank, Mode.FINAL), spec.limits["eyes"])
    assert {(f.outcome, f.caused_by) for f in found} == {(Outcome.SKIPPED, "FC001")}


# -- both sides of the limits, on given measures --------------------------------------


class Given:
    """Facts of a face of known closedness, whose eyes are covered in a known part."""

    def __init__(self, facts, closed: float, covered: float) -> None:
        self.faces, self.head, self.points = facts.faces, facts.head, facts.points
        self.region = facts.region
        self.mesh = self
        self.blendshapes = {"eyeBlinkLeft": closed - 0.1, "eyeBlinkRight": closed + 0.1}
        self.classes = np.zeros_like(facts.classes)
        self.classes[:, :, 5] = covered / 2  # others
        self.classes[:, :, 4] = covered / 2  # clothes
        self.classes[:, :, 3] = 1 - covered  # skin


@pytest.mark.parametrize(("by", "is_broken"), [(-0.01, False), (0.01, True)])
def test_each_limit_has_two_sides(final_facts, spec, by, is_broken):
    """Closed: the mean of both eyes. Covered: clothes and other things together."""
    limits = spec.limits["eyes"]
    closed, covered = limits.closed.high + by, limits.covered.high + by
    given = Given(final_facts(), closed, covered)
    found = {f.code: f for f in run_check(eyes.CHECK, given, limits)}
    assert found["EY001"].measured == pytest.approx(closed)
    assert found["EY002"].measured == pytest.approx(covered, abs=1e-5)
    assert broken(found) == ({"EY001", "EY002"} if is_broken else set())
