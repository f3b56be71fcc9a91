"""The inbox: every file that was handed in, in folders and in zip archives.

Whatever is in it becomes exactly one submission, a text file, a nested archive, a broken
archive and an unreadable folder too, so that nothing disappears; they fail when they are read.
Symbolic links are listed and never followed: a link could lead out of the inbox, and one that
stays inside would only repeat a file that has its own row.
"""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from pipeline.core.errors import InboxError, PhotoError
from pipeline.core.records import Submission
from pipeline.core.rules import Text
from pipeline.intake.archives import (
    EMPTY,
    UNREADABLE,
    VANISHED,
    decode_name,
    distinct,
    list_members,
    read_member,
    shown_path,
    too_large,
)

_DROPPINGS = {".ds_store", "thumbs.db", "desktop.ini"}
_LINK = Text("是链接而不是文件，不予打开", "a symbolic link, which is not followed")
_NO_FILE = Text("不是普通文件", "not an ordinary file")


def list_submissions(inbox: Path) -> tuple[tuple[Submission, ...], int]:
    """List every file of a folder (with all below it) or of a zip archive.

    Archives that lie in the folder are opened, those inside archives are not. An archive that
    cannot be opened, or holds no file, is a submission itself.

    Returns
    -------
    tuple of Submission
        Sorted by ``photo``, which is unique; a second member of one name is ``name.jpg#2``.
    int
        How many droppings of operating systems were left out (.DS_Store, Thumbs.db,
        desktop.ini, ``._*`` and what is in __MACOSX).

    Raises
    ------
    InboxError
        Neither a folder that can be listed nor a zip archive that can be opened.
    """
    if inbox.is_dir():
        try:
            os.scandir(inbox).close()
        except OSError as error:
            raise InboxError(
                f"{inbox.name or inbox}: cannot be listed ({error.strerror})"
            ) from error
        found = [entry for path in _walk(inbox) for entry in _in_folder(path, inbox)]
    elif inbox.is_file():
        try:
            found = [Submission(name, inbox, name) for name in list_members(inbox)]
        except PhotoError as error:
            raise InboxError(
                f"{inbox.name or inbox}: is neither a folder nor a zip archive that can be opened"
                f" ({error.why.en})"
            ) from error
    else:
        raise InboxError(f"{inbox.name or inbox}: there is no such folder or zip archive")
    kept = [s for s in found if not _is_dropping(s.photo)]
    kept.sort(key=lambda s: (s.photo, str(s.path)))
    photos = distinct(s.photo for s in kept)
    unique = [Submission(photo, s.path, s.member) for photo, s in zip(photos, kept, strict=True)]
    return tuple(sorted(unique, key=lambda s: s.photo)), len(found) - len(kept)


def read_bytes(submission: Submission, max_bytes: int) -> bytes:
    """Read a submission whole, never more than ``max_bytes``.

    Raises
    ------
    PhotoError
        Vanished, unreadable, a link, no ordinary file, empty, too large; for a member of an
        archive also encrypted or damaged.
    """
    if submission.member is not None:
        return read_member(submission.path, submission.member, max_bytes)
    try:
        status = submission.path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise PhotoError(_LINK)
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
            raise PhotoError(_NO_FILE)
        if status.st_size > max_bytes:
            raise too_large(max_bytes)
        with submission.path.open("rb") as stream:
            content = stream.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise PhotoError(VANISHED) from error
    except OSError as error:
        raise PhotoError(UNREADABLE) from error
    if len(content) > max_bytes:  # it grew meanwhile
        raise too_large(max_bytes)
    if not content:
        raise PhotoError(EMPTY)
    return content


def _walk(folder: Path) -> Iterator[Path]:
    """Yield every entry below a folder that is not a folder, and folders that cannot be listed."""
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            with os.scandir(current) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
                    else:
                        yield Path(entry.path)
        except OSError:
            yield current


def _in_folder(path: Path, inbox: Path) -> Iterator[Submission]:
    """Yield the file, or the members of the archive that it is."""
    photo = _shown(path, inbox)
    if path.suffix.lower() == ".zip" and path.is_file() and not path.is_symlink():
        try:
            members = list_members(path)
        except PhotoError:
            members = ()
        if not all(map(_is_dropping, members)):
            yield from (Submission(f"{photo}/{name}", path, name) for name in members)
            return
    yield Submission(photo, path)


def _shown(path: Path, inbox: Path) -> str:
    relative = path.relative_to(inbox).as_posix()
    try:
        relative.encode()
    except UnicodeEncodeError:  # a name that was unpacked on another system
        relative = decode_name(os.fsencode(relative))
    return shown_path(relative)


def _is_dropping(photo: str) -> bool:
    *folders, name = PurePosixPath(re.sub(r"(?<=[^/])#[0-9]+$", "", photo)).parts
    return name.lower() in _DROPPINGS or name.startswith("._") or "__MACOSX" in folders
