"""A shoot watched while it goes on: a simulated tether, no frame lost, the lists of `check`."""

import errno
import itertools
import os
import threading
import time
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from checks import CHECKS
from fixtures.stub_examiner import StubPool, photo_of, stub_pool
from flows.season.steps import ingest
from flows.shoot.output import staging_in
from flows.shoot.reading import prepare, prepare_empty
from flows.shoot.request import Request
from flows.shoot.steps import finish, setting_of
from flows.watch import memory
from flows.watch.run import watch_shoot
from pipeline.core.errors import UsageError
from pipeline.core.output_files import OutputFile
from pipeline.core.rules import Mode, Outcome, Verdict
from pipeline.ledger import store
from pipeline.spec.spec import load_spec
from reports.masking import Presentation
from reports.watch_page import advice_of, field_of

END = b"\xff\xd9"
SECONDS = 60.0  # that a test waits for an answer at most: the machine may be busy


def frame(verdict: Verdict, seed: object) -> bytes:
    """Bytes that end like a JPEG, and of which the stub finds what comes to a verdict."""
    spec = load_spec("chsi_graduate", CHECKS)
    for number in itertools.count():
        data = photo_of(verdict, f"{seed}/{number}") + END
        if verdict is Verdict.FAIL or _comes_to(data, verdict, spec):
            return data
    raise AssertionError


def _comes_to(data: bytes, verdict: Verdict, spec: object) -> bool:
    from pipeline.core.verdict import counting, remedies, verdict_of
    from pipeline.rules import photo_rules

    one = StubPool(spec, Mode.SOURCE, None)._found(data, "")
    remedy = remedies(photo_rules(CHECKS), spec.remedies)
    return verdict_of(counting(one.findings, remedy), remedy) is verdict


class Heard:
    """A teller that remembers."""

    def __init__(self):
        self.answers, self.queues, self.faults, self.before = [], [], [], None
        self.begun = threading.Event()

    def begin(self, taken_before, standing):
        self.before = taken_before
        self.begun.set()

    def answer(self, answer, waiting, standing):
        self.answers.append(answer)
        self.standing = standing

    def booth(self, fault):
        self.faults.append(fault)

    def queue(self, waiting):
        self.queues.append(waiting)

    def end(self, waiting):
        pass


class Tether:
    """A folder that frames come into, and the run that watches it."""

    def __init__(self, folder: Path, **how):
        self.inbox, self.out, self.roster = folder / "inbox", folder / "out", folder / "roster.csv"
        self.inbox.mkdir(exist_ok=True)
        lines = ["学号,姓名", *(f"{self.key(n)},张三" for n in range(1, 6))]
        self.roster.write_text("\n".join(lines), encoding="utf-8")
        self.how, self.heard = how, Heard()
        self.request = Request(
            self.inbox, self.roster, "chsi_graduate", "source", choose=how.pop("choose", "best")
        )

    @staticmethod
    def key(number: int) -> str:
        return f"202314146000{number}"

    def put(self, number: int, data: bytes, name: str = "") -> Path:
        path = self.inbox / f"{self.key(number)}{name}.jpg"
        path.write_bytes(data)
        return path

    @contextmanager
    def watching(self, pool=stub_pool, **more):
        stop, self.heard, self.failed = threading.Event(), Heard(), None

        def work():
            try:
                watch_shoot(
                    prepare_empty(self.request),
                    self.out,
                    workers=1,
                    presentation=Presentation(),
                    teller=self.heard,
                    stop=stop,
                    pool=pool,
                    **more,
                )
            except UsageError as error:
                self.failed = error
                self.heard.begun.set()

        thread = threading.Thread(target=work)
        thread.start()
        assert self.heard.begun.wait(SECONDS)
        yield self
        stop.set()
        thread.join(SECONDS)
        assert not thread.is_alive()

    def answered(self, count: int):
        """Wait for so many answers."""
        end = time.monotonic() + SECONDS
        while len(self.heard.answers) < count and time.monotonic() < end:
            time.sleep(0.02)
        return [(a.photo, a.verdict) for a in self.heard.answers]

    def lists(self, out: Path | None = None) -> dict[str, bytes]:
        """All that a run has written, but for the season beside it."""
        out = out or self.out
        files = [p for p in sorted(out.rglob("*")) if p.is_file()]
        kept = [p for p in files if p.relative_to(out).parts[0] != OutputFile.SEASON]
        return {p.relative_to(out).as_posix(): p.read_bytes() for p in kept}

    def checked(self) -> dict[str, bytes]:
        """What `check` writes of the same folder."""
        out = self.out.with_name("checked")
        shoot = prepare(self.request)
        with staging_in(out) as staging, stub_pool(setting_of(shoot, staging), 1) as pool:
            finish(shoot, list(pool.run(shoot.submissions)), out, staging, Presentation())
        return self.lists(out)


