"""What students handed in by their links and no round has taken yet: a folder of the season.

A file is whole and on the disk before a student is told that it has arrived. Its name says whose
it is and what its bytes are, nothing of it comes from the upload; so the same photo sent twice
is one file, and whoever takes them in can tell a file that is none of these.
"""

import hashlib
import os
import re
import shutil
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, unquote

from pipeline.core.private_files import is_half_written, replacing, writing_to
from pipeline.core.records import Submission
from pipeline.ledger.store import HANDED_IN

SHOWN = "链接提交"  # the folder in which lists show such photos
_NAME = re.compile(r"([^.]+)\.([0-9a-f]{64})")
_UPLOADS_LAST = 3600.0  # seconds; what is half written for longer is a dead desk's


@dataclass(frozen=True)
class HandedIn:
    """One photo that waits to be taken in."""

    student_key: str
    sha256: str
    at: datetime
    path: Path

    @property
    def submission(self) -> Submission:
        """The photo as a round takes it: the later one of a round replaces the earlier."""
        return Submission(f"{SHOWN}/{_written(self.student_key)}", self.path)


@dataclass(frozen=True)
class Waiting:
    """All that waits, in the order in which it came."""

    photos: tuple[HandedIn, ...]
    strays: int  # other files, folders and links, and files that are not whole: left alone


def hand_in(folder: Path, student: str, sha256: str, photo: BinaryIO, now: datetime) -> None:
    """Write down what a student hands in; it is on the disk when this returns.

    Raises
    ------
    UsageError
        When the folder cannot be written.
    """
    path = folder / HANDED_IN / f"{_written(student)}.{sha256}"
    with writing_to(folder):
        with replacing(path) as stream:
            shutil.copyfileobj(photo, stream)
            stream.flush()
            if os.utime in os.supports_fd:  # the moment that was held against the deadline
                os.utime(stream.fileno(), (now.timestamp(), now.timestamp()))
            os.fsync(stream.fileno())
        _sync(path.parent)


def waiting_of(folder: Path, student: str) -> list[HandedIn]:
    """Find what waits of one student."""
    found = map(_read, (folder / HANDED_IN).glob(f"{_written(student)}.*"))
    return sorted(filter(None, found), key=lambda one: one.at)


def waiting(folder: Path) -> Waiting:
    """List what waits; whatever else lies there is counted, and left where it is."""
    photos, strays = [], 0
    inside = folder / HANDED_IN
    for path in sorted(inside.iterdir()) if inside.is_dir() else ():
        one = _read(path)
        if one is not None and _is_whole(one):
            photos.append(one)
        elif not is_half_written(path) or path.is_dir():
            strays += 1
        elif datetime.now(UTC).timestamp() - path.lstat().st_mtime > _UPLOADS_LAST:
            path.unlink(missing_ok=True)
    return Waiting(tuple(sorted(photos, key=lambda one: one.at)), strays)


def forget(photos: Sequence[HandedIn]) -> None:
    """Remove what a round has taken."""
    for one in photos:
        one.path.unlink(missing_ok=True)


def _read(path: Path) -> HandedIn | None:
    named = _NAME.fullmatch(path.name)
    try:
        status = path.lstat()
    except OSError:  # it was taken in meanwhile
        return None
    if named is None or not stat.S_ISREG(status.st_mode):
        return None
    at = datetime.fromtimestamp(status.st_mtime, UTC)
    return HandedIn(unquote(named[1]), named[2], at, path)


def _is_whole(one: HandedIn) -> bool:
    try:
        with one.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == one.sha256
    except OSError:
        return False


def _written(student: str) -> str:
    """Write a student's number as part of a file name, without a dot."""
    return quote(student, safe="").replace(".", "%2E")


def _sync(folder: Path) -> None:
    """See that the name too is on the disk; Windows opens no folder, and keeps names itself."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
