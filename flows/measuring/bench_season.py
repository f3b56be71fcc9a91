"""``make bench-season``: a whole season of n submissions: seconds, memory and room as n grows.

Models are stood in for at their border (`fixtures.stub_examiner`: findings, fingerprints and
registration files that follow from a file's hash); all else is real: files are read and copied
in, the ledger is written, photos are matched, compared, judged, and every list is written.
Fingerprints are random, so the search runs in full and hardly any pair needs confirming: what
confirmed pairs cost is `bench_search`'s to say. Each n runs in a process of its own, whose peak
memory is told. Nine files of ten bear their student's number, one in fifty is a second try in
another folder, one in fifty has no owner.
"""

import argparse
import multiprocessing
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from math import log
from pathlib import Path
from typing import cast

from rich.console import Console
from rich.table import Table

from fixtures.stub_examiner import stub_pool
from flows.season.examining import examine_jobs, pending, setting_of_season
from flows.season.intake import take_in
from flows.season.steps import ingest, init, open_season, publish
from flows.season.views import status
from flows.shoot.worker import PoolOf

SIZES = (1_000, 10_000, 100_000)
_STUB = cast("PoolOf", stub_pool)
_STAGES = ("init", "take in", "examine (stub)", "judge + write", "a look at nothing new")


@dataclass
class Cost:
    """What a season of ``count`` submissions took."""

    count: int
    seconds: dict[str, float] = field(default_factory=dict)  # CPU
    by_the_clock: dict[str, float] = field(default_factory=dict)
    peak_mb: dict[str, float] = field(default_factory=dict)
    ledger_mb: float = 0.0
    lists_mb: float = 0.0


def main() -> None:
    """Measure every size, each in a process of its own, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="other sizes")
    parser.add_argument("--folder", type=Path, help="where the seasons are made, and deleted")
    options = parser.parse_args()
    costs = []
    for count in options.sizes:
        with (
            tempfile.TemporaryDirectory(dir=options.folder) as temporary,
            ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as alone,
        ):
            costs.append(alone.submit(season_cost, count, Path(temporary)).result())
    Console(width=120).print(table_of(costs))


def season_cost(count: int, folder: Path) -> Cost:
    """Run a season of ``count`` submissions in ``folder``, stage by stage."""
    cost = Cost(count)
    inbox, season_folder = folder / "inbox", folder / "season"
    make_inbox(inbox, folder / "roster.csv", count)
    with _measured(cost, "init"):
        init(season_folder, folder / "roster.csv", "chsi_graduate", class_of=2099)
    with open_season(season_folder) as season:
        with _measured(cost, "take in"):
            take_in(season, inbox)
        with _measured(cost, "examine (stub)"):
            examine_jobs(season, pending(season), setting_of_season(season), 1, pool=_STUB)
        with _measured(cost, "judge + write"):
            publish(season)
    look: Callable[[], object] = partial(ingest, season_folder, inbox, pool=_STUB)
    with _measured(cost, "a look at nothing new"):
        look()
    assert status(season_folder).submissions == count, "every file is in the ledger"
    cost.ledger_mb = _size_mb(*season_folder.glob("ledger.sqlite*"))
    cost.lists_mb = _size_mb(*(p for p in (season_folder / "reports").iterdir() if p.is_file()))
    shutil.rmtree(season_folder)
    return cost


def make_inbox(inbox: Path, roster: Path, count: int) -> None:
    """Lay ``count`` small files that bear numbers, and the roster of those numbers."""
    lines = ["学号,姓名"]
    for number in range(count):
        key = f"20239{number:08}"
        folder, name = inbox / f"班级{number // 50:05}", f"{key}.jpg"
        if number % 50 == 1:
            folder, name = inbox / "补拍", f"20239{number - 1:08}.jpg"
        elif number % 50 == 2:
            name = f"IMG_{number:08}.jpg"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(f"photo {number}".encode() * 20)
        lines.append(f"{key},姓名{number}")
    roster.write_text("\n".join(lines), encoding="utf-8-sig")


@contextmanager
def _measured(cost: Cost, stage: str) -> Iterator[None]:
    began, clock = time.process_time(), time.perf_counter()
    yield
    cost.seconds[stage] = time.process_time() - began
    cost.by_the_clock[stage] = time.perf_counter() - clock
    cost.peak_mb[stage] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def table_of(costs: list[Cost]) -> Table:
    """CPU seconds a stage, peak memory after it, room, and the exponent of n between two sizes."""
    table = Table(title="a season of n submissions, models stubbed: CPU s (peak MB so far)")
    table.add_column("stage")
    for cost in costs:
        table.add_column(f"n = {cost.count:,}", justify="right")
    for before, after in pairwise(costs):
        table.add_column(f"n^ ({before.count:,} to {after.count:,})", justify="right")
    for stage in _STAGES:
        values = [cost.seconds[stage] for cost in costs]
        cells = [f"{c.seconds[stage]:.1f} ({c.peak_mb[stage]:.0f})" for c in costs]
        table.add_row(stage, *cells, *_exponents(costs, values))
    totals = [sum(cost.seconds.values()) for cost in costs]
    table.add_row("all", *(f"{t:.1f}" for t in totals), *_exponents(costs, totals))
    clocks = [sum(cost.by_the_clock.values()) for cost in costs]
    table.add_row("all, by the clock", *(f"{t:.1f}" for t in clocks), *_exponents(costs, clocks))
    peaks = [max(cost.peak_mb.values()) for cost in costs]
    more = [
        f"{(b - a) * 1024 / (y.count - x.count):.1f} KB each"
        for (x, y), (a, b) in zip(pairwise(costs), pairwise(peaks), strict=True)
    ]
    table.add_row("peak of memory, MB", *(f"{peak:.0f}" for peak in peaks), *more)
    for name in ("ledger_mb", "lists_mb"):
        values = [getattr(cost, name) for cost in costs]
        table.add_row(
            f"{name.removesuffix('_mb')}, MB",
            *(f"{v:.1f}" for v in values),
            *_exponents(costs, values),
        )
    return table


def _exponents(costs: list[Cost], values: list[float]) -> list[str]:
    """Growth as a power of n: 1 is in proportion; n log n is 1.1 from 10,000 to 100,000."""
    return [
        f"{log(b / a) / log(y.count / x.count):.2f}"
        for (x, y), (a, b) in zip(pairwise(costs), pairwise(values), strict=True)
    ]


def _size_mb(*paths: Path) -> float:
    return sum(path.stat().st_size for path in paths) / 1e6


if __name__ == "__main__":
    main()
