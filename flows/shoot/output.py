"""Where a run's results go: what waits in staging, what is put in place, what is never replaced."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from flows.shoot.request import Request
from pipeline.core.errors import UsageError
from pipeline.core.one_run import alone_in
from pipeline.core.output_files import OutputFile
from pipeline.core.places import lies_in, real
from pipeline.core.private_files import STAGING, make_private_folder, write_private, writing_to
from pipeline.core.records import Result, UploadFile
from pipeline.core.rules import Text
from pipeline.handover.outdated import rename_outdated
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
            name = given.name
            what = Text("收件夹", "the inbox") if given == inbox else Text(name, name)
            raise UsageError(
                Text(
                    f"--out {out.name} 在{what.zh}里面，请选它外面的文件夹",
                    f"--out {out.name} lies inside {what.en}; choose a folder outside it",
                )
            )
        if any(real(given).is_relative_to(where / name) for name in OutputFile):
            raise UsageError(
                Text(
                    f"{given.name}：结果会覆盖它，请另选 --out",
                    f"{given.name}: results would be written over it; choose another --out",
                )
            )


def folder_of(out: Path, request: Request, *, again: bool) -> Path:
    """Return the folder for a shoot: ``out``, or with ``again`` the first free one beside it.

    A shoot is told by its inbox and its roster; checked once more, its results are replaced.

    Raises
    ------
    UsageError
        ``out`` holds the results of another shoot, and ``again`` was not asked for.
    """
    other = _other_shoot(out, request)
    if other is None:
        return out
    if not again:
        raise UsageError(
            Text(
                f"{out.name}：里面是另一批照片的结果（{other}）；请另选 --out，"
                "或用 --again 写到旁边",
                f"{out.name}: holds the results of another shoot ({other}); choose another --out, "
                "or --again to write beside it",
            )
        )
    beside = (out.with_name(f"{out.name}-{number}") for number in count(2))
    return next(folder for folder in beside if _other_shoot(folder, request) is None)


def note_shoot(out: Path, request: Request) -> None:
    """Write down whose results ``out`` holds."""
    note = json.dumps(_whose(request), ensure_ascii=False, indent=1)
    write_private(out / OutputFile.SHOOT, f"{note}\n".encode())


def _other_shoot(out: Path, request: Request) -> str | None:
    """Say whose results a folder holds; None: nobody's, those of this shoot, or not known."""
    try:
        kept = json.loads((out / OutputFile.SHOOT).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    ours = _whose(request)
    if not isinstance(kept, dict) or kept == ours:
        return None
    return "; ".join(str(kept.get(name)) for name in ours if kept.get(name) != ours[name])


def _whose(request: Request) -> dict[str, str]:
    return {"inbox": str(real(request.inbox)), "roster": str(real(request.roster))}


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
                Text(
                    f"{out.name or out}：其中的文件夹 {_UPLOAD} 里有不是检查写出的照片，请另选 "
                    "--out",
                    f"{out.name or out}: its folder {_UPLOAD} holds pictures that no run has "
                    "listed; "
                    "choose another --out",
                )
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
        write_manifest(result, upload, "" if beside is None else beside.school)
        rename_outdated(out)
        for row in result.uploads:
            write_private(upload / row.file, staged(row.upload).read_bytes())
        write_all(result, out, presentation, beside)
