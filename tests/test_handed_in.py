"""What students handed in waits in a folder and is taken into rounds of its own: all, once."""

import hashlib
import io
import logging
import multiprocessing
import os
import random
import time
from contextlib import contextmanager
from datetime import timedelta

import numpy as np
import pytest

from fixtures.stub_examiner import photo_of, stub_pool
from flows.season.handed_in import take_in_handed_in
from flows.season.intake import take_in
from flows.season.steps import open_season
from flows.season.views import history, status
from pipeline.core.errors import UsageError
from pipeline.core.rules import Verdict
from pipeline.ledger.arrivals import read_submissions
from pipeline.ledger.handed_in import hand_in, waiting, waiting_of
from pipeline.ledger.season import droppings

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["fixtures.stub_examiner", "flows.season.handed_in"])


def handed(season, number: int, data: bytes, after: float = 0) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    moment = season.start + timedelta(days=1, seconds=after)
    hand_in(season.folder, season.key(number), sha256, io.BytesIO(data), moment)
    return sha256


def drain(season, **how):
    later = season.start + timedelta(days=2)
    return take_in_handed_in(
        season.folder, season.ledger, workers=1, pool=stub_pool, now=later, **how
    )


def left(season) -> list[str]:
    return sorted(path.name for path in (season.folder / "handed_in").iterdir())


@contextmanager
def asking(season):
    with (
        open_season(season.folder, season.ledger, writing=False) as opened,
        opened.engine.connect() as connection,
    ):
        yield connection


def arrived(season) -> set[str]:
    with asking(season) as connection:
        return {row.student_key for row in read_submissions(connection)}


def test_what_waits_is_taken_in_as_its_students_and_judged_and_leaves_the_folder(season):
    handed(season, 1, photo_of(Verdict.PASS, 1))
    handed(season, 2, photo_of(Verdict.RETAKE, 2))
    assert drain(season).new == 2
    assert season.verdicts() == {"1": "pass", "2": "retake", "3": "missing", "4": "missing"}
    assert left(season) == []
    (one,) = season.history(1).tries
    assert one.day == season.start + timedelta(days=1), "it came when it was handed in"
    assert drain(season).new == 0
    assert status(season.folder, ledger=season.ledger).rounds == 1


def test_a_photo_of_the_inbox_gives_way_to_a_later_one_and_a_passed_one_stays(season):
    season.put(f"{season.key(1)}.jpg", photo_of(Verdict.RETAKE, 1))
    season.put(f"{season.key(2)}.jpg", photo_of(Verdict.PASS, 2))
    season.round()
    handed(season, 1, photo_of(Verdict.PASS, 3))
    handed(season, 2, photo_of(Verdict.RETAKE, 4))
    drain(season)
    assert season.verdicts()["1"] == season.verdicts()["2"] == "pass"
    assert [t.place.value for t in season.history(2).tries] == ["current", "not_taken"]


def test_each_is_judged_by_its_own_size_as_it_was_tried(season, jpeg):
    handed(season, 1, photo_of(Verdict.PASS, 1))
    final = jpeg(np.full((640, 480, 3), 200, np.uint8))
    handed(season, 2, final)
    drain(season)
    with asking(season) as connection:
        modes = {r.student_key: r.mode.value for r in read_submissions(connection)}
    assert modes == {season.key(1): "source", season.key(2): "final"}


@pytest.mark.parametrize("name", ["a.b", "../../etc/passwd", "张三", "a/b%2E", "x" * 60])
def test_a_number_is_a_file_name_and_comes_back_whatever_it_is_made_of(tmp_path, new_season, name):
    season = new_season(tmp_path, None)
    data = b"a photo"
    sha256 = hashlib.sha256(data).hexdigest()
    hand_in(season.folder, name, sha256, io.BytesIO(data), season.start)
    (path,) = (season.folder / "handed_in").iterdir()
    assert path.name.encode().isascii()
    assert [one.student_key for one in waiting(season.folder).photos] == [name]
    assert [one.sha256 for one in waiting_of(season.folder, name)] == [sha256]


def test_who_left_the_roster_meanwhile_is_a_stray_of_the_season(season):
    handed(season, 9, photo_of(Verdict.PASS, 1))
    drain(season)
    assert left(season) == []
    (row,) = season.rows("photos.csv")
    assert row["verdict"] == "fail"
    assert "RC001" in row["codes"]


