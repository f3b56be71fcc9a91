"""stdin, stdout and stderr as they may be: closed, on a full disk, a pipe that nobody reads.

What a run is for is in its files: it goes on when nobody can be told of it. What could not be
written is remembered, and said in one line at the end.
"""

import io
import os
import select
import sys
from typing import TextIO

from typing_extensions import Buffer


class _Lossy(io.FileIO):
    """A descriptor that takes all it is given, and remembers when that could not be written."""

    lost: OSError | None = None

    def write(self, data: Buffer, /) -> int:
        if self.lost is None:
            try:
                while (written := super().write(data)) is None:
                    select.select([], [self], [])  # a pipe that does not block is full
            except OSError as error:
                self.lost = error
            else:
                return written
        return memoryview(data).nbytes


def prepare_streams() -> None:
    """Put /dev/null where a stream is closed; let none of the two others end the run.

    To be called first: the next file that is opened takes a descriptor that is closed, and what
    a library prints would land in it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # noqa: FBT003 - by position only
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = _lossy(sys.stdout, sys.__stdout__, 1)
    sys.stderr = _lossy(sys.stderr, sys.__stderr__, 2)


def lost_output() -> OSError | None:
    """Give what kept stdout from being written; None where all of it was."""
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    return getattr(getattr(buffer, "raw", None), "lost", None)


def _lossy(stream: TextIO | None, inherited: TextIO | None, number: int) -> TextIO:
    """Make the same stream of a lossy descriptor; what stands in its place stays as it is."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")  # a terminal may not speak UTF-8
        raw = getattr(stream.buffer, "raw", stream.buffer)
        if stream is not inherited or type(raw) is not io.FileIO:  # a terminal of Windows
            return stream
    elif stream is not None:
        return stream
    return io.TextIOWrapper(
        io.BufferedWriter(_Lossy(number, "wb", closefd=False)),
        encoding="utf-8" if stream is None else stream.encoding,
        errors="replace",
        line_buffering=number == 2 or os.isatty(number),
        write_through=stream is not None and stream.write_through,
    )
