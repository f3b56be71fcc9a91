"""BG002's causes and BG003: what is wrong with the wall is said, and what stands before it."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from checks import background
from checks.background_objects import edge_length, frame_sides, has_foot_bar, stranger_length
from pipeline.core.rules import Mode, Outcome
from pipeline.examine.check import run_check

BLUE = (100, 197, 255)
GRID = (320, 240)


@pytest.fixture(scope="module")
def judged(facts_of, framed, sitter, spec):
    """Findings on a sitter before a painted wall, and with something painted over all."""

    def run(backdrop=BLUE, over=None, seed=3) -> dict:
        picture = framed(sitter(seed, backdrop=backdrop))
        if over is not None:
            over(picture)
        facts = facts_of(picture, Mode.FINAL)
        return {f.code: f for f in run_check(background.CHECK, facts, spec.limits["background"])}

    return run


def wall(light) -> np.ndarray:
    """The reference colour under a light of 0..1 that depends on x and y (0..1)."""
    x, y = np.linspace(0, 1, 960)[None, :], np.linspace(0, 1, 1280)[:, None]
    return np.clip(np.array(BLUE) * light(x, y)[:, :, None], 0, 255)


@pytest.mark.parametrize(
    ("light", "zh", "en"),
    [
        (lambda x, y: 1 - 0.6 * x + 0 * y, "左右不均，右侧较暗", "darker on the right"),
        (lambda x, y: 0.4 + 0.6 * x + 0 * y, "左右不均，左侧较暗", "darker on the left"),
        (lambda x, y: 1 - 0.8 * y + 0 * x, "上下不均，下方较暗", "darker at the bottom"),
        (lambda x, y: 0.3 + 0.7 * y + 0 * x, "上下不均，上方较暗", "darker at the top"),
        (
            lambda x, y: 1 - 0.6 * np.exp(-(((x - 0.75) / 0.09) ** 2) - ((y - 0.3) / 0.12) ** 2),
            "人像旁有阴影，在照片右侧",
            "a shadow beside the head, on the picture's right",
        ),
    ],
)
def test_the_cause_is_named(judged, light, zh, en):
    finding = judged(wall(light))["BG002"]
    assert finding.because is not None
    assert zh in finding.because.zh
    assert en in finding.because.en


def test_a_stain_of_another_colour_is_no_shadow(judged):
    painted = wall(lambda x, y: 1 + 0 * x + 0 * y)
    painted[300:560, 640:760] = (230, 120, 120)
    assert "spots or clutter" in judged(painted)["BG002"].because.en


def test_a_plain_wall_has_nothing_in_it(judged):
    for seed in (3, 7, 16, 30):
        finding = judged(seed=seed)["BG003"]
        assert finding.measured == 0
        assert finding.because is None


def test_a_gradient_or_a_shadow_is_no_object(judged):
    """They are told by BG002; a student is not to look for an object that is not there."""
    for light in (
        lambda x, y: 1 - 0.7 * x + 0 * y,
        lambda x, y: 1 - 0.45 * np.exp(-(((x - 0.7) / 0.18) ** 2) - ((y - 0.4) / 0.3) ** 2),
    ):
        assert judged(wall(light))["BG003"].outcome is Outcome.PASSED


def shelf(size: float):
    def over(picture):
        cv2.rectangle(
            picture, (10, 60), (10 + round(90 * size), 60 + round(200 * size)), (90, 60, 40), -1
        )

    return over  # fmt: skip


def test_a_larger_object_counts_for_more(judged):
    steps = [judged(over=shelf(size))["BG003"] for size in (0.1, 0.3, 0.5, 0.8)]
    assert all(b.measured > a.measured for a, b in pairwise(steps))
    assert steps[0].outcome is Outcome.PASSED
    assert steps[-1].outcome is Outcome.BROKEN
    assert "object" in steps[-1].because.en


@pytest.mark.parametrize(
    ("words", "outcome"),
    [("26", Outcome.PASSED), ("2026", Outcome.SKIPPED), ("2026-06-10", Outcome.BROKEN)],
)
def test_words_on_the_wall(judged, words, outcome):
    """Two digits are noted; where the measure is not sure enough, a person decides."""

    def over(picture):
        cv2.putText(picture, words, (8, 90), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (255, 255, 255), 4)

    found = judged(over=over)["BG003"]
    assert found.outcome is outcome
    assert found.borderline is (outcome is Outcome.SKIPPED)
    assert found.because


@pytest.mark.parametrize("thick", [4, 12])
def test_a_border_is_named_by_its_sides(judged, thick):
    def over(picture):
        picture[:thick] = picture[:, :thick] = picture[:, -thick:] = 250

    finding = judged(over=over)["BG003"]
    assert finding.outcome is Outcome.BROKEN
    assert "有边框" in finding.because.zh
    assert "top, left, right" in finding.because.en


@pytest.mark.parametrize("thick", [4, 12, 60])
@pytest.mark.parametrize("shade", [0, 250])
def test_a_bar_along_the_foot_is_named_though_clothes_reach_it(judged, thick, shade):
    def over(picture):
        picture[-thick:] = shade

    finding = judged(over=over)["BG003"]
    assert finding.outcome is Outcome.BROKEN
    assert "下边有边框" in finding.because.zh
    assert "a border: foot" in finding.because.en


# -- the measures by themselves, on bare cells ------------------------------------------

EVERYWHERE = np.ones(GRID, bool)


def cells() -> np.ndarray:
    lab = np.zeros((*GRID, 3), np.float32)
    lab[:] = (75, -10, -40)
    return lab


def test_an_edge_has_the_length_it_is_drawn_with():
    lab = cells()
    lab[40:160, 100:, 0] -= 20
    lab[40:160, 220:, 0] += 20
    assert edge_length(lab, EVERYWHERE) == pytest.approx(120 / 240, abs=0.06)


def bust(cloth, slope: int) -> np.ndarray:
    """A wall, and clothes up to a line that falls by so many cells from the middle outwards."""
    lab = cells()
    y, x = np.mgrid[: GRID[0], : GRID[1]]
    lab[y > 290 + np.abs(x - 120) * slope // 120] = cloth
    return lab


def test_clothes_of_one_colour_that_fill_the_foot_are_no_bar():
    """Shoulders slope, and a stripe that does not reach both sides is a hem or a table's edge."""
    assert not has_foot_bar(bust((15, 0, 0), slope=20))
    assert has_foot_bar(bust((15, 0, 0), slope=0)), "level from side to side"
    part = cells()
    part[-20:, : int(0.7 * GRID[1])] = (15, 0, 0)
    assert not has_foot_bar(part)


