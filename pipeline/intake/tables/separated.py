"""Text with separated values: CSV as Excel, WPS and editors of Chinese Windows write it."""

import csv
import io
from collections.abc import Iterator

from pipeline.core.errors import RosterError
from pipeline.core.rules import Text
from pipeline.intake.tables.cells import Cell, Table, check_size, text_cell

_DELIMITERS = ",;\t|，"
_PROBED = 1 << 16  # characters that tell which delimiter is likeliest
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# standard.md §4.4; Big5 where offices write traditional characters. GB18030 takes many bytes of
# Big5 for its own, so what is text in both is tried as both.
_ENCODINGS = ("gb18030", "big5")


def decodings(file: str, content: bytes) -> Iterator[str]:
    """Yield the text of a file in each encoding that it may be in, the likeliest first.

    Raises
    ------
    RosterError
        It is text in none.
    """
    if content.startswith(_UTF16_MARKS):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\0" in content:
        if not _half_empty(content):
            raise RosterError(
                Text(
                    f"{file}：不是文本文件，请用 XLSX、CSV 或 DBF 名单",
                    f"{file}: is no text file; give a roster as XLSX, CSV or DBF",
                )
            )
        encodings = ("utf-16-le", "utf-16-be")
    else:
        try:
            yield content.decode("utf-8-sig")
        except UnicodeDecodeError:
            encodings = _ENCODINGS
        else:
            return
    known = False
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        known = True
        yield text
    if not known:
        raise RosterError(
            Text(
                f"{file}：不是 UTF-8、GB18030 或 UTF-16 文本，请另存为 CSV UTF-8",
                f"{file}: is not text in UTF-8, GB18030 or UTF-16; save it as CSV UTF-8",
            )
        )


def read_separated(file: str, content: bytes) -> Iterator[tuple[Table, ...]]:
    """Yield the table that a text makes with each encoding and delimiter.

    Raises
    ------
    RosterError
        No text, or cells that cannot be told apart: the first such line is named.
    """
    fault: Text | None = None
    for text in decodings(file, content):
        probe = text[:_PROBED]
        for delimiter in sorted(_DELIMITERS, key=lambda d: -probe.count(d)):
            rows: list[tuple[int, dict[int, Cell]]] = []
            line = 1
            try:
                # Strict: else a quote that is never closed swallows the records after it.
                reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
                count = 0
                for row in reader:
                    check_size(len(rows), len(row), count)
                    cells = enumerate(map(text_cell, row))
                    if filled := {at: cell for at, cell in cells if cell.text}:
                        rows.append((line, filled))
                        count += len(filled)
                    line = reader.line_num + 1
            except csv.Error as error:  # with another delimiter it may be sound
                fault = fault or Text(
                    f"{file}：第 {line} 行无法读取（{error}）",
                    f"{file}: line {line} cannot be read ({error})",
                )
                continue
            yield (Table("", tuple(rows)),)
    if fault:
        raise RosterError(fault)


def _half_empty(content: bytes) -> bool:
    """Whether NUL bytes stand as in UTF-16: where digits and Latin letters are, at one side."""
    probe = content[: _PROBED // 2 * 2]
    even, odd = probe[::2].count(0), probe[1::2].count(0)
    return len(content) % 2 == 0 and max(even, odd) > len(probe) // 20 and min(even, odd) == 0
