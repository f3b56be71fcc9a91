"""The season's flow on a Dask or a Ray cluster, a worker of which is killed at work."""

import contextlib
import csv
import multiprocessing
import os
import signal
import threading
from pathlib import Path

import pytest

from flows.season.steps import ingest, init
from flows.season.views import status

pytestmark = pytest.mark.slow
PHOTOS, CHUNK = 12, 2
# Ray starts its second worker when the first is at work already.
AT_WORK = {"dask": 2, "ray": 1}
KEY = "20239600{:05}"


@pytest.fixture
def shoot(tmp_path, jpeg, framed, sitter):
    """Drawn people, each a little moved, and one file that is no picture."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    lines = ["学号,姓名"]
    for number in range(PHOTOS):
        picture = framed(sitter(), shift=(number % 5 - 2, number % 7 - 3))
        data = jpeg(picture, quality=80 + number % 10) if number else b"no picture"
        (inbox / f"{KEY.format(number)}.jpg").write_bytes(data)
        lines.append(f"{KEY.format(number)},姓名{number}")
    (tmp_path / "roster.csv").write_text("\n".join(lines), encoding="utf-8-sig")
    return tmp_path


def begin(shoot, name):
    init(shoot / name, shoot / "roster.csv", "chsi_graduate", class_of=2099)
    return shoot / name


def outputs(season):
    reports = season / "reports"
    found = [p for p in reports.rglob("*") if p.is_file()]
    return {str(p.relative_to(reports)): p.read_bytes() for p in found}


def workers_of(runner) -> list[int]:
    """Processes that examine."""
    if runner == "dask":
        return [c.pid for c in multiprocessing.active_children() if "Dask" in c.name]
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            command = path.read_bytes()
            if command.startswith(b"ray::") and b"IDLE" not in command:
                found.append(int(path.parent.name))
    return found


@pytest.mark.parametrize("runner", ["dask", "ray"])
def test_a_worker_killed_in_mid_run_costs_no_photo(runner, server, shoot, monkeypatch):
    pytest.importorskip(f"prefect_{runner}", reason=f"prefect-{runner} is not installed")
    from flows.prefect_glue.runners import task_runner
    from flows.season_flow import season_flow

    plain = begin(shoot, "plain")
    ingest(plain, shoot / "inbox", workers=2)

    monkeypatch.setattr("flows.prefect_glue.task_pool.CHUNK", CHUNK)
    season = begin(shoot, "season")
    killed = []

    def kill_one_at_work():
        """Kill a worker as soon as a chunk is staged: five are to come."""
        store = season / "store"
        while not done.wait(0.02):
            workers = workers_of(runner)
            if len(workers) >= AT_WORK[runner] and len(list(store.glob("*.jpg"))) >= CHUNK:
                os.kill(workers[0], signal.SIGKILL)
                killed.append(len(list(store.glob("*.jpg"))))
                return

    done = threading.Event()
    killer = threading.Thread(target=kill_one_at_work)
    killer.start()
    try:
        flow = season_flow.with_options(task_runner=task_runner(runner, 2))
        counts = flow(str(season), str(shoot / "inbox"), quiet_seconds=0)
    finally:
        done.set()
        killer.join()
    assert killed, "a worker was killed"
    assert killed[0] < PHOTOS / 2, "while photos were left to do"
    assert sum(counts.values()) == PHOTOS
    assert status(season).examinations == PHOTOS
    with (season / "reports/attempts.csv").open(encoding="utf-8-sig", newline="") as stream:
        listed = [row["photo"] for row in csv.DictReader(stream)]
    assert sorted(listed) == sorted(p.name for p in (shoot / "inbox").iterdir())
    due, got = outputs(plain), outputs(season)
    assert sorted(got) == sorted(due)
    assert [name for name in due if got[name] != due[name]] == []
