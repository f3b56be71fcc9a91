"""LT002 and LT003: light from one side, greyscale and colour casts, on every skin."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from checks import light
from checks.light import cast, luminance
from pipeline.core.rules import Mode, Outcome
from pipeline.examine.check import run_check

# From the lightest to the darkest; RGB of the drawn sitter's skin.
SKINS = (
    (250, 224, 208),
    (222, 178, 150),
    (176, 128, 98),
    (128, 86, 62),
    (92, 62, 46),
    (64, 44, 36),
)


@pytest.fixture(scope="module")
def judged(facts_of, spec):
    def run(picture) -> dict:
        found = run_check(light.CHECK, facts_of(picture, Mode.FINAL), spec.limits["light"])
        return {f.code: f for f in found}

    return run


@pytest.fixture(scope="module")
def of_skin(framed):
    """A sitter's registration file with a skin of a given colour."""
    from fixtures.people import person, portrait

    def draw(tone, seed=3):
        who = replace(person(seed), tone=tuple(float(c) for c in tone))
        sheet = portrait(who, 24.0)
        picture = np.empty((1280, 960, 3), np.float32)
        picture[:] = (100, 197, 255)
        left = (sheet.shape[1] - 960) // 2
        cut = sheet[:1220, left : left + 960]
        alpha = cut[:, :, 3:] / 255
        picture[60 : 60 + len(cut)] = (
            picture[60 : 60 + len(cut)] * (1 - alpha) + cut[..., :3] * alpha
        )
        return framed(np.clip(picture, 0, 255).round().astype(np.uint8))

    return draw  # fmt: skip


def linear(picture):
    return (picture / 255.0) ** 2.2


def shown(light_linear):
    return (np.clip(light_linear, 0, 1) ** (1 / 2.2) * 255).round().astype(np.uint8)


@pytest.mark.parametrize("tone", SKINS)
def test_every_skin_in_even_white_light_passes(judged, of_skin, tone):
    found = judged(of_skin(tone))
    for code in ("LT002", "LT003"):
        assert found[code].outcome is Outcome.PASSED, found[code]
        assert found[code].because is None
    assert found["LT003"].measured < 2


def one_sided(picture, stops: float):
    """The light falls off to the picture's left by so many stops over the face's width."""
    x = np.linspace(-0.5, 0.5, picture.shape[1])[None, :, None]
    return shown(linear(picture) * 2 ** (np.clip(x / 0.25, -1, 1) * stops / 2))


@pytest.mark.parametrize("tone", [SKINS[1], SKINS[4]])
def test_the_more_one_sided_the_light_the_higher_on_any_skin(judged, of_skin, tone):
    picture = of_skin(tone)
    steps = [judged(one_sided(picture, stops))["LT002"] for stops in (0, 1, 2, 3.5)]
    assert all(b.measured > a.measured for a, b in pairwise(steps))
    assert steps[0].measured < 1.3
    assert steps[-1].outcome is Outcome.BROKEN
    assert "照片左侧较暗" in steps[-1].because.zh


def test_a_mirror_changes_the_side_and_nothing_else(judged, framed, sitter):
    dark = one_sided(framed(sitter()), 3.5)
    once, mirrored = judged(dark)["LT002"], judged(np.ascontiguousarray(dark[:, ::-1]))["LT002"]
    assert mirrored.measured == pytest.approx(once.measured, rel=0.15)
    assert "照片右侧较暗" in mirrored.because.zh


def test_less_light_on_both_sides_is_even(judged, framed, sitter):
    picture = framed(sitter())
    darker = shown(linear(picture) * 0.4)
    even = judged(picture)["LT002"].measured
    assert judged(darker)["LT002"].measured == pytest.approx(even, rel=0.1)


@pytest.mark.parametrize("tone", [SKINS[0], SKINS[2], SKINS[4]])
def test_greyscale_is_seen_on_every_skin(judged, of_skin, tone):
    picture = of_skin(tone)
    grey = picture.mean(axis=2, keepdims=True)
    steps = [
        judged((picture * (1 - s) + grey * s).round().astype(np.uint8))["LT003"]
        for s in (0, 0.5, 0.8, 1)
    ]
    assert [s.measured for s in steps] == sorted(s.measured for s in steps)
    assert steps[-1].outcome is Outcome.BROKEN
    assert "近于黑白" in steps[-1].because.zh


@pytest.mark.parametrize(
    ("gain", "name"),
    [((0.2, 0.8, 2.2), "蓝"), ((0.5, 1.3, 0.6), "绿"), ((1.1, 0.5, 2.4), "紫")],
)
@pytest.mark.parametrize("tone", [SKINS[1], SKINS[3]])
def test_a_growing_cast_breaks_and_is_named(judged, of_skin, tone, gain, name):
    picture = of_skin(tone)
    steps = [
        judged(shown(linear(picture) * (1 + s * (np.array(gain) - 1))))["LT003"]
        for s in (0, 0.5, 1)
    ]
    assert [s.measured for s in steps] == sorted(s.measured for s in steps)
    assert steps[-1].outcome is Outcome.BROKEN
    assert f"偏{name}" in steps[-1].because.zh


# -- the measures by themselves ----------------------------------------------------------

HUE, CHROMA = (20.0, 80.0), (8.0, 45.0)


def polar(chroma, hue):
    return chroma * np.cos(np.radians(hue)), chroma * np.sin(np.radians(hue))


@pytest.mark.parametrize(
    ("chroma", "hue", "distance"),
    [(20, 50, 0), (8, 20, 0), (45, 80, 0), (0, 0, 8), (5, 50, 3), (50, 50, 5), (20, 90, 3.473)],
)
def test_distance_from_the_range_of_skin(chroma, hue, distance):
    assert cast(*polar(chroma, hue), HUE, CHROMA) == pytest.approx(distance, abs=1e-3)


def test_luminance_is_linear():
    assert luminance(100) == pytest.approx(1)
    assert luminance(76.07) / luminance(53.39) == pytest.approx(0.5 / 0.2137, rel=0.01)
    assert luminance(0) > 0
