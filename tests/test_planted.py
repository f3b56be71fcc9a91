"""Shoots with planted mistakes: what is planted is what is counted."""

import numpy as np
import pytest

from flows.measuring.identity_swaps import SWAPS, measure
from flows.measuring.planted import people, shoot, with_run, with_swaps


@pytest.fixture(scope="module")
def templates():
    """Two photos of each of 40 made-up people, one of each of 200 more."""
    rng = np.random.default_rng(5)
    drawn = {}
    for number in range(240):
        person = rng.normal(size=128)
        for which in range(2 if number < 40 else 1):
            vector = person + 0.7 * rng.normal(size=128)
            drawn[f"{number}-{which}"] = (vector / np.linalg.norm(vector)).astype(np.float32)
    return drawn


@pytest.fixture(scope="module")
def identity_of(templates):
    return {photo: photo.partition("-")[0] for photo in templates}


def test_a_shoot_has_everyone_once_with_templates_of_length_one(templates, identity_of):
    persons = people(templates, identity_of, 200, np.random.default_rng(0))
    assert len(persons) == 200
    both = np.array([[p.reference, p.photo] for p in persons])
    assert np.allclose(np.linalg.norm(both, axis=2), 1, atol=1e-5)
    others = both[:, 0] @ both[:, 0].T
    assert others[~np.eye(200, dtype=bool)].max() < 0.9


def test_those_filled_in_are_as_like_themselves_as_the_real_pairs(templates, identity_of):
    def scores(count):
        persons = people(templates, identity_of, count, np.random.default_rng(0))
        return np.array([p.reference @ p.photo for p in persons])

    real, filled = scores(None), scores(200)
    assert len(real) == 40
    assert abs(real.mean() - filled.mean()) < 0.03
    assert {round(float(s), 3) for s in filled} <= {round(float(s), 3) for s in real}


def test_swaps_and_runs_are_planted_as_said():
    shown = with_swaps(20, 3, np.random.default_rng(0))
    assert sum(at != who for at, who in enumerate(shown)) == 6
    assert all(shown[who] == at for at, who in enumerate(shown))
    assert with_run(9, 2, 4, 1, closed=True) == [0, 1, 3, 4, 5, 2, 6, 7, 8]
    assert with_run(9, 2, 4, 1, closed=False) == [0, 1, 3, 4, 5, 6, None, 7, 8]
    assert with_run(9, 2, 4, -1, closed=False) == [0, 1, 1, 2, 3, 4, 6, 7, 8]


def test_the_truth_says_who_is_in_each_photo(templates, identity_of):
    persons = people(templates, identity_of, None, np.random.default_rng(0))
    made = shoot(persons, [1, 0, None, *range(3, 40)])
    assert len(made.photos) == 39
    assert made.truth["IMG_00000.JPG"] == "S00001"
    assert made.photos[0].student == "S00000"


def test_people_who_are_easily_told_apart_are_all_found_and_nobody_is_accused(
    templates, identity_of
):
    counts = measure(templates, identity_of, 1)
    assert counts["5 swaps"]["swaps found as a pair"].hits == SWAPS
    assert all(each["honest accused"].hits == 0 for each in counts.values())
    runs = [each for title, each in counts.items() if title.startswith("run")]
    assert len(runs) == 8
    assert all(each["ends right within one"].hits == 1 for each in runs)
