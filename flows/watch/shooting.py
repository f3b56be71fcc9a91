"""What has come so far of a watched shoot: taken, written down, examined, answered in turn."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from checks import CHECKS
from flows.season.examining import keep
from flows.season.intake import stamp_of
from flows.shoot.reading import Shoot
from flows.shoot.steps import pair
from flows.watch.answer import answer_of, judged
from flows.watch.arrivals import Stamp
from flows.watch.board import Board
from flows.watch.booth import LATEST, Booth
from flows.watch.memory import recall, remember, without_examining
from pipeline.batch.booth_table import Drift
from pipeline.batch.sequence import Paired
from pipeline.core.errors import RosterError
from pipeline.core.records import Answer, BoothFault, Examination, FileKind, Submission
from pipeline.core.run_photos import brief_of
from pipeline.examine.setting import Setting
from pipeline.identity.compare import OnRecord
from pipeline.intake.card_numbers import numbers_of, students_on
from pipeline.intake.scans import read_scans
from pipeline.ledger.examinations import job
from pipeline.ledger.season import Season
from pipeline.rules import run_rules

Fault = BoothFault | Drift
_PAIRED = 300  # frames among which a card is looked for


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


@dataclass(frozen=True)
class Frame:
    """A file as it was taken, and how it is examined."""

    submission: Submission
    stamp: Stamp
    sha256: str
    last_byte: float  # seconds since the epoch
    examined: Examination | None = None


class Shooting:
    """What has come so far: frames by photo, examinations by content, what is under way."""

    def __init__(
        self, shoot: Shoot, season: Season, pool: Pool, records: Sequence[OnRecord] | None
    ) -> None:
        self.shoot, self.season, self._pool, self.records = shoot, season, pool, records
        remembered = recall(season, shoot.mode)
        known = numbers_of(shoot.students)
        # What was examined without cards, or by another roster's, is examined again.
        self._examined = {
            sha256: one
            for sha256, one in remembered.examined.items()
            if (one.card is not None) is shoot.request.cards
            and (one.kind is FileKind.CARD) is bool(students_on(one.card or "", known))
            and records is None  # faces are kept nowhere
        }
        self._scans: Sequence[tuple[datetime, str]] = ()
        self._under_way: dict[str, Future[Examination]] = {}  # by content
        self._queue: deque[Frame] = deque()
        self.frames: dict[str, Frame] = {}
        for (photo, stamp), file in remembered.files.items():
            here = Submission(photo, shoot.request.inbox / photo)
            examined = without_examining(file, here, shoot.mode)
            examined = examined or self._examined.get(file.sha256)
            if examined is not None:
                examined = replace(examined, photo=photo)
                self.frames[photo] = Frame(here, stamp, file.sha256, 0.0, examined)
        rules = {rule.code: rule for rule in run_rules(CHECKS)}
        self.board = Board(shoot.students, shoot.request.choose, Booth(rules))
        done = [one.examined for one in self.frames.values() if one.examined is not None]
        paired = self._paired(len(done))
        result = judged(done, shoot, paired, None)
        self._told = {(fault.cause, fault.camera) for fault in result.booth}  # of the booth
        self.board.booth.note(done)
        self.board.note(filter(None, (answer_of(one, result, shoot, paired) for one in done)))

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
        frame = Frame(submission, stamp, file.sha256, last_byte(submission.path), examined)
        self.frames[submission.photo] = frame
        self._queue.append(frame)
        sha256 = file.sha256
        if examined is None and sha256 not in self._examined and sha256 not in self._under_way:
            self._under_way[sha256] = self._pool.submit(job(self.season.folder, sha256))

    def answers(self, *, wait: bool = False) -> Iterator[tuple[Answer, Sequence[Fault]]]:
        """Answer the frames at the head of the queue that are examined; all of it with ``wait``.

        What only lies beside frames is taken, and not answered.
        """
        while self._queue and (wait or self._is_done(self._queue[0])):
            frame = self._queue.popleft()
            examined = replace(self._examination(frame), photo=frame.submission.photo)
            self.frames[examined.photo] = replace(frame, examined=examined)
            waited = time.time() - frame.last_byte
            done = [one.examined for one in self.frames.values() if one.examined is not None]
            latest = [one for one in done[-LATEST:] if one.photo != examined.photo]
            paired = self._paired(_PAIRED)
            result = judged([*latest, examined], self.shoot, paired, self.records)
            answer = answer_of(examined, result, self.shoot, paired)
            if answer is None:
                continue
            self.board.note([answer])
            self.board.booth.note([examined])
            drifts = self.board.booth.new_drifts(examined.camera)
            answer = replace(answer, waited_s=round(waited, 3))
            yield answer, (*self._new_of(result.booth), *drifts)

    def _new_of(self, faults: Sequence[BoothFault]) -> tuple[BoothFault, ...]:
        """Return the faults of the booth that have not been told, or had ended since."""
        keys = {(fault.cause, fault.camera): fault for fault in faults}
        new = tuple(fault for key, fault in keys.items() if key not in self._told)
        self._told = set(keys)
        return new

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

    def _is_done(self, frame: Frame) -> bool:
        future = self._under_way.get(frame.sha256)
        return frame.examined is not None or future is None or future.done()

    def _examination(self, frame: Frame) -> Examination:
        if frame.examined is not None:
            return frame.examined
        future = self._under_way.pop(frame.sha256, None)
        if future is not None:
            done = self._pool.result(job(self.season.folder, frame.sha256), future)
            keep(self.season, [done])
            self._examined[frame.sha256] = done
        return self._examined[frame.sha256]


def last_byte(path: Path) -> float:
    """When a file was last written or renamed, as far as its file system tells; else now."""
    now = time.time()
    try:
        status = path.lstat()
    except OSError:
        return now
    # On Windows the second is when it was made.
    changed = status.st_mtime if os.name == "nt" else max(status.st_mtime, status.st_ctime)
    return min(now, changed)
