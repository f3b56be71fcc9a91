"""DU002: one person under two students is a pair for a person to look at."""

import numpy as np
import pytest

from pipeline.core.rules import Outcome, Remedy, Text
from pipeline.examine.embedding import NO_FACE
from pipeline.identity.same_person import DU002, same_person_findings, same_person_pairs
from pipeline.identity.same_person_threshold import Threshold
from pipeline.identity.similarity import NoTemplate

LIMIT = Threshold(0.5, 0.4, 10, "batch")


def vector(degrees):
    """A direction in a plane: similarities are cosines of the angles between."""
    turn = np.deg2rad(degrees)
    return np.array([np.cos(turn), np.sin(turn), *[0] * 126], np.float32)


VECTORS = {"a": vector(0), "b": vector(59), "c": vector(121), "d": vector(240)}
OWNERS = {"a": "S1", "b": "S2", "c": "S3", "d": "S4"}


def named(pairs):
    return [(pair.photo_a, pair.photo_b) for pair in pairs]


def test_pairs_from_the_threshold_on_and_none_below():
    # 59 degrees lie above a cosine of 0.5, 62 and more below.
    pairs = same_person_pairs(VECTORS, OWNERS, LIMIT)
    assert named(pairs) == [("a", "b")]
    assert pairs[0].kind == "same_person"
    assert (pairs[0].student_a, pairs[0].student_b) == ("S1", "S2")
    assert pairs[0].score == pytest.approx(np.cos(np.deg2rad(59)), abs=1e-6)


def test_two_photos_of_one_student_are_no_pair():
    assert not same_person_pairs(VECTORS, {**OWNERS, "b": "S1"}, LIMIT)


def test_photos_without_a_student_take_no_part():
    owners = {photo: key for photo, key in OWNERS.items() if photo != "b"}
    assert not same_person_pairs(VECTORS, owners, LIMIT)
    assert not same_person_pairs({}, OWNERS, LIMIT)


@pytest.mark.parametrize("known", [("a", "b"), ("b", "a")])
def test_the_same_picture_is_not_said_again(known):
    assert not same_person_pairs(VECTORS, OWNERS, LIMIT, known=[known])


def test_pairs_are_the_same_in_whatever_blocks_they_are_looked_for(monkeypatch):
    rng = np.random.default_rng(5)
    some = rng.standard_normal((40, 128)).astype(np.float32)
    some[20:] = some[:20] + 0.3 * some[20:]
    some /= np.linalg.norm(some, axis=1, keepdims=True)
    vectors = {f"{k:02}": row for k, row in enumerate(some)}
    owners = {photo: photo for photo in vectors}
    whole = same_person_pairs(vectors, owners, LIMIT)
    assert len(whole) >= 20
    monkeypatch.setattr("pipeline.duplicates.search._VECTORS", 7)
    assert named(same_person_pairs(vectors, owners, LIMIT)) == named(whole)


def test_the_row_says_threshold_and_expected_false_pairs():
    because = same_person_pairs(VECTORS, OWNERS, LIMIT)[0].because
    assert "0.500" in because.zh
    assert "0.4" in because.en


def test_both_photos_are_broken_name_the_other_and_tell_no_similarity():
    pairs = same_person_pairs(VECTORS, OWNERS, LIMIT)
    found = same_person_findings(pairs, OWNERS, {})
    assert {photo: f.outcome for photo, f in found.items()} == {
        "a": Outcome.BROKEN, "b": Outcome.BROKEN, "c": Outcome.PASSED, "d": Outcome.PASSED
    }  # fmt: skip
    assert "S2" in found["a"].because.zh
    assert "S1" in found["b"].because.en
    assert found["a"].measured is None
    assert "0." not in found["a"].because.en


def test_a_person_decides():
    assert DU002.remedy is Remedy.STAFF
    assert "双胞胎" in DU002.photographer.zh


def test_what_cannot_be_compared_is_skipped_with_the_reason():
    small = Text("人脸过小", "too small")
    unseen = {"c": NoTemplate(NO_FACE, "FC001"), "d": NoTemplate(small)}
    found = same_person_findings((), OWNERS, unseen)
    assert found["c"].outcome is Outcome.SKIPPED
    assert found["c"].caused_by == "FC001"
    assert found["d"].outcome is Outcome.SKIPPED
    assert found["d"].because == small
    assert found["d"].caused_by is None


def test_very_many_students_are_not_all_named():
    owners = {f"{k:03}": f"S{k:03}" for k in range(60)}
    pairs = same_person_pairs(dict.fromkeys(owners, vector(0)), owners, LIMIT)
    assert len(pairs) == 60 * 59 // 2
    because = same_person_findings(pairs, owners, {})["000"].because
    assert "59" in because.zh
    assert len(because.zh) < 200
