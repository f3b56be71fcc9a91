"""One shoot from inbox and roster to reports: plain functions, no Prefect.

`prepare` reads what was handed in, the pool examines, `finish` judges and writes. The
command line and the Prefect flow call the same three.
"""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from checks import CHECKS
from flows.worker import Setting
from pipeline.assemble import assemble, upload_names
from pipeline.decode import DecodeLimits, read_header
from pipeline.errors import InboxError, PhotoError, UsageError
from pipeline.examine import photo_rules
from pipeline.inbox import list_submissions, read_bytes
from pipeline.matching import read_manifest
from pipeline.model_manifest import model_path
from pipeline.private import make_private_folder
from pipeline.records import Examination, Result, Student, Submission
from pipeline.roster import read_roster
from pipeline.spec import Spec, choose_mode, load_spec
from pipeline.words import Judge, Lang, Mode
from reports.write import write_all

# Headers read to tell source from final: enough to be sure, few enough to be quick.
_PROBES = 400
_UPLOAD = "upload"


@dataclass(frozen=True)
class Shoot:
    """What was handed in, read and understood, before the first photo is examined."""

    spec: Spec
    mode: Mode
    submissions: tuple[Submission, ...]
    droppings: int
    students: tuple[Student, ...]
    manifest: Mapping[str, str] | None


def prepare(
    inbox: Path, roster: Path, spec_name: str, judge_as: Judge, manifest: Path | None = None
) -> Shoot:
    """Read spec, roster and inbox; everything that would make the call unusable fails here.

    Raises
    ------
    UsageError
        A spec, roster, inbox or model that cannot be used.
    """
    spec = load_spec(spec_name, CHECKS)
    for model in ("yunet", "landmarker", "segmenter"):
        model_path(model)
    students = read_roster(roster)
    upload_names(students, spec)
    submissions, droppings = list_submissions(inbox)
    submissions = tuple(s for s in submissions if not _is(s, roster) and not _is(s, manifest))
    if not submissions:
        raise InboxError("the inbox holds no files")
    mode = find_mode(submissions, spec) if judge_as == "auto" else Mode(judge_as)
    listed = read_manifest(manifest) if manifest is not None else None
    return Shoot(spec, mode, submissions, droppings, students, listed)


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
    """Make a private folder for registration files that wait for their verdict."""
    make_private_folder(out)
    folder = Path(tempfile.mkdtemp(prefix=".staging-", dir=out))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def setting_of(shoot: Shoot, staging: Path) -> Setting:
    """Give what the workers need to know."""
    return Setting(shoot.spec, shoot.mode, staging)


def finish(
    shoot: Shoot, examined: Iterable[Examination], out: Path, *, lang: Lang, full_names: bool
) -> Result:
    """Compare, judge, put the registration files in place and write every report."""
    result, staged = assemble(
        tuple(examined),
        shoot.students,
        spec=shoot.spec,
        mode=shoot.mode,
        rules=photo_rules(CHECKS),
        manifest=shoot.manifest,
        droppings=shoot.droppings,
    )
    upload = make_private_folder(out / _UPLOAD)
    for old in upload.iterdir():
        if old.name not in staged and old.suffix == ".jpg":
            old.unlink()  # of an earlier run: it must not be handed over with this one's
    for name, file in staged.items():
        # A copy, not a move: identical photos of two students share one staged file.
        shutil.copyfile(file.staged, upload / f".{name}.part")
        (upload / f".{name}.part").chmod(0o600)
        (upload / f".{name}.part").replace(upload / name)
    write_all(result, out, lang, full_names=full_names)
    return result


def check_out(out: Path, inbox: Path) -> None:
    """Refuse an output folder inside the inbox: its pictures would be taken for submissions.

    Raises
    ------
    UsageError
        When ``out`` lies in ``inbox``.
    """
    if inbox.is_dir() and out.resolve().is_relative_to(inbox.resolve()):
        raise UsageError(f"--out {out.name} lies inside the inbox; choose a folder outside it")


def _is(submission: Submission, file: Path | None) -> bool:
    """Whether a submission is the roster or the manifest itself, lying in the inbox."""
    return (
        file is not None
        and submission.member is None
        and submission.path.resolve() == file.resolve()
    )
