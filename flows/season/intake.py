"""What arrives in a season: copied into its own store, written down, and given to students."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from flows.shoot.reading import find_mode
from pipeline.batch.rounds import shown_photos
from pipeline.core.batched import batched
from pipeline.core.errors import NotPhotoError, PhotoError, RosterError, UsageError
from pipeline.core.places import lies_in
from pipeline.core.records import FileKind, Submission
from pipeline.core.rules import Judge, Mode, Text
from pipeline.examine.examine import read_photo
from pipeline.image.sniff import sniff
from pipeline.intake.contenders import Standing, standing
from pipeline.intake.inbox import list_submissions, unopened_archives, without
from pipeline.intake.matching import match, read_manifest
from pipeline.intake.written_paths import find_written
from pipeline.ledger.arrivals import (
    NewFile,
    add_submissions,
    known_of,
    read_submissions,
    set_students_of,
    touch_submissions,
)
from pipeline.ledger.reassignments import assigned_now
from pipeline.ledger.season import ROUND, Run, Season, begin_run, open_run, read_students
from pipeline.ledger.store import keep_original

# Photos a transaction: a killed run does at most these again (under a minute a core).
CHUNK = 50


@dataclass(frozen=True)
class Taken:
    """What an inbox held: counts of files."""

    new: int
    known: int
    waiting: int  # not ready: they are still being copied
    droppings: int
    unopened: Mapping[str, int]  # archives that cannot be opened, by their extensions


def every_file(_submission: Submission) -> bool:
    """Let no file wait."""
    return True


def take_in(
    season: Season,
    inbox: Path,
    *,
    judge_as: Judge = "auto",
    manifest: Path | None = None,
    now: datetime | None = None,
    ready: Callable[[Submission], bool] = every_file,
) -> Taken:
    """Copy and write down every file that has not come before; a round begins with the first.

    A round that was cut short is gone on with, in the mode that was chosen for it.
    """
    if inbox.is_dir() and lies_in(season.folder, inbox):
        raise UsageError(
            Text(
                "这一季的文件夹在收件夹里：它自己的照片会被当作新收的",
                "the season's folder lies in the inbox: its own pictures would arrive",
            )
        )
    taken = _take_in(
        season,
        inbox,
        judge_as=judge_as,
        manifest=manifest,
        now=now or datetime.now(UTC),
        ready=ready,
    )
    assign_arrived(season)
    return taken


def assign_arrived(season: Season) -> None:
    """Find out whose the files of the round under way are, where there is one."""
    with season.engine.begin() as connection:
        if (run := open_run(connection)) is not None:
            assign_students(connection, run)


def _take_in(
    season: Season,
    inbox: Path,
    *,
    judge_as: Judge,
    manifest: Path | None,
    now: datetime,
    ready: Callable[[Submission], bool],
) -> Taken:
    """List an inbox, and copy in what lies there."""
    submissions, dropped = list_submissions(inbox)
    if manifest is not None:
        submissions = without(submissions, [manifest])
    named = _named(manifest, [s.photo for s in submissions])
    there = [s for s in submissions if ready(s)]
    with season.engine.connect() as connection:
        fresh = [s for some in batched(there, CHUNK) for s in _changed(connection, some)]
    new = copy_in(season, fresh, named, judge_as=judge_as, now=now, dropped=dropped)
    unopened = unopened_archives(s.photo for s in submissions)
    return Taken(new, len(there) - new, len(submissions) - len(there), dropped, unopened)


def copy_in(
    season: Season,
    fresh: Sequence[Submission],
    named: Mapping[str, str],
    *,
    judge_as: Judge,
    now: datetime,
    dropped: int,
    arrived_at: Mapping[Path, datetime] | None = None,
) -> int:
    """Copy some files and write them down as nobody's yet; give how many had not come before.

    Parameters
    ----------
    named
        Whose they are, where someone says so: numbers of students, by photo.
    dropped
        Droppings that lay beside them.
    arrived_at
        When files came that came before the round, by path.
    """
    moments = arrived_at or {}
    with season.engine.connect() as connection:
        run = open_run(connection)
    new = 0
    for chunk in batched(fresh, CHUNK):
        files = [
            replace(read_file(season, s, named.get(s.photo)), arrived_at=moments.get(s.path))
            for s in chunk
        ]
        files = [f for f in files if f.sha256 != season.roster_sha256]
        with season.engine.connect() as connection:
            known = known_of(connection, [f.photo for f in files]).contents
        arrived = [f for f in files if (f.photo, f.sha256) not in known]
        mode = None
        if run is None and arrived:
            mode = find_mode(fresh, season.spec) if judge_as == "auto" else Mode(judge_as)
        with season.engine.begin() as connection:
            if run is None and arrived:
                run = begin_run(
                    connection,
                    ROUND,
                    now=now,
                    spec_sha256=season.spec_sha256,
                    mode=mode,
                    droppings=dropped,
                )
            touch_submissions(connection, [f for f in files if (f.photo, f.sha256) in known])
            if run is not None:
                add_submissions(connection, run, arrived, now)
        new += len(arrived)
    return new


def _changed(connection: Connection, some: Sequence[Submission]) -> list[Submission]:
    """Those of some files that have not been read before with this size and time."""
    stamps = known_of(connection, [s.photo for s in some]).stamps
    return [s for s in some if (s.photo, *stamp_of(s)) not in stamps]


def assign_students(connection: Connection, run: Run) -> None:
    """Find out whose the files of a round are: as a person said, else from their names."""
    rows = read_submissions(connection, run)
    shown = shown_photos(rows)
    assigned = assigned_now(connection)
    matches = match(
        [shown[r.id] for r in rows],
        read_students(connection),
        {shown[r.id]: r.named for r in rows if r.named is not None},
        sha256={shown[r.id]: r.sha256 for r in rows},
        kinds={shown[r.id]: r.kind for r in rows},
        decided={shown[r.id]: assigned[r.id].student for r in rows if r.id in assigned},
    )
    # What is set aside is nobody's attempt.
    owners = {
        r.id: None if m.set_aside else m.student_key for r, m in zip(rows, matches, strict=True)
    }
    changed = {r.id: owners[r.id] for r in rows if owners[r.id] != r.student_key}
    set_students_of(connection, changed)


def stamp_of(submission: Submission) -> tuple[int, str]:
    """Size and time of change of the file (the archive's, for a member), in ns as text."""
    try:
        status = submission.path.lstat()
    except OSError:
        return 0, "0"
    return status.st_size, str(status.st_mtime_ns)


def read_file(season: Season, submission: Submission, named: str | None) -> NewFile:
    """Read and keep one file; what cannot be read is a row all the same."""
    size, changed = stamp_of(submission)
    sha256 = ""
    try:
        data = read_photo(submission, season.spec.reading.max_bytes)
        sha256 = hashlib.sha256(data).hexdigest()
        keep_original(season.folder, sha256, data)
        sniff(data)
    except PhotoError as error:
        kind = error.kind if isinstance(error, NotPhotoError) else FileKind.PHOTO
        # What was meant for a photo, and may be one, is examined like one.
        if not sha256 or standing(submission.photo, kind) is not Standing.CONTENDER:
            return NewFile(submission.photo, sha256, size, changed, named, error.why, kind)
    return NewFile(submission.photo, sha256, size, changed, named)


def _named(manifest: Path | None, photos: Sequence[str]) -> dict[str, str]:
    """The number that a manifest gives for each photo that it names."""
    if manifest is None:
        return {}
    listed = read_manifest(manifest)
    named: dict[str, str] = {}
    places = find_written(list(listed), photos)
    for number, at in zip(listed.values(), places, strict=True):
        for one in at:
            if named.setdefault(photos[one], number) != number:
                raise RosterError(
                    Text(
                        f"{manifest.name}：把一张照片给了两个学生",
                        f"{manifest.name}: gives one photo to two students",
                    )
                )
    return named
