"""XLSX workbooks (ECMA-376), transitional and strict, read as a stream.

openpyxl fills the gaps between rows and columns: a file of 2 KB with one cell in row
2,000,000,000 never ended, and 60,000 rows with a cell far to the right took 6 GB. It knows no
strict workbooks either. It still tells which number formats are dates.
"""

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zipfile import ZipFile

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from pipeline.core.rules import Text
from pipeline.intake.tables.cells import (
    A_DATE,
    EMPTY,
    FORMULA_ERROR,
    MOST_ROWS,
    Book,
    Cell,
    Table,
    TooLargeError,
    Wanted,
    check_size,
    number_cell,
    text_cell,
)
from pipeline.intake.tables.xml_stream import Node, nodes

MOST_UNPACKED = 512 << 20  # bytes of all parts that are read; 100,000 students take 50 MB
_REFERENCE = re.compile(r"([A-Z]{1,6})([0-9]{1,16})")
_RANGE = re.compile(rf"{_REFERENCE.pattern}:{_REFERENCE.pattern}")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TRUE = ("1", "true")
_NO_TEXT = ("f", "rPh")  # a formula beside its value, a phonetic guide
# Dates in the formats of Chinese Windows, which openpyxl does not know (ECMA-376 18.8.30).
_CHINESE_DATES = frozenset((*range(27, 37), *range(50, 59)))


