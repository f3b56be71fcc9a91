"""What `gradphoto verify` is given, read and understood before the first photo is examined."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import InboxError
from pipeline.core.output_files import MANIFEST
from pipeline.core.records import Student, Submission
from pipeline.core.rules import Text
from pipeline.face.model_manifest import model_path
from pipeline.handover.manifest import Listed, find_listings, read_listings
from pipeline.handover.package import UPLOAD
from pipeline.intake.archives import unsafe_members
from pipeline.intake.file_names import upload_names
from pipeline.intake.inbox import list_submissions, without
from pipeline.intake.roster import Roster, read_roster
from pipeline.spec.spec import Spec


@dataclass(frozen=True)
class Package:
    """A package, its lists (the files' names) and the roster; None where there is none."""

    name: str
    submissions: tuple[Submission, ...]
    unsafe: frozenset[str]  # photos whose stored names are tricks
    lists: tuple[str, ...]
    listed: tuple[Listed, ...] | None
    roster: Roster | None

    @property
    def students(self) -> tuple[Student, ...] | None:
        """The roster's records."""
        return None if self.roster is None else self.roster.students


def open_package(
    package: Path,
    manifest: Path | None,
    roster: Path | None,
    spec: Spec,
    sheets: Collection[str] = (),
    columns: Collection[str] = (),
) -> Package:
    """Read everything; nothing of an archive is written anywhere.

    Whatever lies in the package is a file of it, but for the lists and the roster that are read.
    ``sheets`` are those of the roster that count, ``columns`` what its heads mean, see
    `read_roster`.

    Raises
    ------
    UsageError
        A package, list, roster or model that cannot be used.
    """
    if (package / UPLOAD / MANIFEST).is_file():
        raise InboxError(
            Text(
                f"{package.name}：是检查的结果文件夹，请给其中的 {UPLOAD}",
                f"{package.name}: is the output of a check; give its folder {UPLOAD}",
            )
        )
    for model in ("yunet", "landmarker", "segmenter"):
        model_path(model)
    lists = find_listings(package) if manifest is None else (manifest,)
    listed = read_listings(package, lists) if manifest is None else read_listings(manifest, lists)
    read = None
    if roster is not None:
        read = read_roster(roster, sheets, by_id=spec.naming == "id_no", columns=columns)
        upload_names(read.students, spec)
    submissions, _ = list_submissions(package, as_it_is=True)
    photos = without(submissions, [*lists, *filter(None, [roster])])
    if not photos and not listed:
        raise InboxError(
            Text(
                f"{package.name or package}：里面没有文件",
                f"{package.name or package}: holds no files",
            )
        )
    return Package(
        name=package.name or str(package),
        submissions=photos,
        unsafe=_unsafe(photos),
        lists=tuple(path.name for path in lists),
        listed=listed if lists else None,
        roster=read,
    )


def _unsafe(submissions: tuple[Submission, ...]) -> frozenset[str]:
    members: dict[Path, dict[str, str]] = defaultdict(dict)
    for s in submissions:
        if s.member is not None:
            members[s.path][s.member] = s.photo
    return frozenset(
        photos[member]
        for archive, photos in members.items()
        for member in photos.keys() & unsafe_members(archive)
    )
