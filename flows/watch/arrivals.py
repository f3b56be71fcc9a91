"""Which files of a folder have come, and lie still.

The system tells of changes at once; what it does not tell of (a network share, an event that was
lost) a look at the whole folder finds a little later. Where such looks find frame after frame, the
file system tells nothing: looks are then as frequent as they are cheap. A file lies still when its
size and time do: for a moment where it is a whole JPEG, longer for what may still be written. One
that changes afterwards comes again.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.season.intake import stamp_of
from pipeline.core.records import Submission
from pipeline.intake.inbox import list_submissions, submission_at, without
from pipeline.intake.still_copying import (
    ends_as_jpeg,
    has_unfinished_name,
    is_locked,
    is_whole_jpeg,
)

Stamp = tuple[int, str]  # size, and time of change in ns
_WHOLE_SECONDS = 0.03  # of a whole JPEG
_QUIET_SECONDS = 0.15  # of what ends as one
_LONG_SECONDS = 2.0  # of anything else
_LOOK_SECONDS = 2.0  # between two looks at the whole folder, at least
_POLL_SECONDS = 0.2  # the same where the system tells nothing
_SILENT = 2  # frames in a row of which the system has told nothing
_SHARE, _POLL_SHARE = 0.05, 0.2  # of the time may go to such looks


@dataclass(frozen=True, slots=True)
class _Waiting:
    submission: Submission
    stamp: Stamp
    since: float  # seconds of the monotonic clock
    told: bool  # by the system


class Arrivals:
    """Files that come into ``folder``, but for some tables that may lie in it.

    Parameters
    ----------
    known
        Files that were taken before, by photo, with the stamp that they had.
    """

    def __init__(self, folder: Path, tables: Iterable[Path], known: Mapping[str, Stamp]) -> None:
        self._folder = folder
        self._tables = tuple(tables)
        self._taken = dict(known)
        self._waiting: dict[str, _Waiting] = {}
        self._looked: float | None = None  # when the last look ended
        self._cost = 0.0  # s that it took
        self._silent = 0

    def note(self, paths: Iterable[Path]) -> None:
        """Take notice of files that the system says have changed."""
        found = (submission_at(path, self._folder) for path in paths if path.is_file())
        for submission, stamp in self._in_turn([one for one in found if one is not None]):
            if self._taken.get(submission.photo) != stamp:
                self._wait_for(submission, stamp, told=True)

    def look(self) -> None:
        """Look at the whole folder, where that has not been done for a while."""
        began, is_first = time.monotonic(), self._looked is None
        polls = self._silent >= _SILENT
        least, share = (_POLL_SECONDS, _POLL_SHARE) if polls else (_LOOK_SECONDS, _SHARE)
        if self._looked is not None and began < self._looked + max(least, self._cost / share):
            return
        listed, _ = list_submissions(self._folder)
        new = [s for s in listed if s.photo not in self._waiting]
        for submission, stamp in self._in_turn(new):
            if self._taken.get(submission.photo) != stamp:
                self._wait_for(submission, stamp, told=is_first)  # before it nothing was told
        self._looked = time.monotonic()
        self._cost = self._looked - began

    def ready(self) -> Iterator[Submission]:
        """Yield the files that lie still, each once, in the order in which they came."""
        for photo, one in list(self._waiting.items()):
            stamp = stamp_of(one.submission)
            if stamp != one.stamp:
                del self._waiting[photo]
                if stamp != _GONE:
                    self._wait_for(one.submission, stamp, told=one.told)
            elif _lies_still(one.submission.path, time.monotonic() - one.since):
                del self._waiting[photo]
                self._taken[photo] = stamp
                self._silent = 0 if one.told else self._silent + 1
                yield one.submission

    def _in_turn(self, found: Sequence[Submission]) -> list[tuple[Submission, Stamp]]:
        """Leave out the tables; those that came at once are in the order of their last bytes."""
        stamped = [(one, stamp_of(one)) for one in without(found, self._tables)]
        return sorted(stamped, key=lambda one: (int(one[1][1]), one[0].photo))

    def _wait_for(self, submission: Submission, stamp: Stamp, *, told: bool) -> None:
        self._waiting[submission.photo] = _Waiting(submission, stamp, time.monotonic(), told)


_GONE: Stamp = (0, "0")


def _lies_still(path: Path, quiet: float) -> bool:
    if quiet < _WHOLE_SECONDS or has_unfinished_name(path):
        return False
    try:
        if quiet < _QUIET_SECONDS:
            done = is_whole_jpeg(path)
        else:
            done = quiet >= _LONG_SECONDS or ends_as_jpeg(path)
        return done and not is_locked(path)
    except OSError:  # it cannot be opened: reading it makes a row that says so
        return quiet >= _LONG_SECONDS
