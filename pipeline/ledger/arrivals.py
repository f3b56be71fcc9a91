"""Submissions: every file that arrived in the season, in the order of arrival."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from pipeline.ledger.codec import encode_text
from pipeline.ledger.season import Run
from pipeline.ledger.tables import runs, submissions
from pipeline.rounds import Arrival
from pipeline.words import Text


@dataclass(frozen=True)
class NewFile:
    """A file that was read from the inbox, or could not be (``unreadable`` says why)."""

    photo: str
    sha256: str
    bytes: int
    changed_ns: int
    named: str | None
    unreadable: Text | None = None


class Known:
    """What has arrived before: asked for every file of an inbox, so it is read once."""

    def __init__(self, connection: Connection) -> None:
        self._stamps: dict[str, set[tuple[int, str]]] = defaultdict(set)
        self._contents: dict[str, set[str]] = defaultdict(set)
        columns = (submissions.c.photo, submissions.c.sha256, submissions.c.bytes)
        for photo, sha256, size, changed in connection.execute(
            select(*columns, submissions.c.changed_ns)
        ):
            self._contents[photo].add(sha256)
            if sha256:  # what could not be read is tried again
                self._stamps[photo].add((size, changed))

    def unchanged(self, photo: str, size: int, changed_ns: int) -> bool:
        """Whether a file of this path, size and time has been read: it need not be again."""
        return (size, str(changed_ns)) in self._stamps.get(photo, ())

    def content(self, photo: str, sha256: str) -> bool:
        """Whether these bytes have come under this path."""
        return sha256 in self._contents.get(photo, ())


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
            "changed_ns": str(file.changed_ns),
            "unreadable": None if file.unreadable is None else encode_text(file.unreadable),
            "named": file.named,
            "arrived_at": now,
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
            [{"p": f.photo, "s": f.sha256, "c": str(f.changed_ns)} for f in files],
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


def read_submissions(
    connection: Connection, run: Run | None = None
) -> Sequence[Row[tuple[object, ...]]]:
    """All submissions (of a round), as they arrived, with the mode of their round."""
    asked = select(submissions, runs.c.mode).join(runs, runs.c.id == submissions.c.run_id)
    if run is not None:
        asked = asked.where(submissions.c.run_id == run.id)
    return connection.execute(asked.order_by(submissions.c.id)).all()


def arrival(row: Row[tuple[object, ...]]) -> Arrival:
    """A submission as the rounds see it."""
    return Arrival(row.id, row.run_id, row.photo, row.sha256, row.student_key)
