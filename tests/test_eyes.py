"""EY: drawn sitters with closed eyes and with sunglasses, and what tells the two apart."""

from dataclasses import replace

import numpy as np
import pytest
from given_facts import given

from checks import eyes
from pipeline.core.rules import Mode, Outcome
from pipeline.examine.check import run_check
from pipeline.face.models import CLOTHES, FACE_SKIN, OTHERS

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


@pytest.mark.parametrize("seed", [3, 4])  # the lids of a wide eye are drawn half closed
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


def eyes_of(facts, closed: float, covered: float):
    """Facts of a face of which one eye is closed, and both are covered, in a known part."""
    opening = eyes._opening(facts.mesh.points[:, :2], eyes._LEFT_LIDS)
    shapes = {"eyeBlinkLeft": closed + 2 * opening, "eyeBlinkRight": 0.0}
    classes = np.zeros_like(facts.close_view.classes)
    classes[:, :, OTHERS] = classes[:, :, CLOTHES] = covered / 2
    classes[:, :, FACE_SKIN] = 1 - covered
    near = replace(facts.close_view, classes=classes)
    mesh = replace(facts.mesh, blendshapes=shapes)
    return given(facts, mesh=mesh, close_view=near, region_view=near)


@pytest.mark.parametrize(("by", "is_broken"), [(-0.01, False), (0.05, True)])
def test_each_limit_has_two_sides(final_facts, spec, by, is_broken):
    """Closed: the more closed eye. Covered: clothes and other things together."""
    limits = spec.limits["eyes"]
    closed, covered = limits.closed.high + by, limits.covered.high + by
    bare, open_eyes = eyes_of(final_facts(), closed, 0.0), eyes_of(final_facts(), -0.5, covered)
    for told, code, value in ((bare, "EY001", closed), (open_eyes, "EY002", covered)):
        found = {f.code: f for f in run_check(eyes.CHECK, told, limits)}
        assert found[code].measured == pytest.approx(value, abs=1e-5)
        assert broken(found) == ({code} if is_broken else set())


def test_behind_sunglasses_no_eye_is_called_closed(final_facts, spec):
    limits = spec.limits["eyes"]
    found = {f.code: f for f in run_check(eyes.CHECK, eyes_of(final_facts(), 0.9, 0.9), limits)}
    assert broken(found) == {"EY002"}
    assert (found["EY001"].outcome, found["EY001"].caused_by) == (Outcome.SKIPPED, "EY002")


def test_sunglasses_that_one_view_loses_the_other_one_sees(final_facts, spec):
    told = eyes_of(final_facts(), -0.5, 0.0)
    told = given(told, region_view=eyes_of(final_facts(), -0.5, 0.9).close_view)
    found = {f.code: f for f in run_check(eyes.CHECK, told, spec.limits["eyes"])}
    assert broken(found) == {"EY002"}
