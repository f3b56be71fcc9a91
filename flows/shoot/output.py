"""Where a run's results go: what waits in staging, what is put in place, what is never replaced."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.core.errors import UsageError
from pipeline.core.one_run import alone_in
from pipeline.core.output_files import OutputFile
from pipeline.core.places import lies_in, real
from pipeline.core.private_files import STAGING, make_private_folder, write_private, writing_to
from pipeline.core.records import Result, UploadFile
from reports.beside import Beside
from reports.masking import Presentation
from reports.tables import listed_uploads, write_manifest
from reports.write import write_all

_UPLOAD = OutputFile.UPLOAD


def check_out(out: Path, inbox: Path, *tables: Path) -> None:
    """Refuse an output folder whose files would be submissions, or would replace what was given.

    Raises
    ------
    UsageError
        When ``out`` lies in a folder that is read, or something that is read where results go.
    """
    where = real(out)
    for given in (inbox, *tables):
        if given.is_dir() and lies_in(where, given):
            what = "the inbox" if given == inbox else given.name
            raise UsageError(f"--out {out.name} lies inside {what}; choose a folder outside it")
        if any(real(given).is_relative_to(where / name) for name in OutputFile):
            raise UsageError(
                f"{given.name}: results would be written over it; choose another --out"
            )


@contextmanager
def staging_in(out: Path) -> Iterator[Path]:
    """Be alone in ``out``, with a private folder for registration files that wait for a verdict.

    It is gone at the end, be it by Ctrl-C or SIGTERM; what a killed run left goes now.

    Raises
    ------
    UsageError
        When ``out`` cannot be written, another run is at work there, or its upload folder holds
        pictures of others.
    """
    with alone_in(out):
        upload = out / _UPLOAD
        if {path.name for path in upload.glob("*.jpg")} - listed_uploads(upload):
            raise UsageError(
                f"{out.name or out}: its folder {_UPLOAD} holds pictures that no run has listed; "
                "choose another --out"
            )
        with writing_to(out):
            folder = Path(tempfile.mkdtemp(prefix=STAGING, dir=out))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def write_out(
    result: Result,
    out: Path,
    staged: Callable[[UploadFile], Path],
    presentation: Presentation,
    beside: Beside | None = None,
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
            if old.name in listed - due:
                old.unlink()
        # Listed first: a run that is killed here leaves no picture that the next one
        # does not know for its own.
        write_manifest(result, upload)
        for row in result.uploads:
            write_private(upload / row.file, staged(row.upload).read_bytes())
        write_all(result, out, presentation, beside)
