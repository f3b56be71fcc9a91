"""The inbox: every file that was handed in, in folders and in zip archives.

Whatever is in it becomes exactly one submission, a text file, a broken archive, a link and an
unreadable folder too, so that nothing disappears; they fail when they are read. Symbolic links
are listed and never followed: a link could lead out of the inbox, and one that stays inside
would only repeat a file that has its own row.
"""

import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from pipeline.core.errors import InboxError, NotPhotoError, PhotoError
from pipeline.core.places import files_at, is_among
from pipeline.core.records import Submission
from pipeline.core.rules import Text
from pipeline.core.system_words import words_of
from pipeline.intake.archives import (
    EMPTY,
    UNREADABLE,
    VANISHED,
    decode_name,
    distinct,
    list_members,
    read_member,
    read_member_head,
    shown_path,
    too_large,
)
from pipeline.intake.droppings import is_dropping

_ARCHIVES = frozenset(
    {
        *(".zip", ".zipx", ".rar", ".7z", ".tar", ".tgz", ".gz", ".bz2", ".tbz", ".xz", ".txz"),
        *(".zst", ".cab", ".lzh", ".arj", ".ace", ".iso"),
    }
)
_LINK = Text("是链接而不是文件，不予打开", "a symbolic link, which is not followed")
_NO_FILE = Text("不是普通文件", "not an ordinary file")


def list_submissions(inbox: Path, *, as_it_is: bool = False) -> tuple[tuple[Submission, ...], int]:
    """List every file of a folder (with all below it) or of a zip archive.

    Archives that lie in it are opened, and those in these. An archive that cannot be opened,
    that holds no file, or whose directory is damaged is a submission itself.

    Parameters
    ----------
    as_it_is
        For a package, where a file that is not listed is a fault whatever it is: droppings are
        submissions too, and archives within archives are not opened.

    Returns
    -------
    tuple of Submission
        Sorted by ``photo``, which is unique; a second member of one name is ``name.jpg#2``.
    int
        How many droppings of operating systems were left out (`pipeline.intake.droppings`).

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
                Text(
                    f"{inbox}：无法列出文件（{words_of(error).zh}）",
                    f"{inbox}: cannot be listed ({words_of(error).en})",
                )
            ) from error
        found = [entry for path in _walk(inbox) for entry in _in_folder(path, inbox, as_it_is)]
    elif inbox.is_file():
        try:
            found = list(_in_archive(inbox, as_it_is))
        except PhotoError as error:
            raise InboxError(
                Text(
                    f"{inbox}：既不是文件夹，也不是能打开的 zip 压缩包（{error.why.zh}）",
                    f"{inbox}: is neither a folder nor a zip archive that can be opened"
                    f" ({error.why.en})",
                )
            ) from error
    else:
        raise InboxError(
            Text(
                f"{inbox}：没有这个文件夹或 zip 压缩包",
                f"{inbox}: there is no such folder or zip archive",
            )
        )
    kept = found if as_it_is else [s for s in found if not _is_dropping(s)]
    kept.sort(key=lambda s: (s.photo, str(s.path)))
    photos = distinct(s.photo for s in kept)
    unique = [Submission(photo, s.path, s.member) for photo, s in zip(photos, kept, strict=True)]
    return tuple(sorted(unique, key=lambda s: s.photo)), len(found) - len(kept)


def submission_at(path: Path, inbox: Path) -> Submission | None:
    """Return the submission that one file of a folder is, without listing the folder.

    None where only `list_submissions` can tell: an archive, what an operating system left.
    """
    found = Submission(_shown(path, inbox), path)
    if path.suffix.lower() == ".zip" or _is_dropping(found):
        return None
    return found


def without(submissions: Sequence[Submission], tables: Iterable[Path]) -> tuple[Submission, ...]:
    """Leave out the tables that were given, which may lie in the inbox; a link to one stays."""
    given = files_at(tables)
    return tuple(s for s in submissions if s.member is not None or not is_among(s.path, given))


def unopened_archives(photos: Iterable[str]) -> dict[str, int]:
    """Count the archives that were not opened, by their extensions, sorted."""
    suffixes = (PurePosixPath(_uncounted(photo)).suffix.lower() for photo in photos)
    return dict(sorted(Counter(s for s in suffixes if s in _ARCHIVES).items()))


def read_bytes(submission: Submission, max_bytes: int) -> bytes:
    """Read a submission whole, never more than ``max_bytes``.

    Raises
    ------
    PhotoError
        Vanished, unreadable, too large; for a member of an archive also encrypted or damaged.
        `NotPhotoError`: a link, no ordinary file, empty.
    """
    if submission.member is not None:
        return read_member(submission.path, submission.member, max_bytes)
    with _opened(submission.path) as stream:
        if os.fstat(stream.fileno()).st_size > max_bytes:
            raise too_large(max_bytes)
        content = stream.read(max_bytes + 1)
    if len(content) > max_bytes:  # it grew meanwhile
        raise too_large(max_bytes)
    if not content:
        raise NotPhotoError(EMPTY)
    return content


def read_head(submission: Submission, most: int) -> bytes:
    """Read the first bytes of a submission, however large it is.

    Raises
    ------
    PhotoError
        As `read_bytes`.
    """
    if submission.member is not None:
        return read_member_head(submission.path, submission.member, most)
    with _opened(submission.path) as stream:
        return stream.read(most)


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


def _in_folder(path: Path, inbox: Path, as_it_is: bool) -> Iterator[Submission]:  # noqa: FBT001
    """Yield the file, or the members of the archive that it is."""
    photo = _shown(path, inbox)
    if path.suffix.lower() == ".zip" and path.is_file() and not path.is_symlink():
        try:
            members, whole = list_members(path, nested=not as_it_is)
        except PhotoError:
            members, whole = (), False
        inside = [Submission(f"{photo}/{name}", path, name) for name in members]
        yield from inside
        if whole and not all(map(_is_dropping, inside)):
            return
    yield Submission(photo, path)


def _shown(path: Path, inbox: Path) -> str:
    relative = path.relative_to(inbox).as_posix()
    try:
        relative.encode()
    except UnicodeEncodeError:  # a name that was unpacked on another system
        relative = decode_name(os.fsencode(relative))
    return shown_path(relative)


def _in_archive(archive: Path, as_it_is: bool) -> Iterator[Submission]:  # noqa: FBT001
    """Yield the members, and the archive itself where its directory does not tell all of them."""
    members, whole = list_members(archive, nested=not as_it_is)
    yield from (Submission(name, archive, name) for name in members)
    if not whole:
        yield Submission(archive.name, archive)


def _is_dropping(submission: Submission) -> bool:
    def head(most: int) -> bytes:
        try:
            return read_head(submission, most)
        except PhotoError:
            return b""

    return is_dropping(_uncounted(submission.photo), head)


def _uncounted(photo: str) -> str:
    """Return a path without the mark of the second of its name (`distinct`)."""
    return re.sub(r"(?<=[^/])#[0-9]+$", "", photo)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise NotPhotoError(_LINK)
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
            raise NotPhotoError(_NO_FILE)
        with path.open("rb") as stream:
            yield stream
    except FileNotFoundError as error:
        raise PhotoError(VANISHED) from error
    except OSError as error:
        raise PhotoError(UNREADABLE) from error
