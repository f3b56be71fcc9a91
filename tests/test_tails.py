"""The fitted tail gives back the chance of what was drawn from a known one."""

import math

import numpy as np
import pytest

from flows.measuring.tails import beyond, fit_tail


def largest_of_normal(count, keep, seed=1):
    """The largest correlations whose Fisher z is normal with a spread of 0.2."""
    z = np.random.default_rng(seed).normal(0, 0.2, count)
    return np.tanh(np.sort(z)[-keep:])


@pytest.mark.parametrize("spreads", [3.5, 4.0])
def test_the_chance_of_a_normal_tail_is_given_back(spreads):
    scores = largest_of_normal(100_000, 1000)
    true = math.erfc(spreads / math.sqrt(2)) / 2
    chance, low, high = beyond(scores, 100_000, math.tanh(0.2 * spreads))
    assert true / 4 < chance < true * 4
    assert low <= chance <= high
    assert fit_tail(scores, 100_000).endless(math.tanh(0.2 * spreads)) > chance


def test_a_higher_score_is_less_likely():
    tail = fit_tail(largest_of_normal(100_000, 1000), 100_000)
    chances = [tail.beyond(score) for score in (0.6, 0.7, 0.8)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > chances[-1]