@pytest.fixture
def tether(tmp_path):
    return Tether(tmp_path)


def test_a_frame_is_answered_and_the_lists_are_those_of_check(tether):
    with tether.watching():
        tether.put(1, frame(Verdict.PASS, 1))
        tether.put(2, frame(Verdict.RETAKE, 2))
        tether.answered(2)
        tether.put(2, frame(Verdict.PASS, 3), "_2")  # the retake
        tether.put(3, frame(Verdict.FAIL, 4))
        (tether.inbox / "IMG_0001.jpg").write_bytes(frame(Verdict.PASS, 5))  # nobody's
        said = dict(tether.answered(5))
    assert said == {
        f"{tether.key(1)}.jpg": Verdict.PASS,
        f"{tether.key(2)}.jpg": Verdict.RETAKE,
        f"{tether.key(2)}_2.jpg": Verdict.PASS,
        f"{tether.key(3)}.jpg": Verdict.FAIL,
        "IMG_0001.jpg": Verdict.FAIL,
    }
    advice = {a.photo: [text.zh for text in a.advice] for a in tether.heard.answers}
    assert not advice[f"{tether.key(1)}.jpg"]
    assert advice[f"{tether.key(2)}.jpg"]
    assert tether.lists() == tether.checked()


def test_a_frame_beside_one_that_passes_keeps_nobody_here(tether):
    with tether.watching():
        first = tether.put(1, frame(Verdict.PASS, 1))
        tether.answered(1)
        tether.put(1, frame(Verdict.RETAKE, 2), "_2")  # of the same burst
        tether.answered(2)
        tether.put(2, frame(Verdict.RETAKE, 3))
        tether.answered(3)
    spare, other = tether.heard.answers[1:]
    assert (spare.verdict, spare.kept) == (Verdict.RETAKE, first.name)
    assert field_of(spare).word.zh == "可以走"
    assert advice_of(spare, Presentation())[0] == f"这张不用，已有合格的 {first.name}"
    assert other.kept == ""
    assert field_of(other).word.zh == "再拍一张"


def test_what_is_being_written_is_answered_once_and_whole(tether):
    whole = frame(Verdict.PASS, 1) * 50 + END
    with tether.watching():
        with (tether.inbox / f"{tether.key(1)}.jpg").open("wb") as stream:
            for at in range(0, len(whole), 200):  # for longer than a frame lies still
                stream.write(whole[at : at + 200])
                stream.flush()
                time.sleep(0.04)
        part = tether.inbox / f"{tether.key(2)}.jpg.part"
        part.write_bytes(frame(Verdict.PASS, 2))
        time.sleep(0.5)
        part.rename(tether.inbox / f"{tether.key(2)}.jpg")
        said = tether.answered(2)
    assert sorted(photo for photo, _ in said) == [f"{tether.key(n)}.jpg" for n in (1, 2)]
    assert tether.lists() == tether.checked()


def test_what_does_not_end_like_a_jpeg_waits_longer_and_is_taken(tether):
    with tether.watching():
        tether.put(1, frame(Verdict.PASS, 1)[:-2])
        tether.put(2, frame(Verdict.PASS, 2))
        said = [photo for photo, _ in tether.answered(2)]
    assert said == [f"{tether.key(2)}.jpg", f"{tether.key(1)}.jpg"]


def test_a_duplicate_a_file_that_vanished_and_one_written_again(tether):
    same = frame(Verdict.PASS, 1)
    with tether.watching():
        tether.put(1, same)
        tether.put(1, same, "(1)")
        tether.put(2, frame(Verdict.RETAKE, 2))
        tether.put(3, b"half of a frame").unlink()  # vanished before it lay still
        tether.answered(3)
        tether.put(2, frame(Verdict.PASS, 3))  # the same name
        gone = tether.put(4, frame(Verdict.PASS, 4))
        said = tether.answered(5)
        gone.unlink()
    assert said[3:] == [(f"{tether.key(2)}.jpg", Verdict.PASS), (gone.name, Verdict.PASS)]
    assert tether.lists() == tether.checked()
    # What vanished from the folder was not lost: the season has its original.
    kept = tether.out / OutputFile.SEASON / store.PHOTOS
    assert frame(Verdict.PASS, 4) in [p.read_bytes() for p in kept.rglob("*") if p.is_file()]


