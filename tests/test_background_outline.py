"""BG004 黑边检测: clothes and hair that merge with the wall."""

from itertools import pairwise

import numpy as np
import pytest
from given_facts import given

from checks import background_outline as outline
from checks.background_outline import contrasts
from fixtures.people import person
from pipeline.core.rules import Mode, Outcome
from pipeline.examine.check import run_check
from pipeline.face.models import BACKGROUND, CLOTHES, HAIR
from pipeline.image.colour_names import WORDS

BLUE = np.array((100, 197, 255))
CLOTH = np.array(person(3).cloth)


@pytest.fixture(scope="module")
def judged(facts_of, framed, sitter, spec):
    def run(backdrop=BLUE, seed=3, mirrored=False):
        picture = framed(sitter(seed, backdrop=tuple(backdrop)))
        facts = facts_of(picture[:, ::-1] if mirrored else picture, Mode.FINAL)
        (finding,) = run_check(outline.CHECK, facts, spec.limits["outline"])
        return finding

    return run


@pytest.mark.parametrize("seed", [3, 7, 16, 30])
def test_dark_clothes_and_hair_before_blue_stand_out(judged, seed):
    finding = judged(seed=seed)
    assert finding.outcome is Outcome.PASSED
    assert finding.because is None
    assert finding.measured > 20


def test_the_nearer_the_wall_to_the_clothes_the_lower(judged):
    steps = [judged(BLUE + (CLOTH - BLUE) * share) for share in (0, 0.4, 0.8, 1.0)]
    assert all(b.measured < a.measured for a, b in pairwise(steps))
    assert steps[-1].outcome is Outcome.BROKEN
    assert "黑边检测" in steps[-1].because.zh


def test_it_is_the_same_in_a_mirror(judged):
    assert judged(mirrored=True).measured == pytest.approx(judged().measured, rel=0.15)


# -- bare cells ---------------------------------------------------------------------------


def figure(hair: float, clothes: float) -> tuple[np.ndarray, np.ndarray]:
    """Hair over clothes before a wall of L* 80, by their L*."""
    classes = np.zeros((320, 240, 6), np.float32)
    lab = np.zeros((320, 240, 3), np.float32)
    lab[..., 0] = 80
    kind = np.full((320, 240), BACKGROUND)
    kind[60:180, 70:170], kind[180:, 40:200] = HAIR, CLOTHES
    lab[..., 0][kind == HAIR] = hair
    lab[..., 0][kind == CLOTHES] = clothes
    np.put_along_axis(classes, kind[..., None], 1, axis=2)
    return classes, lab


def test_each_part_has_its_own_contrast():
    found = contrasts(*figure(hair=20, clothes=75))
    assert np.percentile(found[HAIR], 10) > 40
    assert np.percentile(found[CLOTHES], 50) < 6


def test_a_figure_of_the_walls_colour_has_none():
    found = contrasts(*figure(hair=80, clothes=80))
    assert max(found[HAIR].max(), found[CLOTHES].max()) < 1e-3


@pytest.mark.parametrize("beyond", [False, True])
def test_the_limit_has_two_sides_and_the_part_is_named(facts_of, framed, sitter, spec, beyond):
    """Only clothes can merge here; the step of L* is chosen on either side of the limit."""
    classes, lab = figure(hair=20, clothes=80 - (5 if beyond else 14))
    facts = given(facts_of(framed(sitter()), Mode.FINAL), classes=classes, lab=lab)
    (finding,) = run_check(outline.CHECK, facts, spec.limits["outline"])
    assert (finding.outcome is Outcome.BROKEN) is beyond
    if beyond:
        assert "衣服" in finding.because.zh.split("（")[-1]
        assert finding.because.en.endswith("(clothes)")


def test_no_outline_is_a_matter_of_the_faces_size(facts_of, framed, sitter, spec):
    classes = np.zeros((320, 240, 6), np.float32)
    classes[..., BACKGROUND] = 1
    facts = given(facts_of(framed(sitter()), Mode.FINAL), classes=classes)
    (finding,) = run_check(outline.CHECK, facts, spec.limits["outline"])
    assert finding.outcome is Outcome.SKIPPED
    assert finding.caused_by == "FC006"


def test_a_body_that_is_not_seen_at_all_has_merged(facts_of, framed, sitter, spec):
    """Clothes of exactly the wall's colour leave a head in the air."""
    facts = facts_of(framed(sitter()), Mode.FINAL)
    assert outline.body_share(facts) > 0.9
    classes = facts.classes.copy()
    classes[250:] = 0
    classes[250:, :, BACKGROUND] = 1
    (finding,) = run_check(outline.CHECK, given(facts, classes=classes), spec.limits["outline"])
    assert finding.outcome is Outcome.BROKEN
    assert finding.because.en.endswith("(clothes)")


def test_a_picture_that_ends_at_the_chin_says_nothing_of_the_body(facts_of, framed, sitter):
    facts = facts_of(framed(sitter(), shift=(0, 130)), Mode.FINAL)
    assert outline.body_share(facts) is None


@pytest.mark.parametrize("cloth", [(30, 60, 150), (20, 110, 50), (150, 30, 40), (20, 20, 22)])
def test_clothes_of_a_colour_that_the_spec_avoids_are_noted_and_no_fault(
    facts_of, framed, sitter, spec, cloth
):
    facts = facts_of(framed(sitter(3, cloth=cloth)), Mode.FINAL)
    name = outline.clothes_colour(facts)
    limits = spec.limits["outline"]
    (plain,) = run_check(outline.CHECK, facts, limits)
    assert plain.because is None
    avoiding = limits.model_copy(update={"clothes_avoid": (name,)})
    (noted,) = run_check(outline.CHECK, facts, avoiding)
    assert noted.outcome is Outcome.PASSED
    assert WORDS[name].zh in noted.because.zh
    others = tuple(other for other in WORDS if other != name)
    (free,) = run_check(outline.CHECK, facts, limits.model_copy(update={"clothes_avoid": others}))
    assert free.because is None
    assert name == {30: "blue", 20: "green" if cloth[1] == 110 else "black", 150: "red"}[cloth[0]]
