"""Where reports take larger pictures from: what waits in staging, and the photos on record."""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from pipeline.core.errors import PhotoError
from pipeline.core.records import Pictures
from pipeline.image.decode import DecodeLimits
from pipeline.image.preview import preview_of_file
from pipeline.intake.inbox import read_bytes
from pipeline.intake.references import Reference
from pipeline.spec.spec import Spec


def pictures_of(
    staged: Callable[[str], Path], references: Iterable[Reference], spec: Spec
) -> Pictures:
    """Return what reads pictures when a page asks; of several on record, the first."""
    limits = DecodeLimits(spec.reading.max_bytes, spec.reading.max_pixels)
    first: dict[str, Reference] = {}
    for reference in references:
        first.setdefault(reference.student_key, reference)

    @cache
    def on_record(student: str) -> bytes | None:
        if student not in first:
            return None
        try:
            data = read_bytes(first[student].submission, limits.max_bytes)
        except PhotoError:
            return None
        return preview_of_file(data, limits)

    return Pictures(staged, on_record)
