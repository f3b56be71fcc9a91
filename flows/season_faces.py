"""Faces of a season, described anew for every comparison: templates are kept nowhere.

Whether faces are compared is settled when the season begins (`season init --identity`, or a
spec that says so), for every list of the season must be judged alike. The photos on record
are copied into the season's folder then, so that each round finds the same ones.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from flows.worker import Setting, default_workers, record_pool
from pipeline.compare_faces import OnRecord
from pipeline.inbox import read_bytes
from pipeline.ledger.season import Season
from pipeline.ledger.store import REFERENCES
from pipeline.private import write_private, writing_to
from pipeline.records import FaceTemplate, Student, Submission
from pipeline.references import Reference, find_references
from pipeline.words import Mode


def keep_references(
    folder: Path, students: Sequence[Student], roster: Path, given: Path | None, max_bytes: int
) -> int:
    """Copy the photos on record into the season's folder, named by student; count them.

    Raises
    ------
    UsageError
        When the given folder cannot be listed, or the season's not be written.
    """
    count = 0
    for number, reference in enumerate(find_references(students, roster, given).found):
        suffix = Path(reference.submission.photo).suffix.lower()
        path = folder / REFERENCES / reference.student_key / f"{number}{suffix}"
        with writing_to(folder):
            write_private(path, read_bytes(reference.submission, max_bytes))
        count += 1
    return count


def describe_season(
    season: Season,
    hidden: Mapping[str, FaceTemplate | None],
    originals: Mapping[str, Submission],
) -> tuple[dict[str, FaceTemplate], list[OnRecord]]:
    """Describe the faces of all photos that count, and of those on record.

    Parameters
    ----------
    hidden, originals
        By photo: why its face is not to be described (`hidden_face`), and where its bytes are.

    Returns
    -------
    faces, records
        By photo; and of every photo on record.
    """
    faces: dict[str, FaceTemplate] = {}
    jobs = []
    for photo, why in hidden.items():
        if why is not None:
            faces[photo] = why
        elif photo in originals:
            jobs.append(Reference(photo, originals[photo]))
    on_record = [
        Reference(path.parent.name, Submission(path.name, path))
        for path in sorted((season.folder / REFERENCES).glob("*/*"))
    ]
    setting = Setting(season.spec, Mode.SOURCE, None, compare_faces=True)
    with record_pool(setting, default_workers()) as pool:
        faces |= {found.student_key: found.face for found in pool.run(jobs)}
        records = list(pool.run(on_record))
    return faces, records
