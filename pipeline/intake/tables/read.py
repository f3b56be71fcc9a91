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
from pipeline.core.rules import Text
from pipeline.core.system_words import words_of
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
_SAVE = Text("打开后另存为 .xlsx", "open it and save it as .xlsx")
# What is handed in instead of a list, by its first bytes.
_OTHERS = (
    (b"%PDF", Text(" PDF 文件", "a PDF")),
    (b"{\\rtf", Text("文字文档（RTF）", "a text document (RTF)")),
    (b"\x89PNG", Text("图片", "a picture")),
    (b"\xff\xd8\xff", Text("图片", "a picture")),
    (b"GIF8", Text("图片", "a picture")),
    (b"Rar!", Text(" RAR 压缩包", "a RAR archive")),
    (b"7z\xbc\xaf", Text(" 7z 压缩包", "a 7z archive")),
    (b"\x1f\x8b", Text(" gzip 压缩包", "a gzip archive")),
    (b"SQLite format 3", Text("数据库", "a database")),
    (b"\0\1\0\0Standard", Text(" Access 数据库", "an Access database")),
)
# What is in an archive that is no workbook, by one of its members.
_ZIPPED = (
    ("xl/workbook.bin", Text("二进制工作簿（.xlsb）", "a binary workbook (.xlsb)")),
    ("word/document.xml", Text(" Word 文档", "a Word document")),
    ("ppt/presentation.xml", Text("演示文稿", "a presentation")),
    ("index/document.iwa", Text(" Apple Numbers 文档", "an Apple Numbers document")),
    ("index.zip", Text(" Apple Numbers 文档", "an Apple Numbers document")),
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
                raise RosterError(
                    Text(
                        f"{path.name}：只有工作簿才有工作表，请去掉 --sheet",
                        f"{path.name}: only a workbook has sheets; leave the sheet out",
                    )
                )
            if folded_sheet(name) not in names:
                there = ", ".join(repr(table.name) for table in tables)
                raise RosterError(
                    Text(
                        f"{path.name}：没有工作表“{name}”；有的是 {there}",
                        f"{path.name}: no sheet {name!r}; it has {there}",
                    )
                )
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
                Text(
                    f"{path.name}：{size >> 20} MB，超过 {MOST_BYTES >> 20} MB 的名单不读取，"
                    "请只把名单复制到新文件",
                    f"{path.name}: {size >> 20} MB, and a list of more than {MOST_BYTES >> 20} "
                    "MB is "
                    "not read; copy the list alone into a new file",
                )
            )
        content = stream.read(MOST_BYTES + 1)
    if not content.strip():
        raise RosterError(Text(f"{path.name}：是空文件", f"{path.name}: is empty"))
    if content[:13].lower() == b"mime-version:":
        with _refusing(path.name):
            content = web_page_of(content)
    for start, kind in _OTHERS:
        if content.startswith(start):
            raise RosterError(
                Text(
                    f"{path.name}：是{kind.zh}，请用 XLSX、CSV 或 DBF 名单",
                    f"{path.name}: is {kind.en}; give the list as XLSX, CSV or DBF",
                )
            )
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
            raise RosterError(
                Text(
                    f"{path.name}：不是普通文件，请给文件",
                    f"{path.name}: is no ordinary file; give the list as a file",
                )
            )
        with os.fdopen(os.open(path, flags), "rb") as stream:
            yield stream, os.fstat(stream.fileno()).st_size
    except OSError as error:
        raise RosterError(
            Text(
                f"{path.name}：无法读取（{words_of(error).zh}）",
                f"{path.name}: cannot be read ({words_of(error).en})",
            )
        ) from error


@contextmanager
def _refusing(file: str) -> Iterator[None]:
    """Refuse what a reader stumbles over."""
    try:
        yield
    except TooLargeError as error:
        raise RosterError(
            Text(
                f"{file}：{error.what.zh}，请只把名单复制到新的 .xlsx",
                f"{file}: {error.what.en}; copy the list alone into a new .xlsx",
            )
        ) from error
    except _BROKEN as error:
        raise RosterError(
            Text(
                f"{file}：不是能读取的工作簿，请重新{_SAVE.zh}",
                f"{file}: is no workbook that can be read; {_SAVE.en} again",
            )
        ) from error


def _read_zip(file: str, stream: BinaryIO, wanted: Wanted) -> tuple[Table, ...]:
    with zipfile.ZipFile(stream) as archive:
        parts = Parts(archive)
        for member, kind in _ZIPPED:
            if member in parts:
                raise RosterError(
                    Text(f"{file}：是{kind.zh}，请{_SAVE.zh}", f"{file}: is {kind.en}; {_SAVE.en}")
                )
        if "content.xml" in parts:
            if next(parts.nodes(_ODS_PARTS, {"encryption-data"}), None) is not None:
                raise RosterError(
                    Text(
                        f"{file}：有密码，请去掉密码后另存",
                        f"{file}: has a password; save it without",
                    )
                )
            return read_ods(file, partial(parts.nodes, "content.xml"), wanted)
        if not any(name in parts for name in ("_rels/.rels", "xl/workbook.xml")):
            raise RosterError(
                Text(
                    f"{file}：是压缩包，不是工作簿，请解压后给名单文件",
                    f"{file}: is an archive and no workbook; unpack it and give the list",
                )
            )
        return read_xlsx(file, parts, wanted)


def _read_ole(file: str, content: bytes, wanted: Wanted) -> tuple[Table, ...]:
    if _ENCRYPTED in content:
        raise RosterError(
            Text(f"{file}：有密码，请去掉密码后另存", f"{file}: has a password; save it without")
        )
    if _WORD in content:
        raise RosterError(
            Text(
                f"{file}：是 Word 文档，请把表格复制到 .xlsx",
                f"{file}: is a Word document; copy the table into an .xlsx",
            )
        )
    if len(content) > xls.MOST_BYTES:
        raise RosterError(
            Text(
                f"{file}：是 {len(content) >> 20} MB 的 .xls，请{_SAVE.zh}",
                f"{file}: an .xls of {len(content) >> 20} MB; {_SAVE.en}",
            )
        )
    try:
        with _refusing(file):
            return xls.read_xls(file, content, wanted)
    except RosterError as error:
        if isinstance(error.__cause__, XLRDError) and "encrypt" in str(error.__cause__):
            raise RosterError(
                Text(
                    f"{file}：有密码，请去掉密码后另存", f"{file}: has a password; save it without"
                )
            ) from error
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
            raise RosterError(
                Text(
                    f"{file}：是没有表格的网页或 XML 文件，请{_SAVE.zh}",
                    f"{file}: is a web page or XML file without a table; {_SAVE.en}",
                )
            )
        yield tables
