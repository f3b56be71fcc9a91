"""Tables as offices send them: XLSX, CSV or DBF, read into rows of plain text.

A file may hold several tables: the sheets of a workbook, or one text read with each of the
delimiters in use. Who knows the columns chooses. A number that a spreadsheet spoilt is kept
with the reason, since whether it matters depends on the column.
"""

import csv
import datetime
import io
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import openpyxl

from pipeline.core.errors import RosterError
from pipeline.intake.identifiers import excel_damage

_DELIMITERS = ",;\t"
_ENCODINGS = ("utf-8-sig", "utf-8", "gb18030")  # standard.md §4.4
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_OLE = b"\xd0\xcf\x11\xe0"
# A double holds 15 digits exactly, and Excel keeps no more.
_EXACT_DIGITS = 15
_PADDED = re.compile(r"(0+)(?:_.|;.*)?")
# What zipfile, openpyxl and the XML parser raise on a workbook that is damaged or locked.
_BROKEN_WORKBOOK = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    RuntimeError,
    SyntaxError,
    OSError,
)


class Cell(NamedTuple):
    """A cell's text, and why it cannot stand as a number (empty: it can)."""

    text: str
    damage: str = ""


@dataclass(frozen=True)
class Table:
    """The rows of one sheet; each with its line in the file, from 1."""

    name: str
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


def read_tables(path: Path, sheet: str | None = None) -> Iterable[Table]:
    """Read every way in which a file may be taken for a table, the likeliest first.

    Parameters
    ----------
    path
        XLSX or XLSM, CSV or text, DBF; told by content first, by suffix second.
    sheet
        Read this sheet of a workbook, be it hidden; else all visible ones.

    Raises
    ------
    RosterError
        The file is missing, empty, damaged or of another kind.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RosterError(f"{path.name}: cannot be read ({error.strerror})") from error
    if not content.strip():
        raise RosterError(f"{path.name}: is empty")
    if content.startswith(_OLE):
        raise RosterError(
            f"{path.name}: an old .xls workbook, or one with a password; save it as .xlsx without"
        )
    if content.startswith(b"PK"):
        return _read_xlsx(path.name, content, sheet)
    if sheet is not None:
        raise RosterError(f"{path.name}: only a workbook has sheets; leave the sheet out")
    if path.suffix.lower() == ".dbf":
        return (_read_dbf(path.name, content),)
    return _read_csv(path.name, content)


def _read_xlsx(name: str, content: bytes, sheet: str | None) -> tuple[Table, ...]:
    tables = []
    try:
        with warnings.catch_warnings():
            # openpyxl warns of drop-down lists and styles that it leaves out.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            found = {s.title: s for s in book.worksheets}
            if sheet is not None and sheet not in found:
                raise RosterError(
                    f"{name}: no sheet {sheet!r}; it has {', '.join(map(repr, found))}"
                )
            for title, worksheet in found.items():
                if title == sheet or (sheet is None and worksheet.sheet_state == "visible"):
                    # Some programs write a wrong size, and rows would be cut off.
                    worksheet.reset_dimensions()
                    rows = enumerate(worksheet.iter_rows(), start=1)
                    cells = ((n, tuple(map(_xlsx_cell, row))) for n, row in rows)
                    # A column that was formatted to its end has a million empty cells.
                    filled = tuple((n, row) for n, row in cells if any(c.text for c in row))
                    tables.append(Table(title, filled))
    except _BROKEN_WORKBOOK as error:
        raise RosterError(
            f"{name}: is no workbook that can be read; open it and save it as .xlsx again"
        ) from error
    return tuple(tables)


def _xlsx_cell(cell: object) -> Cell:
    value = getattr(cell, "value", None)
    if value is None:
        return Cell("")
    if isinstance(value, str):
        if getattr(cell, "data_type", "s") == "e":
            return Cell(value, "the error of a formula")
        return _text_cell(value)
    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        return Cell(str(value), "turned into a date")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return Cell(str(value))
    if abs(value) >= 10**_EXACT_DIGITS:
        return Cell(f"{value:.5E}", "a number of more than 15 digits, so its end is lost")
    if value != int(value):
        return Cell(repr(value), "a decimal number")
    padded = _PADDED.fullmatch(str(getattr(cell, "number_format", "")))
    return Cell(str(int(value)).zfill(len(padded[1]) if padded else 0))


def _text_cell(text: str) -> Cell:
    return Cell(
        text.strip(),
        "a number in scientific notation or with decimals" if excel_damage(text) else "",
    )


def decode_text(name: str, content: bytes) -> str:
    """Decode a text file as Excel and editors of Chinese Windows write them.

    Raises
    ------
    RosterError
        In no encoding that is in use.
    """
    encodings = ("utf-16",) if content.startswith(_UTF16_MARKS) else _ENCODINGS
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RosterError(f"{name}: is not text in UTF-8, GB18030 or UTF-16; save it as CSV UTF-8")


def _read_csv(name: str, content: bytes) -> Iterator[Table]:
    text = decode_text(name, content)
    if "\0" in text:
        raise RosterError(f"{name}: is no text file; give a roster as XLSX, CSV or DBF")
    fault = ""
    for delimiter in _DELIMITERS:
        # Strict: else a quote that is never closed swallows the records after it.
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows, line = [], 1
        try:
            for row in reader:
                rows.append((line, tuple(map(_text_cell, row))))
                line = reader.line_num + 1
        except csv.Error as error:  # with another delimiter it may be sound
            fault = fault or f"{name}: line {line} cannot be read ({error})"
            continue
        yield Table("", tuple(rows))
    if fault:
        raise RosterError(fault)


def _read_dbf(name: str, content: bytes) -> Table:
    """Read a dBASE III table; deleted records are left out, rows are record numbers.

    Read here rather than by the package ``dbf``: that one has no GB18030, stops at the first
    character that a field's end cut in two, and turns 18 digits into a float.
    """
    try:
        _, count, header_size, record_size = struct.unpack_from("<4sIHH", content)
        fields, at = [], 32
        while content[at] != 0x0D:
            label, _, width = struct.unpack_from("<11s5sB", content, at)
            fields.append((label.split(b"\0")[0], width))
            at += 32
    except (struct.error, IndexError) as error:
        raise RosterError(f"{name}: is no DBF table, or its header is damaged") from error
    needed = 1 + sum(width for _, width in fields)
    if record_size < needed or len(content) < header_size + count * record_size:
        raise RosterError(f"{name}: is cut off or damaged; export the DBF again")
    rows = [(0, tuple(Cell(_dbf_text(label)) for label, _ in fields))]
    for row in range(1, count + 1):
        start = header_size + (row - 1) * record_size
        if content[start : start + 1] == b"*":
            continue
        cells, at = [], start + 1
        for _, width in fields:
            cells.append(_text_cell(_dbf_text(content[at : at + width])))
            at += width
        rows.append((row, tuple(cells)))
    return Table("", tuple(rows))


def _dbf_text(raw: bytes) -> str:
    # The language byte is often unset (standard.md §4.4); GB18030 holds all of cp936. A rare
    # character that does not fit is cut in two at the field's end: it shows as U+FFFD.
    return raw.decode("gb18030", errors="replace").replace("\0", " ").strip()
