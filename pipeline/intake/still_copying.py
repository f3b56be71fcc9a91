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
    if _UNFINISHED.fullmatch(path.name):
        return False
    latest = (time.time() if now is None else now) - quiet_seconds
    try:
        status = path.stat()
        # Copies keep the old modification time; the inode's own change time they cannot.
        if max(status.st_mtime, status.st_ctime) > latest:
            return False
        return not _is_locked(path)
    except OSError:
        return True


def _is_locked(path: Path) -> bool:
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
