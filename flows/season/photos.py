"""The photos of a season as a run over all of them sees them, read from the ledger when asked."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

from checks import CHECKS
from flows.shoot.pictures import pictures_of
from pipeline.core.batched import batched
from pipeline.core.errors import UsageError
from pipeline.core.records import (
    Examination,
    Fingerprint,
    Pictures,
    Submission,
    decode_fingerprint,
)
from pipeline.core.rules import Finding, Text
from pipeline.core.run_photos import Photos, brief_of
from pipeline.duplicates.claims import Claim
from pipeline.duplicates.resubmitted import Refused, Rejected
from pipeline.examine.examine import unreadable
from pipeline.intake.references import Reference
from pipeline.ledger.arrivals import Arrived
from pipeline.ledger.examinations import AT_ONCE, Content, Reader, StoredExamination
from pipeline.ledger.season import Season
from pipeline.ledger.store import REFERENCES, STORE, original_path

_FINGERPRINTS = 4096  # in memory at once: 20 MB


def season_photos(
    season: Season,
    current: Mapping[str, Arrived],
    kept: Reader,
    of_season: Callable[[Arrived], tuple[Finding, ...]],
) -> Photos:
    """Return the photos that count.

    Parameters
    ----------
    current
        By the name that lists show.
    kept
        Examinations to judge by.
    of_season
        Findings that only a season has of a submission.

    Raises
    ------
    UsageError
        A photo still waits for its examination; also while what this gives is used.
    """

    def read(photos: Iterable[str]) -> Iterator[Examination]:
        for some in batched(photos, AT_ONCE):
            rows = [current[photo] for photo in some]
            known = kept({_content(row) for row in rows if row.unreadable is None})
            for photo, row in zip(some, rows, strict=True):
                one = _examination(season, row, photo, known)
                # The same words as the row has them: two copies of every hash would be held.
                yield replace(one, sha256=row.sha256, findings=(*one.findings, *of_season(row)))

    @lru_cache(_FINGERPRINTS)
    def fingerprint(photo: str) -> Fingerprint:
        return _fingerprint(kept, _content(current[photo]))

    return Photos([brief_of(one) for one in read(current)], read, fingerprint)


def refused_of(rows: Sequence[Arrived], kept: Reader, claim: Callable[[Arrived], Claim]) -> Refused:
    """Return the refused pictures; of one that this spec has not seen, only its bytes."""
    pictures, contents = [], {}
    for some in batched(rows, AT_ONCE):
        known = kept({_content(row) for row in some})
        for row in some:
            found = known.get(_content(row))
            code = None if found is None else _code(found)
            rejected = Rejected(row.photo, row.student_key, row.sha256, code, claim(row))
            pictures.append(rejected)
            contents[rejected] = _content(row)

    @lru_cache(_FINGERPRINTS)
    def fingerprint(rejected: Rejected) -> Fingerprint:
        return _fingerprint(kept, contents[rejected])

    return Refused(tuple(pictures), fingerprint)


def season_pictures(season: Season) -> Pictures:
    """Return where reports take larger pictures from: the store, and the photos on record."""
    on_record = sorted((season.folder / REFERENCES).glob("*/*"))
    found = (Reference(path.parent.name, Submission(path.name, path)) for path in on_record)
    return pictures_of(partial(picture_path, season.folder), found, season.spec)


def picture_path(folder: Path, name: str) -> Path:
    """Where a larger picture of a photo lies, by its name (`Detail.picture`)."""
    here = folder / STORE / name
    # A final file that is handed on as it is lies among the originals.
    return here if here.is_file() else original_path(folder, Path(name).stem)


def _content(row: Arrived) -> Content:
    return row.sha256, row.mode


def _examination(
    season: Season, row: Arrived, photo: str, known: Mapping[Content, StoredExamination]
) -> Examination:
    if row.unreadable is not None:
        here = Submission(photo, season.folder)
        return unreadable(here, "", row.mode, CHECKS, row.unreadable, row.kind)
    found = known.get(_content(row))
    if found is None:
        raise UsageError(
            Text(
                "有照片还没有检查：请再次运行 `season ingest`",
                "a photo waits for its examination: run `season ingest` again",
            )
        )
    return found.examination(photo, season)


def _code(kept: StoredExamination) -> bytes | None:
    found = None if kept.fingerprint is None else decode_fingerprint(kept.fingerprint)
    return None if found is None else found.code


def _fingerprint(kept: Reader, content: Content) -> Fingerprint:
    packed = kept([content])[content].fingerprint
    found = None if packed is None else decode_fingerprint(packed)
    assert found is not None, "asked for only where there is a code"
    return found
