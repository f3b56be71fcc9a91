"""Zip archives from anywhere, and those in them, opened without trusting them.

Names are for showing only: nothing is ever written under a member's name. A member is found
again by the name that it is shown under, which is its own alone within the archive.
"""

import io
import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pipeline.core.errors import NotPhotoError, PhotoError
from pipeline.core.rules import Text
from pipeline.intake.identifiers import CJK
from pipeline.intake.zip_directory import Entry, open_entry, open_stored, read_directory

MOST_MEMBERS = 200_000  # with those of the archives inside
# An archive of class archives, and one of these: what people nest by hand.
_MOST_DEPTH = 3
# An archive that is packed inside another one has to be unpacked in memory, in each worker.
_MOST_UNPACKED = 256 << 20  # bytes
_MOST_UNPACKED_OF_ALL = 2 << 30
# No photograph shrinks to a hundredth; small flat pictures may.
_MOST_RATIO, _RATIO_FROM_BYTES = 100, 1 << 20
# What zipfile raises on bytes that are no sound archive.
BROKEN_ARCHIVE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    ValueError,
    OverflowError,
)
_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_SENSIBLE = re.compile(rf"[\x20-\x7e{CJK}\u3000-\u303f\uff00-\uffef·×—–…“”‘’]*")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_TRICK = re.compile(rf"^[A-Za-z]:|^[/\\]|(?:^|[/\\])\.\.(?:$|[/\\])|[/\\]$|{_CONTROLS.pattern}")

VANISHED = Text("文件已不存在", "the file is gone")
UNREADABLE = Text("文件无法读取", "the file cannot be read")
EMPTY = Text("文件为空", "the file is empty")
_ENCRYPTED = Text("压缩包有密码，无法读取", "the archive has a password")
_DAMAGED = Text("压缩包已损坏", "the archive is damaged")
_SWELLS = Text("解压后异常大，不予读取", "unpacks to far more than a photo could")


def too_large(max_bytes: int) -> PhotoError:
    """Return the error for a file over the ceiling."""
    ceiling = max_bytes / (1 << 20)
    return PhotoError(
        Text(f"文件过大，超过 {ceiling:.4g} MB", f"the file is larger than {ceiling:.4g} MB")
    )


def decode_name(raw: bytes) -> str:
    """Decode a file name of unknown encoding: UTF-8 or GB18030 if the words look so, else CP437.

    UTF-8 goes first: macOS writes it without the flag, and its bytes would pass for GB18030.
    It must look Chinese too, since two-byte UTF-8 (Greek, Hebrew) is mostly a GBK name.
    """
    for encoding in ("utf-8", "gb18030"):
        try:
            name = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _SENSIBLE.fullmatch(name):
            return name
    return raw.decode("cp437")


def shown_path(name: str) -> str:
    """Return a member's name as a relative path: no drive, no root, no way up, no controls."""
    parts = re.sub(r"^[A-Za-z]:", "", name.replace("\\", "/")).split("/")
    kept = [_CONTROLS.sub("\ufffd", part) for part in parts if part.strip() not in {"", ".", ".."}]
    return "/".join(kept) or "unnamed"


def distinct(names: Iterable[str]) -> Iterator[str]:
    """Yield the names, the second ``a.jpg`` as ``a.jpg#2``."""
    taken: set[str] = set()
    last: dict[str, int] = {}
    for name in names:
        new = name
        while new in taken:
            last[name] = last.get(name, 1) + 1
            new = f"{name}#{last[name]}"
        taken.add(new)
        yield new


class Members(NamedTuple):
    """The names of what is in an archive, and whether that is all that once was."""

    names: tuple[str, ...]
    whole: bool


def list_members(archive: Path, *, nested: bool = True) -> Members:
    """List the files of an archive by the names that they are shown under.

    Parameters
    ----------
    nested
        Open the archives that lie in it too, unless they are too deep, too large or damaged:
        then they are files themselves.

    Raises
    ------
    PhotoError
        Not an archive that can be read, or one with more than 200,000 members.
    """
    members, whole = _open(archive)
    names = (n for n, m in members.items() if not (m.opened if nested else len(m.way) > 1))
    return Members(tuple(names), whole)


def unsafe_members(archive: Path) -> frozenset[str]:
    """Name the members whose stored names are a trick: written elsewhere by a careless program.

    A way up (``..``), a root, a drive, a control character, a folder's name, or a link. They
    are listed under a harmless name all the same.

    Raises
    ------
    PhotoError
        As `list_members`.
    """
    return frozenset(
        name
        for name, member in _open(archive).members.items()
        if _TRICK.search(_stored_name(member.way[-1])) or stat.S_ISLNK(member.way[-1].mode)
    )


def read_member(archive: Path, member: str, max_bytes: int) -> bytes:
    """Read one member whole.

    Raises
    ------
    PhotoError
        Gone, encrypted, damaged, empty, or larger than ``max_bytes``.
    """
    way = _way_to(archive, member)
    if way[-1].size > max_bytes:
        raise too_large(max_bytes)
    if _swells(way[-1]):
        raise PhotoError(_SWELLS)
    # One byte more than allowed: the size in the directory may be a lie.
    content = _read(archive, way, max_bytes + 1)
    if len(content) > max_bytes:
        raise too_large(max_bytes)
    if not content:
        raise NotPhotoError(EMPTY)
    return content


