"""BG: the backdrop's colour (BG001) and evenness (BG002), on drawn sitters and on bare cells."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.color import deltaE_ciede2000, lab2rgb, rgb2lab

from checks import background
from checks.background import spread
from pipeline.core.rules import Mode, Outcome
from pipeline.examine.check import run_check

BLUE = (100, 197, 255)  # the standard's reference 参考值
JPEG_AND_ROUNDING = 0.6  # ΔE2000


def lab_of(rgb) -> np.ndarray:
    return rgb2lab(np.array([[rgb]], np.float64) / 255)[0, 0]


def delta_e(rgb, other=BLUE) -> float:
    return float(deltaE_ciede2000(lab_of(rgb), lab_of(other)))


@pytest.fixture(scope="module")
def judged(facts_of, framed, sitter, spec):
    """Findings on a registration file before a backdrop: a colour, or a whole painted wall."""
    limits = spec.limits["background"]

    def run(backdrop) -> dict:
        facts = facts_of(framed(sitter(backdrop=backdrop)), Mode.FINAL)
        return {f.code: f for f in run_check(background.CHECK, facts, limits)}

    return run


@pytest.mark.parametrize(
    ("backdrop", "noted"),
    [
        (BLUE, False),
        ((0, 191, 243), False),  # 毕业证蓝 #00BFF3
        ((128, 210, 238), False),  # the median of 182 students of one real studio
        ((0, 163, 230), False),  # a university's notice of 2020, ΔE 10.1
        ((67, 142, 219), True),  # 证件照蓝 #438EDB, ΔE 16.5
    ],
)
def test_the_blues_that_are_in_use_are_kept(judged, backdrop, noted):
    finding = judged(backdrop)["BG001"]
    assert finding.outcome is Outcome.PASSED
    assert (finding.because is not None) is noted
    assert finding.measured == pytest.approx(delta_e(backdrop), abs=JPEG_AND_ROUNDING)


@pytest.mark.parametrize(
    "backdrop",
    [(255, 255, 255), (240, 240, 240), (216, 22, 32), (0, 170, 80)],
    ids=["white", "grey", "red", "green"],
)
def test_another_colour_is_broken_but_even(judged, backdrop):
    found = judged(backdrop)
    assert found["BG001"].outcome is Outcome.BROKEN
    assert found["BG001"].measured == pytest.approx(delta_e(backdrop), abs=JPEG_AND_ROUNDING)
    assert found["BG002"].outcome is Outcome.PASSED


@pytest.mark.parametrize("end", ["note_high", "high"])
@pytest.mark.parametrize("side", [-0.8, 0.8])
def test_a_tint_is_measured_and_each_limit_has_two_sides(judged, spec, end, side):
    """The reference is darkened until it lies a known ΔE2000 away."""
    band = spec.limits["background"].delta_e
    wanted = getattr(band, end) + side
    darker = [lab2rgb(lab_of(BLUE) - [step, 0, 0]) * 255 for step in np.arange(0, 60, 0.25)]
    backdrop = min(darker, key=lambda rgb: abs(delta_e(rgb) - wanted)).round()
    finding = judged(tuple(backdrop))["BG001"]
    assert finding.measured == pytest.approx(delta_e(backdrop), abs=JPEG_AND_ROUNDING)
    if end == "high":
        assert (finding.outcome is Outcome.BROKEN) is (side > 0)
    else:
        assert finding.outcome is Outcome.PASSED
        assert (finding.because is not None) is (side > 0)


def wall(light) -> np.ndarray:
    """The reference colour under a light of 0..1 that depends on x and y (0..1)."""
    x, y = np.linspace(0, 1, 960)[None, :], np.linspace(0, 1, 1280)[:, None]
    return np.clip(np.array(BLUE) * light(x, y)[:, :, None], 0, 255)


def gradient(strength: float) -> np.ndarray:
    return wall(lambda x, y: 1 - strength * x + 0 * y)


def shadow(strength: float) -> np.ndarray:
    """Of a head, on the wall beside it."""
    return wall(
        lambda x, y: 1 - strength * np.exp(-(((x - 0.8) / 0.14) ** 2) - ((y - 0.3) / 0.2) ** 2)
    )


def clutter(strength: float) -> np.ndarray:
    """A dark frame on the wall, at the picture's left."""
    return wall(lambda x, y: 1 - strength * ((x < 0.24) & (y > 0.2) & (y < 0.5)))


