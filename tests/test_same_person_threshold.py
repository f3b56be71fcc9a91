"""The threshold of a batch: as many false pairs as were asked for, whatever the batch is like."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.examine.embedding import centred
from pipeline.identity.same_person_threshold import (
    PRIOR_LOCATION,
    PRIOR_SCALE,
    impostors,
    impostors_between,
    tail,
    threshold,
)

WITHIN = 0.35  # how far two photos of one person lie apart, beside people's 1


def people(count, *, seed=0, wall=0.3, spread=40):
    """Faces that differ in ``spread`` directions and have ``wall`` in common."""
    rng = np.random.default_rng(seed)
    faces = np.zeros((count, 128))
    faces[:, :spread] = rng.standard_normal((count, spread)) / np.sqrt(spread)
    faces[:, 100] += wall
    return faces


def photographed(faces, *, seed=1, noise=WITHIN):
    rng = np.random.default_rng(seed)
    taken = faces.copy()
    taken[:, :40] += rng.standard_normal((len(faces), 40)) / np.sqrt(40) * noise
    return (taken / np.linalg.norm(taken, axis=1, keepdims=True)).astype(np.float32)


def names(count):
    return [str(number) for number in range(count)]


def batch(count, *, hidden=0, seed=0, wall=0.3):
    """Vectors of so many students; the last ``hidden`` show the same people as the first."""
    faces = people(count - hidden, seed=seed, wall=wall)
    faces = np.vstack([faces, faces[:hidden]])
    return centred(photographed(faces, seed=seed + 1))


def said(vectors, value):
    scores = vectors @ vectors.T
    return {(int(i), int(j)) for i, j in np.argwhere(scores >= value) if i < j}


def judged(count, hidden, seed, wall=0.3, false_pairs=0.5):
    vectors = batch(count, hidden=hidden, seed=seed, wall=wall)
    found = threshold(impostors(vectors, names(count)), false_pairs=false_pairs, false_accept=1e-3)
    pairs = said(vectors, found.value)
    true = {(k, count - hidden + k) for k in range(hidden)}
    return found, pairs & true, pairs - true


@pytest.mark.parametrize("count", [5, 20, 200])
def test_false_pairs_stay_near_what_was_asked_for(count):
    false = [len(judged(count, 0, seed)[2]) for seed in range(30)]
    assert np.mean(false) < 0.8


def test_in_a_batch_of_thousands_too():
    found, true, false = judged(3000, 300, 7)
    assert found.source == "batch"
    assert found.pairs == 3000 * 2999 // 2
    assert len(false) <= 3
    assert len(true) > 290


@pytest.mark.parametrize("hidden", [0, 10, 40])
def test_hidden_pairs_do_not_raise_the_threshold_over_themselves(hidden):
    clean, _, _ = judged(200, 0, 3)
    found, true, false = judged(200, hidden, 3)
    assert found.value < clean.value + 0.06
    assert len(true) >= 0.95 * hidden
    assert len(false) <= 2


def test_one_picture_under_thirty_students_is_still_found():
    faces = people(200)
    faces[:30] = faces[0]
    vectors = centred(photographed(faces))
    found = threshold(impostors(vectors, names(200)), false_pairs=0.5, false_accept=1e-3)
    pairs = said(vectors, found.value)
    clique = {(i, j) for j in range(30) for i in range(j)}
    assert len(pairs & clique) > 0.95 * len(clique)
    assert len(pairs - clique) <= 2


@pytest.mark.parametrize("wall", [0.0, 0.5, 1.5])
def test_the_same_wall_behind_everyone_changes_nothing(wall):
    _, true, false = judged(200, 20, 5, wall=wall)
    assert len(true) >= 19
    assert len(false) <= 2


def test_people_who_are_all_alike_get_a_higher_threshold():
    def limit(vectors):
        counted = impostors(vectors, names(40))
        return threshold(counted, false_pairs=0.5, false_accept=1e-3).value

    alike = [photographed(people(40, wall=1.2, seed=seed), seed=seed) for seed in range(20)]
    assert min(map(limit, alike)) > limit(photographed(people(40))) + 0.1
    assert np.mean([len(said(vectors, limit(vectors))) for vectors in alike]) < 1.2


def test_two_photos_of_one_student_are_no_pair():
    vectors = np.vstack([batch(50), batch(50)[:10]])
    once = impostors(vectors[:50], names(50))
    twice = impostors(vectors, [*names(50), *names(10)])
    assert once.pairs == 50 * 49 // 2
    assert twice.pairs == 60 * 59 // 2 - 10
    assert twice.people == 50
    raised = (
        threshold(twice, false_pairs=0.5, false_accept=1e-3).value
        - threshold(once, false_pairs=0.5, false_accept=1e-3).value
    )
    assert abs(raised) < 0.05


def test_twins_are_a_pair_and_do_not_blind_the_rest():
    faces = people(200)
    rng = np.random.default_rng(9)
    faces[1, :40] = faces[0, :40] + rng.standard_normal(40) / np.sqrt(40) * 0.2
    vectors = centred(photographed(faces))
    found = threshold(impostors(vectors, names(200)), false_pairs=0.5, false_accept=1e-3)
    assert (0, 1) in said(vectors, found.value)


@given(st.integers(0, 20), st.sampled_from([0.1, 0.5, 1.5]))
@settings(max_examples=20, deadline=None)
def test_the_expected_number_is_what_was_asked_for(seed, asked):
    vectors = batch(60, seed=seed)
    counted = impostors(vectors, names(60))
    found = threshold(counted, false_pairs=asked, false_accept=1e-3)
    assert found.expected_false_pairs == pytest.approx(asked, rel=1e-6)
    stricter = threshold(counted, false_pairs=asked / 2, false_accept=1e-3)
    assert stricter.value > found.value


def test_few_pairs_are_no_licence_for_chance():
    # Half a false pair of ten would be one in twenty: one in a thousand is the most.
    found = threshold(impostors(batch(5), names(5)), false_pairs=0.5, false_accept=1e-3)
    assert found.expected_false_pairs == pytest.approx(10 * 1e-3)
    laxer = threshold(impostors(batch(5), names(5)), false_pairs=0.5, false_accept=1e-2)
    assert laxer.value < found.value


@pytest.mark.parametrize("count", [2, 3, 4])
def test_too_few_people_for_a_distribution_take_the_prior(count):
    found = threshold(impostors(batch(count), names(count)), false_pairs=0.5, false_accept=1e-3)
    assert found.source == "prior"
    # One in a thousand lies 3.1 deviations up, and a little more where little is known.
    ends = np.tanh(PRIOR_LOCATION + np.array([3.1, 4.2]) * PRIOR_SCALE)
    assert ends[0] < found.value < ends[1]
    five = threshold(impostors(batch(5), names(5)), false_pairs=0.5, false_accept=1e-3)
    assert five.source == "batch and prior"


def test_one_student_alone_is_in_no_pair():
    found = threshold(impostors(batch(1), names(1)), false_pairs=0.5, false_accept=1e-3)
    assert (found.pairs, found.expected_false_pairs) == (0, 0.0)
    assert threshold(impostors(batch(1)[:0], []), false_pairs=0.5, false_accept=1e-3).pairs == 0


def test_of_a_large_batch_a_sample_stands_for_all(monkeypatch):
    vectors = batch(600)
    whole = tail(impostors(vectors, names(600)), presumed=1e-5)
    monkeypatch.setattr("pipeline.identity.same_person_threshold._ROWS", 150)
    sampled = impostors(vectors, names(600))
    assert sampled.pairs == 600 * 599 // 2
    assert sampled.counts.sum() == 150 * 599
    part = tail(sampled, presumed=1e-5)
    assert part.score_at(1e-5) == pytest.approx(whole.score_at(1e-5), abs=0.03)


def test_blocks_of_any_size_count_the_same(monkeypatch):
    vectors = batch(50)
    whole = impostors(vectors, names(50)).counts
    monkeypatch.setattr("pipeline.identity.same_person_threshold._CELLS", 7)
    assert np.abs(impostors(vectors, names(50)).counts - whole).sum() <= 4  # a bin's edge


def test_photos_and_records_of_others():
    faces = people(100)
    photos, records = (centred(photographed(faces, seed=s)) for s in (1, 2))
    found = impostors_between(photos, names(100), records, names(100))
    assert found.pairs == 100 * 99
    own = (photos * records).sum(axis=1)
    assert np.quantile(own, 0.05) > tail(found, presumed=1e-4).score_at(1e-3)
