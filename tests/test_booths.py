"""What the newest photos of each booth measure."""

from dataclasses import replace

import pytest
from desk_client import Clock, two_colleges

from flows.desk.booths import booths_of
from flows.desk.photo_view import rules_of
from pipeline.core.rules import Finding, Outcome
from pipeline.ledger import examinations


@pytest.fixture
def at_desk(tmp_path):
    desk = two_colleges(tmp_path, Clock())
    yield desk
    desk.engine.dispose()


def stored(desk, camera: str, count: int):
    """Photos of one camera as the ledger keeps them: that of the first student, again."""
    season = desk.season()
    eye_line = Finding("FC005", Outcome.PASSED, measured=40.0, low=30.0, high=50.0)
    with desk.engine.connect() as connection:
        (one, *_) = examinations.latest(connection, season, 1)
    more = {**one.more, "camera": camera}
    return [replace(one, findings=(eye_line,), more=more) for _ in range(count)]


@pytest.mark.parametrize(("count", "shown"), [(4, []), (5, ["ILCE-7M4"])])
def test_a_camera_of_five_photos_is_a_booth(at_desk, monkeypatch, count, shown):
    kept = [*stored(at_desk, "ILCE-7M4", count), *stored(at_desk, "", 9)]
    monkeypatch.setattr("flows.desk.booths.latest", lambda *_: kept)
    season = at_desk.season()
    with at_desk.engine.connect() as connection:
        rows = booths_of(season, connection, rules_of(season))
    assert [row.camera for row in rows] == shown
    for row in rows:
        assert [(m.rule.code, m.typical.measured) for m in row.measures] == [("FC005", 40.0)]


def test_the_newest_examinations_are_read_in_their_order(at_desk):
    season = at_desk.season()
    with at_desk.engine.connect() as connection:
        all_of_them = [one.id for one in examinations.latest(connection, season, 9)]
        newest = [one.id for one in examinations.latest(connection, season, 2)]
    assert all_of_them == [1, 2, 3]
    assert newest == [2, 3]
