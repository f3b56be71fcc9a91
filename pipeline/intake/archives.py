"""Zip archives from anywhere, opened without trusting them.

Names are for showing only: nothing is ever written under a member's name. A member is found
again by the name that it is shown under, which is its own alone within the archive.
"""

import lzma
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from pipeline.core.errors import PhotoError
from pipeline.core.rules import Text
from pipeline.intake.identifiers import CJK

MOST_MEMBERS = 200_000
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
_TRICK = re.compile(rf"^[A-Za-z]:|^[/\\]|(?:^|[/\\])\.\.(?:$|[/\\])|{_CONTROLS.pattern}")

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


def list_members(archive: Path) -> tuple[str, ...]:
    """List the files of an archive by the names that they are shown under.

    Raises
    ------
    PhotoError
        Not an archive that can be read, or one with more than 200,000 members.
    """
    return tuple(_open(archive)[1])


def unsafe_members(archive: Path) -> frozenset[str]:
    """Name the members whose stored names are a trick: written elsewhere by a careless program.

    A way up (``..``), a root, a drive, a control character, or a link. They are listed under a
    harmless name all the same.

    Raises
    ------
    PhotoError
        As `list_members`.
    """
    return frozenset(
        member
        for member, info in _open(archive)[1].items()
        if _TRICK.search(_stored_name(info)) or stat.S_ISLNK(info.external_attr >> 16)
    )


def read_member(archive: Path, member: str, max_bytes: int) -> bytes:
    """Read one member whole.

    Raises
    ------
    PhotoError
        Gone, encrypted, damaged, empty, or larger than ``max_bytes``.
    """
    opened, members = _open(archive)
    if member not in members:
        raise PhotoError(VANISHED)
    info = members[member]
    if info.flag_bits & _ENCRYPTED_FLAG:
        raise PhotoError(_ENCRYPTED)
    if info.file_size > max_bytes:
        raise too_large(max_bytes)
    if info.file_size > max(_RATIO_FROM_BYTES, _MOST_RATIO * info.compress_size):
        raise PhotoError(_SWELLS)
    try:
        with opened.open(info) as stream:
            # One byte more than allowed: the size in the directory may be a lie.
            content = stream.read(max_bytes + 1)
    except (*BROKEN_ARCHIVE, RuntimeError) as error:
        raise PhotoError(_DAMAGED) from error
    if len(content) > max_bytes:
        raise too_large(max_bytes)
    if not content:
        raise PhotoError(EMPTY)
    return content


def _open(archive: Path) -> tuple[zipfile.ZipFile, Mapping[str, zipfile.ZipInfo]]:
    try:
        status = archive.stat()
    except OSError as error:
        raise PhotoError(VANISHED) from error
    return _open_once(archive, status.st_mtime_ns, status.st_size, os.getpid())


@lru_cache(maxsize=8)
def _open_once(
    archive: Path, _changed: int, _size: int, _process: int
) -> tuple[zipfile.ZipFile, Mapping[str, zipfile.ZipInfo]]:
    """Open an archive once a process, since reading the directory takes longer than a photo.

    A forked worker must not share its parent's: they would move one file position.
    """
    try:
        opened = zipfile.ZipFile(archive)
    except BROKEN_ARCHIVE as error:
        raise PhotoError(_DAMAGED) from error
    files = [info for info in opened.infolist() if not info.filename.endswith(("/", "\\"))]
    if len(files) > MOST_MEMBERS:
        opened.close()
        raise PhotoError(
            Text(
                f"压缩包内文件超过 {MOST_MEMBERS} 个", f"the archive has over {MOST_MEMBERS} files"
            )
        )
    return opened, dict(zip(distinct(map(_member_name, files)), files, strict=True))


def _member_name(info: zipfile.ZipInfo) -> str:
    return shown_path(_stored_name(info))


def _stored_name(info: zipfile.ZipInfo) -> str:
    # filename has the system's separators already changed; orig_filename is as stored.
    name = info.orig_filename
    if not info.flag_bits & _UTF8_FLAG:
        name = decode_name(name.encode("cp437"))
    return name
