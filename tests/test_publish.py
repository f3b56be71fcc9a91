"""Beside a desk the lists follow what was decided and handed in, until all of it is done."""

import hashlib
import io
import threading
import time
from types import SimpleNamespace

import pytest

from fixtures.stub_examiner import photo_of
from flows.desk import publish
from flows.desk.desk_state import open_desk
from flows.desk.publish import publishing
from flows.season.handed_in import CUT_SHORT
from pipeline.core.errors import UsageError
from pipeline.core.rules import Verdict
from pipeline.ledger.handed_in import hand_in, waiting
from reports.masking import Presentation


@pytest.fixture
def passes(monkeypatch):
    """What was done beside the desk, in a process of its own; the first does not succeed."""
    done = []

    def instead(work, _desk, _presentation, _stop) -> bool:
        done.append(work.__name__)
        return len(done) > 1

    monkeypatch.setattr(publish, "_in_a_process", instead)
    monkeypatch.setattr(publish, "_QUIET_SECONDS", 0.05)
    monkeypatch.setattr(publish, "_AGAIN_SECONDS", 0.05)
    return done


def until(count: int, done: list[str]) -> None:
    latest = time.monotonic() + 60
    while len(done) < count and time.monotonic() < latest:
        time.sleep(0.01)
    assert len(done) >= count


def test_what_an_earlier_desk_left_is_done_at_once_and_again_where_it_failed(passes):
    desk = SimpleNamespace(changed=threading.Event())
    with publishing(desk, Presentation()):
        until(2, passes)
        time.sleep(0.3)
        assert passes == ["_take_in_and_publish"] * 2, "nothing changed since"
        desk.changed.set()
        until(3, passes)
    assert passes == [*["_take_in_and_publish"] * 3, "_publish"], "at the end only lists are left"


def test_while_something_always_comes_it_is_not_waited_for_quiet(passes, monkeypatch):
    monkeypatch.setattr(publish, "_LONGEST_SECONDS", 0.2)
    desk, stop = SimpleNamespace(changed=threading.Event()), threading.Event()

    def comes() -> None:
        while not stop.wait(0.01):
            desk.changed.set()

    thread = threading.Thread(target=comes)
    thread.start()
    with publishing(desk, Presentation()):
        until(3, passes)
        stop.set()
    thread.join()


def test_what_could_not_be_done_is_told_in_a_line_and_ends_with_another_code(caplog, monkeypatch):
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with pytest.raises(SystemExit) as ended, publish._told():
        raise UsageError(CUT_SHORT)
    assert ended.value.code != 0
    assert "season ingest" in caplog.text


@pytest.mark.slow
def test_a_real_pass_is_ended_with_the_desk_and_nothing_is_lost(tmp_path, new_season, monkeypatch):
    monkeypatch.setattr(publish, "_QUIET_SECONDS", 0.01)
    season, data = new_season(tmp_path, None), photo_of(Verdict.PASS, 1)
    sha256 = hashlib.sha256(data).hexdigest()
    hand_in(season.folder, season.key(1), sha256, io.BytesIO(data), season.start)
    desk = open_desk(season.folder)
    with publishing(desk, Presentation()):
        time.sleep(1)
    assert len(waiting(season.folder).photos) or len(season.history(1).tries)
    desk.engine.dispose()
