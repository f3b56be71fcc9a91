"""What in an inbox has arrived, and what is still being copied into it.

A season's inbox is a shared folder: while the flow looks, a vendor copies, a browser
downloads, a sync client writes under a name of its own. Such files wait for the next look.
"""

import os
import re
import time
from pathlib import Path

from pipeline.core.records import Submission

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

# Names that programs give to what they have not finished: browsers, WinSCP, FileZilla, wget,
# rsync (.name.jpg.Ab3xYz), Office and WPS (~$…), our own (`pipeline.core.private_files`).
_UNFINISHED = re.compile(
    r".*\.(part|partial|filepart|crdownload|download|tmp|temp|swp|opdownload|td|aria2)"
    r"|\..+\.[A-Za-z0-9]{6}|~\$.*",
    re.IGNORECASE,
)

_TAIL = 4096  # bytes at the end of a file that are looked at
_SOI, _SOS, _SEGMENT = b"\xff\xd8", b"\xff\xda", 4  # of a JPEG; marker and length of a segment


def lies_still(submission: Submission, quiet_seconds: float, now: float | None = None) -> bool:
    """Whether a file of the inbox is finished, as far as can be seen.

    It is when its name is not that of an unfinished file, nothing about it has changed for
    ``quiet_seconds``, and no other program holds a lock on it. A member of an archive is what
    the archive is. A file that has gone meanwhile is finished too: reading it makes a row that
    says so.

    Parameters
    ----------
    quiet_seconds
        0 takes everything that bears a finished name.
    now
        Seconds since the epoch; None: the clock.
    """
    path = submission.path
    if has_unfinished_name(path):
        return False
    latest = (time.time() if now is None else now) - quiet_seconds
    try:
        status = path.stat()
        # Copies keep the old modification time; the inode's own change time they cannot.
        if max(status.st_mtime, status.st_ctime) > latest:
            return False
        return not is_locked(path)
    except OSError:
        return True


def has_unfinished_name(path: Path) -> bool:
    """Whether a file is called as programs call what they have not finished."""
    return _UNFINISHED.fullmatch(path.name) is not None


def ends_as_jpeg(path: Path) -> bool:
    """Whether the last bytes are a JPEG's end marker, but for zeros that cameras fill up with.

    Such a file needs no long wait: a copy that stops half-way ends so by a chance of 1 in 65,536.
    """
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _TAIL))
        return stream.read(_TAIL).rstrip(b"\0").endswith(b"\xff\xd9")


def is_whole_jpeg(path: Path) -> bool:
    """Whether a JPEG's segments lead to a scan, and it ends as one: it has come whole.

    A part does not: what follows FF in a scan is a zero or a restart (ITU-T T.81, B.1.1.5), and
    a thumbnail's own end lies in a segment that is longer than what has come of it.
    """
    with path.open("rb") as stream:
        head = stream.read(2)
        while head == _SOI or len(head) == _SEGMENT:
            head = stream.read(_SEGMENT)
            if head[:2] == _SOS:
                return ends_as_jpeg(path)
            if head[:1] != b"\xff":
                return False
            stream.seek(int.from_bytes(head[2:], "big") - 2, os.SEEK_CUR)
    return False


def is_locked(path: Path) -> bool:
    """Whether another program holds a lock on a file."""
    if fcntl is None:  # who writes a file keeps others from opening it
        try:
            path.open("rb").close()
        except PermissionError:
            return True
        return False
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return False
    else:
        return False
    finally:
        os.close(handle)
