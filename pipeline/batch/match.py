"""First step over all photos of a run: whose each one is."""

from collections.abc import Mapping, Sequence

from pipeline.core.records import Student
from pipeline.core.run_photos import Matched, Photos
from pipeline.intake import matching


def match(
    photos: Photos,
    students: Sequence[Student],
    manifest: Mapping[str, str] | None = None,
    decided: Mapping[str, str] | None = None,
) -> Matched:
    """Find the student of every photo, by its name, the roster's file column or a manifest.

    ``manifest`` gives a student's number by photo, ``decided`` a student's key where a person
    said whose it is.
    """
    hashes = {one.photo: one.sha256 for one in photos.summaries}
    kinds = {one.photo: one.kind for one in photos.summaries}
    found = matching.match(
        list(hashes), students, manifest, sha256=hashes, kinds=kinds, decided=decided
    )
    return Matched(
        photos, tuple(students), {one.photo: one for one in found}, tuple(manifest or ())
    )
