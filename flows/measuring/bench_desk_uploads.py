"""Second part of ``make bench-desk``: students who try and hand in at once, and the queue drained.

Uploads are of drawn people at 12 MP, sent over a socket to a desk as `gradphoto desk` serves it; in
this process, so that who sends takes time from who answers. Each queue is drained in a process of
its own, whose peak memory is told beside that of its largest worker.
"""

import argparse
import hashlib
import io
import multiprocessing
import resource
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from fixtures.camera import Shot, develop, take
from fixtures.people import person
from flows.desk.desk_state import Desk, open_desk
from flows.desk.self_check import SelfCheck
from flows.desk.student_links import address_of
from flows.measuring.bench_desk_pages import form_token, served
from flows.season.handed_in import take_in_handed_in
from flows.season.steps import init
from flows.shoot.worker import PoolOf, worker_pool
from pipeline.ledger.handed_in import hand_in, waiting
from pipeline.ledger.links import make_link

AT_ONCE = 20  # students
QUEUED = (50, 200)  # photos
_PHONE, _SMALLER = (3000, 4000), (1500, 2000)  # pixels
_PATIENCE_S = 600.0


@dataclass(frozen=True)
class Uploads:
    """Seconds until each student was answered, and what was answered."""

    tried: Sequence[float]
    handed_in: Sequence[float]
    refused: int  # answers that were none
    waits: int  # photos in the queue afterwards


@dataclass(frozen=True)
class Drained:
    """What a queue cost."""

    count: int
    new: int
    seconds: float
    peak_mb: float
    worker_mb: float  # the largest of its processes


def photo(seed: int, size: tuple[int, int]) -> bytes:
    """Draw somebody."""
    return develop(take(Shot((person(seed),), size=size, seed=seed)))


def made_season(folder: Path, students: int) -> Path:
    """Begin a season of which nobody has handed in anything; gives its folder."""
    roster = folder / "roster.csv"
    rows = "".join(f"{_key(n)},姓名{n}\n" for n in range(students))
    roster.write_text(f"学号,姓名\n{rows}", "utf-8-sig")
    last = (datetime.now(UTC) + timedelta(days=90)).date()
    init(folder / "season", roster, "chsi_graduate", deadline=last, make_up=last)
    return folder / "season"


def upload_times(
    season: Path, photos: Sequence[bytes], self_check: Callable[[], SelfCheck] = SelfCheck
) -> Uploads:
    """Let as many students as there are photos try them at once, and hand them in at once."""
    desk = replace(open_desk(season), self_check=self_check())
    together = threading.Barrier(len(photos), timeout=_PATIENCE_S)
    links = [_link(desk, _key(n)) for n in range(len(photos))]

    def student(address: str, link: str, data: bytes) -> tuple[float, float, int]:
        with httpx.Client(base_url=address, timeout=_PATIENCE_S) as phone:
            phone.get(link)
            form = {"csrftoken": form_token(phone.get("/check").text)}
            files = {"photo": ("IMG.JPG", data)}
            together.wait()
            tried, answer = _timed(lambda: phone.post("/check", data=form, files=files))
            together.wait()
            handed, received = _timed(lambda: phone.post("/hand-in", data=form, files=files))
        return tried, handed, (answer.status_code != 200) + (received.status_code != 303)

    with (
        closing(desk.self_check),
        served(desk) as address,
        ThreadPoolExecutor(len(photos)) as threads,
    ):
        desk.self_check.started(desk.season().spec)  # as for whoever is not the first
        done = list(
            threads.map(lambda one: student(address, *one), zip(links, photos, strict=True))
        )
    desk.engine.dispose()
    tried, handed, refused = zip(*done, strict=True)
    return Uploads(tried, handed, sum(refused), len(waiting(season).photos))


def fill(season: Path, photos: Iterable[bytes]) -> None:
    """Let photos wait, one a student."""
    for number, data in enumerate(photos):
        sha256 = hashlib.sha256(data).hexdigest()
        hand_in(season, _key(number), sha256, io.BytesIO(data), datetime.now(UTC))


def drain(season: Path, pool: PoolOf = worker_pool) -> Drained:
    """Take in all that waits, in a process that does nothing else."""
    count, began = len(waiting(season).photos), time.perf_counter()
    done = take_in_handed_in(season, pool=pool)
    mine, largest = (
        resource.getrusage(who).ru_maxrss / 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return Drained(count, done.new, time.perf_counter() - began, mine, largest)


def _key(number: int) -> str:
    return f"2023{number:09}"


def _link(desk: Desk, student: str) -> str:
    now = desk.clock()
    with desk.engine.begin() as connection:
        link = make_link(connection, student, "bench", now, now + timedelta(days=1))
    return "/" + address_of(desk, link).removeprefix(desk.address)


def _timed(ask: Callable[[], httpx.Response]) -> tuple[float, httpx.Response]:
    began = time.perf_counter()
    answer = ask()
    return time.perf_counter() - began, answer


def table_of(done: Uploads) -> Table:
    """Print median, p95 and worst of what was sent at once."""
    table = Table(f"{len(done.tried)} at once", "median s", "p95", "worst", box=None)
    for name, seconds in (("tried", done.tried), ("handed in", done.handed_in)):
        p95 = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
        figures = statistics.median(seconds), p95, max(seconds)
        table.add_row(name, *(f"{one:.2f}" for one in figures))
    return table


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="students")
    parser.add_argument("--queued", type=int, nargs="+", default=QUEUED, help="photos a queue")
    asked = parser.parse_args()
    say = Console(highlight=False).print
    with tempfile.TemporaryDirectory() as temporary:
        season = made_season(Path(temporary), asked.at_once)
        done = upload_times(season, [photo(seed, _PHONE) for seed in range(asked.at_once)])
        say(table_of(done))
        say(f"refused: {done.refused}; in the queue: {done.waits} of {asked.at_once}")
    table = Table("queued", "taken in", "s", "peak MB", "largest worker MB", box=None)
    for count in asked.queued:
        with (
            tempfile.TemporaryDirectory() as temporary,
            ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as alone,
        ):
            season = made_season(Path(temporary), count)
            fill(season, (photo(seed, _SMALLER) for seed in range(count)))
            one = alone.submit(drain, season).result()
        figures = f"{one.seconds:.0f}", f"{one.peak_mb:.0f}", f"{one.worker_mb:.0f}"
        table.add_row(str(one.count), str(one.new), *figures)
    say(table)


if __name__ == "__main__":
    main()
