"""The directory of a zip archive, read leniently: what is wrong with one entry is that entry's.

``zipfile`` decodes all names and extra fields before it gives the first member, so that one
wrong byte loses the archive, and it cuts a name off at a NUL. Here names stay bytes. What an
entry holds is unpacked by ``zipfile`` itself, which also checks its checksum.

Layout: PKWARE APPNOTE 6.3.10, 4.3.7 (local header) and 4.3.12 to 4.3.16 (the directory).
"""

import io
import struct
import zipfile
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_LOCAL, _LOCAL_MARK = struct.Struct("<4s22xHH"), b"PK\3\4"
_ENTRY, _ENTRY_MARK = struct.Struct("<4x4xHH4xIIIHHH4xII"), b"PK\1\2"
_END, _END_MARK = struct.Struct("<4s8xII2x"), b"PK\5\6"
_END_64, _END_64_MARK = struct.Struct("<4s36xQQ"), b"PK\6\6"
_LOCATOR, _LOCATOR_MARK = struct.Struct("<4s4xQ4x"), b"PK\6\7"
_SIGNATURE_MARK = b"PK\5\5"  # of the directory itself; nobody writes it
_MOST_COMMENT = 1 << 16
_MOST_BYTES = 1 << 28  # of a directory: 200,000 entries of long names are 30 MB
_ZIP64_FIELD, _IN_ZIP64 = 1, 0xFFFFFFFF
# Nothing, packed: 0 bytes stored, 2 deflated, 14 by bzip2, with a password 12 more.
_NOTHING_PACKED = 32


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as the directory has it."""

    name: bytes
    flags: int
    method: int
    crc: int
    packed: int  # bytes in the archive
    size: int  # bytes unpacked, or so it says
    at: int  # of its local header in the archive
    mode: int  # of Unix
    end: int = 0  # where the next one begins, or the directory

    @property
    def is_stored(self) -> bool:
        """Whether it lies in the archive as it is, unpacked."""
        return self.method == zipfile.ZIP_STORED and self.packed == self.size

    @property
    def is_empty(self) -> bool:
        """Whether it holds nothing: the only sort of entry that may be a folder."""
        return self.size == 0 and self.packed <= _NOTHING_PACKED


class Directory(NamedTuple):
    """The entries, and whether they are all: False where the directory is damaged itself."""

    entries: tuple[Entry, ...]
    whole: bool


def read_directory(stream: BinaryIO, most: int) -> Directory:
    """Read the directory of the archive that ``stream`` is.

    Raises
    ------
    zipfile.BadZipFile
        It has none.
    OverflowError
        It has over ``most`` entries.
    """
    start, size, shift = _find_directory(stream)
    if size > _MOST_BYTES:
        raise OverflowError
    stream.seek(start)
    content = stream.read(size)
    entries: list[Entry] = []
    at, last, whole = 0, 0, len(content) == size
    while at < len(content) and not content.startswith(_SIGNATURE_MARK, at):
        if not content.startswith(_ENTRY_MARK, at):
            # A length before it was a lie: go on with what looks like the next entry.
            whole = False
            at = content.find(_ENTRY_MARK, last + _ENTRY.size) if entries else -1
        if at < 0 or at + _ENTRY.size > len(content):
            whole = False
            break
        if len(entries) == most:
            raise OverflowError
        last = at
        entry, at = _read_entry(content, at)
        entries.append(replace(entry, at=entry.at + shift))
    # An entry that points into another one, where no header is, does the other no harm.
    begins = sorted({e.at for e in entries if e.at < start and _is_header(stream, e.at)})
    ends = (*begins, start)
    ended = (replace(entry, end=ends[bisect_right(begins, entry.at)]) for entry in entries)
    return Directory(tuple(ended), whole and at <= len(content))


def open_entry(stream: BinaryIO, entry: Entry) -> zipfile.ZipExtFile:
    """Open what an entry of the archive ``stream`` holds, unpacked.

    Raises
    ------
    zipfile.BadZipFile
        Its local header is not there, is another's, or what it holds runs into the next one.
    NotImplementedError
        It is packed in a way that ``zipfile`` does not know.
    """
    begin = _begin_of(stream, entry)
    stream.seek(begin)
    info = zipfile.ZipInfo()
    info.compress_type, info.CRC = entry.method, entry.crc
    info.compress_size, info.file_size = entry.packed, entry.size
    return zipfile.ZipExtFile(stream, "r", info)


def open_stored(stream: BinaryIO, entry: Entry) -> BinaryIO:
    """Open what an entry holds that `Entry.is_stored`, where it lies, to be read in any order.

    Raises
    ------
    zipfile.BadZipFile
        As `open_entry`.
    """
    return io.BufferedReader(_Part(stream, _begin_of(stream, entry), entry.size))


def _find_directory(stream: BinaryIO) -> tuple[int, int, int]:
    """Find where the directory begins, its size, and by how much all places are shifted.

    They are shifted where something was put before the archive, as self-extracting ones do.
    """
    length = stream.seek(0, io.SEEK_END)
    tail_at = max(0, length - _MOST_COMMENT - _END.size)
    stream.seek(tail_at)
    tail = stream.read()
    found = tail.rfind(_END_MARK, 0, max(0, len(tail) - _END.size + len(_END_MARK)))
    if found < 0:
        raise zipfile.BadZipFile
    _, size, offset = _END.unpack_from(tail, found)
    end = tail_at + found
    if (at_64 := _find_end_64(stream, end)) is not None:
        end = at_64
        stream.seek(end)
        _, size, offset = _END_64.unpack(stream.read(_END_64.size))
    shift = end - size - offset
    if shift < 0:
        raise zipfile.BadZipFile
    return offset + shift, size, shift


def _find_end_64(stream: BinaryIO, end: int) -> int | None:
    """Find the Zip64 record of the end, which lies before its locator; None: there is none."""
    at = end - _LOCATOR.size
    if at < _END_64.size:
        return None
    stream.seek(at)
    mark, said = _LOCATOR.unpack(stream.read(_LOCATOR.size))
    if mark != _LOCATOR_MARK:
        return None
    for place in (at - _END_64.size, said):
        stream.seek(min(place, at))
        if stream.read(4) == _END_64_MARK and place + _END_64.size <= at:
            return int(place)
    return None


def _read_entry(content: bytes, at: int) -> tuple[Entry, int]:
    """Read the entry at a place of the directory, and give the place of the next one."""
    flags, method, crc, packed, size, *lengths, outside, offset = _ENTRY.unpack_from(content, at)
    name_at = at + _ENTRY.size
    extra_at = name_at + lengths[0]
    name, extra = content[name_at:extra_at], content[extra_at : extra_at + lengths[1]]
    size, packed, offset = _wide((size, packed, offset), extra)
    entry = Entry(name, flags, method, crc, packed, size, offset, outside >> 16)
    return entry, extra_at + lengths[1] + lengths[2]


def _wide(numbers: tuple[int, int, int], extra: bytes) -> tuple[int, int, int]:
    """Take numbers that do not fit 32 bits from the Zip64 field; where it lacks them, keep them."""
    at = 0
    while at + 4 <= len(extra):
        field, length = struct.unpack_from("<HH", extra, at)
        if field == _ZIP64_FIELD:
            body = extra[at + 4 : at + 4 + length]
            wide = iter(struct.unpack(f"<{len(body) // 8}Q", body[: len(body) // 8 * 8]))
            return tuple(next(wide, n) if n == _IN_ZIP64 else n for n in numbers)  # type: ignore[return-value]
        at += 4 + length
    return numbers


def _begin_of(stream: BinaryIO, entry: Entry) -> int:
    """Give the place of the first byte that an entry holds."""
    stream.seek(entry.at)
    head = stream.read(_LOCAL.size)
    if len(head) < _LOCAL.size:
        raise zipfile.BadZipFile
    mark, name_length, extra_length = _LOCAL.unpack(head)
    begin = entry.at + _LOCAL.size + name_length + extra_length
    # Else it shows one thing to who reads the directory, another to who does not.
    if mark != _LOCAL_MARK or stream.read(name_length) != entry.name:
        raise zipfile.BadZipFile
    if begin + entry.packed > entry.end:  # bombs share what they unpack
        raise zipfile.BadZipFile
    return int(begin)


def _is_header(stream: BinaryIO, at: int) -> bool:
    stream.seek(at)
    return stream.read(len(_LOCAL_MARK)) == _LOCAL_MARK


class _Part(io.RawIOBase):
    """A part of a stream, as a stream of its own."""

    def __init__(self, stream: BinaryIO, begin: int, size: int) -> None:
        self._stream, self._begin, self._size, self._at = stream, begin, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, to: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + to)
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        room = memoryview(buffer)
        self._stream.seek(self._begin + self._at)
        content = self._stream.read(max(0, min(len(room), self._size - self._at)))
        room[: len(content)] = content
        self._at += len(content)
        return len(content)
