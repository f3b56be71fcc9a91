"""The photos of a flow run, handed out in chunks: each chunk a task, a few of them at a time.

Whatever Prefect meets lands in its database in clear, and a photo's path may hold a student's
number: it meets a chunk, which says how many photos it has. Results are handed on and let go,
so that a run's memory does not grow with its photos.
"""

import flows.prefect_glue.settings  # isort: skip  # noqa: F401 - before prefect reads its settings

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext
from prefect.futures import PrefectFuture
from prefect.task_runners import ThreadPoolTaskRunner

from flows.prefect_glue.stages import log
from flows.shoot.progress import CHECKING
from flows.shoot.worker import default_workers, examine_here, worker_pool
from pipeline.core.batched import batched
from pipeline.core.pool import WorkerPool
from pipeline.core.records import Examination, Submission
from pipeline.core.rules import Lang, Text
from pipeline.examine.setting import Setting

# A task costs Prefect's server 50 ms and its database 24 KB; 250 photos cost a core about a
# minute. Under 1 %, and little to do again.
CHUNK = 250
# Chunks handed out and not yet taken back: one more than the two threads of this machine's
# pool, and enough for 32 processes of a cluster. A chunk's results are 4 MB.
AHEAD, AHEAD_OF_CLUSTER = 3, 64

_COUNTS = Text("照片 {}", "photos {}")

Pool = WorkerPool[Submission, Examination]


class Chunk:
    """Some photos and how they are examined; ``pool`` is None where a cluster does the work."""

    def __init__(
        self, setting: Setting, photos: Sequence[Submission], pool: Pool | None, lang: Lang
    ) -> None:
        self.setting = setting
        self.photos = photos
        self.pool = pool
        self.lang = lang

    def __repr__(self) -> str:
        """Say nothing of the photos: a repr lands in logs."""
        return f"<{len(self.photos)} photos>"


class Examined:
    """What came of a chunk. Of a list, Prefect would remember every part."""

    def __init__(self, photos: Sequence[Examination]) -> None:
        self.photos = photos

    def __repr__(self) -> str:
        """Say nothing of the photos."""
        return f"<{len(self.photos)} examined>"


@task(name="examine", persist_result=False, cache_policy=NO_CACHE)
def examine_chunk(chunk: Chunk) -> Examined:
    """Examine a chunk: in this machine's pool, or in the cluster's process that runs the task."""
    if chunk.pool is not None:
        done = list(chunk.pool.run(chunk.photos))
    else:
        done = examine_here(chunk.setting, chunk.photos)
    log(_COUNTS[chunk.lang].format(len(done)))
    return Examined(done)


class TaskPool:
    """A pool whose work is tasks of the flow run under way, a chunk each."""

    def __init__(self, setting: Setting, pool: Pool | None, lang: Lang) -> None:
        self._setting = setting
        self._pool = pool
        self._lang = lang
        self._ahead = AHEAD if pool is not None else AHEAD_OF_CLUSTER

    def run(self, jobs: Iterable[Submission]) -> Iterator[Examination]:
        """Yield one examination for each job, in the order of the jobs."""
        waiting: deque[tuple[Chunk, PrefectFuture[Examined]]] = deque()
        chunks = list(batched(jobs, CHUNK))
        for at, photos in enumerate(chunks, start=1):
            chunk = Chunk(self._setting, photos, self._pool, self._lang)
            name = f"{CHECKING[self._lang]} {at}/{len(chunks)}"
            task = examine_chunk.with_options(task_run_name=name)
            waiting.append((chunk, task.submit(chunk)))
            if len(waiting) >= self._ahead:
                yield from self._result(*waiting.popleft())
        while waiting:
            yield from self._result(*waiting.popleft())

    def _result(self, chunk: Chunk, future: "PrefectFuture[Examined]") -> Iterable[Examination]:
        future.wait()
        if future.state.is_completed():
            return future.result().photos
        # A photo that kills its process kills a cluster's worker and, tried again, the next:
        # in a pool of our own it costs itself alone.
        with worker_pool(self._setting, 1) as own:
            return list(own.run(chunk.photos))


@contextmanager
def task_pool(setting: Setting, workers: int, lang: Lang = "zh") -> Iterator[TaskPool]:
    """Open a pool of tasks, named in a language; without a cluster they share our processes."""
    context = FlowRunContext.get()
    if context is None or isinstance(context.task_runner, ThreadPoolTaskRunner):
        with worker_pool(setting, workers or default_workers()) as pool:
            yield TaskPool(setting, pool, lang)
    else:
        yield TaskPool(setting, None, lang)
