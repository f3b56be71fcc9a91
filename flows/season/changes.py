"""What changes a season besides photos: a new list, proofs, the hand-over, keys, its end."""

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from checks import CHECKS
from flows.season.faces import new_key
from flows.season.intake import assign_students
from flows.season.steps import open_season, publish
from pipeline.core.errors import UsageError
from pipeline.core.rules import Text
from pipeline.intake.file_names import upload_names
from pipeline.intake.roster import Roster, read_roster
from pipeline.ledger import purge as ledger_purge
from pipeline.ledger.database import locked, open_database
from pipeline.ledger.proofs import Imported, add_proofs, read_proofs
from pipeline.ledger.season import (
    ROUND,
    Season,
    begin_run,
    open_run,
    read_season,
    read_students,
    rounds,
    set_roster,
)
from pipeline.ledger.verdicts import hand_over
from reports.masking import Presentation


@contextmanager
def changing(
    folder: Path, ledger: str | None, kind: str, now: datetime, presentation: Presentation
) -> Iterator[tuple[Season, Connection]]:
    """Open a season for one change in one transaction, and write its lists after it.

    The run is written down with the change: killed between the two, the next command
    finds it open and writes the lists.

    Raises
    ------
    UsageError
        A round is under way: it was cut short, and must be completed first.
    """
    with open_season(folder, ledger) as season:
        complete_others(season, presentation)
        with season.engine.begin() as connection:
            begin_run(connection, kind, now=now, spec_sha256=season.spec_sha256)
            yield season, connection
        publish(season, presentation, now=now)


def complete_others(season: Season, presentation: Presentation) -> None:
    """Publish what another change left unpublished.

    Raises
    ------
    UsageError
        When a round was cut short: its photos must be examined first.
    """
    with season.engine.connect() as connection:
        run = open_run(connection)
    if run is None:
        return
    if run.kind == ROUND:
        raise UsageError(
            Text(
                "上一轮没有完成：请先运行 `season ingest` 把它做完",
                "a round was cut short: complete it by `season ingest` first",
            )
        )
    publish(season, presentation)


def new_roster(
    folder: Path,
    roster: Path,
    *,
    ledger: str | None = None,
    presentation: Presentation = Presentation(),
    now: datetime | None = None,
    sheets: Collection[str] = (),
    columns: Collection[str] = (),
) -> Roster:
    """Put a newer list in place of the season's, and give its photos to students anew."""
    with open_season(folder, ledger, writing=False) as known:  # a bad list changes nothing
        by_id = known.spec.naming == "id_no"
        read = read_roster(roster, sheets, by_id=by_id, carry=known.carry, columns=columns)
    sha256 = hashlib.sha256(roster.read_bytes()).hexdigest()
    moment = now or datetime.now(UTC)
    with changing(folder, ledger, "roster", moment, presentation) as (
        season,
        connection,
    ):
        upload_names(read.students, season.spec)
        set_roster(connection, read.students, sha256)
        for run in rounds(connection):
            assign_students(connection, run)
    return read


def proofs(
    folder: Path,
    file: Path,
    *,
    ledger: str | None = None,
    presentation: Presentation = Presentation(),
    now: datetime | None = None,
) -> Imported:
    """Take in what students said of their pictures on the national platform."""
    moment = now or datetime.now(UTC)
    with changing(folder, ledger, "proofs", moment, presentation) as (
        _,
        connection,
    ):
        read, strangers = read_proofs(file, read_students(connection), moment)
        return add_proofs(connection, read, strangers)


def uploaded(
    folder: Path,
    *,
    ledger: str | None = None,
    presentation: Presentation = Presentation(),
    now: datetime | None = None,
) -> int:
    """Note that the registration files of all who passed were handed over; give how many."""
    moment = now or datetime.now(UTC)
    with changing(folder, ledger, "uploaded", moment, presentation) as (
        _,
        connection,
    ):
        return hand_over(connection, moment)


def purge(
    folder: Path, *, ledger: str | None = None, now: datetime | None = None
) -> tuple[dict[str, Any], str | None]:
    """Remove every picture, template, name and number of a season; give the counts that stay.

    The key file of kept templates, which is also given, is the user's to delete.
    """
    engine = open_database(folder, ledger, create=False)
    with locked(folder, engine):
        return ledger_purge.purge(folder, engine, now or datetime.now(UTC))


def begin_keeping(folder: Path, key_file: Path, *, ledger: str | None = None) -> None:
    """Keep templates of faces from the next round on, sealed under a key file.

    Raises
    ------
    UsageError
        The season compares no faces, or keeps templates already; or see `new_key`.
    """
    engine = open_database(folder, ledger, create=False)
    with locked(folder, engine):
        season = read_season(folder, engine, CHECKS)
        if not season.spec.identity.compare:
            raise UsageError(
                Text(
                    "模板是人脸的，而这一季不做人脸比对",
                    "templates are of faces, and this season compares none",
                )
            )
        if season.key_check is not None:
            raise UsageError(
                Text(
                    "这一季已在保存模板；`season forget-templates` 可以停止",
                    "the season keeps templates; `season forget-templates` ends that",
                )
            )
        ledger_purge.set_key(engine, *new_key(key_file, folder))


def forget_templates(folder: Path, *, ledger: str | None = None) -> tuple[int, str | None]:
    """Remove all kept templates, and keep none from now on; the key is not needed for it.

    Each round describes all faces anew after that. Gives how many there were, and the key
    file, which is the user's to delete.
    """
    engine = open_database(folder, ledger, create=False)
    with locked(folder, engine):
        key_file = read_season(folder, engine, CHECKS).key_file
        count = ledger_purge.set_key(engine, None, None)
    return count, key_file
