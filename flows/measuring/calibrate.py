"""What limits cost: how the measures of many photos lie, and what share breaks at other limits.

From a folder of photos, or from a ``findings.csv`` of an earlier run: measured values are
written on a pass too, so limits can be re-tuned without running a model. Only counts and
percentiles come out, never a file's name.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from flows.measuring.labels import read_rows
from pipeline.core.errors import UsageError
from pipeline.core.private_files import write_private
from pipeline.core.records import Examination
from pipeline.core.rules import Lang, Rule, Text
from reports.rule_states import window
from reports.tables import number

PERCENTILES = (1, 5, 25, 50, 75, 95, 99)
STEPS = (0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0)  # of a limit, or of a window's half width
_PRESENT = STEPS.index(1.0)
_DECIMALS = 6  # as findings.csv has them, so that both ways give the same numbers
_COLUMNS = ("code", "measured", "low", "high")
_CSV = (
    "code", "unit", "photos", "low", "high", "share", "present",
    *(f"p{p}" for p in PERCENTILES),
)  # fmt: skip

Limit = tuple[float | None, float | None]  # low, high; None: open

_PHOTOS = Text("张", "photos")
_NO_LIMIT = Text("没有数值限值", "no numeric limit")
_HEADS = (
    Text("百分位", "percentile"),
    Text("测量值", "measured"),
    Text("限值", "limit"),
    Text("不符合", "breaks"),
)


@dataclass(frozen=True)
class Measures:
    """All values (n,) that one rule held against one limit, in the rule's unit."""

    code: str
    limit: Limit
    values: NDArray[np.float64]

    def percentiles(self) -> NDArray[np.float64]:
        """Values at `PERCENTILES`, interpolated."""
        result: NDArray[np.float64] = np.percentile(self.values, PERCENTILES)
        return result

    def share_broken(self, limit: Limit) -> float:
        """Share 0..1 of the values that lie outside a limit; on its ends they keep it."""
        low, high = limit
        below = self.values < (-np.inf if low is None else low)
        above = self.values > (np.inf if high is None else high)
        return float((below | above).mean())


def ladder(limit: Limit) -> tuple[Limit, ...]:
    """Limits around the present one, by `STEPS`: stricter and wider.

    A one-sided limit is multiplied; a window keeps its middle and its half width is
    multiplied. The present limit stands at its place as it is. Empty where there is none
    or it is 0, which has no multiples.
    """
    low, high = limit
    if low is not None and high is not None:
        middle, half = (low + high) / 2, (high - low) / 2
        steps = [(middle - half * step, middle + half * step) for step in STEPS]
        return tuple(limit if i == _PRESENT else step for i, step in enumerate(steps))
    end = high if low is None else low
    if not end:
        return ()
    # A low limit is stricter when it is higher.
    factors = STEPS if low is None else tuple(1 / step for step in STEPS)
    return tuple((None, end * f) if low is None else (end * f, None) for f in factors)


def of_examinations(examined: Iterable[Examination]) -> tuple[Measures, ...]:
    """Gather the measured values of examined photos."""
    return _gather(
        (f.code, f.measured, (f.low, f.high))
        for examination in examined
        for f in examination.findings
        if f.measured is not None
    )


def of_findings_csv(file: Path) -> tuple[Measures, ...]:
    """Gather the measured values of a ``findings.csv``.

    Raises
    ------
    UsageError
        When the file cannot be read, lacks a column, or holds what is no number.
    """
    return _gather(_measured(file))


def _measured(file: Path) -> Iterator[tuple[str, float, Limit]]:
    for line, row in enumerate(read_rows(file, *_COLUMNS), start=2):
        try:
            measured, low, high = (_number(row[column]) for column in _COLUMNS[1:])
        except ValueError as error:
            raise UsageError(
                Text(
                    f"{file.name} 第 {line} 行：measured、low 或 high 不是数字",
                    f"{file.name}, line {line}: measured, low or high is no number",
                )
            ) from error
        if measured is not None:
            yield row["code"], measured, (low, high)


def _number(text: str) -> float | None:
    value = float(text) if text else None
    if value is not None and not np.isfinite(value):
        raise ValueError
    return value


def _gather(rows: Iterable[tuple[str, float, Limit]]) -> tuple[Measures, ...]:
    """Group by code and limit: a rule may hold several lengths against several windows."""
    groups: dict[tuple[str, Limit], list[float]] = {}
    for code, value, limit in rows:
        groups.setdefault((code, limit), []).append(round(value, _DECIMALS))
    order = sorted(groups, key=lambda key: (key[0], str(key[1])))
    return tuple(Measures(*key, np.array(groups[key])) for key in order)


def print_calibration(measures: Iterable[Measures], rules: Mapping[str, Rule], lang: Lang) -> None:
    """Show every rule of ``rules``: percentiles, and the share that breaks at other limits."""
    console = Console()
    for one in measures:
        rule = rules.get(one.code)
        if rule is None or not rule.quantity[lang]:
            continue
        unit = f" ({rule.unit})" if rule.unit else ""
        title = Line(f"{one.code}  {rule.quantity[lang]}{unit}  ", style="bold")
        title.append(f"{one.values.size} {_PHOTOS[lang]}", style="dim")
        if not ladder(one.limit):
            limit = window(*one.limit) or _NO_LIMIT[lang]
            title.append(f"  {limit}", style="dim")
        console.print(title, soft_wrap=True)
        console.print(_table(one, rule, lang))
        console.print()


def _table(one: Measures, rule: Rule, lang: Lang) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 0, 0, 2))
    table.add_column(no_wrap=True, style="dim")
    for _ in PERCENTILES:
        table.add_column(justify="right", no_wrap=True, min_width=6)
    heads = [head[lang] for head in _HEADS]
    table.add_row(heads[0], *(f"{p}%" for p in PERCENTILES), style="dim")
    values = (f"{round(v, rule.decimals) + 0.0:.{rule.decimals}f}" for v in one.percentiles())
    table.add_row(heads[1], *values)
    limits = ladder(one.limit)
    if not limits:
        return table
    shares = [f"{one.share_broken(limit):.1%}" for limit in limits]
    for head, cells in ((heads[2], [_shown(limit) for limit in limits]), (heads[3], shares)):
        cells[_PRESENT] = f"[bold]{cells[_PRESENT]}[/bold]"
        table.add_row(head, *cells)
    return table


def _shown(limit: Limit) -> str:
    low, high = (None if end is None else float(f"{end:.3g}") for end in limit)
    return window(low, high)


def write_csv(measures: Iterable[Measures], rules: Mapping[str, Rule], file: Path) -> None:
    """Write one row for each rule and each limit tried (0600).

    Raises
    ------
    UsageError
        When it cannot be written.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_CSV)
    for one in measures:
        rule = rules.get(one.code)
        if rule is None:
            continue
        percentiles = [number(float(value)) for value in one.percentiles()]
        for limit in ladder(one.limit) or (one.limit,):
            present = "1" if limit == one.limit else "0"
            ends = ["" if end is None else number(end) for end in limit]
            share = number(one.share_broken(limit))
            head = (one.code, rule.unit, one.values.size, *ends, share, present)
            writer.writerow((*head, *percentiles))
    try:
        write_private(file, b"\xef\xbb\xbf" + stream.getvalue().encode())
    except OSError as error:
        raise UsageError(
            Text(
                f"{file.name}：无法写入：{type(error).__name__}",
                f"{file.name}: cannot be written: {type(error).__name__}",
            )
        ) from error