def test_what_is_not_even_is_no_bar():
    lab = bust((15, 0, 0), slope=0)
    lab[291:] += np.random.default_rng(1).normal(0, 4, lab[291:].shape)
    assert not has_foot_bar(lab)


def test_short_hairs_and_noise_are_no_edges():
    lab = cells() + np.random.default_rng(1).normal(0, 0.6, (*GRID, 3)).astype(np.float32)
    lab[100:105, 50:52, 0] -= 30
    assert edge_length(lab, EVERYWHERE) == 0


def test_near_the_person_nothing_counts():
    lab, mask = cells(), EVERYWHERE.copy()
    mask[100:, 60:180] = False
    lab[100:, 55:57, 0] -= 30
    assert edge_length(lab, mask) == 0


def test_an_island_is_a_stranger_and_the_person_is_not():
    background_share = np.ones(GRID, np.float32)
    background_share[100:, 60:180] = 0
    assert stranger_length(background_share) == 0
    background_share[40:80, 0:30] = 0
    assert stranger_length(background_share) == pytest.approx(2 * (40 + 30) / 240)
    assert stranger_length(np.ones(GRID, np.float32)) == 0


def test_a_line_must_run_along_most_of_a_side():
    lab = cells()
    lab[:5, :100, 0] = 95
    assert frame_sides(lab, EVERYWHERE) == {}
    lab[:5, :180, 0] = 95
    assert frame_sides(lab, EVERYWHERE) == {"top": 1.0}
    assert frame_sides(lab, np.zeros(GRID, bool)) == {}
