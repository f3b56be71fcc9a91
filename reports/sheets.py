"""Workbooks of lists, written row by row into private files, and without a clock.

XlsxWriter writes text as text where it is told so: numbers of students keep their digits, and
nothing is run as a formula. What waits on the way to the archive lies beside the result, where
the next run sweeps it, and not in the system's temporary folder.
"""

import io
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from xlsxwriter import Workbook

from pipeline.core.private_files import STAGING, make_private_folder, replacing
from pipeline.core.rules import Lang, Text
from pipeline.core.undated_zip import LONG_AGO
from reports.safe_text import visible

Value = str | int | bytes | None  # bytes: a picture
Row = tuple[Value, ...]
Style = Literal["text", "wrap", "picture", "empty"]

_A4 = 9  # ECMA-376 18.18.43: paper sizes
_LONGEST = 32767  # characters of a cell
_PICTURE = (60, 80)  # px in the cell
_MARGIN = 3  # px about it
_LINE, _PX = 17.0, 0.75  # points: of a line of Chinese text, of a pixel
_FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "head": {"bold": True, "bg_color": "#E7EDF5", "border": 1, "text_wrap": True},
    # "@" keeps a text a text when someone edits the cell. Wrapped ones go without: old
    # spreadsheets show "@" cells of more than 255 characters as ####.
    "text": {"num_format": "@"},
    "wrap": {"text_wrap": True},
}


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its head, its width in characters and what its cells hold."""

    head: Text
    width: float
    style: Style = "text"


class Book:
    """A workbook being written."""

    def __init__(self, workbook: Workbook, *, lined: bool) -> None:
        self._workbook = workbook
        line = {"border": 1} if lined else {}
        self._formats = {
            name: workbook.add_format({"valign": "top", **line, **given})
            for name, given in _FORMATS.items()
        }

    def add_list(
        self, title: str, columns: tuple[Column, ...], rows: Iterable[Row], lang: Lang, page: str
    ) -> int:
        """Write a list with its head; give how many rows it has. ``page`` heads its pages."""
        sheet = self._sheet(title, page)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        for at, column in enumerate(columns):
            sheet.set_column(at, at, column.width)
            sheet.write_string(0, at, column.head[lang], self._formats["head"])
        last = 0
        for last, row in enumerate(rows, 1):
            self._row(sheet, last, columns, row)
        sheet.autofilter(0, 0, last, len(columns) - 1)
        return last

    def add_page(
        self, title: str, widths: Iterable[float], lines: Iterable[tuple[Row, str]], page: str
    ) -> None:
        """Write a sheet of free lines, each with its style, that prints on one page.

        In a line ``across`` the second text goes on to the last column, and wraps.
        """
        sheet = self._sheet(title, page)
        sheet.fit_to_pages(1, 1)
        widths = tuple(widths)
        for at, width in enumerate(widths):
            sheet.set_column(at, at, width)
        for number, (row, style) in enumerate(lines):
            if style == "across":
                self._across(sheet, number, row, widths)
                continue
            for at, value in enumerate(row):
                self._write(sheet, number, at, value, style)

    def _across(self, sheet: Any, at: int, row: Row, widths: tuple[float, ...]) -> None:  # noqa: ANN401
        title, said = map(visible, map(str, row))
        sheet.write_string(at, 0, title, self._formats["wrap"])
        sheet.merge_range(at, 1, at, len(widths) - 1, said, self._formats["wrap"])
        sheet.set_row(at, _LINE * _lines(said, sum(widths[1:])))

    def _sheet(self, title: str, page: str) -> Any:  # noqa: ANN401 - XlsxWriter has no types
        sheet = self._workbook.add_worksheet(title)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        said = visible(page).replace("&", "&&")[:200]
        sheet.set_header(f"&L{said}&R{title}")
        sheet.set_footer("&C&P / &N")
        return sheet

    def _row(self, sheet: Any, at: int, columns: tuple[Column, ...], row: Row) -> None:  # noqa: ANN401
        # Not every spreadsheet lets a row grow with its text; one with a picture never grows.
        lines = max(
            _lines(str(value), column.width if column.style == "wrap" else _LONGEST)
            for value, column in zip(row, columns, strict=True)
            if not isinstance(value, bytes)
        )
        has_picture = any(column.style == "picture" for column in columns)
        if has_picture or lines > 1:
            picture = _PX * (_PICTURE[1] + 2 * _MARGIN) if has_picture else 0.0
            sheet.set_row(at, max(picture, _LINE * lines))
        for place, (value, column) in enumerate(zip(row, columns, strict=True)):
            if isinstance(value, bytes):
                self._picture(sheet, at, place, value)
            elif column.style in {"picture", "empty"}:
                sheet.write_blank(at, place, None, self._formats["text"])
            else:
                self._write(sheet, at, place, value, column.style)

    def _write(self, sheet: Any, at: int, place: int, value: Value, style: str) -> None:  # noqa: ANN401
        if isinstance(value, int):
            sheet.write_number(at, place, value, self._formats[style])
            return
        text = "\n".join(map(visible, str(value or "").split("\n")))
        sheet.write_string(at, place, text[:_LONGEST], self._formats[style])

    def _picture(self, sheet: Any, at: int, place: int, picture: bytes) -> None:  # noqa: ANN401
        """Put a picture over its cell: it moves with it when rows are sorted or filtered.

        Not *in* the cell (`embed_image`): spreadsheets before 2023 show #VALUE! there.
        """
        sheet.write_blank(at, place, None, self._formats["text"])
        scale = _PICTURE[1] / 160
        sheet.insert_image(
            at,
            place,
            "picture.jpg",
            {
                "image_data": io.BytesIO(picture),
                "x_scale": scale,
                "y_scale": scale,
                "x_offset": _MARGIN,
                "y_offset": _MARGIN,
                "object_position": 1,
                "description": "",
            },
        )


@contextmanager
def workbook(path: Path, *, lined: bool = False) -> Iterator[Book]:
    """Give an empty workbook; it becomes ``path`` when the block ends well."""
    scratch = tempfile.mkdtemp(prefix=STAGING, dir=make_private_folder(path.parent))
    try:
        with replacing(path) as stream:
            made = Workbook(
                stream,
                {"constant_memory": True, "tmpdir": scratch, "strings_to_formulas": False},
            )
            moment = datetime(*LONG_AGO)  # noqa: DTZ001 - written as it is given
            made.set_properties({"author": "gradphoto", "created": moment})
            yield Book(made, lined=lined)
            made.close()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column; a Chinese letter is two wide."""
    return sum(
        max(1, -(-sum(2 if ord(c) > 0x2E7F else 1 for c in line) // max(1, int(width) - 1)))
        for line in text.split("\n")
    )
