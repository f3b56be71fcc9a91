"""dBASE tables, the form of the national platform.

Read here rather than by the package ``dbf``: that one has no GB18030, stops at the first
character that a field's end cut in two, and turns 18 digits into a float.
"""

import struct

from pipeline.core.errors import RosterError
from pipeline.core.rules import Text
from pipeline.intake.tables.cells import Cell, Table, text_cell

# Kinds of field that hold no text (Visual FoxPro): integer, currency, double, time, references.
_BINARY = frozenset(b"IYBT@OGMPW")
_END = b"\x1a"
_FILLING = b"\x1a\0 \r\n"  # an end mark, and what programs fill the last block with

_NO_TEXT = Text("以非文本形式存放的内容", "stored in a form that is no text")


def read_dbf(file: str, content: bytes) -> Table:
    """Read a table; deleted records are left out, rows are record numbers.

    Raises
    ------
    RosterError
        No DBF, damaged, or with more or fewer records than its header counts.
    """
    try:
        _, count, header_size, record_size = struct.unpack_from("<4sIHH", content)
        fields, at = [], 32
        while content[at] != 0x0D:
            label, kind, width = struct.unpack_from("<11sB4xB", content, at)
            fields.append((label.split(b"\0")[0], kind, width))
            at += 32
    except (struct.error, IndexError) as error:
        raise RosterError(
            Text(
                f"{file}：不是 DBF 表，或表头已损坏",
                f"{file}: is no DBF table, or its header is damaged",
            )
        ) from error
    end = header_size + count * record_size
    needed = 1 + sum(width for _, _, width in fields)
    if record_size < needed or header_size <= at or len(content) < end:
        raise RosterError(
            Text(
                f"{file}：不完整或已损坏，请重新导出 DBF",
                f"{file}: is cut off or damaged; export the DBF again",
            )
        )
    if content[end:].strip(_FILLING):
        raise RosterError(
            Text(
                f"{file}：在表头所记的 {count} 条记录之后还有内容，请重新导出 DBF",
                f"{file}: holds more behind the {count} records that its header counts; "
                "export the DBF again",
            )
        )
    rows = [(0, {n: Cell(_text(label)) for n, (label, _, _) in enumerate(fields)})]
    for row in range(1, count + 1):
        start = header_size + (row - 1) * record_size
        if content[start : start + 1] == b"*":
            continue
        if content[start : start + 1] == _END:
            raise RosterError(
                Text(
                    f"{file}：表头记有 {count} 条记录，到第 {row} 条之前就结束了，请重新导出 DBF",
                    f"{file}: ends before record {row} of the {count} that its header counts; "
                    "export the DBF again",
                )
            )
        cells, at = {}, start + 1
        for n, (_, kind, width) in enumerate(fields):
            cell = _cell(content[at : at + width], kind)
            if cell.text:
                cells[n] = cell
            at += width
        rows.append((row, cells))
    return Table("", tuple((row, cells) for row, cells in rows if cells))


def _cell(raw: bytes, kind: int) -> Cell:
    if kind not in _BINARY:
        return text_cell(_text(raw))
    if kind == ord("I"):
        return Cell(str(int.from_bytes(raw, "little", signed=True)))
    return Cell("?", _NO_TEXT) if raw.strip(b"\0 ") else Cell("")


def _text(raw: bytes) -> str:
    # The language byte is often unset (standard.md §4.4); GB18030 holds all of cp936. A rare
    # character that does not fit is cut in two at the field's end: it shows as U+FFFD.
    return raw.decode("gb18030", errors="replace").replace("\0", " ").strip()
