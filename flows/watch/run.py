"""The loop: frames are taken as they arrive, examined, answered; at the end the lists are written.

One thread does all of it but the examining, which warm workers do. Answers come in the order in
which the frames came.
"""

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

import watchfiles

from flows.season.intake import stamp_of
from flows.season.steps import keep
from flows.shoot.output import check_out, folder_of, note_shoot, staging_in
from flows.shoot.steps import (
    Shoot,
    describe_records,
    finish,
    pair,
    setting_of,
    submissions_of,
)
from flows.shoot.worker import default_workers, worker_pool
from flows.watch.answer import answer_of
from flows.watch.arrivals import Arrivals, Stamp
from flows.watch.board import Board, Standing
from flows.watch.memory import note_numbers, open_memory, recall, remember, without_examining
from pipeline.batch.sequence import Paired
from pipeline.core.errors import RosterError
from pipeline.core.output_files import OutputFile
from pipeline.core.records import Answer, Examination, Result, Submission
from pipeline.core.run_photos import brief_of, in_memory
from pipeline.examine.setting import Setting
from pipeline.intake.scans import read_scans
from pipeline.ledger.examinations import job
from pipeline.ledger.season import Season
from pipeline.ledger.store import staging_folder
from reports.masking import Presentation

_TICK_MS = 50  # between two looks at what waits
_LATEST = 300  # frames among which a card is looked for
_QUEUED = 2  # frames a worker: more of them waiting is a queue


class Pool(Protocol):
    """What examines one submission after the other; `pipeline.core.pool.WorkerPool` is one."""

    def warm(self) -> None:
        """Start what examines."""

    def submit(self, job: Submission) -> "Future[Examination]":
        """Hand out one submission."""
        ...

    def result(self, job: Submission, future: "Future[Examination]") -> Examination:
        """Wait for what comes of it."""
        ...


PoolOf = Callable[[Setting, int], AbstractContextManager[Pool]]


class Teller(Protocol):
    """Who is told what happens."""

    def begin(self, taken_before: int, standing: Standing, /) -> None:
        """The workers start; so many frames were examined by an earlier run."""

    def answer(self, answer: Answer, waiting: int, standing: Standing, /) -> None:
        """A frame is answered, and so many more wait."""

    def queue(self, waiting: int, /) -> None:
        """So many frames wait, more than the workers take at once."""

    def end(self, waiting: int, /) -> None:
        """No more frames are taken, but for so many that lie there; then come the lists."""


@dataclass(frozen=True)
class Tellers:
    """Several who are told the same."""

    all: tuple[Teller, ...]

    def begin(self, taken_before: int, standing: Standing) -> None:
        """As `Teller`."""
        for one in self.all:
            one.begin(taken_before, standing)

    def answer(self, answer: Answer, waiting: int, standing: Standing) -> None:
        """As `Teller`."""
        for one in self.all:
            one.answer(answer, waiting, standing)

    def queue(self, waiting: int) -> None:
        """As `Teller`."""
        for one in self.all:
            one.queue(waiting)

    def end(self, waiting: int) -> None:
        """As `Teller`."""
        for one in self.all:
            one.end(waiting)


@dataclass(frozen=True)
class _Frame:
    """A file as it was taken, and how it is examined."""

    submission: Submission
    stamp: Stamp
    sha256: str
    last_byte: float  # seconds since the epoch
    examined: Examination | None = None


class _Shooting:
    """What has come so far: frames by photo, examinations by content, what is under way."""

    def __init__(self, shoot: Shoot, season: Season, pool: Pool) -> None:
        self.shoot, self.season, self._pool = shoot, season, pool
        remembered = recall(season, shoot.mode)
        looked = shoot.request.cards  # for codes: what was examined otherwise is examined again
        self._examined = {
            sha256: one
            for sha256, one in remembered.examined.items()
            if (one.card is not None) is looked
        }
        self._scans: Sequence[tuple[datetime, str]] = ()
        self._under_way: dict[str, Future[Examination]] = {}  # by content
        self._queue: deque[_Frame] = deque()
        self.frames: dict[str, _Frame] = {}
        for (photo, stamp), file in remembered.files.items():
            here = Submission(photo, shoot.request.inbox / photo)
            examined = without_examining(file, here, shoot.mode)
            examined = examined or self._examined.get(file.sha256)
            if examined is not None:
                examined = replace(examined, photo=photo)
                self.frames[photo] = _Frame(here, stamp, file.sha256, 0.0, examined)
        self.board = Board(shoot.students, shoot.request.choose)
        paired = self._paired(len(self.frames))
        for frame in self.frames.values():
            if frame.examined is not None:
                self.board.note([answer_of(frame.examined, shoot, paired)])

    @property
    def waiting(self) -> int:
        """Frames that were taken and are not answered yet."""
        return len(self._queue)

    def is_taken(self, submission: Submission) -> bool:
        """Whether a file was taken as it lies there now."""
        frame = self.frames.get(submission.photo)
        return frame is not None and frame.stamp == stamp_of(submission)

    def take(self, submission: Submission) -> None:
        """Copy a file, write it down and hand it out."""
        file = remember(self.season, submission, self.shoot.mode)
        examined = without_examining(file, submission, self.shoot.mode)
        stamp = (file.bytes, file.changed_ns)
        frame = _Frame(submission, stamp, file.sha256, _last_byte(submission.path), examined)
        self.frames[submission.photo] = frame
        self._queue.append(frame)
        sha256 = file.sha256
        if examined is None and sha256 not in self._examined and sha256 not in self._under_way:
            self._under_way[sha256] = self._pool.submit(job(self.season.folder, sha256))

    def answers(self, *, wait: bool = False) -> Iterator[Answer]:
        """Answer the frames at the head of the queue that are examined; all of it with ``wait``."""
        while self._queue and (wait or self._is_done(self._queue[0])):
            frame = self._queue.popleft()
            examined = replace(self._examination(frame), photo=frame.submission.photo)
            self.frames[examined.photo] = replace(frame, examined=examined)
            waited = time.time() - frame.last_byte
            answer = answer_of(examined, self.shoot, self._paired(_LATEST))
            self.board.note([answer])
            yield replace(answer, waited_s=round(waited, 3))

    def _paired(self, latest: int) -> Paired:
        """Say whose the latest frames are, as far as they are examined."""
        request = self.shoot.request
        if not request.cards and request.scans is None:
            return Paired({}, {})
        if request.scans is not None:
            with suppress(RosterError):  # it is being written: what was read before holds
                self._scans = read_scans(request.scans)
        done = [one.examined for one in self.frames.values() if one.examined is not None]
        return pair(self.shoot, [brief_of(one) for one in done[-latest:]], self._scans)

    def _is_done(self, frame: _Frame) -> bool:
        future = self._under_way.get(frame.sha256)
        return frame.examined is not None or future is None or future.done()

    def _examination(self, frame: _Frame) -> Examination:
        if frame.examined is not None:
            return frame.examined
        future = self._under_way.pop(frame.sha256, None)
        if future is not None:
            done = self._pool.result(job(self.season.folder, frame.sha256), future)
            keep(self.season, [done])
            self._examined[frame.sha256] = done
        return self._examined[frame.sha256]


