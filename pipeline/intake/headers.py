"""Where the columns of a table are: its header, below title rows, in one row or in two."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from pipeline.core.errors import RosterError
from pipeline.core.rules import Text
from pipeline.intake.column_names import ALL_SHEETS, exact_field, field_of, is_head
from pipeline.intake.tables.cells import Row, Table
from pipeline.intake.tables.read import read_tables

KEYS = ("student_no", "capture_code", "exam_no")
ID_KEY = "id_no"  # the last key, of lists for files that are named by it
NUMBERS = ("student_no", "exam_no", "id_no", "capture_code")
_HEADER_WITHIN = 30  # rows
_LONGEST_SHOWN = 20  # characters of a label
# A head over several columns that says nothing of what they hold: 基本信息.
_GROUP = re.compile(r".*(?:信息|情况|资料|内容|栏)")

Fits = Callable[[Mapping[str, int]], bool]


@dataclass(frozen=True)
class Header:
    """Where the columns of a table are.

    Attributes
    ----------
    row
        The header's last row: records follow it.
    columns
        By field, its place in a row.
    labels
        All columns as they are written, by place.
    above
        The cells of the header's rows by place, to know the header again.
    """

    row: int
    columns: Mapping[str, int]
    labels: Mapping[int, str]
    above: Mapping[int, frozenset[str]]


@dataclass(frozen=True)
class Found:
    """The tables of a file that fit, and the names of those that are not read, with the reason."""

    tables: tuple[tuple[Table, Header], ...]
    others: Mapping[str, str]


ROWS = Text("行", "rows")
KEEP_ONE = Text("请只留一个", "keep one of them")


def find_table(path: Path, fits: Fits, needed: Text) -> tuple[Table, Header]:
    """Find the one table of a file whose header fits.

    Raises
    ------
    RosterError
        As `find_tables`; or several tables fit, so that one of them would be lost.
    """
    found = find_tables(path, (), fits, needed).tables
    filled = [(t, h) for t, h in found if records(t, h)] or list(found[:1])
    if len(filled) > 1:
        raise several_sheets(path, {t.name: len(records(t, h)) for t, h in filled}, ROWS, KEEP_ONE)
    return filled[0]


def find_tables(
    path: Path,
    sheets: Collection[str],
    fits: Fits,
    needed: Text,
    named: Mapping[str, str] = MappingProxyType({}),
    remedy: Text | None = None,
) -> Found:
    """Find the tables of a file whose headers fit.

    Parameters
    ----------
    sheets
        Only these sheets, and each of them must fit; none or `ALL_SHEETS`: the visible ones.
    fits
        Whether the columns found (field: place) are enough.
    needed
        What they should have been, for the message.
    named
        What columns mean, by head, where a person says so.
    remedy
        How else to say which column is meant, for the message.

    Raises
    ------
    RosterError
        No table fits, or one that was asked for does not; the message lists the columns found.
    """
    nearest: list[tuple[Table, Header | None]] = []
    asked = [sheet for sheet in sheets if sheet != ALL_SHEETS]
    for tables in read_tables(path, asked):
        heads = [(table, _find_header(path.name, table, fits, named)) for table in tables]
        fitting = tuple((t, h) for t, h in heads if h is not None and fits(h.columns))
        read = [(t, h) for t, h in heads if t.rows or t.visible]
        if asked and len(fitting) < len(asked):
            unfit = [(t, h) for t, h in heads if t.rows and not (h and fits(h.columns))]
            raise _no_header(path, unfit or read, needed, remedy)
        if fitting:
            there = {table.name for table, _ in fitting}
            others = {t.name: _why_not(t, asked) for t, _ in heads if t.name not in there}
            return Found(fitting, others)
        nearest += heads
    raise _no_header(path, nearest, needed, remedy)


def records(table: Table, header: Header) -> tuple[tuple[int, Row], ...]:
    """Return the rows below the header."""
    return tuple((row, cells) for row, cells in table.rows if row > header.row)


def several_sheets(path: Path, counts: Mapping[str, int], what: Text, remedy: Text) -> RosterError:
    """Refuse to choose among sheets; the message names them and how many records they hold."""
    shown = ", ".join(f"{name!r} ({count})" for name, count in counts.items())
    return RosterError(
        Text(
            f"{path.name}：{len(counts)} 个工作表里都有{what.zh}：{shown}；{remedy.zh}",
            f"{path.name}: {len(counts)} sheets hold {what.en}: {shown}; {remedy.en}",
        )
    )


def faulty_rows(name: str, faults: Sequence[Text], most: int) -> RosterError:
    """Refuse a list for its rows: the first of them, and how many there are more."""
    zh, en = "；".join(f.zh for f in faults[:most]), "; ".join(f.en for f in faults[:most])
    if (more := len(faults) - most) > 0:
        zh, en = f"{zh}；另有 {more} 处", f"{en}; and {more} more"
    return RosterError(Text(f"{name}：{zh}", f"{name}: {en}"))


def _why_not(table: Table, asked: Sequence[str]) -> str:
    if not table.visible and not table.rows:
        return "hidden"
    return "not asked for" if asked and not table.rows else "no such columns"


def _find_header(name: str, table: Table, fits: Fits, named: Mapping[str, str]) -> Header | None:
    """Find the row, among the first, that knows most of the columns; or the two rows."""
    best: Header | None = None
    same: tuple[str, ...] = ()
    rank = (False, 0)
    for labels, rows in _candidates(table):
        columns, doubled = _columns(labels, named)
        if len(rows) > 1:
            columns = {f: at for f, at in columns.items() if _may_hold(table, rows[-1][0], f, at)}
        if columns and (fits(columns), len(columns)) > rank:
            rank = (fits(columns), len(columns))
            row, same = rows[-1][0], doubled
            texts = {at: frozenset(r[at].text for _, r in rows if at in r) for at in labels}
            best = Header(row, columns, labels, texts)
    if best is not None and same:
        # Which of two numbers counts is not ours to guess.
        raise RosterError(
            Text(
                f"{name}：第 {best.row} 行：列 {'、'.join(same)} 是同一个意思，"
                "请把不用的那一列改名",
                f"{name}: row {best.row}: the columns {' and '.join(same)} mean the same; "
                "rename the one that does not count",
            )
        )
    return best


def _candidates(table: Table) -> Iterator[tuple[dict[int, str], list[tuple[int, Row]]]]:
    """Yield what may be a header: each row, then each two rows that follow one another."""
    first = table.rows[:_HEADER_WITHIN]
    for row in first:
        yield {at: cell.text for at, cell in row[1].items()}, [row]
    for upper, lower in pairwise(first):
        if lower[0] == upper[0] + 1:
            yield _joined(table, upper, lower), [upper, lower]


def _joined(table: Table, upper: tuple[int, Row], lower: tuple[int, Row]) -> dict[int, str]:
    """Read two rows as one header: 证件 over 类型 and 号码 are 证件类型 and 证件号码."""
    labels = {}
    over = ""
    for at in sorted({*upper[1], *lower[1]}):
        own = upper[1].get(at)
        below = (
            "" if (lower[0], at) in table.merged else lower[1][at].text if at in lower[1] else ""
        )
        if own is not None:
            over = own.text
        if not below:
            labels[at] = own.text if own is not None else ""
        else:
            labels[at] = below if _GROUP.fullmatch(over) else over + below
    return {at: label for at, label in labels.items() if label}


def _may_hold(table: Table, header: int, field: str, at: int) -> bool:
    """Whether a column whose name was put together from two rows holds what it should."""
    below = [cells[at].text for row, cells in table.rows if row > header and at in cells]
    return field not in NUMBERS or any(re.search(r"\d", text) for text in below[:_HEADER_WITHIN])


def _columns(
    labels: Mapping[int, str], named: Mapping[str, str]
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Find the place of each field: as a person says, by its exact name, else as understood.

    Two numbers of one meaning are given by their labels.
    """
    columns: dict[str, int] = {}
    same: tuple[str, ...] = ()

    def as_said(label: str) -> str | None:
        return next((field for head, field in named.items() if is_head(label, head)), None)

    for read in (as_said, exact_field, field_of):
        before = set(columns)
        for at, label in sorted(labels.items()):
            field = read(label)
            if field is None or field in before or (read is not as_said and as_said(label)):
                continue
            if field in columns and field in NUMBERS:
                same = same or (labels[columns[field]], label)
            columns.setdefault(field, at)
    return columns, same


