"""Where a run's results go: what waits in staging, what is put in place, what is never replaced."""

import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.core.errors import UsageError
from pipeline.core.private_files import make_private_folder, write_private, writing_to
from pipeline.core.records import Result, UploadFile
from reports.presentation import Presentation
from reports.tables import listed_uploads, write_manifest
from reports.write import WRITTEN, write_all

_UPLOAD = "upload"
_STAGING = ".staging-"


def check_out(out: Path, inbox: Path, *tables: Path) -> None:
    """Refuse an output folder whose files would be submissions, or would replace what was given.

    Raises
    ------
    UsageError
        When ``out`` lies in a folder that is read, or something that is read where results go.
    """
    where = out.resolve()
    for given in (inbox, *tables):
        if given.is_dir() and where.is_relative_to(given.resolve()):
            what = "the inbox" if given == inbox else given.name
            raise UsageError(f"--out {out.name} lies inside {what}; choose a folder outside it")
        if any(given.resolve().is_relative_to(where / name) for name in WRITTEN):
            raise UsageError(
                f"{given.name}: results would be written over it; choose another --out"
            )


@contextmanager
def staging_in(out: Path) -> Iterator[Path]:
    """Make a private folder for registration files that wait for their verdict.

    It is gone at the end, be it by Ctrl-C or SIGTERM; what a killed run left goes now.

    Raises
    ------
    UsageError
        When ``out`` cannot be written, or its upload folder holds pictures of others.
    """
    with writing_to(out):
        make_private_folder(out)
        for old in out.glob(f"{_STAGING}*"):
            if not _is_running(old.name.split("-")[1]):
                shutil.rmtree(old, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{_STAGING}{os.getpid()}-", dir=out))
    upload = out / _UPLOAD
    try:
        if {path.name for path in upload.glob("*.jpg")} - listed_uploads(upload):
            raise UsageError(
                f"{out.name or out}: its folder {_UPLOAD} holds pictures that no run has listed; "
                "choose another --out"
            )
        with _unwinding_on_termination():
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_out(
    result: Result, out: Path, staged: Callable[[UploadFile], Path], presentation: Presentation
) -> None:
    """Put the registration files in place, from where they are ``staged``; write every report.

    Raises
    ------
    UsageError
        When ``out`` cannot be written.
    """
    upload = out / _UPLOAD
    with writing_to(out):
        make_private_folder(upload)
        listed = listed_uploads(upload)
        due = {row.file for row in result.uploads}
        for old in upload.iterdir():  # not to be handed over with this run's
            if old.name in listed - due or old.match(".*.part"):
                old.unlink()
        # Listed first: a run that is killed here leaves no picture that the next one
        # does not know for its own.
        write_manifest(result, upload)
        for row in result.uploads:
            write_private(upload / row.file, staged(row.upload).read_bytes())
        write_all(result, out, presentation)


def _is_running(process: str) -> bool:
    if not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


@contextmanager
def _unwinding_on_termination() -> Iterator[None]:
    """Let SIGTERM end this process as `sys.exit` does: by default nothing is cleaned up."""
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