def watch_shoot(
    shoot: Shoot,
    out: Path,
    *,
    workers: int,
    presentation: Presentation,
    teller: Teller,
    stop: threading.Event,
    pool: PoolOf = worker_pool,
) -> Result:
    """Answer every frame that comes into the inbox until ``stop``, then write the lists.

    Frames that lie there unanswered then are examined first: the lists are those of `check`.

    Raises
    ------
    UsageError
        The output folder cannot be written, or holds another shoot.
    """
    check_out(folder_of(out, shoot.request, again=False), *shoot.request.given)
    home = out / OutputFile.SEASON
    with staging_in(out) as temporary, open_memory(home, shoot, temporary) as season:
        note_shoot(out, shoot.request)
        staging, count = staging_folder(home), workers or default_workers()
        setting = replace(setting_of(shoot, staging), stage_all=True)
        with pool(setting, count) as opened:
            opened.warm()
            shooting = _Shooting(shoot, season, opened)
            teller.begin(len(shooting.frames), shooting.board.standing)
            _answer_until(stop, shooting, teller, count)
            submissions, droppings = submissions_of(shoot.request)
            for submission in submissions:
                if not shooting.is_taken(submission):
                    shooting.take(submission)
            teller.end(shooting.waiting)
            for answer in shooting.answers(wait=True):
                teller.answer(answer, shooting.waiting, shooting.board.standing)
        examined = [shooting.frames[one.photo].examined for one in submissions]
        shoot = replace(shoot, submissions=submissions, droppings=droppings)
        records = describe_records(shoot, setting, count)
        done = [one for one in examined if one is not None]
        note_numbers(season, pair(shoot, in_memory(done).summaries).numbers)
        return finish(shoot, done, out, staging, presentation, records=records)


def _answer_until(stop: threading.Event, shooting: _Shooting, teller: Teller, workers: int) -> None:
    request = shooting.shoot.request
    known = {photo: frame.stamp for photo, frame in shooting.frames.items()}
    arrivals = Arrivals(request.inbox, request.tables, known)
    queued = 0
    for paths in _changes(request.inbox, stop):
        arrivals.note(paths)
        arrivals.look()
        for submission in arrivals.ready():
            shooting.take(submission)
        for answer in shooting.answers():
            teller.answer(answer, shooting.waiting, shooting.board.standing)
        if (waiting := shooting.waiting) != queued and waiting > workers * _QUEUED:
            teller.queue(waiting)
        queued = waiting


def _changes(folder: Path, stop: threading.Event) -> Iterator[list[Path]]:
    """Yield what changed in the folder, nothing again and again where nothing does."""
    for changes in watchfiles.watch(
        folder,
        watch_filter=None,
        debounce=_TICK_MS,
        step=_TICK_MS // 2,
        rust_timeout=_TICK_MS,
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=False,
    ):
        yield [Path(path) for change, path in changes if change is not watchfiles.Change.deleted]


def _last_byte(path: Path) -> float:
    """When a file was last written or renamed, as far as its file system tells; else now."""
    now = time.time()
    try:
        status = path.lstat()
    except OSError:
        return now
    # On Windows the second is when it was made.
    changed = status.st_mtime if os.name == "nt" else max(status.st_mtime, status.st_ctime)
    return min(now, changed)


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """Give what Ctrl-C and SIGTERM set; a second Ctrl-C ends the process as ever."""
    stop = threading.Event()
    before: Mapping[int, object] = {}

    def asked(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, before[number])  # type: ignore[arg-type]

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