def _no_header(
    path: Path, heads: Sequence[tuple[Table, Header | None]], needed: Text, remedy: Text | None
) -> RosterError:
    """Say that there is no header, or what the nearest one lacks; one line."""
    for table, header in heads:
        if header is not None:
            sheet = table.name if len(heads) > 1 else ""
            place = Text(f"第 {header.row} 行", f"row {header.row}")
            if sheet:
                place = Text(f"工作表“{sheet}”{place.zh}", f"sheet {sheet!r}, {place.en}")
            found = _shown(header.labels.values())
            zh = f"{path.name}：{place.zh}没有列 {needed.zh}；找到的列：{found}"
            en = f"{path.name}: {place.en} has no column {needed.en}; columns found: {found}"
            return _with_remedy(zh, en, remedy)
    zh = f"{path.name}：前 {_HEADER_WITHIN} 行里没有表头；须有一行写明列名（{needed.zh}）"
    en = (
        f"{path.name}: no header within the first {_HEADER_WITHIN} rows; one row must name the "
        f"columns ({needed.en})"
    )
    if seen := next(filter(None, (_labels(table) for table, _ in heads)), ""):
        zh, en = f"{zh}；找到的是：{seen}", f"{en}; found: {seen}"
    if hidden := ", ".join(repr(table.name) for table, _ in heads if not table.visible):
        zh += f"；隐藏的工作表不读取，除非指明：{hidden}"
        en += f"; hidden sheets are not read unless they are asked for: {hidden}"
    return _with_remedy(zh, en, remedy if seen else None)


def _with_remedy(zh: str, en: str, remedy: Text | None) -> RosterError:
    more = Text("", "") if remedy is None else Text(f"；{remedy.zh}", f"; {remedy.en}")
    return RosterError(Text(zh + more.zh, en + more.en))


def _labels(table: Table) -> str:
    """What seems to be a header in a language that is not known; empty when nothing surely is.

    Its cells have no digits, and there is a number of five below one of them: in a list of
    people without a header there is none above.
    """
    for (_, upper), (_, lower) in pairwise(table.rows[:_HEADER_WITHIN]):
        numbers = any(at in upper and re.search(r"\d{5}", cell.text) for at, cell in lower.items())
        if numbers and len(upper) > 1 and not re.search(r"\d", "".join(_texts(upper))):
            return _shown(_texts(upper))
    return ""


def _texts(cells: Row) -> list[str]:
    return [cell.text for _, cell in sorted(cells.items())]


def _shown(labels: Iterable[str]) -> str:
    # A cell with digits may be a person's; a header has none.
    kept = (label for label in labels if not re.search(r"\d", label))
    return ", ".join(re.sub(r"\s+", " ", label)[:_LONGEST_SHOWN] for label in kept)
