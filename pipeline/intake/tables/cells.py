"""Cells, rows and tables, and how large they may be.

A number that a spreadsheet spoilt is kept with the reason, since whether it matters depends on
the column. Rows are sparse: a cell in the last column costs one cell, not 16,384.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.core.errors import RosterError
from pipeline.core.rules import Text
from pipeline.intake.identifiers import excel_damage

# A double holds 15 digits exactly, and Excel keeps no more.
_EXACT_DIGITS = 15
_PADDED = re.compile(r"(0+)(?:_.|;.*)?")
# The full test takes each character by itself.
_MAY_BE_SPOILT = re.compile(r".{0,40}[.,．，eEｅＥ].{0,40}")
# Why a cell cannot stand as a number, and what helps.
FORMULA_ERROR = Text("公式错误值", "the error of a formula")
A_DATE = Text("被改成了日期", "turned into a date")
_SCIENTIFIC = Text("科学计数法或带小数的数", "a number in scientific notation or with decimals")
_NO_NUMBER = Text("不成数的值", "no number")
_END_LOST = Text(
    "超过 15 位的数，末尾已丢失", "a number of more than 15 digits, so its end is lost"
)
_DECIMAL = Text("小数", "a decimal number")
MEND = Text("请把这一列设为文本格式，重新导出", "format the column as text and export anew")

# Excel's own limits (Microsoft, "Excel specifications and limits").
MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
# 100,000 students with 30 columns; some 500 MB when every cell differs.
MOST_CELLS = 3_000_000


class TooLargeError(ValueError):
    """A file is out of measure, and no list of students; it says in what."""

    def __init__(self, what: Text) -> None:
        super().__init__(what.en)
        self.what = what


class Cell(NamedTuple):
    """A cell's text, and why it cannot stand as a number (None: it can)."""

    text: str
    damage: Text | None = None


EMPTY = Cell("")
Row = Mapping[int, Cell]  # the filled cells, by column from 0


@dataclass(frozen=True)
class Table:
    """The filled rows of one sheet, each with its line in the file, from 1.

    Attributes
    ----------
    name
        The sheet's; empty where the kind of file has no sheets.
    merged
        What a vertically merged cell says in the rows below its first, by row and column.
    hidden_rows
        Those of ``rows`` that whoever opens the file does not see.
    visible
        False: the sheet is hidden.
    """

    name: str
    rows: tuple[tuple[int, Row], ...]
    merged: Mapping[tuple[int, int], Cell] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    visible: bool = True


def check_size(rows: int, columns: int = 0, cells: int = 0) -> None:
    """Stop at what no sheet can have, before it is kept.

    Raises
    ------
    TooLargeError
        More rows or columns than a sheet, or more cells than are read.
    """
    for count, most, what in (
        (rows, MOST_ROWS, Text("行", "rows")),
        (columns, MOST_COLUMNS, Text("列", "columns")),
        (cells, MOST_CELLS, Text("个单元格", "cells")),
    ):
        if count > most:
            raise TooLargeError(Text(f"超过 {most} {what.zh}", f"has more than {most} {what.en}"))


# Whether a sheet is to be read, by its name and whether it is visible.
Wanted = Callable[[str, bool], bool]


def text_cell(text: str) -> Cell:
    """Take a cell that holds text."""
    text = text.strip()
    spoilt = _MAY_BE_SPOILT.fullmatch(text) is not None and excel_damage(text)
    return Cell(text, _SCIENTIFIC if spoilt else None)


def number_cell(text: str, number_format: str = "") -> Cell:
    """Take a cell that holds a number, as its format shows it."""
    if text.isdecimal() and len(text) < _EXACT_DIGITS and not number_format.startswith("0"):
        return Cell(str(int(text)))  # as nearly all are
    try:
        value = float(text)
    except ValueError:
        return text_cell(text)
    if not math.isfinite(value):
        return Cell(text, _NO_NUMBER)
    if abs(value) >= 10**_EXACT_DIGITS:
        return Cell(f"{value:.5E}", _END_LOST)
    if value != int(value):
        return Cell(repr(value), _DECIMAL)
    padded = _PADDED.fullmatch(number_format)
    return Cell(str(int(value)).zfill(len(padded[1]) if padded else 0))


@dataclass
class _Sheet:
    name: str
    visible: bool
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int]] = field(default_factory=list)


class Book:
    """The sheets of a workbook while it is read: keeps what is filled, within the limits."""

    def __init__(self, file: str) -> None:
        self._file, self._cells = file, 0
        self._sheets: list[_Sheet] = []

    def begin(self, sheet: str, *, visible: bool) -> None:
        """Begin a sheet."""
        self._sheets.append(_Sheet(sheet, visible))

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Keep a cell. Rows count from 1, columns from 0.

        Raises
        ------
        RosterError
            There is no such row or column, or there are too many cells.
        """
        if not cell.text:
            return
        if not 0 < row <= MOST_ROWS:
            raise self._beyond(
                Text(
                    f"第 {row} 行：工作表最多 {MOST_ROWS} 行",
                    f"row {row} of {MOST_ROWS} that a sheet can have",
                )
            )
        if not 0 <= column < MOST_COLUMNS:
            raise self._beyond(
                Text(
                    f"第 {row} 行第 {column + 1} 列：工作表最多 {MOST_COLUMNS} 列",
                    f"row {row}: column {column + 1} of {MOST_COLUMNS} that a sheet can have",
                )
            )
        self._count(row)
        self._sheets[-1].rows.setdefault(row, {})[column] = cell

    def hide(self, row: int) -> None:
        """Note that a row is hidden."""
        self._sheets[-1].hidden.add(row)

    def merge(self, first_row: int, last_row: int, column: int) -> None:
        """Note that a cell stands for those below it, too."""
        if first_row < last_row:
            self._sheets[-1].merged.append((first_row, last_row, column))

    def tables(self) -> tuple[Table, ...]:
        """Give the sheets that were begun."""
        return tuple(map(self._table, self._sheets))

    def _table(self, sheet: _Sheet) -> Table:
        order = sorted(sheet.rows)
        merged = {}
        for first, last, column in sheet.merged:
            cell = sheet.rows.get(first, {}).get(column)
            if cell is not None:
                for row in order[bisect_right(order, first) : bisect_right(order, last)]:
                    self._count(row)
                    merged[row, column] = cell
        hidden = frozenset(sheet.hidden & sheet.rows.keys())
        rows = tuple((row, sheet.rows[row]) for row in order)
        return Table(sheet.name, rows, merged, hidden, sheet.visible)

    def _count(self, row: int) -> None:
        self._cells += 1
        if self._cells > MOST_CELLS:
            raise self._beyond(
                Text(
                    f"到第 {row} 行已超过 {MOST_CELLS} 个有内容的单元格",
                    f"row {row}: more than {MOST_CELLS} filled cells up to here",
                )
            )

    def _beyond(self, what: Text) -> RosterError:
        sheet = self._sheets[-1].name
        return RosterError(
            Text(
                f"{self._file}：工作表“{sheet}”{what.zh}，请只把名单复制到新的 .xlsx",
                f"{self._file}: sheet {sheet!r}, {what.en}; copy the list alone into a new .xlsx",
            )
        )