@pytest.mark.parametrize("paint", [gradient, shadow, clutter])
def test_what_is_uneven_is_the_more_so_the_stronger_it_is(judged, paint):
    steps = [judged(paint(strength))["BG002"] for strength in (0.0, 0.15, 0.6)]
    measured = [finding.measured for finding in steps]
    assert measured[0] < 0.5
    assert measured == sorted(measured)
    assert all(b - a > 0.5 for a, b in pairwise(measured))
    assert steps[0].outcome is Outcome.PASSED
    assert steps[0].because is None
    assert steps[-1].outcome is Outcome.BROKEN


def test_the_grain_of_a_camera_is_not_unevenness(judged):
    grain = np.random.default_rng(4).normal(0, 8, (1280, 960, 3))
    assert judged(np.clip(np.array(BLUE) + grain, 0, 255))["BG002"].measured < 1


def test_the_person_takes_no_part_in_it(final_facts, spec):
    """Another head of hair and other clothes before the same wall."""
    found = run_check(background.CHECK, final_facts(7), spec.limits["background"])
    assert all(finding.measured < 0.5 for finding in found)


def test_a_face_that_fills_the_picture_leaves_no_background_to_judge(facts_of, sitter, spec):
    face = np.ascontiguousarray(sitter()[230:660, 320:640])
    found = run_check(background.CHECK, facts_of(face, Mode.FINAL), spec.limits["background"])
    assert {f.outcome for f in found} == {Outcome.SKIPPED}
    assert {f.caused_by for f in found} == {"FC006"}


# -- the measure of spread by itself ---------------------------------------------------

GRID = (320, 240)


def cells(lightness=75.0) -> np.ndarray:
    lab = np.zeros((*GRID, 3), np.float32)
    lab[:] = (lightness, -10, -40)
    return lab


EVERYWHERE = np.ones(GRID, bool)


@settings(max_examples=20)
@given(st.floats(20, 95))
def test_an_even_background_has_no_spread(lightness):
    assert spread(cells(lightness), EVERYWHERE) == pytest.approx(0, abs=1e-4)


@settings(max_examples=20)
@given(st.floats(1, 20))
def test_a_darker_quarter_lies_as_far_away_as_its_colour(step):
    lab = cells()
    lab[:, :60, 0] -= step
    due = float(deltaE_ciede2000(lab[0, 0], lab[0, -1]))
    assert spread(lab, EVERYWHERE) == pytest.approx(due, rel=1e-3)


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_the_spread_is_the_same_in_a_mirror(seed):
    lab = cells()
    blocks = np.random.default_rng(seed).normal(0, 4, (11, 8))
    lab[:, :, 0] += np.kron(blocks, np.ones((30, 30)))[: GRID[0], : GRID[1]].astype(np.float32)
    mirrored = np.ascontiguousarray(lab[:, ::-1])
    assert spread(mirrored, EVERYWHERE) == pytest.approx(spread(lab, EVERYWHERE), abs=1e-4)


def test_what_is_not_background_does_not_count():
    lab, mask = cells(), EVERYWHERE.copy()
    lab[100:, 60:180] = (20, 40, 40)
    mask[100:, 60:180] = False
    assert spread(lab, mask) == pytest.approx(0, abs=1e-4)
    assert spread(lab, EVERYWHERE) > 20


def test_no_block_of_background_has_no_spread():
    assert spread(cells(), np.zeros(GRID, bool)) == 0