def test_whatever_else_lies_in_the_folder_stops_nothing_and_is_told_without_a_name(season, caplog):
    sha256 = handed(season, 1, photo_of(Verdict.PASS, 1))
    inside = season.folder / "handed_in"
    (inside / "张三.jpg").write_bytes(b"copied by hand")
    (inside / f"{season.key(2)}.{'0' * 64}").write_bytes(b"its bytes are others")
    (inside / f"{season.key(3)}.{sha256}").write_bytes(b"")
    (inside / f"{season.key(4)}.{sha256}").symlink_to(inside / f"{season.key(1)}.{sha256}")
    (inside / f"{season.key(4)}.{'1' * 64}").mkdir()
    (inside / ".half.part").write_bytes(b"an upload that goes on")
    (inside / ".dead.part").write_bytes(b"of a desk that was killed")
    os.utime(inside / ".dead.part", (0, 0))
    before = set(left(season))
    with caplog.at_level(logging.DEBUG):
        assert drain(season).strays == 5
    assert season.verdicts()["1"] == "pass"
    assert before - set(left(season)) == {f"{season.key(1)}.{sha256}", ".dead.part"}
    (line,) = [r.getMessage() for r in caplog.records if "handed_in" in r.getMessage()]
    assert line == "handed_in: 5 files or folders that no student handed in"
    assert "2023990" not in caplog.text
    assert "张三" not in caplog.text


def test_it_does_not_get_in_the_way_of_another_run(season):
    handed(season, 1, photo_of(Verdict.PASS, 1))
    with open_season(season.folder, season.ledger), pytest.raises(UsageError):
        drain(season)
    assert len(left(season)) == 1
    season.put(f"{season.key(2)}.jpg", photo_of(Verdict.PASS, 2))
    season.round()
    assert len(left(season)) == 1, "an inbox's round takes what is in the inbox"
    drain(season)
    assert [row["verdict"] for row in season.rows("students.csv")][:2] == ["pass", "pass"]


def test_an_inboxs_round_that_was_cut_short_is_completed_by_ingest_alone(season):
    season.put(f"{season.key(2)}.jpg", photo_of(Verdict.PASS, 2))
    with open_season(season.folder, season.ledger) as opened:
        take_in(opened, season.inbox)
    drain(season)  # nothing waits: nothing is said
    handed(season, 1, photo_of(Verdict.PASS, 1))
    with pytest.raises(UsageError, match="cut short"):
        drain(season)
    assert len(left(season)) == 1
    season.round()
    drain(season)
    assert season.verdicts() == {"1": "pass", "2": "pass", "3": "missing", "4": "missing"}


def test_one_of_its_own_that_was_cut_short_is_completed(season, monkeypatch):
    handed(season, 1, photo_of(Verdict.PASS, 1))
    with monkeypatch.context() as patched:
        patched.setattr("flows.season.handed_in.examine_pending", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            drain(season)
    assert len(left(season)) == 1
    assert season.history(1).state.value == "waiting"
    drain(season)
    assert season.history(1).state.value == "passed"
    assert left(season) == []
    assert len(season.history(1).tries) == 1


def test_what_lists_say_of_an_inboxs_droppings_stays(season):
    season.put(f"{season.key(2)}.jpg", photo_of(Verdict.PASS, 2))
    season.put(".DS_Store", b"\0\0\0\1Bud1" + b"\0" * 32)
    season.round()
    handed(season, 1, photo_of(Verdict.PASS, 1))
    drain(season)
    with asking(season) as connection:
        assert droppings(connection) == 1


def _drained(folder, ledger) -> None:
    take_in_handed_in(folder, ledger, workers=1, pool=stub_pool)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment_it_loses_nothing_and_takes_nothing_twice(tmp_path, new_season, seed):
    season, chance = new_season(tmp_path, None), random.Random(seed)
    photos = {n: photo_of(Verdict.PASS, f"{seed} {n}") for n in range(1, 5)}
    for number, data in photos.items():
        handed(season, number, data)
        process = FORKS.Process(target=_drained, args=(season.folder, None))
        process.start()
        time.sleep(chance.uniform(0, 0.6))
        process.kill()
        process.join()
        waits = {one.student_key for one in waiting(season.folder).photos}
        assert waits | arrived(season) >= {season.key(n) for n in range(1, number + 1)}
    drain(season)
    assert season.verdicts() == dict.fromkeys("1234", "pass")
    assert left(season) == []
    for number in photos:
        assert len(history(season.folder, season.key(number)).tries) == 1
