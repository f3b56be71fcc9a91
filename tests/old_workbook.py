"""A workbook of Excel 97 to 2003, made of its bytes: [MS-XLS] records in a compound file.

Only what the tests need: text, numbers with a format, hidden rows and sheets.
"""

import struct

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def old_workbook(sheets, *, formats=("General",), hidden_sheets=(), hidden_rows=()):
    """Write sheets, each a list of rows; a number may be a pair of value and place in formats."""
    globals_ = _record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0x0DBB, 0x07CC, 0, 6))
    font = struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + _text("Arial", "<B")
    globals_ += _record(0x0031, font) * 5
    for at, one in enumerate(formats):
        globals_ += _record(0x041E, struct.pack("<H", 164 + at) + _text(one, "<H"))
    for at in range(len(formats)):
        globals_ += _record(0x00E0, struct.pack("<HHHBBBBIIH", 0, 164 + at, 1, 0, 0, 0, 0, 0, 0, 0))
    bodies = [_sheet(rows, hidden_rows) for rows in sheets.values()]
    heads = [_text(name, "<B") for name in sheets]
    start = len(globals_) + sum(4 + 6 + len(head) for head in heads) + 4
    for name, head, body in zip(sheets, heads, bodies, strict=True):
        fields = struct.pack("<IBB", start, name in hidden_sheets, 0)
        globals_ += _record(0x0085, fields + head)
        start += len(body)
    return compound({"Workbook": globals_ + _record(0x000A, b"") + b"".join(bodies)})


def compound(streams):
    """Write a compound file ([MS-CFB]) of streams, each of at least 4,096 bytes."""
    names = ["Root Entry", *streams]
    data, places = b"", []
    for stream in streams.values():
        content = stream.ljust(4096, b"\0")
        places.append((len(data) // _SECTOR, len(content)))
        data += content + bytes(-len(content) % _SECTOR)
    first = 2  # behind one sector of the FAT and one of the directory
    fat = [_FAT, _END]
    for _, size in places:
        sectors = -(-size // _SECTOR)
        fat += [len(fat) + n + 1 for n in range(sectors - 1)] + [_END]
    fat += [_FREE] * (128 - len(fat))
    directory = b""
    for at, name in enumerate(names):
        raw = name.encode("utf-16-le") + b"\0\0"
        place, size = (_END, 0) if at == 0 else (first + places[at - 1][0], places[at - 1][1])
        right = at + 1 if 0 < at < len(names) - 1 else _FREE
        child = 1 if at == 0 else _FREE
        directory += raw.ljust(64, b"\0") + struct.pack("<H", len(raw))
        directory += struct.pack("<BBIII", 5 if at == 0 else 2, 1, _FREE, right, child)
        directory += bytes(36) + struct.pack("<IQ", place, size)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096,
                          _END, 0, _END, 0)  # fmt: skip
    header += struct.pack("<109I", 0, *[_FREE] * 108)
    return header + struct.pack("<128I", *fat[:128]) + directory.ljust(_SECTOR, b"\0") + data


def _sheet(rows, hidden):
    body = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0x0DBB, 0x07CC, 0, 6))
    for at, row in enumerate(rows):
        flags = 0x20 if at + 1 in hidden else 0
        body += _record(0x0208, struct.pack("<HHHHHHI", at, 0, len(row), 255, 0, 0, 0x100 | flags))
        for column, value in enumerate(row):
            if isinstance(value, str):
                body += _record(0x0204, struct.pack("<HHH", at, column, 0) + _text(value, "<H"))
            elif value is not None:
                number, style = value if isinstance(value, tuple) else (value, 0)
                body += _record(0x0203, struct.pack("<HHHd", at, column, style, number))
    return body + _record(0x000A, b"")


def _record(kind, data):
    return struct.pack("<HH", kind, len(data)) + data


def _text(text, length):
    return struct.pack(length, len(text)) + b"\1" + text.encode("utf-16-le")
