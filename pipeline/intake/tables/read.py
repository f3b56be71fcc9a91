"""The way in: what kind of file is it, and what tables are in it.

A file that is no table is named for what it is, with what to do. Nothing but an ordinary file
is opened: a pipe would wait for ever.
"""

import io
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from xlrd.biffh import XLRDError
from xlrd.compdoc import CompDocError

from pipeline.core.errors import RosterError
from pipeline.intake.tables import xls
from pipeline.intake.tables.cells import Table, TooLargeError, Wanted
from pipeline.intake.tables.dbf import read_dbf
from pipeline.intake.tables.ods import read_ods
from pipeline.intake.tables.separated import decodings, read_separated
from pipeline.intake.tables.web_page import read_web_page, web_page_of
from pipeline.intake.tables.xlsx import Parts, read_xlsx
from pipeline.intake.tables.xml_2003 import NAMESPACE, read_xml_2003
from pipeline.intake.tables.xml_stream import nodes

MOST_BYTES = 128 << 20  # of a file that is no archive; 100,000 students take 10 MB
_OLE = b"\xd0\xcf\x11\xe0"
# Names of streams in a compound file.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_WORD = "WordDocument".encode("utf-16-le")
_ODS_PARTS = "META-INF/manifest.xml"
_PROBED = 4096
_SAVE = "open it and save it as .xlsx"
# What is handed in instead of a list, by its first bytes.
_OTHERS = (
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3", "a database"),
    (b"\0\1\0\0Standard", "an Access database"),
)
# What is in an archive that is no workbook, by one of its members.
_ZIPPED = (
    ("xl/workbook.bin", "a binary workbook (.xlsb)"),
    ("word/document.xml", "a Word document"),
    ("ppt/presentation.xml", "a presentation"),
    ("index/document.iwa", "an Apple Numbers document"),
    ("index.zip", "an Apple Numbers document"),
)
_MARKUP = re.compile(rb"\s*<(?:\?xml|!doctype|!--|[a-z][\w:.-]*[\s>/])", re.IGNORECASE)
# What zipfile, xlrd and our own readers raise on a workbook that is damaged or locked.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    XLRDError,
    CompDocError,
    AssertionError,  # by these five xlrd notices damage
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    OSError,
)


def read_tables(path: Path, sheets: Collection[str] = ()) -> Iterator[tuple[Table, ...]]:
    """Yield every way in which a file may be taken, the likeliest first, as its sheets.

    A text is one table, which each encoding and delimiter makes another; of any other kind
    there is one way.

    Parameters
    ----------
    path
        XLSX or XLSM, XLS, ODS, CSV or text, DBF, XML spreadsheet, web page; told by content
        first, by suffix second.
    sheets
        Read these sheets of a workbook, be they hidden; else all visible ones. The others
        are among the tables, without rows.

    Raises
    ------
    RosterError
        The file is missing, empty, damaged or of another kind, or has no such sheet.
    """
    asked = {folded_sheet(name) for name in sheets}

    def wanted(name: str, visible: bool) -> bool:  # noqa: FBT001 - see `cells.Wanted`
        return folded_sheet(name) in asked if asked else visible

    for tables in _read(path, wanted):
        names = {folded_sheet(table.name) for table in tables}
        for name in sheets:
            if names == {""}:
                raise RosterError(f"{path.name}: only a workbook has sheets; leave the sheet out")
            if folded_sheet(name) not in names:
                there = ", ".join(repr(table.name) for table in tables)
                raise RosterError(f"{path.name}: no sheet {name!r}; it has {there}")
        yield tables


