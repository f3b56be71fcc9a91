"""One shoot from inbox and roster to reports: plain functions, no Prefect.

`prepare` reads what was handed in, the pool examines, `finish` judges and writes. The
command line and the Prefect flow call the same three.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from checks import CHECKS
from flows.shoot.output import check_out, staging_in, write_out
from flows.shoot.worker import Setting, default_workers, record_pool, worker_pool
from pipeline.batch.assemble import assemble, upload_names
from pipeline.core.errors import InboxError, PhotoError, UsageError
from pipeline.core.private_files import writing_to
from pipeline.core.records import Examination, Result, Student, Submission
from pipeline.core.rules import Judge, Lang, Mode
from pipeline.core.run_photos import in_memory
from pipeline.duplicates.earlier_runs import FINGERPRINTS, Earlier, read_earlier
from pipeline.duplicates.fingerprints import write_fingerprints
from pipeline.face.model_manifest import model_path
from pipeline.identity.compare import OnRecord
from pipeline.image.decode import DecodeLimits, read_header
from pipeline.intake.inbox import list_submissions, read_bytes
from pipeline.intake.matching import read_manifest
from pipeline.intake.references import References, find_references, with_accepted
from pipeline.intake.roster import read_roster
from pipeline.rules import run_rules
from pipeline.spec.spec import Spec, choose_mode, load_spec

# Headers read to tell source from final: enough to be sure, few enough to be quick.
_PROBES = 400


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
    students = read_roster(roster).students
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
        rules=run_rules(CHECKS),
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
