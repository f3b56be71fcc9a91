"""The search misses nothing and invents nothing: held against everything with everything."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pipeline.duplicates import search
from pipeline.duplicates.search import codes_between, nearest, vectors_above


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    """Blocks so small that a handful of codes lies in several."""
    monkeypatch.setattr(search, "_ROWS", 3)
    monkeypatch.setattr(search, "_COLUMNS", 5)
    monkeypatch.setattr(search, "_VECTORS", 4)


def bits_between(a: int, b: int) -> int:
    return (a ^ b).bit_count()


def as_codes(numbers: list[int], words: int) -> np.ndarray:
    data = b"".join(number.to_bytes(8 * words, "little") for number in numbers)
    return np.frombuffer(data, np.uint64).reshape(-1, words)


@st.composite
def lists_of_codes(draw, words):
    """Codes near one another: a few centres, each with some bits flipped."""
    centres = draw(st.lists(st.integers(0, 2 ** (64 * words) - 1), min_size=1, max_size=3))
    flips = st.lists(st.integers(0, 64 * words - 1), max_size=20)
    made = draw(st.lists(st.tuples(st.sampled_from(centres), flips), max_size=17))
    return [centre ^ sum({1 << bit for bit in bits}) for centre, bits in made]


@pytest.mark.parametrize("words", [1, 4])
@settings(max_examples=40, deadline=None)
@given(data=st.data(), distance=st.integers(0, 24))
def test_codes_within_a_distance_are_those_of_brute_force(words, data, distance):
    some, others = data.draw(lists_of_codes(words)), data.draw(lists_of_codes(words))
    expected = [
        (i, j)
        for i, a in enumerate(some)
        for j, b in enumerate(others)
        if bits_between(a, b) <= distance
    ]
    i, j = codes_between(as_codes(some, words), as_codes(others, words), distance)
    assert list(zip(i.tolist(), j.tolist(), strict=True)) == expected


@settings(max_examples=40, deadline=None)
@given(codes=lists_of_codes(4), distance=st.integers(0, 24))
def test_of_one_list_each_pair_is_found_once(codes, distance):
    array = as_codes(codes, 4)
    i, j = codes_between(array, array, distance, ahead=True)
    expected = [
        (a, b)
        for a in range(len(codes))
        for b in range(a + 1, len(codes))
        if bits_between(codes[a], codes[b]) <= distance
    ]
    assert list(zip(i.tolist(), j.tolist(), strict=True)) == expected


def test_a_code_at_the_distance_is_found_and_one_beyond_is_not():
    codes = as_codes([0, 2**7 - 1], 4)
    assert len(codes_between(codes, codes, 7, ahead=True)[0]) == 1
    assert len(codes_between(codes, codes, 6, ahead=True)[0]) == 0


def test_codes_that_differ_in_all_256_bits_are_not_taken_for_the_same():
    codes = as_codes([0, 2**256 - 1], 4)
    assert len(codes_between(codes, codes, 255, ahead=True)[0]) == 0
    assert len(codes_between(codes, codes, 256, ahead=True)[0]) == 1


# Small whole numbers: products are exact in any order, and ties are many.
vectors = st.integers(0, 14).flatmap(
    lambda n: arrays.arrays(np.float32, (n, 3), elements=st.integers(-2, 2).map(float))
)


@settings(max_examples=40, deadline=None)
@given(some=vectors, others=vectors, limit=st.integers(-3, 6))
def test_products_above_a_limit_are_those_of_brute_force(some, others, limit):
    i, j, value = vectors_above(some, others, limit)
    product = some @ others.T
    assert list(zip(i, j, strict=True)) == list(zip(*np.nonzero(product >= limit), strict=True))
    assert value.tolist() == product[i, j].tolist()


@settings(max_examples=40, deadline=None)
@given(queries=vectors, others=vectors, k=st.integers(1, 16))
def test_the_nearest_are_those_of_a_whole_sort_the_first_among_equals(queries, others, k):
    index, value = nearest(queries, others, k)
    product = queries @ others.T
    order = np.argsort(-product, axis=1, kind="stable")[:, :k]
    assert index.tolist() == order.tolist()
    assert value.tolist() == np.take_along_axis(product, order, 1).tolist()
