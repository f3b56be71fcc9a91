"""What was handed in, read and understood before the first photo is examined.

Everything that would make a call unusable fails here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from checks import CHECKS
from flows.shoot.request import Request
from pipeline.core.errors import InboxError, PhotoError, UsageError
from pipeline.core.records import Student, Submission
from pipeline.core.rules import Mode, Text
from pipeline.duplicates.earlier_runs import Earlier, read_earlier
from pipeline.face.model_manifest import model_path
from pipeline.image.decode import DecodeLimits, read_header
from pipeline.intake.file_names import upload_names
from pipeline.intake.inbox import list_submissions, read_bytes, without
from pipeline.intake.matching import read_manifest
from pipeline.intake.references import References, find_references, with_accepted
from pipeline.intake.roster import Roster, read_roster
from pipeline.intake.scans import read_scans
from pipeline.spec.spec import Spec, choose_mode, load_spec

# Headers read to tell source from final: enough to be sure, few enough to be quick.
_PROBES = 400

UNUSED_REFERENCES = Text(
    "--references 只用于人脸比对，而这次不做：请加 --identity，或去掉 --references",
    "--references serves the comparison of faces, and none was asked for: add --identity, or "
    "leave --references out",
)


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
    shoot = prepare_empty(request)
    submissions, droppings = submissions_of(request)
    if not submissions:
        raise InboxError(Text("收件夹里没有文件", "the inbox holds no files"))
    judge = request.judge_as
    mode = find_mode(submissions, shoot.spec) if judge == "auto" else Mode(judge)
    return replace(shoot, mode=mode, submissions=submissions, droppings=droppings)


def prepare_empty(request: Request) -> Shoot:
    """Read all but the inbox, for a shoot of which no photo need have come: its mode is source.

    Raises
    ------
    UsageError
        As `prepare`.
    """
    spec = load_spec(request.spec, CHECKS)
    if request.repair and spec.output.repair_background == "forbid":
        raise UsageError(
            Text(
                f"--repair-background：规范 {spec.id} 不允许",
                f"--repair-background: the spec {spec.id} forbids it",
            )
        )
    if sum(map(bool, (request.manifest, request.cards, request.scans))) > 1:
        raise UsageError(
            Text(
                "--manifest、--cards、--scans 只能用一个",
                "--manifest, --cards, --scans: give one of them",
            )
        )
    if request.scans is not None:
        read_scans(request.scans)
    compared = request.identity or spec.identity.compare
    if request.references is not None and not compared:
        raise UsageError(UNUSED_REFERENCES)
    for model in ("yunet", "landmarker", "segmenter", *(("sface",) if compared else ())):
        model_path(model)
    roster = read_roster(
        request.roster,
        request.sheets,
        by_id=spec.naming == "id_no",
        carry=spec.season.carried(request.carry),
        columns=request.columns,
    )
    students = roster.students
    upload_names(students, spec)
    manifest = None if request.manifest is None else read_manifest(request.manifest)
    earlier = read_earlier(request.earlier) if request.earlier else None
    references = None
    if compared:
        references = find_references(students, request.roster, request.references)
        if earlier is not None:
            references = with_accepted(references, students, earlier.accepted)
    mode = Mode.SOURCE if request.judge_as == "auto" else Mode(request.judge_as)
    return Shoot(request, spec, mode, (), 0, roster, manifest, references, earlier)


def submissions_of(request: Request) -> tuple[tuple[Submission, ...], int]:
    """List the inbox, without the roster and the manifest, which may lie in it."""
    submissions, droppings = list_submissions(request.inbox)
    return without(submissions, request.tables), droppings


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
