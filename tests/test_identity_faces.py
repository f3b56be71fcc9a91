"""The figures of face comparison: what is counted, and what may be said of it."""

from pathlib import Path

import numpy as np
import pytest

from flows.measuring.identity_faces import (
    Described,
    Portrayed,
    batch_row,
    describe_all,
    read_people,
    record_rows,
    tables,
)
from flows.measuring.pair_rates import _weighted, found_at, rates
from pipeline.core.errors import ModelError, UsageError
from pipeline.examine.embedding import centred
from pipeline.face.model_manifest import model_path

HEAD = "path,identity,source,labels\n"


def made_up(count, photos=2, noise=0.3, seed=0):
    """People with so many photos each, their vectors, and all of one source."""
    rng = np.random.default_rng(seed)
    faces = rng.standard_normal((count, 128)).repeat(photos, axis=0)
    vectors = faces + noise * rng.standard_normal(faces.shape)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    people = [
        Portrayed(Path(f"{k}.jpg"), f"P{k // photos:03}", "one", east_asian=True)
        for k in range(count * photos)
    ]
    return people, vectors.astype(np.float32)


def test_the_share_of_false_pairs_is_never_more_than_said():
    false = np.arange(1000, dtype=np.float32) / 1000
    genuine = np.array([0.9885, 0.9895, 0.9995, 2.0], np.float32)
    # One in a hundred: the ten highest exceed the limit, 0.989.
    assert found_at(genuine, false, 1e-2) == 0.75
    # Less than one pair: none exceeds it.
    assert found_at(genuine, false, 1e-4) == 0.5


@pytest.mark.parametrize("far", [1e-1, 1e-2, 1e-3])
def test_pairs_that_count_twice_count_as_if_they_were_there_twice(far):
    rng = np.random.default_rng(0)
    genuine, false = rng.normal(2, 1, 50).astype(np.float32), rng.normal(0, 1, 400)
    false = false.astype(np.float32)
    a, b = rng.integers(0, 3, 50), rng.integers(0, 3, 400)
    false = np.sort(false)[::-1]
    twice = found_at(genuine.repeat(a), false.repeat(b), far)
    assert _weighted(genuine, a, false, b, far) == pytest.approx(twice)


def test_a_row_for_each_share_with_an_interval_around_it():
    people, vectors = made_up(40, noise=0.9)
    rows = rates(np.array([one.person for one in people]), None, vectors)
    assert [row[0] for row in rows] == ["0.01", "0.001", "0.0001 (none of 3120)"]
    for _, found, interval, genuine, false in rows:
        low, high = map(float, interval.split("–"))
        assert low <= float(found) <= high
        assert (genuine, false) == ("40", "3120")


def test_only_people_of_one_source_are_false_pairs_where_asked():
    people, vectors = made_up(20)
    persons = np.array([one.person for one in people])
    sources = np.array(["a"] * 20 + ["b"] * 20)
    assert rates(persons, sources, vectors)[0][-1] == str(2 * 10 * 9 // 2 * 4)


def test_a_batch_counts_found_missed_and_false_pairs():
    people, vectors = made_up(30)
    name, _, _, expected, found, missed, false, _ = batch_row("x", people, vectors)
    assert (name, expected, found, missed) == ("x", "0.50", "30", "0")
    assert int(false) <= 2


def test_strangers_are_rejected_and_persons_accepted():
    people, vectors = made_up(40, noise=0.5)
    own, other = record_rows(people, vectors)
    assert own[1:3] == ("40", "40")
    assert other[2] == "0"
    assert int(other[3]) >= 39


def test_all_tables_are_made(monkeypatch):
    monkeypatch.setattr("flows.measuring.pair_rates._RESAMPLED", 5)
    monkeypatch.setattr("flows.measuring.identity_faces._BATCHES", 3)
    people, vectors = made_up(100)
    described = Described(tuple(people), vectors, vectors, lost=3)
    rate, rule, record = tables(described)
    assert (rate.row_count, rule.row_count, record.row_count) == (18, 5, 2)
    assert "3 photos lost" in str(rate.title)


def test_a_labels_file_without_people_is_refused_in_one_line(tmp_path):
    file = tmp_path / "labels.csv"
    file.write_text("path,labels\na.jpg,\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"labels\.csv"):
        read_people(file)
    file.write_text(f"{HEAD}a.jpg,,s,\nb.jpg,asian:1,s,\nc.jpg,x,s,ethnicity=east-asian\n")
    assert [(p.person, p.east_asian) for p in read_people(file)] == [("asian:1", True), ("x", True)]


@pytest.mark.photos
def test_real_people_are_nearer_to_themselves(photos, spec):
    try:
        model_path("sface")
    except ModelError:
        pytest.skip("SFace is not here: it is fetched only where faces are compared")
    people = [p for p in read_people(photos / "labels.csv") if p.person.startswith("asian:")][:16]
    described = describe_all(people, spec)
    assert described.lost == 0
    persons = np.array([one.person for one in described.people])
    scores = centred(described.ours) @ centred(described.ours).T
    i, j = np.triu_indices(len(persons), 1)
    same = persons[i] == persons[j]
    assert scores[i, j][same].min() > scores[i, j][~same].max()