class Parts:
    """The parts of a zipped workbook by name; what is read of them is limited as a whole."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._of = {i.filename.replace("\\", "/").lower(): i for i in archive.infolist()}
        self._unpacked = 0

    def __contains__(self, name: str) -> bool:
        """Whether there is such a part; names differ in case between programs."""
        return name.lower() in self._of

    def nodes(
        self, name: str, whole: set[str], marks: frozenset[str] = frozenset()
    ) -> Iterator[Node]:
        """Yield the elements of a part (see `xml_stream.nodes`); of one that is not there, none."""
        found = self._of.get(name.lower())
        if found is None:
            return
        self._unpacked += found.file_size  # zipfile reads no more of it than that
        if self._unpacked > MOST_UNPACKED:
            size = MOST_UNPACKED >> 20
            raise TooLargeError(Text(f"解开后超过 {size} MB", f"unpacks to more than {size} MB"))
        with self._archive.open(found) as stream:
            yield from nodes(stream, whole, marks)


@dataclass(frozen=True)
class _Sheet:
    name: str
    visible: bool
    part: str


@dataclass(frozen=True)
class _Shared:
    """What cells refer to by number."""

    strings: Sequence[Cell]
    formats: Sequence[str | None]  # the number format of each style; None: it shows a date
    epoch: datetime


def read_xlsx(file: str, parts: Parts, wanted: Wanted) -> tuple[Table, ...]:
    """Read the wanted sheets of a workbook; the others are named without rows.

    Raises
    ------
    RosterError
        A sheet is beyond the limits.
    ValueError, KeyError
        The workbook is damaged.
    """
    sheets, targets, epoch = _workbook(parts)
    shared = _Shared(
        tuple(_strings(parts, targets.get("sharedStrings", ""))),
        tuple(_formats(parts, targets.get("styles", ""))),
        epoch,
    )
    book = Book(file)
    for sheet in sheets:
        book.begin(sheet.name, visible=sheet.visible)
        if wanted(sheet.name, sheet.visible):
            _read_sheet(book, parts.nodes(sheet.part, {"row", "mergeCell"}), shared)
    return book.tables()


def _workbook(parts: Parts) -> tuple[list[_Sheet], dict[str, str], datetime]:
    """The sheets, the other parts by the kind of their relation, and the first day."""
    _, roots = _relations(parts, "", "")
    main = roots.get("officeDocument", "xl/workbook.xml")
    if main not in parts:
        raise KeyError(main)
    by_id, targets = _relations(parts, *posixpath.split(main))
    epoch, sheets = CALENDAR_WINDOWS_1900, []
    for node in parts.nodes(main, {"workbookPr", "sheet"}):
        if node.name == "workbookPr" and node.get("date1904") in _TRUE:
            epoch = CALENDAR_MAC_1904
        elif node.name == "sheet":
            kind, part = by_id.get(node.get("id"), ("", ""))
            if kind == "worksheet":
                visible = node.get("state", "visible") == "visible"
                sheets.append(_Sheet(node.get("name"), visible, part))
    return sheets, targets, epoch


def _relations(
    parts: Parts, folder: str, name: str
) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """What a part refers to: kind and path by identifier, and path by kind."""
    by_id: dict[str, tuple[str, str]] = {}
    by_kind: dict[str, str] = {}
    for node in parts.nodes(posixpath.join(folder, "_rels", f"{name}.rels"), {"Relationship"}):
        kind = node.get("Type").rpartition("/")[2]
        target = node.get("Target").replace("\\", "/")
        path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        by_id[node.get("Id")] = (kind, path)
        by_kind.setdefault(kind, path)
    return by_id, by_kind


def _strings(parts: Parts, part: str) -> Iterator[Cell]:
    """Yield the strings that cells share."""
    for count, node in enumerate(parts.nodes(part, {"si"})):
        check_size(0, cells=count)
        yield _text(node.text(*_NO_TEXT))


def _formats(parts: Parts, part: str) -> Iterator[str | None]:
    """Yield the number format of each style that a cell may have; None where it is a date."""
    own: dict[str, str] = {}
    for node in parts.nodes(part, {"numFmt", "cellXfs"}):
        if node.name == "numFmt":
            own[node.get("numFmtId")] = node.get("formatCode")
        for style in node.elements():
            number = style.get("numFmtId", "0")
            if number in own:
                yield None if is_date_format(own[number]) else own[number]
            else:
                known = BUILTIN_FORMATS.get(int(number), "")
                yield None if is_date_format(known) or int(number) in _CHINESE_DATES else known


def _read_sheet(book: Book, found: Iterator[Node], shared: _Shared) -> None:
    row = 0
    for node in found:
        if node.name == "row":
            row, column = node.number("r", row + 1), -1
            if node.get("hidden") in _TRUE:
                book.hide(row)
            for cell in node.elements():
                row, column = _place(cell.get("r"), row, column + 1)
                if cell.children:
                    book.put(row, column, _cell(cell, shared))
        elif merged := _RANGE.fullmatch(node.get("ref")):
            book.merge(int(merged[2]), min(int(merged[4]), MOST_ROWS), _column(merged[1]))


def _place(reference: str, row: int, column: int) -> tuple[int, int]:
    """The row and column of a cell; without a reference it follows the one before."""
    if not reference:
        return row, column
    if (found := _REFERENCE.fullmatch(reference)) is None:
        raise ValueError("a cell without a place")
    return int(found[2]), _column(found[1])


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _cell(node: Node, shared: _Shared) -> Cell:
    kind, text = node.get("t", "n"), node.text(*_NO_TEXT)
    if not text.strip():
        return EMPTY
    if kind == "s":
        return shared.strings[int(text)]
    if kind in {"str", "inlineStr"}:
        return _text(text)
    if kind == "e":
        return Cell(text.strip(), FORMULA_ERROR)
    if kind == "d":  # a strict workbook writes dates as text
        return Cell(text.strip(), A_DATE)
    if kind == "b":
        return Cell("TRUE" if text.strip() == "1" else "FALSE")
    style = node.number("s", 0)
    number_format = shared.formats[style] if style < len(shared.formats) else ""
    if number_format is not None:
        return number_cell(text, number_format)
    try:
        return Cell(str(from_excel(float(text), shared.epoch)), A_DATE)
    except (ValueError, OverflowError):
        return Cell(text.strip(), A_DATE)


def _text(text: str) -> Cell:
    return text_cell(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))
