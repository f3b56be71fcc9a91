"""Is this the person on record: yes, no, or a person looks."""

import numpy as np
import pytest

from pipeline.identity.reference_thresholds import (
    PRIOR_LOCATION,
    Answer,
    BatchThresholds,
    batch_thresholds,
    judge,
)
from pipeline.identity.same_person_threshold import Impostors


def strangers(location=0.0, scale=0.1, people=200):
    rng = np.random.default_rng(0)
    scores = rng.normal(location, scale, people * (people - 1))
    counts, _ = np.histogram(scores, bins=4000, range=(-1, 1))
    return Impostors(counts.astype(np.int64), people, people * (people - 1))


def own(count=200, location=0.65, scale=0.08, seed=1):
    return np.random.default_rng(seed).normal(location, scale, count)


def derived(scores, others=None):
    return batch_thresholds(
        scores, others or strangers(), false_accept=1e-3, false_reject=5e-3, false_pairs=0.5
    )


def test_the_right_person_is_accepted_and_a_stranger_rejected():
    found = derived(own())
    right = [judge(float(s), found) for s in own(seed=2, count=2000)]
    wrong = [judge(float(s), found) for s in np.random.default_rng(3).normal(0, 0.1, 2000)]
    assert right.count(Answer.REJECT) <= 10
    assert wrong.count(Answer.ACCEPT) <= 8
    assert wrong.count(Answer.REJECT) > 1950


def test_swapped_photos_among_them_do_not_move_the_bands():
    clean = derived(own())
    swapped = derived(np.concatenate([own(), np.random.default_rng(4).normal(0, 0.1, 60)]))
    assert swapped.accept == pytest.approx(clean.accept, abs=0.03)
    assert swapped.reject == pytest.approx(clean.reject, abs=0.03)


def test_where_all_photos_slipped_the_prior_stands_in():
    found = derived(np.random.default_rng(4).normal(-0.1, 0.05, 60))
    assert judge(0.0, found) is Answer.REJECT
    assert judge(float(np.tanh(PRIOR_LOCATION)), found) is Answer.ACCEPT


def test_people_hard_to_tell_apart_leave_more_to_a_person():
    found = derived(own(count=1000, location=0.5, scale=0.12), strangers(0.2, 0.12))
    right = [judge(float(s), found) for s in own(seed=2, count=2000, location=0.5, scale=0.12)]
    assert right.count(Answer.REJECT) < 40
    assert right.count(Answer.CANNOT_SAY) > 500
    assert judge((found.accept + found.reject) / 2, found) is Answer.CANNOT_SAY


def test_drawn_people_who_all_look_alike_have_bands_of_their_own():
    found = derived(own(location=0.93, scale=0.01), strangers(0.58, 0.1))
    assert judge(0.75, found) is not Answer.ACCEPT
    assert judge(0.95, found) is Answer.ACCEPT


def test_both_sides_of_both_limits():
    found = BatchThresholds(0.5, 0.3, 0.6, false_accept=1e-3, false_reject=5e-3)
    assert judge(0.5, found) is Answer.ACCEPT
    assert judge(np.nextafter(0.5, 0), found) is Answer.CANNOT_SAY
    assert judge(0.3, found) is Answer.CANNOT_SAY
    assert judge(np.nextafter(0.3, 0), found) is Answer.REJECT


def test_no_records_at_all_leave_the_prior():
    found = batch_thresholds(
        np.zeros(0),
        Impostors(np.zeros(4000, np.int64), 0, 0),
        false_accept=1e-3,
        false_reject=5e-3,
        false_pairs=0.5,
    )
    assert 0.2 < found.reject < found.accept < np.tanh(PRIOR_LOCATION)


def test_a_record_looked_for_among_all_must_be_liker_than_ones_own():
    few, many = (derived(own(), strangers(people=n)) for n in (20, 400))
    assert few.accept <= few.among_all < many.among_all
    # 400 photos against 399 others' records each: half a pair of these strangers reaches it.
    scores = np.random.default_rng(8).normal(0, 0.1, 400 * 399)
    assert (scores >= many.among_all).sum() <= 3


@pytest.mark.parametrize("location", np.linspace(0.5, 0.7, 9))
def test_the_limits_never_meet(location):
    found = derived(own(location=location))
    assert found.accept - found.reject > 0.059
