"""One shoot from inbox and roster to reports: plain functions, no Prefect.

`prepare` reads what was handed in, the pool examines, `finish` judges and writes. The
command line and the Prefect flow call the same three.
"""

import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from checks import CHECKS
from flows.worker import Setting, default_workers, record_pool, worker_pool
from pipeline.assemble import assemble, upload_names
from pipeline.compare_faces import OnRecord
from pipeline.decode import DecodeLimits, read_header
from pipeline.earlier import FINGERPRINTS, Earlier, read_earlier
from pipeline.errors import InboxError, PhotoError, UsageError
from pipeline.examine import photo_rules
from pipeline.fingerprints import write_fingerprints
from pipeline.inbox import list_submissions, read_bytes
from pipeline.matching import read_manifest
from pipeline.model_manifest import model_path
from pipeline.photos import in_memory
from pipeline.private import make_private_folder, write_private, writing_to
from pipeline.records import Examination, Result, Student, Submission, UploadFile
from pipeline.references import References, find_references, with_accepted
from pipeline.roster import read_roster
from pipeline.spec import Spec, choose_mode, load_spec
from pipeline.words import Judge, Lang, Mode
from reports.tables import listed_uploads, write_manifest
from reports.write import WRITTEN, write_all

# Headers read to tell source from final: enough to be sure, few enough to be quick.
_PROBES = 400
_UPLOAD = "upload"
_STAGING = ".staging-"


@dataclass(frozen=True)
class Shoot:
    """What was handed in, read and understood, before the first photo is examined.

    ``given`` are the paths it was read from.
    """

    spec: Spec
    mode: Mode
    submissions: tuple[Submission, ...]
    droppings: int
    students: tuple[Student, ...]
    manifest: Mapping[str, str] | None
    given: tuple[Path, ...]
    references: References | None = None  # None: faces are not compared
    earlier: Earlier | None = None  # None: no earlier runs were named
    repair: bool = False  # a wrong background is replaced


def prepare(
    inbox: Path,
    roster: Path,
    spec_name: str,
    judge_as: Judge,
    manifest: Path | None = None,
    *,
    references: Path | None = None,
    earlier: Sequence[Path] = (),
    identity: bool = False,
    repair: bool = False,
) -> Shoot:
    """Read spec, roster and inbox; everything that would make the call unusable fails here.

    Faces are compared where ``identity`` or the spec says so; ``references`` alone turns
    nothing on. Output folders of ``earlier`` runs tell which pictures were refused, and who
    was accepted: those serve as photos on record for students who have none. ``repair``
    has wrong backgrounds replaced.

    Raises
    ------
    UsageError
        A spec, roster, inbox or model that cannot be used.
    """
    spec = load_spec(spec_name, CHECKS)
    if repair and spec.output.repair_background == "forbid":
        raise UsageError(f"--repair-background: the spec {spec.id} forbids it")
    compared = identity or spec.identity.compare
    for model in ("yunet", "landmarker", "segmenter", *(("sface",) if compared else ())):
        model_path(model)
    students = read_roster(roster)
    upload_names(students, spec)
    submissions, droppings = list_submissions(inbox)
    tables = (roster,) if manifest is None else (roster, manifest)
    own = {table.resolve() for table in tables}  # they may lie in the inbox
    submissions = tuple(s for s in submissions if s.member or s.path.resolve() not in own)
    if not submissions:
        raise InboxError("the inbox holds no files")
    mode = find_mode(submissions, spec) if judge_as == "auto" else Mode(judge_as)
    listed = read_manifest(manifest) if manifest is not None else None
    given = (inbox, *tables, *filter(None, [references]), *earlier)
    known = read_earlier(earlier) if earlier else None
    on_record = None
    if compared:
        on_record = find_references(students, roster, references)
        if known is not None:
            on_record = with_accepted(on_record, students, known.accepted)
    handed_in = (submissions, droppings, students, listed, given)
    return Shoot(spec, mode, *handed_in, on_record, known, repair)


def find_mode(submissions: Sequence[Submission], spec: Spec) -> Mode:
    """Decide source or final for the whole inbox from the headers of evenly spread files."""
    step = max(1, len(submissions) // _PROBES)
    limits = DecodeLimits(spec.reading.max_bytes, spec.reading.max_pixels)
    sizes = []
    for submission in submissions[::step]:
        try:
            header = read_header(read_bytes(submission, limits.max_bytes), limits)
        except PhotoError:
            continue  # it will be a row with FL001; it tells nothing of the others
        sizes.append((header.upright_width_px, header.upright_height_px))
    return choose_mode(sizes, spec)


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


def setting_of(shoot: Shoot, staging: Path) -> Setting:
    """Give what the workers need to know."""
    setting = Setting(shoot.spec, shoot.mode, staging, repair=shoot.repair)
    return replace(setting, compare_faces=shoot.references is not None)


def describe_records(shoot: Shoot, setting: Setting, workers: int) -> list[OnRecord] | None:
    """Describe the faces on record of a shoot; None where faces are not compared."""
    if shoot.references is None:
        return None
    if not shoot.references.found:
        return []
    with record_pool(setting, workers) as pool:
        return list(pool.run(shoot.references.found))


def check_shoot(
    shoot: Shoot,
    out: Path,
    *,
    workers: int,
    lang: Lang,
    full_names: bool,
    progress: Callable[[int, int], None],
) -> Result:
    """Examine, compare, judge and write, without Prefect; ``progress`` is told done and of.

    Raises
    ------
    UsageError
        When ``out`` cannot take the results.
    """
    with staging_in(out) as staging:
        setting, count = setting_of(shoot, staging), workers or default_workers()
        records = describe_records(shoot, setting, count)
        examined = []
        with worker_pool(setting, count) as pool:
            for done, examination in enumerate(pool.run(shoot.submissions), start=1):
                examined.append(examination)
                progress(done, len(shoot.submissions))
        return finish(
            shoot, examined, out, staging, lang=lang, full_names=full_names, records=records
        )


def finish(
    shoot: Shoot,
    examined: Iterable[Examination],
    out: Path,
    staging: Path,
    *,
    lang: Lang,
    full_names: bool,
    records: Sequence[OnRecord] | None = None,
) -> Result:
    """Compare, judge, put the registration files in place and write every report."""
    done = tuple(examined)
    result = assemble(
        in_memory(done),
        shoot.students,
        spec=shoot.spec,
        mode=shoot.mode,
        rules=photo_rules(CHECKS),
        manifest=shoot.manifest,
        records=records,
        refused=None if shoot.earlier is None else shoot.earlier.refused,
        droppings=shoot.droppings,
    )
    check_out(out, *shoot.given)
    write_out(result, out, lambda upload: upload.path(staging), lang=lang, full_names=full_names)
    prints = {e.sha256: e.fingerprint for e in done if e.fingerprint is not None}
    with writing_to(out):
        write_fingerprints(out / FINGERPRINTS, prints)
    return result


def write_out(
    result: Result,
    out: Path,
    staged: Callable[[UploadFile], Path],
    *,
    lang: Lang,
    full_names: bool,
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
        write_all(result, out, lang, full_names=full_names)


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
