"""How a value repeats: pure numbers, and a drawn sitter measured again and again."""

import csv

import numpy as np
import pytest

from checks import CHECKS
from flows.measuring.repeatability import KINDS, Repeated, alterations, repeat
from flows.measuring.spreads import (
    is_near,
    pooled_deviation,
    print_spreads,
    spreads,
    write_spreads,
)
from pipeline.core.records import Submission
from pipeline.face.models import load_models
from pipeline.image.decode import DecodeLimits, decode, read_header
from pipeline.image.geometry import Crop
from pipeline.rules import photo_rules

RULES = {rule.code: rule for rule in photo_rules(CHECKS)}
HAIR = ("HR001", "", (None, 0.4))
EYES = ("FC005", "", (200.0, 300.0))


def repeated(key, first, *again):
    return Repeated({key: first}, [("crop", {key: value}) for value in again])


def test_the_deviation_is_pooled_over_what_each_series_leaves_free():
    assert pooled_deviation([[1, 3], [10, 10, 10]]) == pytest.approx(np.sqrt(2 / 3))
    assert pooled_deviation([[0.0], []][:1]) == 0.0
    rng = np.random.default_rng(5)
    drawn = [rng.normal(place, 0.5, 12) for place in rng.uniform(0, 100, 400)]
    assert pooled_deviation(drawn) == pytest.approx(0.5, rel=0.05), "whatever the values lie at"


@pytest.mark.parametrize(
    ("value", "limit", "near"),
    [
        (0.2, (None, 0.4), True),
        (0.19, (None, 0.4), False),
        (0.8, (None, 0.4), True),
        (0.81, (None, 0.4), False),
        (12, (6, None), True),
        (12.1, (6, None), False),
        (150, (200, 300), True),
        (149, (200, 300), False),
        (350, (200, 300), True),
        (351, (200, 300), False),
        (0, (None, None), False),
    ],
)
def test_near_a_limit_is_from_half_of_it_to_twice_and_half_a_window_beyond_it(value, limit, near):
    assert is_near(value, limit) is near


def test_photos_near_the_limit_speak_for_all_where_there_are_enough_of_them():
    """Most values of a share are next to 0, where they cannot spread."""
    at_zero = [repeated(HAIR, 0.02, 0.02, 0.02) for _ in range(20)]
    near = [repeated(HAIR, 0.3, 0.32, 0.28) for _ in range(5)]
    (few,), (enough,) = spreads([*at_zero, *near[:4]]), spreads([*at_zero, *near])
    assert (few.photos, few.near, enough.photos, enough.near) == (24, 4, 25, 5)
    assert enough.uncertainty == pytest.approx(2 * 0.02)
    assert few.uncertainty < 0.02
    assert enough.by_kind == {"crop": pytest.approx(0.02)}


def test_twice_the_spread_is_twice_the_uncertainty():
    one, two = ([repeated(EYES, 250, 250 + k, 250 - k)] for k in (1, 2))
    assert spreads(two)[0].uncertainty == pytest.approx(2 * spreads(one)[0].uncertainty)


def test_a_value_that_was_measured_once_only_has_no_spread():
    assert spreads([Repeated({EYES: 250.0}, [("file", {})])]) == ()


def test_what_is_altered_nobody_sees(sitter):
    """Every kind, of the same picture: seeded, and within a few levels of it."""
    pixels, crop = sitter(), Crop(240, 160, 480, 640, 1.0)
    first, again, other = (
        list(alterations(pixels, crop, np.random.default_rng(seed), 0.5)) for seed in (1, 1, 2)
    )
    assert [one.data for one in first] == [one.data for one in again]
    assert [one.data for one in first] != [one.data for one in other]
    assert {one.kind for one in first} == {*KINDS} - {"file"}
    for one in first:
        file = read_header(one.data, DecodeLimits(2**26, 10**8))
        seen = decode(one.data, file, None).pixels
        if one.kind == "size":
            assert seen.shape[0] in {960, 640}
            continue
        assert seen.shape == pixels.shape
        assert np.abs(seen.mean(axis=(0, 1)) - pixels.mean(axis=(0, 1))).max() < 5
        assert abs(one.scale - 1) <= 0.004
        middle = np.array([480, 480])
        assert np.abs(one.scale * middle + one.shift - middle).max() <= 2, "under two pixels"


def test_sizes_go_down_only_to_what_the_spec_needs(sitter):
    crop = Crop(240, 160, 480, 640, 1.0)

    def sizes(least):
        found = alterations(sitter(), crop, np.random.default_rng(1), least)
        return [round(one.scale, 2) for one in found if one.kind == "size"]

    assert (sizes(0.5), sizes(0.6), sizes(0.8)) == ([0.75, 0.5], [0.75], [])


@pytest.fixture(scope="module")
def measured(tmp_path_factory, sitter, jpeg, spec):
    path = tmp_path_factory.mktemp("sitter") / "a.jpg"
    path.write_bytes(jpeg(sitter()))
    return repeat(Submission("a.jpg", path), spec, CHECKS, load_models())


def test_a_drawn_sitter_repeats(measured, tmp_path, capsys):
    assert {kind for kind, _ in measured.again} == {*KINDS}
    found = {spread.key[0]: spread for spread in spreads([measured])}
    assert 0 < found["FC005"].uncertainty < 4
    assert found["FC007"].by_kind["turn"] == pytest.approx(0.5, abs=0.3), "the tilt itself counts"
    assert found["FC004"].by_kind["crop"] < 4, "the crop's own move is taken off"
    assert not {code[:2] for code in found} & {"FL", "FS", "RS"}, "exact"
    write_spreads(found.values(), RULES, tmp_path / "a.csv")
    print_spreads(found.values(), RULES, "zh")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert {row["code"] for row in csv.DictReader(stream)} == found.keys()
    assert "眼睛距上边沿" in capsys.readouterr().out


def test_a_picture_without_a_head_says_nothing(tmp_path, jpeg, spec):
    path = tmp_path / "wall.jpg"
    path.write_bytes(jpeg(np.full((640, 480, 3), 200, np.uint8)))
    assert repeat(Submission("wall.jpg", path), spec, CHECKS, load_models()) is None
