"""Private writing: folders 0700, files 0600, and never half a file.

Every file that holds personal data is written here. A file appears under its name only when
it is complete, so a reader (or a second run) never meets a torn one.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pipeline.core.errors import UsageError
from pipeline.core.rules import Text
from pipeline.core.system_words import words_of

STAGING = ".staging-"  # begins the name of a folder whose files wait for their verdict
_PART = ".part"
# A file that another program copies keeps its own ending: `.DSC_0001.jpg.part` is none of ours.
_HALF_WRITTEN = re.compile(rf"\{STAGING}.+|\.[^.]+\{_PART}")


def make_private_folder(folder: Path) -> Path:
    """Make ``folder`` and the parents it lacks, each 0700.

    A folder that exists keeps its mode: it may be the user's own.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)
    return folder


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Say in one line that a folder cannot be written, and name no file in it.

    Raises
    ------
    UsageError
        When the system refuses: no space, no permission, a file where a folder must be.
    """
    try:
        yield
    except OSError as error:
        # Not chained: the system's own words hold the file's name, and so a student's number.
        reason = words_of(error)
        raise UsageError(
            Text(
                f"{folder.name or folder}：无法写入（{reason.zh}）",
                f"{folder.name or folder}: cannot be written ({reason.en})",
            )
        ) from None


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a stream whose bytes become ``path``, mode 0600, when the block ends well.

    It can be read back before that: what raises in the block leaves no file.
    """
    handle, name = _part_in(path.parent)
    try:
        with os.fdopen(handle, "w+b") as stream:
            yield stream
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def is_half_written(path: Path) -> bool:
    """Whether a file or folder has a name that only something unfinished of ours has."""
    return _HALF_WRITTEN.fullmatch(path.name) is not None


def _part_in(folder: Path) -> tuple[int, str]:
    # mkstemp makes its file 0600 whatever the umask is.
    return tempfile.mkstemp(dir=make_private_folder(folder), prefix=".", suffix=_PART)


def write_private(path: Path, data: bytes) -> None:
    """Write a whole file at once, in the same way."""
    with replacing(path) as stream:
        stream.write(data)
