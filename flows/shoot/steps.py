"""One shoot from inbox and roster to reports: plain functions, no Prefect.

`prepare` reads what was handed in, the pool examines, `finish` judges and writes. The
command line and the Prefect flow call the same three.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from checks import CHECKS
from flows.shoot.output import check_out, staging_in, write_out
from flows.shoot.pictures import pictures_of
from flows.shoot.record import run_record
from flows.shoot.request import Request
from flows.shoot.worker import default_workers, record_pool, worker_pool
from pipeline.batch.compare import compare
from pipeline.batch.judge import judge
from pipeline.batch.match import match
from pipeline.core.errors import InboxError, PhotoError, UsageError
from pipeline.core.output_files import OutputFile
from pipeline.core.private_files import writing_to
from pipeline.core.records import Examination, Result, Student, Submission
from pipeline.core.rules import Mode
from pipeline.core.run_photos import in_memory
from pipeline.duplicates.earlier_runs import Earlier, read_earlier
from pipeline.duplicates.fingerprints import write_fingerprints
from pipeline.examine.setting import Setting
from pipeline.face.model_manifest import model_path
from pipeline.identity.compare import OnRecord
from pipeline.image.decode import DecodeLimits, read_header
from pipeline.intake.file_names import upload_names
from pipeline.intake.inbox import list_submissions, read_bytes, without
from pipeline.intake.matching import read_manifest
from pipeline.intake.references import References, find_references, with_accepted
from pipeline.intake.roster import Roster, read_roster
from pipeline.rules import run_rules
from pipeline.spec.files import merge, read_files
from pipeline.spec.spec import Spec, choose_mode, load_spec
from reports.beside import Beside
from reports.masking import Presentation

# Headers read to tell source from final: enough to be sure, few enough to be quick.
_PROBES = 400


@dataclass(frozen=True)
class Shoot:
    """What was handed in, read and understood, before the first photo is examined."""

    request: Request
    spec: Spec
    mode: Mode
    submissions: tuple[Submission, ...]
    droppings: int
    roster: Roster
    manifest: Mapping[str, str] | None = None
    references: References | None = None  # None: faces are not compared
    earlier: Earlier | None = None  # None: no earlier runs were named

    @property
    def students(self) -> tuple[Student, ...]:
        """The roster's records."""
        return self.roster.students


def prepare(request: Request) -> Shoot:
    """Read spec, roster and inbox; everything that would make the call unusable fails here.

    Raises
    ------
    UsageError
        A spec, roster, inbox or model that cannot be used.
    """
    spec = load_spec(request.spec, CHECKS)
    if request.repair and spec.output.repair_background == "forbid":
        raise UsageError(f"--repair-background: the spec {spec.id} forbids it")
    compared = request.identity or spec.identity.compare
    for model in ("yunet", "landmarker", "segmenter", *(("sface",) if compared else ())):
        model_path(model)
    roster = read_roster(
        request.roster, request.sheets, by_id=spec.naming == "id_no", carry=request.carry
    )
    students = roster.students
    upload_names(students, spec)
    manifest = None if request.manifest is None else read_manifest(request.manifest)
    submissions, droppings = _submissions(request)
    judge = request.judge_as
    mode = find_mode(submissions, spec) if judge == "auto" else Mode(judge)
    earlier = read_earlier(request.earlier) if request.earlier else None
    references = None
    if compared:
        references = find_references(students, request.roster, request.references)
        if earlier is not None:
            references = with_accepted(references, students, earlier.accepted)
    return Shoot(request, spec, mode, submissions, droppings, roster, manifest, references, earlier)


def _submissions(request: Request) -> tuple[tuple[Submission, ...], int]:
    """List the inbox, without the roster and the manifest, which may lie in it."""
    submissions, droppings = list_submissions(request.inbox)
    submissions = without(submissions, filter(None, (request.roster, request.manifest)))
    if not submissions:
        raise InboxError("the inbox holds no files")
    return submissions, droppings


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
    """Return what the workers need to know."""
    compared = shoot.references is not None
    return Setting(
        shoot.spec,
        shoot.mode,
        staging,
        compare_faces=compared,
        repair=shoot.request.repair,
    )


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
    presentation: Presentation,
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
        return finish(shoot, examined, out, staging, presentation, records=records)


def finish(
    shoot: Shoot,
    examined: Iterable[Examination],
    out: Path,
    staging: Path,
    presentation: Presentation,
    *,
    records: Sequence[OnRecord] | None = None,
) -> Result:
    """Compare, judge, put the registration files in place and write every report."""
    done = tuple(examined)
    matched = match(in_memory(done), shoot.students, shoot.manifest)
    refused = None if shoot.earlier is None else shoot.earlier.refused
    compared = compare(matched, shoot.spec.identity, records=records, refused=refused)
    rules = run_rules(CHECKS)
    result = judge(
        compared,
        shoot.spec,
        rules,
        shoot.mode,
        droppings=shoot.droppings,
        header_lines=shoot.roster.notes,
    )
    check_out(out, *shoot.request.given)
    references = () if shoot.references is None else shoot.references.found
    document = merge(read_files(shoot.request.spec))
    beside = Beside(
        pictures_of(staging.joinpath, references, shoot.spec),
        record=run_record(document, result, shoot.spec.off),
        all_previews=shoot.request.all_previews,
        thumbnails=shoot.request.thumbnails,
    )
    write_out(result, out, lambda upload: upload.path(staging), presentation, beside)
    prints = {e.sha256: e.fingerprint for e in done if e.fingerprint is not None}
    with writing_to(out):
        write_fingerprints(out / OutputFile.FINGERPRINTS, prints)
    return result
