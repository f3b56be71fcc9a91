"""A flow run hands out its photos a few chunks at a time, and says nothing of them."""

import gc
from pathlib import Path

import pytest

from pipeline.core.records import Examination, Submission
from pipeline.core.rules import Mode

pytestmark = pytest.mark.slow
JOBS = [Submission(f"{number:02}.jpg", Path("x")) for number in range(24)]


class Pool:
    """In the place of `pipeline.core.pool.WorkerPool`."""

    begun = 0

    def run(self, jobs):
        for job in jobs:
            self.begun += 1
            yield Examination(job.photo, job.photo, Mode.SOURCE, ())


@pytest.fixture
def in_flow(server, monkeypatch):
    """Run a function over a pool of tasks in a flow run; a chunk has two photos."""
    from prefect import flow

    from flows.prefect_glue import task_pool
    from flows.prefect_glue.runners import task_runner

    monkeypatch.setattr(task_pool, "CHUNK", 2)

    def run(use, pool):
        @flow(name="over-a-task-pool", task_runner=task_runner("local"), persist_result=False)
        def over_a_task_pool():
            use(task_pool.TaskPool(None, pool, "zh"))

        over_a_task_pool()

    return run


def test_each_photo_comes_back_once_and_in_its_order(in_flow):
    got = []
    in_flow(lambda pool: got.extend(one.photo for one in pool.run(JOBS)), Pool())
    assert got == [job.photo for job in JOBS]


def test_no_more_is_handed_out_or_held_than_keeps_the_workers_busy(in_flow):
    from flows.prefect_glue.task_pool import AHEAD, Examined

    pool, ahead, held = Pool(), [], []

    def use(tasks):
        for done, _ in enumerate(tasks.run(iter(JOBS))):
            ahead.append(pool.begun - done)
            gc.collect()
            held.append(sum(isinstance(one, Examined) for one in gc.get_objects()))

    in_flow(use, pool)
    assert max(ahead) <= 2 * AHEAD
    # And one that a thread of Prefect's has not let go of yet; there are twelve chunks.
    assert max(held) <= AHEAD + 1


def test_chunks_and_results_say_how_many_and_no_more():
    from flows.prefect_glue.task_pool import Chunk, Examined

    assert repr(Chunk(None, JOBS[:3], None, "zh")) == "<3 photos>"
    assert repr(Examined([Examination("张三.jpg", "", Mode.SOURCE, ())])) == "<1 examined>"


def test_chunks_are_tasks_that_say_which_of_how_many(in_flow, written_by_prefect):
    in_flow(lambda pool: list(pool.run(JOBS)), Pool())
    text, _ = written_by_prefect()
    assert "检查 1/12" in text
    assert "检查 12/12" in text
    assert "'照片 2'" in text, "a log line of counts"
