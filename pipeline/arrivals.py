"""What in an inbox has arrived, and what is still being copied into it.

A season's inbox is a shared folder: while the flow looks, a vendor copies, a browser
downloads, a sync client writes under a name of its own. Such files wait for the next look.
"""

import fcntl
import os
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipeline.records import Submission

# Names that programs give to what they have not finished: browsers, WinSCP, FileZilla, wget,
# rsync (.name.jpg.Ab3xYz), Office and WPS (~$…), our own (`pipeline.private`).
_UNFINISHED = re.compile(
    r".*\.(part|partial|filepart|crdownload|download|tmp|temp|swp|opdownload|td|aria2)"
    r"|\..+\.[A-Za-z0-9]{6}|~\$.*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Arrivals:
    """The files of an inbox at one look."""

    ready: tuple[Submission, ...]
    waiting: int  # files (an archive is one) that are not finished yet


def arrived(
    submissions: Iterable[Submission], *, quiet_seconds: float, now: float | None = None
) -> Arrivals:
    """Part the files that lie still from those that are being written.

    A file is ready when its name is not that of an unfinished one, nothing about it has
    changed for ``quiet_seconds``, and no other program holds a lock on it. Members of an
    archive wait for the archive. A file that has gone meanwhile is ready too: reading it
    makes a row that says so.

    Parameters
    ----------
    quiet_seconds
        0 takes everything that bears a finished name.
    now
        Seconds since the epoch; None: the clock.
    """
    latest = (time.time() if now is None else now) - quiet_seconds
    still: dict[Path, bool] = {}
    ready = []
    for submission in submissions:
        path = submission.path
        if path not in still:
            still[path] = _lies_still(path, latest)
        if still[path]:
            ready.append(submission)
    return Arrivals(tuple(ready), sum(not lies for lies in still.values()))


def _lies_still(path: Path, latest: float) -> bool:
    if _UNFINISHED.fullmatch(PurePosixPath(path).name):
        return False
    try:
        status = path.stat()
        # Copies keep the old modification time; the inode's own change time they cannot.
        if max(status.st_mtime, status.st_ctime) > latest:
            return False
        return not _is_locked(path)
    except OSError:
        return True


def _is_locked(path: Path) -> bool:
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
