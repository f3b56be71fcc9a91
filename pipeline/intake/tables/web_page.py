"""Tables of web pages, which office systems export under the name .xls.

Read by its tags alone: `html.parser` of Python up to 3.13.5 takes quadratic time over some
damaged pages (CVE-2025-6069), and an export closes what it likes.
"""

import email
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.intake.tables.cells import MOST_ROWS, Book, Table, Wanted, check_size, text_cell

_MOST_SPANNED = 1000  # columns, as browsers have it (HTML 4.9.11); rows up to MOST_ROWS
_LONGEST_TAG = 4000
_TAG = re.compile(r"""</?([A-Za-z][\w:-]*)((?:"[^"]*"|'[^']*'|[^'">])*)>""")
_SPAN = re.compile(r"""\b(col|row)span\s*=\s*["']?\s*([0-9]{1,9})""", re.IGNORECASE)
_UNSEEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_SILENT = {"style", "script", "title", "xml"}  # what stands in them is not shown
_BLANKS = re.compile(r"[ \t\r\n\f]+")

# Tags that end what stands in a cell, and those that part its words.
_ENDS = {"table", "/table", "tr", "/tr", "td", "th", "/td", "/th"}
_BREAKS = {"br", "p", "/p", "div", "/div"}


@dataclass
class _Row:
    """A row: whether it is hidden, and of each cell the attributes and the text."""

    hidden: bool
    cells: list[tuple[str, list[str]]]


def read_web_page(file: str, text: str, wanted: Wanted) -> tuple[Table, ...]:
    """Read the wanted tables of a page; they are called ``table 1``, ``table 2``, ….

    Raises
    ------
    RosterError
        A table is beyond the limits.
    ValueError
        A tag has no end.
    """
    book = Book(file)
    for count, rows in enumerate(_tables(text), start=1):
        name, visible = f"table {count}", True
        book.begin(name, visible=visible)
        if wanted(name, visible):
            _put(book, rows)
    return book.tables()


def _put(book: Book, rows: list[_Row]) -> None:
    """Keep the cells of a table at their places: a cell may span rows and columns."""
    reaches: dict[int, int] = {}  # by column, the last row that a cell above it covers
    for row, one in enumerate(rows, start=1):
        if one.hidden:
            book.hide(row)
        column = 0
        for attributes, pieces in one.cells:
            while reaches.get(column, 0) >= row:
                column += 1
            spans = {what.lower(): int(count) for what, count in _SPAN.findall(attributes)}
            last = min(row + max(spans.get("row", 1), 1) - 1, MOST_ROWS)
            book.merge(row, last, column)
            words = html.unescape("".join(pieces))
            book.put(row, column, text_cell(_BLANKS.sub(" ", words)))
            for _ in range(min(max(spans.get("col", 1), 1), _MOST_SPANNED)):
                reaches[column] = last
                column += 1


def _tables(text: str) -> Iterator[list[_Row]]:
    """Yield the rows of each table; an inner table ends the outer one."""
    rows: list[_Row] | None = None
    cell: list[str] | None = None
    count = 0
    for tag, attributes, behind in _pieces(text):
        if tag in _ENDS:
            cell = None
        if tag in {"table", "/table"}:
            if rows:
                yield rows
            rows = [] if tag == "table" else None
        elif rows is not None and tag == "tr":
            rows.append(_Row(bool(_UNSEEN.search(attributes)), []))
            check_size(len(rows))
        elif rows and tag in {"td", "th"}:
            cell = []
            rows[-1].cells.append((attributes, cell))
            count += 1
            check_size(len(rows), len(rows[-1].cells), count)
        if cell is not None:
            cell.append(" " + behind if tag in _BREAKS else behind)
    if rows:
        yield rows


def web_page_of(content: bytes) -> bytes:
    """Return the pages of a web archive (MHTML), as Excel saves one file for a workbook."""
    message = email.message_from_bytes(content)
    pages = [part for part in message.walk() if part.get_content_type() == "text/html"]
    return b"\n".join(bytes(page.get_payload(decode=True)) for page in pages)


def _pieces(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield each tag, its attributes, and the text up to the next; no scripts, no comments."""
    at = text.find("<")
    while at >= 0:
        found = _TAG.match(text, at, at + _LONGEST_TAG)
        if text.startswith("<!--", at):
            at = _after(text, "-->", at)
        elif found is None:  # a sign that is no tag, or a declaration
            if text[at + 1 : at + 2].isalpha():
                raise ValueError("a tag without an end")
            at = text.find("<", at + 1)
        elif found[1].lower() in _SILENT:
            at = _after(text, f"</{found[1]}", at)
        else:
            closing = "/" if text.startswith("</", at) else ""
            at = text.find("<", found.end())
            behind = text[found.end() : at if at >= 0 else len(text)]
            yield closing + found[1].lower(), found[2], behind


def _after(text: str, mark: str, at: int) -> int:
    """The place of the first tag behind a mark; -1 where there is none."""
    end = text.find(mark, at)
    return text.find("<", end + 1) if end >= 0 else -1
