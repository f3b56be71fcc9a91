"""The photos of a run, and whose they are.

Of all photos a little is held at once, of each one all when it is asked for. A photo's
findings, fingerprint and thumbnail are some 17 KB. A shoot's fit in memory; a season's are
read from its ledger, a few hundred at a time, and only what everything is compared and judged
by is held of all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.core.causes import Cause
from pipeline.core.records import (
    Examination,
    FaceTemplate,
    FileKind,
    Fingerprint,
    Match,
    Student,
    UploadFile,
)
from pipeline.core.rules import Finding, Outcome


@dataclass(frozen=True, slots=True)
class PhotoSummary:
    """What is held of every photo until all are judged: some hundred bytes."""

    photo: str
    sha256: str
    failing: tuple[Finding, ...]  # broken and skipped: all that a verdict can come from; borderline
    code: bytes | None = None  # of the fingerprint, see `Fingerprint`
    captured: str = ""  # EXIF DateTimeOriginal as it stands
    face: FaceTemplate | None = None  # only where faces are compared
    upload: UploadFile | None = None
    causes: tuple[Cause, ...] = ()  # see `Examination`
    camera: str = ""  # EXIF Model as it stands
    kind: FileKind = FileKind.PHOTO
    card: str | None = None  # see `Examination`


@dataclass(frozen=True)
class Photos:
    """All photos of a run.

    ``read`` gives the examinations of photos in the order asked, ``fingerprint`` that of a
    photo whose brief has a code.
    """

    summaries: Sequence[PhotoSummary]
    read: Callable[[Iterable[str]], Iterator[Examination]]
    fingerprint: Callable[[str], Fingerprint]


@dataclass(frozen=True)
class Matched:
    """The photos of a run, and whose they are.

    ``students`` are in the order of the roster, ``matches`` has an entry for every photo, and
    ``listed`` are the photos that a manifest names, in its order.
    """

    photos: Photos
    students: tuple[Student, ...]
    matches: Mapping[str, Match]
    listed: tuple[str, ...] = ()

    @cached_property
    def summaries(self) -> Mapping[str, PhotoSummary]:
        """By photo."""
        return {one.photo: one for one in self.photos.summaries}

    @cached_property
    def student_of(self) -> Mapping[str, str]:
        """The student's key by photo; photos without one, or set aside, are not in it."""
        return {
            photo: found.student_key
            for photo, found in self.matches.items()
            if found.student_key is not None and not found.set_aside
        }


def brief_of(examined: Examination) -> PhotoSummary:
    """Take from an examination what is held of every photo."""
    return PhotoSummary(
        photo=examined.photo,
        sha256=examined.sha256,
        failing=tuple(
            f
            for f in examined.findings
            if f.borderline or f.outcome in {Outcome.BROKEN, Outcome.SKIPPED}
        ),
        code=None if examined.fingerprint is None else examined.fingerprint.code,
        captured=examined.captured,
        face=examined.face,
        upload=examined.upload,
        causes=examined.causes,
        camera=examined.camera,
        kind=examined.kind,
        card=examined.card,
    )


def in_memory(examined: Sequence[Examination]) -> Photos:
    """Return the photos of a run whose examinations are all at hand."""
    by_photo = {one.photo: one for one in examined}

    def fingerprint(photo: str) -> Fingerprint:
        found = by_photo[photo].fingerprint
        assert found is not None
        return found

    return Photos(
        summaries=[brief_of(one) for one in examined],
        read=lambda photos: (by_photo[photo] for photo in photos),
        fingerprint=fingerprint,
    )
