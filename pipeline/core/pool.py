"""Worker processes that may die: a killed worker costs one photo, not the run.

When one process dies, the whole `ProcessPoolExecutor` is broken and nobody says which
job killed it. So every job that was under way is tried once more, each alone in a
process of its own; the one that dies again is the one to blame. A job that does not end (a
decoder that goes round in circles) costs its process, and so only itself. Workers end with
the process that started them, however that one ends.
"""

import logging
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from types import TracebackType
from typing import Generic, Self, TypeVar

from pipeline.core.errors import UsageError
from pipeline.core.rules import Text

J = TypeVar("J")
R = TypeVar("R")
_log = logging.getLogger(__name__)
_AHEAD = 4  # jobs handed out for each worker: enough to keep it busy, few to try again
_CPU_SECONDS = 120.0  # a photo takes 0.3 to 3; of CPU, so that a busy machine blames none
_STARTS = 3  # a machine short of memory kills now and then; thrice on end is no chance


class WorkerPool(Generic[J, R]):
    """Run ``work`` in ``workers`` processes; safe to call from several threads.

    Parameters
    ----------
    work, initializer, initargs
        As for `ProcessPoolExecutor`; processes are spawned, so all must be picklable.
    lost
        Makes the result of a job whose worker died twice or that raised.
    cpu_seconds
        Of all its threads, after which a job's process is ended (not on Windows).
    """

    def __init__(
        self,
        work: Callable[[J], R],
        lost: Callable[[J], R],
        *,
        workers: int,
        initializer: Callable[..., None],
        initargs: tuple[object, ...],
        cpu_seconds: float = _CPU_SECONDS,
    ) -> None:
        self._work = partial(_within, cpu_seconds, work)
        self._lost = lost
        self._workers = workers
        self._start = (initializer, initargs)
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(wait=True, cancel_futures=True)
                self._pool = None

    def run(self, jobs: Iterable[J]) -> Iterator[R]:
        """Yield one result for each job, in the order of the jobs.

        Raises
        ------
        UsageError
            When a job says that none can be carried out (the disk is full), or when no
            process can be started.
        """
        waiting: deque[tuple[J, Future[R]]] = deque()
        for job in jobs:
            waiting.append((job, self.submit(job)))
            if len(waiting) >= self._workers * _AHEAD:
                yield self.result(*waiting.popleft())
        while waiting:
            yield self.result(*waiting.popleft())

    def warm(self) -> None:
        """Start every process now, so that the first job does not wait for it."""
        with self._lock:
            if self._pool is None:
                self._pool = self._new(self._workers)
            for _ in range(self._workers):
                self._pool.submit(_nothing)

    def submit(self, job: J) -> "Future[R]":
        """Hand out one job at once; `result` takes what comes of it."""
        with self._lock:
            if self._pool is None:
                self._pool = self._new(self._workers)
            try:
                return self._pool.submit(self._work, job)
            except BrokenProcessPool:
                self._pool = self._new(self._workers)
                return self._pool.submit(self._work, job)

    def result(self, job: J, future: "Future[R]") -> R:
        """Wait for what `submit` handed out.

        Raises
        ------
        UsageError
            As `run`.
        """
        error = future.exception()
        if isinstance(error, BrokenProcessPool):
            future = self._alone(job)
            error = future.exception()
        if error is None:
            return future.result()
        if isinstance(error, UsageError):
            raise error
        # The type alone: an exception's text may name a file, and so a student.
        _log.error("a photo could not be examined: %s", type(error).__name__)
        return self._lost(job)

    def _alone(self, job: J) -> "Future[R]":
        """Try a job in a process of its own; one that dies before it has the job is not its doing.

        Raises
        ------
        UsageError
            When none lives long enough to be given the job.
        """
        for _ in range(_STARTS):
            with self._new(1) as alone:
                if alone.submit(_nothing).exception() is None:
                    return alone.submit(self._work, job)
        raise UsageError(
            Text(
                "检查进程无法启动：内存太少，或安装已损坏",
                "no worker process can start: too little memory, or a damaged installation",
            )
        )

    def _new(self, workers: int) -> ProcessPoolExecutor:
        initializer, initargs = self._start
        return ProcessPoolExecutor(
            workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=partial(_begin, initializer, *initargs),
        )


def _begin(initializer: Callable[..., None], *initargs: object) -> None:
    """Prepare a worker. One that waits for work does not notice that nobody is left to give it."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def end_with_parent() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()
    initializer(*initargs)


def _within(cpu_seconds: float, work: Callable[[J], R], job: J) -> R:
    """Do a job; SIGPROF, which no library holds back, ends the process when it takes too long."""
    if not hasattr(signal, "setitimer"):
        return work(job)
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    try:
        return work(job)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _nothing() -> None:
    """Show that a worker has started."""
