"""Faces of a season: described in every round, or once where the ledger keeps their templates.

Whether faces are compared is settled when the season begins (`season init --identity`, or a
spec that says so), for every list of the season must be judged alike; and so is whether their
templates are kept (`--template-key`). The photos on record are copied into the season's folder
then, so that each round finds the same ones.
"""

import hashlib
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from flows.shoot.worker import default_workers, record_pool
from pipeline.core.batched import batched
from pipeline.core.errors import PhotoError, UsageError
from pipeline.core.places import lies_in, real
from pipeline.core.private_files import write_private, writing_to
from pipeline.core.records import FaceTemplate, Student, Submission
from pipeline.core.rules import Mode, Text
from pipeline.examine.setting import Setting
from pipeline.identity.compare import OnRecord
from pipeline.intake.inbox import read_bytes
from pipeline.intake.references import Reference, find_references
from pipeline.ledger.season import Season
from pipeline.ledger.store import REFERENCES, original_path
from pipeline.ledger.templates import (
    VARIABLE,
    check_of,
    described_by,
    forget_others,
    keep_templates,
    make_key,
    read_key,
    read_templates,
)

_CHUNK = 50  # templates a transaction: what a killed run describes again at most


def keep_references(
    folder: Path, students: Sequence[Student], roster: Path, given: Path | None, max_bytes: int
) -> int:
    """Copy the photos on record into the season's folder, named by student; count them.

    Raises
    ------
    UsageError
        When the given folder cannot be listed, or the season's not be written.
    """
    with writing_to(folder):
        if (folder / REFERENCES).exists():  # left by an `init` that was killed
            shutil.rmtree(folder / REFERENCES)
    count = 0
    for number, reference in enumerate(find_references(students, roster, given).found):
        suffix = Path(reference.submission.photo).suffix.lower()
        path = folder / REFERENCES / reference.student_key / f"{number}{suffix}"
        try:
            data = read_bytes(reference.submission, max_bytes)
        except PhotoError:
            data = b""  # each round says that the student's reference photo cannot be read
        with writing_to(folder):
            write_private(path, data)
        count += 1
    return count


def new_key(path: Path, folder: Path) -> tuple[str, str]:
    """Make the key file of a season that begins; give its path and check value.

    Raises
    ------
    UsageError
        It would lie in the season's folder; or see `make_key`.
    """
    where = outside(path, folder)
    return str(where), check_of(make_key(where))


def key_of(season: Season) -> bytes | None:
    """Read the key of a season that keeps templates; None where it keeps none.

    Raises
    ------
    UsageError
        It is not where it was, or it is another one; or one is named, and none is kept.
    """
    given = os.environ.get(VARIABLE)
    if season.key_check is None or season.key_file is None:
        if given:
            raise UsageError(
                Text(
                    f"{VARIABLE} 指定了密钥，但这一季不保存模板：请取消这个变量",
                    f"{VARIABLE} names a key, but this season keeps no templates: unset it",
                )
            )
        return None
    path = Path(given or season.key_file)
    outside(path, season.folder)
    key = read_key(path)
    if check_of(key) != season.key_check:
        raise UsageError(
            Text(f"{path.name}：不是这一季的密钥", f"{path.name}: is not the key of this season")
        )
    return key


def describe_season(
    season: Season, hidden: Mapping[str, FaceTemplate | None], originals: Mapping[str, str]
) -> tuple[dict[str, FaceTemplate], list[OnRecord]]:
    """Describe the faces of all photos that count, and of those on record.

    Parameters
    ----------
    hidden, originals
        By photo: why its face is not to be described (`hidden_face`), and the hash of its bytes.

    Returns
    -------
    faces, records
        By photo; and of every photo on record.
    """
    seen = {photo: sha256 for photo, sha256 in originals.items() if not hidden[photo]}
    files = {sha256: original_path(season.folder, sha256) for sha256 in seen.values()}
    on_record: list[tuple[str, str | FaceTemplate]] = []
    for path in sorted((season.folder / REFERENCES).glob("*/*")):
        found = _content(path, season.spec.reading.max_bytes)
        on_record.append((path.parent.name, found))
        if isinstance(found, str):
            files.setdefault(found, path)
    described = _describe(season, files)
    faces = {photo: why for photo, why in hidden.items() if why}
    faces |= {photo: described[sha256] for photo, sha256 in seen.items()}
    records = [
        OnRecord(student, described[found] if isinstance(found, str) else found)
        for student, found in on_record
    ]
    return faces, records


def outside(path: Path, folder: Path) -> Path:
    """Refuse a key in the season's folder: a backup would take both, a purge not the key."""
    where = real(path)
    if lies_in(where, folder):
        raise UsageError(
            Text(
                f"{path.name}：密钥不能放在这一季的文件夹里",
                f"{path.name}: the key must not lie in the season's folder",
            )
        )
    return where


def _content(path: Path, max_bytes: int) -> str | FaceTemplate:
    """Hash a photo on record; or say why it cannot be read."""
    try:
        return hashlib.sha256(read_bytes(Submission(path.name, path), max_bytes)).hexdigest()
    except PhotoError as error:
        return FaceTemplate(None, error.why)


def _describe(season: Season, files: Mapping[str, Path]) -> dict[str, FaceTemplate]:
    """Describe the faces of contents, by their hashes; those that are kept are read."""
    key, by = key_of(season), described_by(season.spec)
    known: dict[str, FaceTemplate] = {}
    if key is not None:
        with season.engine.begin() as connection:
            if season.locked:
                forget_others(connection, by)
            for some in batched(files, 4 * _CHUNK):
                known |= read_templates(connection, key, by, some)
    # The hash stands where a list has the student: it is all that the pool needs to know.
    missing = [one for one in files if one not in known]
    jobs = [Reference(one, Submission(one, files[one])) for one in missing]
    setting = Setting(season.spec, Mode.SOURCE, compare_faces=True)
    with record_pool(setting, default_workers()) as pool:
        for chunk in batched(pool.run(jobs), _CHUNK):
            known |= {found.student_key: found.face for found in chunk}
            if key is not None and season.locked:
                # A worker that died, or bytes that are not there or are others, say nothing of
                # the photo: another round looks at it again.
                told = {f.sha256: f.face for f in chunk if f.sha256 == f.student_key}
                with season.engine.begin() as connection:
                    keep_templates(connection, key, by, told)
    return known