def read_member_head(archive: Path, member: str, most: int) -> bytes:
    """Read the first bytes of a member, however large it is.

    Raises
    ------
    PhotoError
        Gone, encrypted or damaged.
    """
    return _read(archive, _way_to(archive, member), most)


@dataclass(frozen=True, slots=True)
class _Member:
    """A member: the entries that lead to it, through the archives that it lies in."""

    way: tuple[Entry, ...]
    opened: bool = False  # an archive whose members are listed beside it


class _Archive(NamedTuple):
    members: Mapping[str, _Member]
    whole: bool


@dataclass
class _Left:
    """What an archive may still hold, all that lies in it together."""

    members: int
    unpacked: int  # bytes


def _open(archive: Path) -> _Archive:
    return _open_once(*_stamp(archive))


def _stamp(archive: Path) -> tuple[Path, int, int]:
    """An archive as it is now."""
    try:
        status = archive.stat()
    except OSError as error:
        raise PhotoError(VANISHED) from error
    return archive, status.st_mtime_ns, status.st_size


@lru_cache(maxsize=8)
def _open_once(archive: Path, _changed: int, _size: int) -> _Archive:
    """List an archive once a process, since reading the directory takes longer than a photo."""
    try:
        with archive.open("rb") as stream:
            found, whole = _list(stream, (), _Left(MOST_MEMBERS, _MOST_UNPACKED_OF_ALL))
    except OverflowError as error:
        zh, en = f"压缩包内文件超过 {MOST_MEMBERS} 个", f"the archive has over {MOST_MEMBERS} files"
        raise PhotoError(Text(zh, en)) from error
    except BROKEN_ARCHIVE as error:
        raise PhotoError(_DAMAGED) from error
    names = distinct(name for name, _ in found)
    return _Archive(dict(zip(names, (member for _, member in found), strict=True)), whole)


_Listed = list[tuple[str, _Member]]


def _list(stream: BinaryIO, way: tuple[Entry, ...], left: _Left) -> tuple[_Listed, bool]:
    """List the files of an archive, and after each archive in it the files of that."""
    entries, whole = read_directory(stream, left.members)
    left.members -= len(entries)
    found: _Listed = []
    for entry in entries:
        stored = _stored_name(entry)
        if entry.is_empty and stored.endswith(("/", "\\")):
            continue
        name, here = shown_path(stored), (*way, entry)
        inside, all_of_it = _list_inside(stream, stored, here, left)
        found.append((name, _Member(here, opened=bool(inside) and all_of_it)))
        found += [(f"{name}/{inner}", member) for inner, member in inside]
    return found, whole


def _list_inside(
    stream: BinaryIO, stored: str, way: tuple[Entry, ...], left: _Left
) -> tuple[_Listed, bool]:
    """List what an entry holds, where it is an archive that can be opened; else nothing."""
    entry = way[-1]
    nothing: tuple[_Listed, bool] = [], False
    if not stored.lower().endswith(".zip") or len(way) >= _MOST_DEPTH:
        return nothing
    if entry.flags & _ENCRYPTED_FLAG:
        return nothing
    try:
        if entry.is_stored:
            return _list(open_stored(stream, entry), way, left)
        if entry.size > min(_MOST_UNPACKED, left.unpacked) or _swells(entry):
            return nothing
        left.unpacked -= entry.size
        with open_entry(stream, entry) as packed:
            return _list(io.BytesIO(packed.read(entry.size)), way, left)
    except (*BROKEN_ARCHIVE, RuntimeError):
        return nothing


def _way_to(archive: Path, member: str) -> tuple[Entry, ...]:
    members, _ = _open(archive)
    if member not in members:
        raise PhotoError(VANISHED)
    way = members[member].way
    if way[-1].flags & _ENCRYPTED_FLAG:
        raise PhotoError(_ENCRYPTED)
    return way


def _swells(entry: Entry) -> bool:
    return entry.size > max(_RATIO_FROM_BYTES, _MOST_RATIO * entry.packed)


def _read(archive: Path, way: tuple[Entry, ...], most: int) -> bytes:
    try:
        with _opened(archive, way) as stream:
            return stream.read(most)
    except (*BROKEN_ARCHIVE, RuntimeError) as error:
        raise PhotoError(_DAMAGED) from error


@contextmanager
def _opened(archive: Path, way: tuple[Entry, ...]) -> Iterator[zipfile.ZipExtFile]:
    """Open a member; of the archives around it that are packed, the innermost is in memory."""
    packed = max(
        (depth for depth, entry in enumerate(way[:-1], 1) if not entry.is_stored), default=0
    )
    with archive.open("rb") as file:
        stream: BinaryIO = file
        if packed:
            stream = io.BytesIO(_unpack_once(way[:packed], *_stamp(archive)))
        for entry in way[packed:-1]:
            stream = open_stored(stream, entry)
        with open_entry(stream, way[-1]) as member:
            yield member


@lru_cache(maxsize=1)
def _unpack_once(way: tuple[Entry, ...], archive: Path, _changed: int, _size: int) -> bytes:
    """Unpack an archive that is packed inside another one; photos come in order, so one is kept."""
    with _opened(archive, way) as stream:
        return stream.read(way[-1].size)


def _stored_name(entry: Entry) -> str:
    if entry.flags & _UTF8_FLAG:
        try:
            return entry.name.decode("utf-8")
        except UnicodeDecodeError:  # it says so, and is not
            pass
    return decode_name(entry.name)
