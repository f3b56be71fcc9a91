"""The curve of the board: how far the students have come, day by day, against the deadlines.

Drawn by hand, since it needs words at its upright lines and a legend that tells dashes, which the
library of the report's charts has not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flows.desk.board_counts import STAGES, Day
from pipeline.core.rules import Text

# px; the words of the deadlines stand in the margin above.
WIDTH, HEIGHT = 720, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 16, 64, 28
_LINES = (("#2f6fc4", "none"), ("#a8480f", "8 4"), ("#17724a", "2 3"), ("#7a4fb0", "12 3 2 3"))
_TICKS = 7
_ROW = 18  # between the words of two deadlines


@dataclass(frozen=True)
class Line:
    """One stage; it differs in its dashes too, for whoever sees no colours."""

    name: Text
    count: int  # at the end
    colour: str
    dashes: str
    points: str


@dataclass(frozen=True)
class Mark:
    """One upright line, and its words."""

    words: Text
    x: float
    y: float  # of the words
    anchor: str


@dataclass(frozen=True)
class Curve:
    """What the template draws."""

    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]
    days: tuple[tuple[float, str], ...]  # along the foot
    counts: tuple[tuple[float, int], ...]  # along the side
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    foot: int = HEIGHT - _BOTTOM
    width: int = WIDTH
    height: int = HEIGHT


def curve_of(
    days: Sequence[Day], deadlines: Mapping[Text, date], students: int, today: date
) -> Curve | None:
    """Lay out the curve; None before the first photo.

    A count stays until the day of the next one: a line has steps.
    """
    if not days:
        return None
    begin = days[0].day - timedelta(1)
    upright = {Text("今天", "Today"): today, **deadlines}
    end = max(days[-1].day, *upright.values(), begin + timedelta(2))

    def x(day: date) -> float:
        across = (WIDTH - _LEFT - _RIGHT) * (day - begin).days / (end - begin).days
        return round(_LEFT + across, 1)

    def y(count: int) -> float:
        up = (HEIGHT - _TOP - _BOTTOM) * count / max(students, 1)
        return round(HEIGHT - _BOTTOM - up, 1)

    def points(at: int) -> str:
        found, level = [(x(begin), y(0))], y(0)
        for one in days:
            found += [(x(one.day), level), (x(one.day), level := y(one.counts[at]))]
        found.append((x(max(today, days[-1].day)), level))
        return " ".join(f"{across},{up}" for across, up in found)

    last = days[-1].counts
    lines = (
        Line(name, last[at], *_LINES[at], points(at)) for at, name in enumerate(STAGES.values())
    )
    by_day = sorted(upright.items(), key=lambda item: item[1])
    marks = (
        Mark(
            Text(f"{name.zh} {day:%m-%d}", f"{name.en} {day:%m-%d}"),
            x(day),
            16 + row * _ROW,
            "end" if 2 * x(day) > WIDTH else "start",
        )
        for row, (name, day) in enumerate(by_day)
    )
    step = max(1, -(-(end - begin).days // _TICKS))
    feet = (begin + timedelta(n) for n in range(0, (end - begin).days + 1, step))
    return Curve(
        tuple(lines),
        tuple(marks),
        tuple((x(day), f"{day:%m-%d}") for day in feet),
        tuple((y(count), count) for count in sorted({0, students // 2, students})),
    )
