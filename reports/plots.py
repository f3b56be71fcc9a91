"""Charts of a run as inline SVG that prints: drawn by leather, which needs nothing but Python.

It writes attributes and no style sheet, so the page's policy lets its drawings stand, and the
same numbers give the same bytes.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

import leather
from leather import theme
from markupsafe import Markup, escape

from pipeline.core.records import PhotoRow, Result
from pipeline.core.rules import Lang, Verdict
from reports.beside import SeasonView
from reports.page_details import Shown
from reports.page_phrases import WORDS
from reports.safe_text import visible
from reports.summary import summary

_WIDTH, _ROW, _HEIGHT = 560, 24, 260  # px
_MOST_BARS, _MOST_CAMERAS, _LEAST_HOURS = 12, 5, 2
_ACCENT = "#2f6fc4"
_COLOURS = (_ACCENT, "#c2571a", "#17724a", "#7a4fb0", "#8a8f98")
_THEME = {
    "background_color": "none",
    "margin": 0.02,
    "tick_color": "#b8bec8",
    "zero_color": "#8a93a0",
    "tick_font_size": 12,
    "tick_font_char_width": 9,
    **dict.fromkeys(("label_color", "legend_color", "axis_title_color"), "currentColor"),
    **{f"{part}_font_family": "inherit" for part in ("tick", "legend", "axis_title")},
}
_FLOAT = re.compile(r"(\d+\.\d{2})\d+")


@dataclass(frozen=True)
class Plot:
    """A chart and what it shows."""

    title: str
    svg: Markup


def plots(result: Result, shown: Shown, season: SeasonView | None, lang: Lang) -> tuple[Plot, ...]:
    """Draw the charts that have something to show."""
    drawn = (
        *_reasons(result, lang),
        *_classes(result, lang),
        *_by_hour(result, shown, lang),
        *_arrivals(season, lang),
    )
    return tuple(Plot(title, _finished(svg, title)) for title, svg in drawn)


Drawn = Iterator[tuple[str, str]]


def _reasons(result: Result, lang: Lang) -> Drawn:
    """Pareto: the commonest first, each with what the first ones come to together."""
    found = summary(result).reasons
    counts = [(r.students or r.photos, r.code) for r in found if r.students or r.photos]
    counts.sort(key=lambda pair: (-pair[0], pair[1]))
    total, sums = sum(n for n, _ in counts), 0
    bars = []
    for n, code in counts[:_MOST_BARS]:
        sums += n
        bars.append((n, f"{result.rules[code].fault[lang][:14]} {n} · {sums / total:.0%}"))
    if bars:
        yield WORDS["plot_reasons"][lang], _bars(bars)


def _classes(result: Result, lang: Lang) -> Drawn:
    students = Counter(row.student.class_name for row in result.students)
    failed = Counter(
        row.student.class_name for row in result.students if row.verdict is not Verdict.PASS
    )
    worst = sorted(failed, key=lambda name: (-failed[name], name))[:_MOST_BARS]
    if len(students) > 1 and worst:
        none = WORDS["no_class"][lang]
        bars = [(failed[c], f"{visible(c or none)[:16]} {failed[c]}/{students[c]}") for c in worst]
        yield WORDS["plot_classes"][lang], _bars(bars)


def _by_hour(result: Result, shown: Shown, lang: Lang) -> Drawn:
    """Lines a camera: medians by hour, of what the booth is at fault in."""
    by_camera: dict[str, dict[str, list[tuple[int, PhotoRow]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for place, row in enumerate(result.photos):
        if len(row.captured) >= len("2026:06:01 09"):
            by_camera[row.camera][row.captured[:13]].append((place, row))
    hours = sorted({hour for found in by_camera.values() for hour in found})
    if len(hours) < _LEAST_HOURS:
        return
    at = {hour: index for index, hour in enumerate(hours)}
    biggest = sorted(by_camera, key=lambda c: (-sum(map(len, by_camera[c].values())), c))
    cameras = {c: by_camera[c] for c in biggest[:_MOST_CAMERAS]}
    for key, which in (("plot_background", 0), ("plot_eyes", 1)):
        lines = {
            camera: [
                (at[hour], median(values))
                for hour, rows in sorted(found.items())
                if (values := [v for p, _ in rows if (v := shown.measures[p][which]) is not None])
            ]
            for camera, found in cameras.items()
        }
        if any(lines.values()):
            yield WORDS[key][lang], _lines(lines, hours)
    shares = {
        camera: [
            (at[hour], 100 * sum(r.verdict is Verdict.RETAKE for _, r in rows) / len(rows))
            for hour, rows in sorted(found.items())
        ]
        for camera, found in cameras.items()
    }
    yield WORDS["plot_retakes"][lang], _lines(shares, hours)


def _arrivals(season: SeasonView | None, lang: Lang) -> Drawn:
    """Students who have sent something, day by day."""
    if season is None:
        return
    first: dict[str, date] = {}
    for one in season.attempts:
        if one.student_key and one.arrived is not None:
            first[one.student_key] = min(one.arrived, first.get(one.student_key, one.arrived))
    days = Counter(first.values())
    if not days:
        return
    begin, sums, line = min(days), 0, []
    for day in sorted(days):
        sums += days[day]
        line.append(((day - begin).days, sums))
    if len(line) == 1:
        line.insert(0, (line[0][0] - 1, 0))
    chart = _chart()
    chart.add_line(line, name=WORDS["plot_sent"][lang], stroke_color=_ACCENT)
    if season.last is not None:
        left = (season.last - begin).days
        last = WORDS["plot_last"][lang].format(day=season.last.isoformat())
        chart.add_line([(left, 0), (left, sums)], name=last, stroke_color="#b02a20")
    chart.add_x_axis(name=WORDS["plot_days"][lang].format(day=begin.isoformat()))
    yield WORDS["plot_arrivals"][lang], chart.to_svg(width=_WIDTH, height=_HEIGHT)


def _chart() -> leather.Chart:
    """Begin a chart in the colours of the page; leather keeps them in its module."""
    for name, value in _THEME.items():
        setattr(theme, name, value)
    return leather.Chart()


def _bars(bars: Sequence[tuple[int, str]]) -> str:
    chart = _chart()
    chart.add_x_scale(0, max(n for n, _ in bars))
    chart.add_bars(bars, fill_color=_ACCENT)
    return str(chart.to_svg(width=_WIDTH, height=70 + _ROW * len(bars)))


def _lines(lines: Mapping[str, Sequence[tuple[int, float]]], hours: Sequence[str]) -> str:
    chart = _chart()
    for colour, (camera, points) in zip(_COLOURS, sorted(lines.items()), strict=False):
        name = visible(camera)[:20] or "–"  # leather would call it a series without a name
        if len(points) > 1:
            chart.add_line(points, name=name, stroke_color=colour)
        elif points:
            chart.add_dots(points, name=name, fill_color=colour)
    step = max(1, len(hours) // 6)
    chart.add_x_axis(
        ticks=list(range(0, len(hours), step)),
        tick_formatter=lambda value, _at, _of: f"{hours[int(value)][5:].replace(':', '-')}h",
    )
    return str(chart.to_svg(width=_WIDTH, height=_HEIGHT))


def _finished(svg: str, title: str) -> Markup:
    """Name it for readers that do not see it, let it shrink, and shorten its numbers."""
    head = f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 '
    named = re.sub(
        r'<svg width="(\d+)" height="(\d+)"', rf'{head}\1 \2" class="plot"', svg, count=1
    )
    return Markup(_FLOAT.sub(r"\1", named))  # noqa: S704 - leather escapes what it is given
