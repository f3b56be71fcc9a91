"""Submissions: every file that arrived in the season, in the order of arrival."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from pipeline.batch.rounds import Arrival
from pipeline.core.errors import UsageError
from pipeline.core.records import FileKind
from pipeline.core.rules import Mode, Text
from pipeline.ledger.codec import decode_text, encode_text
from pipeline.ledger.season import Run
from pipeline.ledger.tables import STREAM, runs, students, submissions


@dataclass(frozen=True)
class NewFile:
    """A file that was read from the inbox, or could not be (``unreadable`` says why)."""

    photo: str
    sha256: str
    bytes: int
    changed_ns: str
    named: str | None
    unreadable: Text | None = None
    kind: FileKind = FileKind.PHOTO
    arrived_at: datetime | None = None  # where it came before the round that takes it


@dataclass(frozen=True, slots=True)
class Known:
    """What has arrived before under some paths: contents, and size and time of their files."""

    contents: frozenset[tuple[str, str]]  # photo, SHA-256
    stamps: frozenset[tuple[str, int, str]]  # photo, bytes, changed_ns


def known_of(connection: Connection, photos: Sequence[str]) -> Known:
    """Ask what has arrived under a few hundred paths."""
    columns = (submissions.c.photo, submissions.c.sha256, submissions.c.bytes)
    rows = connection.execute(
        select(*columns, submissions.c.changed_ns).where(submissions.c.photo.in_(photos))
    ).all()
    return Known(
        frozenset((row.photo, row.sha256) for row in rows),
        # What could not be read is tried again.
        frozenset((row.photo, row.bytes, row.changed_ns) for row in rows if row.sha256),
    )


def add_submissions(
    connection: Connection, run: Run, files: Iterable[NewFile], now: datetime
) -> None:
    """Write down files that arrived; they must be new."""
    rows = [
        {
            "run_id": run.id,
            "photo": file.photo,
            "sha256": file.sha256,
            "bytes": file.bytes,
            "changed_ns": file.changed_ns,
            "unreadable": _encode(file),
            "named": file.named,
            "arrived_at": file.arrived_at or now,
        }
        for file in files
    ]
    if rows:
        connection.execute(insert(submissions), rows)


def touch_submissions(connection: Connection, files: Sequence[NewFile]) -> None:
    """Note the time of files whose bytes are known, so that they are not read every night."""
    if files:
        same = (submissions.c.photo == bindparam("p"), submissions.c.sha256 == bindparam("s"))
        connection.execute(
            update(submissions).where(*same).values(changed_ns=bindparam("c")),
            [{"p": f.photo, "s": f.sha256, "c": f.changed_ns} for f in files],
        )


def set_students_of(connection: Connection, owners: Mapping[int, str | None]) -> None:
    """Write down whose the submissions are, by their ids."""
    if owners:
        connection.execute(
            update(submissions)
            .where(submissions.c.id == bindparam("i"))
            .values(student_key=bindparam("k")),
            [{"i": one, "k": key} for one, key in owners.items()],
        )


def owners_of(connection: Connection, some: Iterable[int]) -> dict[int, str | None]:
    """Say under whom some submissions stand."""
    asked = select(submissions.c.id, submissions.c.student_key)
    rows = connection.execute(asked.where(submissions.c.id.in_(list(some)))).tuples()
    return dict(rows.all())


def rounds_of(connection: Connection, some: Iterable[int]) -> dict[int, int]:
    """Say in which round some submissions arrived."""
    asked = select(submissions.c.id, submissions.c.run_id)
    rows = connection.execute(asked.where(submissions.c.id.in_(list(some)))).tuples()
    return dict(rows.all())


def set_named(connection: Connection, numbers: Mapping[str, str]) -> None:
    """Write down whose submissions are, by a student's number by photo."""
    if numbers:
        connection.execute(
            update(submissions)
            .where(submissions.c.photo == bindparam("p"))
            .values(named=bindparam("n")),
            [{"p": photo, "n": number} for photo, number in numbers.items()],
        )


def read_files_of(connection: Connection) -> list[NewFile]:
    """Read all files that ever arrived, with size and time as they were read."""
    rows = connection.execute(select(submissions).order_by(submissions.c.id))
    return [
        NewFile(
            row.photo,
            row.sha256,
            row.bytes,
            row.changed_ns,
            row.named,
            None if row.unreadable is None else decode_text(row.unreadable[:2]),
            _kind(row.unreadable),
        )
        for row in rows
    ]


def _encode(file: NewFile) -> list[str] | None:
    """Return why a file is unreadable, in two languages, and what it is."""
    return None if file.unreadable is None else [*encode_text(file.unreadable), file.kind]


def _kind(unreadable: list[str] | None) -> FileKind:
    """Return what a file is; ledgers of 0.1 do not say it."""
    return FileKind(unreadable[2]) if unreadable is not None and unreadable[2:] else FileKind.PHOTO


@dataclass(frozen=True, slots=True)
class Arrived(Arrival):
    """A submission as the ledger has it."""

    named: str | None  # the number that a manifest gave for it
    arrived_at: datetime
    unreadable: Text | None
    mode: Mode  # of its round


def read_submissions(
    connection: Connection, run: Run | None = None, *, student: str | None = None
) -> list[Arrived]:
    """All submissions (of a round, of a student), as they arrived."""
    asked = select(submissions, runs.c.mode).join(runs, runs.c.id == submissions.c.run_id)
    if run is not None:
        asked = asked.where(submissions.c.run_id == run.id)
    if student is not None:
        asked = asked.where(submissions.c.student_key == student)
    moments: dict[datetime, datetime] = {}  # a round has few
    return [
        Arrived(
            id=row.id,
            round=row.run_id,
            photo=row.photo,
            sha256=row.sha256,
            student_key=row.student_key,
            named=row.named,
            arrived_at=moments.setdefault(row.arrived_at, row.arrived_at),
            unreadable=None if row.unreadable is None else decode_text(row.unreadable[:2]),
            mode=row.mode,
            kind=_kind(row.unreadable),
        )
        for row in connection.execute(asked.order_by(submissions.c.id), execution_options=STREAM)
    ]


def find_submission(connection: Connection, what: str) -> int:
    """Return the submission that a path or a student's number means: the newest of that path.

    Raises
    ------
    UsageError
        Nothing is known by that name.
    """
    speaks = connection.scalar(select(students.c.submission_id).where(students.c.key == what))
    if speaks is not None:
        return int(speaks)
    named = [row for row in read_submissions(connection) if row.photo == what]
    if not named:
        raise UsageError(
            Text(
                "没有这个号码的学生交过照片，也没有这个路径的照片",
                "no student of this number has a photo, and no photo has this path",
            )
        )
    return int(named[-1].id)
