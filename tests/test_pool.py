"""A killed worker costs one photo, not the run. Real processes, really killed."""

import logging
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.core.errors import UsageError
from pipeline.core.pool import WorkerPool
from pipeline.core.rules import Text

ROOT = Path(__file__).resolve().parents[1]


def start(_setting):
    pass


def work(job):
    if job == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    while job == "hang":
        pass
    if job == "full":
        raise UsageError(
            Text(
                "out: cannot be written (No space left on device)",
                "out: cannot be written (No space left on device)",
            )
        )
    if job == "pid":
        return str(os.getpid())
    if job == "bug":
        raise RuntimeError("张三")
    return f"done {job}"


def lost(job):
    return f"lost {job}"


@pytest.fixture
def pool():
    with WorkerPool(work, lost, workers=2, initializer=start, initargs=(None,)) as pool:
        yield pool


# pytest imports tests by path, so spawned workers need the module's name.
work.__module__ = start.__module__ = "tests.test_pool"


def test_every_job_has_one_result_in_order(pool):
    jobs = [str(n) for n in range(25)]
    assert list(pool.run(jobs)) == [f"done {job}" for job in jobs]


def test_the_job_that_kills_its_worker_is_lost_and_no_other(pool):
    jobs = ["a", "b", "kill", "c", "kill", *(str(n) for n in range(12))]
    results = list(pool.run(jobs))
    assert results == [f"{'lost' if job == 'kill' else 'done'} {job}" for job in jobs]


def test_a_job_that_does_not_end_is_lost_and_no_other():
    how = {"workers": 2, "initializer": start, "initargs": (None,), "cpu_seconds": 0.5}
    with WorkerPool(work, lost, **how) as pool:
        jobs = ["a", "hang", *(str(n) for n in range(6))]
        results = list(pool.run(jobs))
    assert results == ["done a", "lost hang", *(f"done {n}" for n in range(6))]


def test_two_threads_may_share_it_and_one_is_not_blamed_for_the_other(pool):
    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(lambda: list(pool.run(["a", "kill", "b"])))
        two = threads.submit(lambda: list(pool.run([str(n) for n in range(8)])))
        assert one.result() == ["done a", "lost kill", "done b"]
        assert two.result() == [f"done {n}" for n in range(8)]


def test_an_unknown_error_is_lost_and_its_text_is_not_logged(pool, caplog):
    with caplog.at_level(logging.ERROR):
        assert list(pool.run(["bug", "a"])) == ["lost bug", "done a"]
    assert "RuntimeError" in caplog.text
    assert "张三" not in caplog.text


def test_what_makes_every_job_impossible_ends_the_run(pool):
    with pytest.raises(UsageError, match="No space"):
        list(pool.run(["a", "full", "b"]))


def broken_start():
    os._exit(1)


broken_start.__module__ = "tests.test_pool"


def test_workers_that_cannot_start_lose_no_photo_but_end_the_run():
    with (
        WorkerPool(work, lost, workers=1, initializer=broken_start, initargs=()) as pool,
        pytest.raises(UsageError, match="start"),
    ):
        list(pool.run(["a", "b"]))


def start_at_the_third_time(counter):
    """Die as a worker does that is killed while it loads its models."""
    with Path(counter).open("a") as stream:
        stream.write("x")
    if len(Path(counter).read_text()) < 3:
        os._exit(1)


start_at_the_third_time.__module__ = "tests.test_pool"


def test_a_photo_does_not_pay_for_workers_that_were_killed_before_they_had_it(tmp_path):
    counter = str(tmp_path / "starts")
    with WorkerPool(
        work, lost, workers=1, initializer=start_at_the_third_time, initargs=(counter,)
    ) as pool:
        assert list(pool.run(["a", "b"])) == ["done a", "done b"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_the_process_that_started_them(how):
    code = """
import time
from tests.test_pool import WorkerPool, work, lost, start
if __name__ == "__main__":
    with WorkerPool(work, lost, workers=1, initializer=start, initargs=(None,)) as pool:
        print(*pool.run(["pid"]), flush=True)
        time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        worker = int(parent.stdout.readline())
        parent.send_signal(how)
        try:
            parent.communicate(timeout=20)  # ends when nobody holds the pipe's other end
        except subprocess.TimeoutExpired:
            os.kill(worker, signal.SIGKILL)
            pytest.fail("the worker lives on")