def test_frames_of_a_burst_wait_for_a_paused_worker_and_none_is_lost(tether):
    go = threading.Event()

    class Paused(StubPool):
        def submit(self, job):
            future = Future()

            def work():
                go.wait(SECONDS)
                future.set_result(self._examine(job))

            threading.Thread(target=work).start()
            return future

    @contextmanager
    def paused(setting, _workers):
        yield Paused(setting.spec, setting.mode, setting.staging)

    with tether.watching(paused):
        for number in range(1, 6):
            tether.put(number, frame(Verdict.PASS, number))
        end = time.monotonic() + SECONDS
        while 5 not in tether.heard.queues and time.monotonic() < end:
            time.sleep(0.02)
        assert not tether.heard.answers
        go.set()
        assert len(tether.answered(5)) == 5
    assert 5 in tether.heard.queues
    assert tether.lists() == tether.checked()


def test_a_run_that_was_ended_is_gone_on_with_and_examines_nothing_twice(tether):
    with tether.watching():
        tether.put(1, frame(Verdict.PASS, 1))
        tether.put(2, frame(Verdict.RETAKE, 2))
        tether.answered(2)
    tether.put(3, frame(Verdict.PASS, 3))  # while nobody watches
    asked = []

    class Counting(StubPool):
        def submit(self, job):
            asked.append(job.photo)
            return super().submit(job)

    @contextmanager
    def counting(setting, _workers):
        yield Counting(setting.spec, setting.mode, setting.staging)

    with tether.watching(counting):
        assert tether.answered(1) == [(f"{tether.key(3)}.jpg", Verdict.PASS)]
    assert tether.heard.before == 2
    assert len(asked) == 1
    assert tether.lists() == tether.checked()


def test_a_season_takes_over_what_was_watched(tether):
    with tether.watching():
        tether.put(1, frame(Verdict.PASS, 1))
        tether.put(2, frame(Verdict.RETAKE, 2))
        tether.answered(2)
    done = ingest(tether.out / OutputFile.SEASON, tether.inbox, pool=stub_pool)
    assert done.taken.known == 2
    assert done.examined == 0
    assert done.students["pass"] == done.students["retake"] == 1


def test_another_choice_for_the_same_shoot_is_refused(tether):
    with tether.watching():
        pass
    tether.request = Request(tether.inbox, tether.roster, "chsi_graduate", "source", choose="last")
    with tether.watching():
        pass
    assert "--choose" in tether.failed.why.zh


def test_a_full_disk_ends_the_run_and_the_next_one_loses_nothing(tether, monkeypatch):
    def full(folder, sha256, data):
        from pipeline.core.private_files import writing_to

        with writing_to(folder):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("flows.season.intake.keep_original", full)
        with tether.watching():
            tether.put(1, frame(Verdict.PASS, 1))
            end = time.monotonic() + SECONDS
            while tether.failed is None and time.monotonic() < end:
                time.sleep(0.02)
    assert os.strerror(errno.ENOSPC) in tether.failed.why.en
    with tether.watching():
        assert tether.answered(1) == [(f"{tether.key(1)}.jpg", Verdict.PASS)]
    assert tether.lists() == tether.checked()


def test_nothing_came(tether):
    with tether.watching():
        pass
    assert "missing" in tether.lists()["students.csv"].decode()


def test_the_roster_may_lie_in_the_folder(tether):
    tether.roster = tether.inbox / "roster.csv"
    tether.roster.write_bytes((tether.inbox.parent / "roster.csv").read_bytes())
    tether.request = Request(tether.inbox, tether.roster, "chsi_graduate", "source", choose="best")
    with tether.watching():
        tether.put(1, frame(Verdict.PASS, 1))
        assert tether.answered(1) == [(f"{tether.key(1)}.jpg", Verdict.PASS)]
    assert tether.lists() == tether.checked()


def test_the_memory_is_a_season_of_its_own(tether, monkeypatch):
    # GRADPHOTO_LEDGER names the database of some other season.
    monkeypatch.setenv("GRADPHOTO_LEDGER", "postgresql://nowhere/nothing")
    with tether.watching():
        tether.put(1, frame(Verdict.PASS, 1))
        assert len(tether.answered(1)) == 1
    assert tether.failed is None
    assert (tether.out / OutputFile.SEASON / memory.FILE).is_file()


