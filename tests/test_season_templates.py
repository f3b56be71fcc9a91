"""A season that keeps templates: faces are described once, and nothing else is otherwise."""

import logging
import multiprocessing
import os
import signal
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from kept_templates import change, content, lists, sealed
from sqlalchemy import update

from fixtures.stub_examiner import StubRecords, stub_pool
from flows.season import faces as season_faces
from flows.season.rejudge import rejudge_season
from flows.season.steps import ingest
from flows.season.views import status
from pipeline.ledger.store import original_path
from pipeline.ledger.tables import templates

NOW = datetime(2027, 3, 2, 2, 0, tzinfo=UTC)
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["fixtures.stub_examiner", "flows.season.steps"])
LOOSER = """extends = "chsi_graduate"
[limits.background.spread]
high = 1000
source = "a test"
confidence = "P"
"""
OTHER = """extends = "chsi_graduate"
[identity]
compare = true
least_eyes_px = 21.0
source = "a test"
confidence = "P"
"""


def test_a_later_round_describes_what_is_new_and_writes_the_same_lists(kept, plain, pool):
    assert lists(kept) == lists(plain)
    assert status(kept.folder, ledger=kept.ledger).templates == 5
    pool.asked.clear()
    for season in (kept, plain):
        season.put(f"{season.key(3)}.jpg", b"photo 3")
        season.put(f"{season.key(3)} again.jpg", b"photo 3")
        season.put(f"{season.key(4)}.jpg", b"shows nobody")
    kept.round()
    assert len(pool.asked) == 2, "one content once, whatever its files are called"
    kept.round()
    assert len(pool.asked) == 2, "one that shows no face is known, too"
    plain.round()
    assert len(pool.asked) == 2 + 7
    assert lists(kept) == lists(plain)


def test_a_photo_that_a_worker_died_on_is_looked_at_again(kept, pool):
    kept.put(f"{kept.key(3)}.jpg", b"kills its worker")
    kept.round()
    pool.asked.clear()
    kept.put(f"{kept.key(4)}.jpg", b"photo 4")
    kept.round()
    dead = content(b"kills its worker")
    assert set(pool.asked) == {content(b"photo 4"), dead}
    assert dead not in sealed(kept)


@pytest.mark.parametrize("there", [None, b"someone else"])
def test_what_is_not_in_its_place_today_is_not_kept_for_good(kept, plain, there):
    original = original_path(kept.folder, content(b"photo 1"))
    change(kept, templates.delete())
    original.unlink()
    if there is not None:
        original.write_bytes(there)
    kept.put(f"{kept.key(3)}.jpg", b"photo 3")
    kept.round()
    assert content(b"photo 3") in sealed(kept)
    assert content(b"photo 1") not in sealed(kept)
    original.write_bytes(b"photo 1")
    kept.put(f"{kept.key(4)}.jpg", b"photo 4")
    kept.round()
    assert content(b"photo 1") in sealed(kept)
    for number in (3, 4):
        plain.put(f"{plain.key(number)}.jpg", f"photo {number}".encode())
        plain.round()
    assert lists(kept) == lists(plain)


def test_a_photo_on_record_that_is_none_harms_no_other(kept, pool):
    (kept.folder / "references" / kept.key(1) / "9.jpg").symlink_to("nowhere")
    (kept.folder / "references" / kept.key(4) / "0.jpg").mkdir(parents=True)
    kept.put(f"{kept.key(3)}.jpg", b"photo 3")
    pool.asked.clear()
    kept.round()
    assert pool.asked == [content(b"photo 3")]
    assert {row["code"]: row["outcome"] for row in kept.rows("findings.csv")
            if row["student_id"] == kept.key(1)}["DU005"] != "skipped"  # fmt: skip


@pytest.mark.parametrize("how", ["exchanged", "changed"])
def test_rows_that_were_touched_are_described_anew(kept, plain, pool, caplog, how):
    one, two = content(b"photo 1"), content(b"photo 2")
    rows = sealed(kept)
    new = (
        {one: rows[two], two: rows[one]}
        if how == "exchanged"
        else {one: rows[one][:-1] + bytes([rows[one][-1] ^ 1])}
    )
    for sha256, value in new.items():
        change(kept, update(templates).where(templates.c.sha256 == sha256).values(sealed=value))
    pool.asked.clear()
    for season in (kept, plain):
        season.put(f"{season.key(3)}.jpg", b"photo 3")
    with caplog.at_level(logging.WARNING):
        kept.round()
    assert set(pool.asked) == {*new, content(b"photo 3")}
    assert f"{len(new)} kept templates do not open" in caplog.text
    assert not any(word in caplog.text for word in (one, two, kept.key(1), kept.key(2)))
    plain.round()
    assert lists(kept) == lists(plain)
    pool.asked.clear()
    kept.put(f"{kept.key(4)}.jpg", b"photo 4")
    kept.round()
    assert pool.asked == [content(b"photo 4")], "they were replaced"


def test_to_see_other_limits_keeps_nothing_and_to_apply_them_lets_the_old_go(kept, pool, tmp_path):
    (tmp_path / "other.toml").write_text(OTHER, encoding="utf-8")
    before = sealed(kept)
    pool.asked.clear()
    how = {"ledger": kept.ledger, "pool": stub_pool}
    rejudge_season(kept.folder, str(tmp_path / "other.toml"), apply=False, **how)
    assert sealed(kept) == before
    assert len(pool.asked) == 5, "faces that are smaller may be another matter"
    rejudge_season(kept.folder, str(tmp_path / "other.toml"), apply=True, **how)
    assert sealed(kept).keys() == before.keys()
    assert not set(sealed(kept).values()) & set(before.values())


def test_other_limits_do_not_end_the_comparing_of_faces(kept, tmp_path):
    (tmp_path / "other.toml").write_text(LOOSER, encoding="utf-8")
    before = faces_told(kept)
    assert "broken" in before
    how = {"ledger": kept.ledger, "pool": stub_pool}
    shown = rejudge_season(kept.folder, str(tmp_path / "other.toml"), apply=False, **how)
    done = rejudge_season(kept.folder, str(tmp_path / "other.toml"), apply=True, **how)
    assert faces_told(kept) == before
    assert shown.changed == done.changed


def faces_told(season) -> list[str]:
    return [r["outcome"] for r in season.rows("findings.csv") if r["code"] == "DU005"]


# -- kill -9 -----------------------------------------------------------------------------


def die_describing(folder, inbox, ledger, after: int) -> None:
    """Run a round, and die when so many faces are described."""

    class Dying(StubRecords):
        def run(self, jobs):
            for number, found in enumerate(super().run(jobs)):
                if number == after:
                    os.kill(os.getpid(), signal.SIGKILL)
                yield found

    @contextmanager
    def opened(_setting, _workers):
        yield Dying()

    season_faces.record_pool = opened
    ingest(folder, inbox, ledger=ledger, pool=stub_pool, now=NOW)


def test_a_kill_costs_a_chunk_at_most(kept, plain, pool):
    for season in (kept, plain):
        for number in range(120):
            season.put(f"stray {number}.jpg", f"stray {number}".encode())
    how = (kept.folder, kept.inbox, kept.ledger)
    for _ in range(2):
        child = FORKS.Process(target=die_describing, args=(*how, 59))
        child.start()
        child.join()
        assert child.exitcode == -signal.SIGKILL
    assert len(sealed(kept)) == 5 + 2 * 50
    pool.asked.clear()
    kept.round()
    assert len(pool.asked) == 120 - 2 * 50
    plain.round()
    assert lists(kept) == lists(plain)
