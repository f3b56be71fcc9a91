"""The end of a season: pictures, templates, names and numbers go, counts stay.

What is left says how many there were and what they came to, of nobody in particular.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, func, select, text, update

from pipeline.core.errors import UsageError
from pipeline.core.rules import Text
from pipeline.ledger.column_types import only_row
from pipeline.ledger.season import SEASONS
from pipeline.ledger.store import remove_pictures
from pipeline.ledger.tables import PERSONAL, runs, season, students, templates
from pipeline.ledger.templates import count_templates


@dataclass(frozen=True)
class Purged:
    """What is known of a season that was purged."""

    at: datetime
    counts: Mapping[str, Any]


def purged(engine: Engine) -> Purged | None:
    """Return what a purge left; None: the season was not purged, or there is none."""
    with engine.connect() as connection:
        row = only_row(connection.execute(select(season)), SEASONS)
    return None if row is None or row.purged_at is None else Purged(row.purged_at, row.counts)


def purge(folder: Path, engine: Engine, now: datetime) -> tuple[dict[str, Any], str | None]:
    """Remove all that names or shows a person; return the counts that stay and the key file.

    The rows go first, with a mark: a purge that is killed is completed by the next one.
    SQLite writes zeros over what it deletes (secure_delete), is then rewritten whole
    (VACUUM), and its log is emptied. PostgreSQL truncates the tables, which gives their
    files back; its own log keeps what it held until it is recycled.

    Raises
    ------
    UsageError
        There is no season, or a picture cannot be deleted.
    """
    with engine.begin() as connection:
        row = only_row(connection.execute(select(season)), SEASONS)
        if row is None:
            raise UsageError(
                Text(
                    f"{folder}：里面没有采集季",
                    f"{folder}: holds no season",
                )
            )
        counts: dict[str, Any] = row.counts
        key_file: str | None = row.key_file
        if row.purged_at is None:
            counts = {**count_rows(connection)}
            came_to = select(students.c.verdict, func.count()).group_by(students.c.verdict)
            counts["verdicts of students"] = {
                verdict or "unjudged": count for verdict, count in connection.execute(came_to)
            }
            _empty(connection, PERSONAL)
            connection.execute(update(season).values(purged_at=now, counts=counts))
    remove_pictures(folder)
    with engine.begin() as connection:  # last: a purge that was killed still knows its key file
        connection.execute(update(season).values(key_file=None, key_check=None))
    _rewrite(engine)
    return counts, key_file


def count_rows(connection: Connection) -> dict[str, int]:
    """Count what there is of people, and the runs, by table."""
    return {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0
        for table in (*PERSONAL, runs)
    }


def set_key(engine: Engine, key_file: str | None, key_check: str | None) -> int:
    """Keep templates from now on under another key, or nowhere (None).

    Those there are go, as in a purge; gives how many they were.
    """
    with engine.begin() as connection:
        count = count_templates(connection)
        _empty(connection, [templates])
        connection.execute(update(season).values(key_file=key_file, key_check=key_check))
    _rewrite(engine)
    return count


def _empty(connection: Connection, tables: Sequence[Table]) -> None:
    if connection.dialect.name == "postgresql":
        names = ", ".join(table.name for table in tables)
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
        return
    for table in tables:
        connection.execute(delete(table))


def _rewrite(engine: Engine) -> None:
    """Write the database anew without what was deleted, and let go of it."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM"))
        if engine.dialect.name == "sqlite":
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()
