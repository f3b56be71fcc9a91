"""From repeated values to uncertainties: pure numbers, their table and their CSV."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from flows.measuring.repeatability import KINDS, Key, Limit, Repeated
from pipeline.core.errors import UsageError
from pipeline.core.private_files import write_private
from pipeline.core.rules import Lang, Rule, Text
from reports.rule_states import window
from reports.tables import number

COVERAGE = 2.0  # k: about 95 % of a normal distribution
_WIDE = 200  # columns where nobody looks
_NEAR = (0.5, 2.0)  # times a limit of one end
_CSV = ("code", "quantity", "unit", "low", "high", "photos", "near", "uncertainty", *KINDS)
_HEADS = (
    Text("代码", "code"),
    Text("测量项", "measured"),
    Text("限值", "limit"),
    Text("张", "photos"),
    Text("限值附近", "near"),
    Text("不确定度 U", "U (k=2)"),
)
_KIND_HEADS = {
    "crop": Text("裁切", "crop"),
    "encoding": Text("编码", "encoding"),
    "brightness": Text("亮度", "brightness"),
    "turn": Text("转动", "turn"),
    "size": Text("尺寸", "size"),
    "file": Text("成品", "file"),
}


@dataclass(frozen=True)
class Spread:
    """How a rule's value repeats, in its unit.

    ``uncertainty`` is expanded by `COVERAGE`, over the ``near`` photos whose value lies near the
    limit where there are enough of them, else over all ``photos``. ``by_kind`` are the root
    mean squares of what each kind of alteration changed on the same photos.
    """

    key: Key
    photos: int
    near: int
    uncertainty: float
    by_kind: Mapping[str, float]


def spreads(repeated: Iterable[Repeated], enough: int = 5) -> tuple[Spread, ...]:
    """Pool the spread of every value over photos; ``enough`` near its limit speak for all."""
    by_key: dict[Key, list[tuple[float, list[tuple[str, float]]]]] = {}
    for photo in repeated:
        for key, first in photo.first.items():
            again = [(kind, told[key]) for kind, told in photo.again if key in told]
            if again:
                by_key.setdefault(key, []).append((first, again))
    return tuple(_spread(key, by_key[key], enough) for key in sorted(by_key, key=str))


def _spread(
    key: Key, photos: Sequence[tuple[float, list[tuple[str, float]]]], enough: int
) -> Spread:
    near = [photo for photo in photos if is_near(photo[0], key[2])]
    told = near if len(near) >= enough else photos
    changed: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for first, again in told:
        for kind, value in again:
            changed[kind].append(value - first)
    return Spread(
        key=key,
        photos=len(photos),
        near=len(near),
        uncertainty=COVERAGE
        * pooled_deviation([[first, *(value for _, value in again)] for first, again in told]),
        by_kind={
            kind: float(np.sqrt(np.mean(np.square(all_of))))
            for kind, all_of in changed.items()
            if all_of
        },
    )


def pooled_deviation(series: Sequence[Sequence[float]]) -> float:
    """Return the standard deviation within series, pooled over their degrees of freedom."""
    squares = sum(float(np.square(np.array(one) - np.mean(one)).sum()) for one in series)
    freedom = sum(len(one) - 1 for one in series)
    return float(np.sqrt(squares / freedom)) if freedom else 0.0


def is_near(value: float, limit: Limit) -> bool:
    """Whether a value lies near enough to its limit to say how it repeats there.

    In a window, and outside of it by up to half its width; of one end, from half of it to
    twice. Most values of a share are next to 0, where they cannot spread; a crown at the
    frame's edge is a head that is cut, and always there.
    """
    low, high = limit
    if low is not None and high is not None:
        return abs(value - (low + high) / 2) <= high - low
    end = high if low is None else low
    return end is not None and _NEAR[0] * end <= value <= _NEAR[1] * end


def print_spreads(found: Iterable[Spread], rules: Mapping[str, Rule], lang: Lang) -> None:
    """Show the uncertainty of every rule's value, and what each alteration does to it."""
    table = Table(box=None, pad_edge=False)
    for place, head in enumerate((*_HEADS, *_KIND_HEADS.values())):
        table.add_column(head[lang], justify="left" if place in {0, 1} else "right", no_wrap=True)
    for one in found:
        code, quantity, limit = one.key
        rule = rules[code]
        unit = f" ({rule.unit})" if rule.unit else ""
        table.add_row(
            code,
            f"{quantity or rule.quantity[lang]}{unit}",
            window(*limit),
            *(str(count) for count in (one.photos, one.near)),
            _shown(one.uncertainty),
            *(_shown(one.by_kind.get(kind)) for kind in KINDS),
        )
    console = Console()
    if not console.is_terminal:
        console.width = _WIDE
    console.print(table)


def _shown(value: float | None) -> str:
    """Two digits: an uncertainty has no more (GUM 7.2.6)."""
    return "" if value is None else f"{value:.2g}"


def write_spreads(found: Iterable[Spread], rules: Mapping[str, Rule], file: Path) -> None:
    """Write a row a value (0600).

    Raises
    ------
    UsageError
        When it cannot be written.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_CSV)
    for one in found:
        code, quantity, limit = one.key
        ends = ("" if end is None else number(end) for end in limit)
        kinds = (number(one.by_kind[kind]) if kind in one.by_kind else "" for kind in KINDS)
        shown = (one.photos, one.near, number(one.uncertainty), *kinds)
        writer.writerow((code, quantity, rules[code].unit, *ends, *shown))
    try:
        write_private(file, b"\xef\xbb\xbf" + stream.getvalue().encode())
    except OSError as error:
        raise UsageError(
            Text(
                f"{file.name}：无法写入（{type(error).__name__}）",
                f"{file.name}: cannot be written: {type(error).__name__}",
            )
        ) from error