def folded_sheet(name: str) -> str:
    """Return a sheet's name as names are compared: without the blanks that one does not see."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _read(path: Path, wanted: Wanted) -> Iterator[tuple[Table, ...]]:
    with _opened(path) as (stream, size):
        if stream.peek(2).startswith(b"PK"):
            with _refusing(path.name):
                tables = _read_zip(path.name, stream, wanted)
            yield tables
            return
        if size > MOST_BYTES:
            raise RosterError(
                f"{path.name}: {size >> 20} MB, and a list of more than {MOST_BYTES >> 20} MB is "
                "not read; copy the list alone into a new file"
            )
        content = stream.read(MOST_BYTES + 1)
    if not content.strip():
        raise RosterError(f"{path.name}: is empty")
    if content[:13].lower() == b"mime-version:":
        with _refusing(path.name):
            content = web_page_of(content)
    for start, kind in _OTHERS:
        if content.startswith(start):
            raise RosterError(f"{path.name}: is {kind}; give the list as XLSX, CSV or DBF")
    if content.startswith(_OLE):
        yield _read_ole(path.name, content, wanted)
    elif path.suffix.lower() == ".dbf":
        yield (read_dbf(path.name, content),)
    elif _MARKUP.match(content[:_PROBED].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")):
        yield from _read_markup(path.name, content, wanted)
    else:
        with _refusing(path.name):
            yield from read_separated(path.name, content)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BufferedReader, int]]:
    """Open an ordinary file; without waiting, should another kind have taken its place."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a socket cannot even be opened
            raise RosterError(f"{path.name}: is no ordinary file; give the list as a file")
        with os.fdopen(os.open(path, flags), "rb") as stream:
            yield stream, os.fstat(stream.fileno()).st_size
    except OSError as error:
        raise RosterError(f"{path.name}: cannot be read ({error.strerror})") from error


@contextmanager
def _refusing(file: str) -> Iterator[None]:
    """Refuse what a reader stumbles over."""
    try:
        yield
    except TooLargeError as error:
        raise RosterError(f"{file}: {error}; copy the list alone into a new .xlsx") from error
    except _BROKEN as error:
        raise RosterError(f"{file}: is no workbook that can be read; {_SAVE} again") from error


def _read_zip(file: str, stream: BinaryIO, wanted: Wanted) -> tuple[Table, ...]:
    with zipfile.ZipFile(stream) as archive:
        parts = Parts(archive)
        for member, kind in _ZIPPED:
            if member in parts:
                raise RosterError(f"{file}: is {kind}; {_SAVE}")
        if "content.xml" in parts:
            if next(parts.nodes(_ODS_PARTS, {"encryption-data"}), None) is not None:
                raise RosterError(f"{file}: has a password; save it without")
            return read_ods(file, partial(parts.nodes, "content.xml"), wanted)
        if not any(name in parts for name in ("_rels/.rels", "xl/workbook.xml")):
            raise RosterError(f"{file}: is an archive and no workbook; unpack it and give the list")
        return read_xlsx(file, parts, wanted)


def _read_ole(file: str, content: bytes, wanted: Wanted) -> tuple[Table, ...]:
    if _ENCRYPTED in content:
        raise RosterError(f"{file}: has a password; save it without")
    if _WORD in content:
        raise RosterError(f"{file}: is a Word document; copy the table into an .xlsx")
    if len(content) > xls.MOST_BYTES:
        raise RosterError(f"{file}: an .xls of {len(content) >> 20} MB; {_SAVE}")
    try:
        with _refusing(file):
            return xls.read_xls(file, content, wanted)
    except RosterError as error:
        if isinstance(error.__cause__, XLRDError) and "encrypt" in str(error.__cause__):
            raise RosterError(f"{file}: has a password; save it without") from error
        raise


def _read_markup(file: str, content: bytes, wanted: Wanted) -> Iterator[tuple[Table, ...]]:
    """Read XML or HTML, in each encoding that it may be in."""
    for text in decodings(file, content):
        with _refusing(file):
            if NAMESPACE in text:
                tables = read_xml_2003(file, text, wanted)
            elif "office:spreadsheet" in text:
                flat = partial(nodes, io.BytesIO(text.encode()), encoding="utf-8")
                tables = read_ods(file, flat, wanted)
            else:
                tables = read_web_page(file, text, wanted)
        if not tables:
            raise RosterError(f"{file}: is a web page or XML file without a table; {_SAVE}")
        yield tables