def test_frames_of_cameras_names_are_given_by_code_cards_as_check_gives_them(tether):
    tether.request = replace(tether.request, cards=True)

    def shoot(number: int, data: bytes) -> None:
        (tether.inbox / f"IMG_{number:04}.jpg").write_bytes(data)
        tether.answered(number)

    with tether.watching():
        shoot(1, frame(Verdict.PASS, 1))  # before the first card
        shoot(2, b"a code card of " + tether.key(1).encode() + b" " + END)
        shoot(3, frame(Verdict.RETAKE, 3))
        shoot(4, frame(Verdict.PASS, 4))
        shoot(5, b"a code card of " + tether.key(2).encode() + b" " + END)
        shoot(6, b"a code card of " + tether.key(3).encode() + b" " + END)  # two in a row
        shoot(7, frame(Verdict.PASS, 7))
    said = {
        a.photo[4:8]: (a.student and a.student.key[-1], a.is_card) for a in tether.heard.answers
    }
    assert said == {
        "0001": (None, False),
        "0002": ("1", True),
        "0003": ("1", False),
        "0004": ("1", False),
        "0005": ("2", True),
        "0006": ("3", True),
        "0007": ("3", False),
    }
    advice = {a.photo[4:8]: a.advice[0].zh for a in tether.heard.answers if a.advice}
    assert "码牌" in advice["0001"]
    assert "上一位" in advice["0006"]
    lists = tether.lists()
    assert lists == tether.checked()
    assert lists["photos.csv"].decode().count("code_card") == 3
    students = lists["students.csv"].decode()
    assert students.count("pass") == 2
    # A season that goes on knows whose they are.
    done = ingest(tether.out / OutputFile.SEASON, tether.inbox, pool=stub_pool)
    assert done.students["pass"] == 2


def test_one_cause_in_five_frames_in_a_row_is_the_booths_fault_and_told_once(tether):
    uneven = (n for n in itertools.count() if _breaks_only("BG002", b"uneven %d" % n + END))
    with tether.watching():
        for count in range(1, 8):
            tether.put(1, b"uneven %d" % next(uneven) + END, f"_{count}")
            tether.answered(count)
    assert [(fault.cause, fault.frames) for fault in tether.heard.faults] == [("BG002", 5)]
    (row,) = tether.heard.standing.booth
    assert row.frames == 7
    uneven = next(m for m in row.measures if m.rule.code == "BG002")
    assert not uneven.is_kept


def _breaks_only(code: str, data: bytes) -> bool:
    one = StubPool(load_spec("chsi_graduate", CHECKS), Mode.SOURCE, None)._found(data, "")
    return [f.code for f in one.findings if f.outcome is Outcome.BROKEN] == [code]


def test_what_only_lies_beside_a_frame_is_listed_and_not_answered(tether):
    raw = b"II*\0\x10\0\0\0CR\2\0" + bytes(40)  # a camera's CR2
    with tether.watching():
        photo = tether.put(1, frame(Verdict.PASS, 1))
        tether.answered(1)
        photo.with_suffix(".CR2").write_bytes(raw)
        photo.with_suffix(".xmp").write_bytes(b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
        (tether.inbox / "IMG_1.xmp").write_bytes(b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
        time.sleep(2.5)  # it does not end like a JPEG
        tether.put(2, frame(Verdict.PASS, 2))
        said = [name for name, _ in tether.answered(2)]
        last = tether.put(3, b"").with_suffix(".CR2")  # a RAW alone speaks
        last.with_suffix(".jpg").unlink()
        last.write_bytes(raw)
        said = [name for name, _ in tether.answered(3)]
    assert said == [photo.name, f"{tether.key(2)}.jpg", last.name]
    assert tether.lists()["photos.csv"].decode().count("xmp") == 2


def test_test_frames_are_listed_and_not_answered(tether):
    lies = tether.inbox / "wall.jpg"
    lies.write_bytes(frame(Verdict.PASS, 1))
    status = lies.stat()
    with tether.watching(aside={lies.name: (status.st_size, str(status.st_mtime_ns))}):
        tether.put(1, frame(Verdict.PASS, 2))
        tether.answered(1)
    assert [answer.photo for answer in tether.heard.answers] == [f"{tether.key(1)}.jpg"]
    assert tether.lists() == tether.checked()


def test_a_file_under_two_students_is_told_at_the_second(tether):
    same = frame(Verdict.PASS, 1)
    with tether.watching():
        tether.put(1, same)
        tether.answered(1)
        tether.put(2, same)
        said = tether.answered(2)
    assert [verdict for _, verdict in said] == [Verdict.PASS, Verdict.FAIL]
    assert tether.heard.answers[1].codes == ("DU001",)
