"""What examines a photo for whoever asks, and keeps nothing of it: 自查.

Photos are opened in worker processes alone. The threads that wait for them are as many as the
processes, and none of those that answer other pages: a queue of uploads delays uploads only.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TypeVar

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from checks import CHECKS
from flows.shoot.reading import find_mode
from flows.shoot.worker import default_workers, here, start
from pipeline.core.pool import WorkerPool
from pipeline.core.private_files import write_private
from pipeline.core.records import Examination, Submission
from pipeline.core.rules import Mode
from pipeline.examine.examine import examine_with_facts, unexamined
from pipeline.examine.marks import preview
from pipeline.examine.setting import Setting
from pipeline.spec.spec import Spec

T = TypeVar("T")
OF_STUDENT = RateLimitItemPerMinute(30, 15)  # photos in a quarter of an hour, by a link
OF_ADDRESS = RateLimitItemPerMinute(60, 15)  # without one; a dormitory may share an address


@dataclass(frozen=True)
class Asked:
    """A photo to look at; the spec comes with each, for it may change while the desk runs."""

    submission: Submission
    spec: Spec


@dataclass(frozen=True)
class Looked:
    """What a photo came to."""

    examination: Examination
    picture: bytes = b""  # what was judged, as a JPEG; empty: it could not be opened


Pool = WorkerPool[Asked, Looked]


def look(asked: Asked) -> Looked:
    """Examine one photo in a process that `start` prepared; no file is made of it."""
    setting, tools = here()
    mode = find_mode([asked.submission], asked.spec)
    setting = replace(setting, spec=asked.spec, mode=mode)
    examination, facts = examine_with_facts(asked.submission, setting, tools)
    return Looked(examination, b"" if facts is None else preview(facts))


def open_pool(spec: Spec, workers: int) -> Pool:
    """Open the processes, and start them."""
    pool = WorkerPool(
        look, _lost, workers=workers, initializer=_ready, initargs=(Setting(spec, Mode.SOURCE),)
    )
    pool.warm()
    return pool


def _ready(setting: Setting) -> None:
    """Prepare a process; being of this module, it has all that `look` needs loaded beforehand."""
    start(setting)


def _lost(asked: Asked) -> Looked:
    return Looked(unexamined(asked.submission, Mode.SOURCE, CHECKS))


class SelfCheck:
    """The processes of a desk, started when the first student comes, and how often one may ask."""

    def __init__(self, opens: Callable[[Spec, int], Pool] = open_pool) -> None:
        self._opens = opens
        self._lock = Lock()
        self._pool: Pool | None = None
        self._workers = default_workers()
        self._threads = ThreadPoolExecutor(self._workers)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def may(self, student: str | None, address: str) -> bool:
        """Count a photo of a student, or of an address; False: it is one too many."""
        if student is not None:
            return self._limiter.hit(OF_STUDENT, "student", student)
        return self._limiter.hit(OF_ADDRESS, "address", address)

    def started(self, spec: Spec) -> Pool:
        """Return the pool, opened where it is not yet."""
        with self._lock:
            if self._pool is None:
                self._pool = self._opens(spec, self._workers)
            return self._pool

    def look_at(self, data: bytes, spec: Spec) -> Looked:
        """Have a photo examined; the copy that the process reads is private and removed at once.

        Raises
        ------
        UsageError
            No process can be started.
        """
        pool = self.started(spec)
        with tempfile.TemporaryDirectory(prefix="gradphoto-") as folder:
            path = Path(folder) / "photo"
            write_private(path, data)
            asked = Asked(Submission(path.name, path), spec)
            return pool.result(asked, pool.submit(asked))

    def in_turn(self, work: Callable[[], T]) -> Awaitable[T]:
        """Do what looks at a photo when a process is free for it."""
        return asyncio.wrap_future(self._threads.submit(work))

    def close(self) -> None:
        """End the processes."""
        self._threads.shutdown(cancel_futures=True)
        if self._pool is not None:
            self._pool.__exit__(None, None, None)
