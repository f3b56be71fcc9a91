"""One run at a time in a folder: its lock, and what a run that was killed left there.

Two runs that write into one folder would delete one another's files. The lock goes with the
process, however that ends; what a killed one had half written is deleted by the next.
"""

import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from pipeline.core.errors import UsageError
from pipeline.core.output_files import OutputFile
from pipeline.core.private_files import is_half_written, make_private_folder, writing_to
from pipeline.core.rules import Text

LOCK = ".lock"


@dataclass(frozen=True)
class Patience:
    """How long to wait for another run's end, and whom to tell that it is waited for."""

    seconds: float = 0.0
    told: Callable[[], None] = lambda: None


NO_PATIENCE = Patience()


@contextmanager
def alone_in(folder: Path, patience: Patience = NO_PATIENCE) -> Iterator[None]:
    """Keep every other run out of ``folder``, which is made, and tidy up after dead ones.

    SIGTERM unwinds the block, as Ctrl-C does: by default nothing would be cleaned up.

    Raises
    ------
    UsageError
        Another run is at work there, or the folder cannot be written.
    """
    with writing_to(folder):
        make_private_folder(folder)
        lock = FileLock(folder / LOCK, mode=0o600, timeout=0, thread_local=False)
        try:
            _acquire(lock, patience)
        except Timeout:
            raise at_work(folder) from None
    try:
        with writing_to(folder):
            sweep(folder)
        with unwinding_on_termination():
            yield
    finally:
        with suppress(OSError):  # Windows deletes no open file; the lock's release does
            (folder / LOCK).unlink()
        lock.release()


def _acquire(lock: BaseFileLock, patience: Patience) -> None:
    try:
        lock.acquire()
    except Timeout:
        if not patience.seconds:
            raise
        patience.told()
        lock.acquire(timeout=patience.seconds)


def at_work(folder: Path) -> UsageError:
    """Say that another run is at work in a folder."""
    return UsageError(
        Text(
            f"{folder.name or folder}：另一次运行正在使用，请等它结束",
            f"{folder.name or folder}: another run is at work there; wait for its end",
        )
    )


def sweep(folder: Path) -> None:
    """Delete what dead runs left half written in ``folder`` and in its folders of pictures."""
    for part in (folder, folder / OutputFile.UPLOAD, folder / OutputFile.PAGE_PICTURES):
        for path in part.iterdir() if part.is_dir() else ():
            if is_half_written(path):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


@contextmanager
def unwinding_on_termination() -> Iterator[None]:
    """Let SIGTERM end this process as `sys.exit` does."""
    mine = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    )
    if mine:
        signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        yield
    finally:
        if mine:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
