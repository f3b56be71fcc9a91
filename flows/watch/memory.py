"""What a watched shoot remembers: a season's folder, so that nothing is lost with the process.

Frames are copied into it as they are taken, and their examinations written down one by one. All
of them are of one round, which stays open: `gradphoto season ingest` can go on with it.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL

from checks import CHECKS
from flows.season.begin import init, season_document
from flows.season.examining import provenance
from flows.season.intake import read_file
from flows.season.steps import open_season
from flows.shoot.reading import Shoot
from flows.watch.arrivals import Stamp
from pipeline.batch.rounds import months_before, next_deadline
from pipeline.core.errors import UsageError
from pipeline.core.private_files import make_private_folder, writing_to
from pipeline.core.records import Examination, Submission
from pipeline.core.rules import Mode, Outcome, Text
from pipeline.examine.examine import unreadable
from pipeline.ledger.arrivals import (
    NewFile,
    add_submissions,
    known_of,
    read_files_of,
    set_named,
    touch_submissions,
)
from pipeline.ledger.database import FILE
from pipeline.ledger.examinations import examined_by
from pipeline.ledger.season import (
    ROUND,
    ZONE,
    Season,
    begin_run,
    document_sha256,
    open_run,
    set_roster,
)


@dataclass(frozen=True)
class Remembered:
    """What an earlier run of the same shoot took and examined."""

    files: Mapping[tuple[str, Stamp], NewFile]  # the last one of each photo and stamp
    examined: Mapping[str, Examination]  # by hash of the content, which is also its name


@contextmanager
def open_memory(home: Path, shoot: Shoot, staging: Path) -> Iterator[Season]:
    """Open what is remembered in ``home``; a new shoot begins there where there is none.

    It is made in ``staging`` and put in place whole.

    Raises
    ------
    UsageError
        Another specification, or another choice about faces, holds there.
    """
    request = shoot.request
    compared = shoot.references is not None
    if not home.is_dir():
        terms = shoot.spec.season
        last = next_deadline(datetime.now(ZONE).date(), terms.days)
        made = make_private_folder(staging / home.name)
        init(
            made,
            request.roster,
            request.spec,
            ledger=_address(made),
            deadline=last,
            make_up=months_before(last, terms.make_up_months),
            identity=compared,
            references=request.references,
            sheets=request.sheets,
            columns=request.columns,
            choose=request.choose,
            carry=request.carry,
        )
        made.rename(home)
    with open_season(home, _address(home)) as season:
        if season.spec_sha256 != document_sha256(
            season_document(request.spec, compared, request.choose)
        ):
            raise UsageError(
                Text(
                    f"{home.parent.name}：里面的一批用了另外的 --spec、--identity 或 --choose，"
                    "请照旧给出，或另选 --out",
                    f"{home.parent.name}: holds a shoot by another --spec, --identity or --choose; "
                    "give the same, or choose another --out",
                )
            )
        roster = hashlib.sha256(request.roster.read_bytes()).hexdigest()
        if season.roster_sha256 != roster:
            with season.engine.begin() as connection:
                set_roster(connection, shoot.students, roster)
        yield replace(season, roster_sha256=roster)


def recall(season: Season, mode: Mode) -> Remembered:
    """Read what was taken and examined before, as far as it was examined by what there is now."""
    with season.engine.connect() as connection:
        files = {
            (file.photo, (file.bytes, file.changed_ns)): file for file in read_files_of(connection)
        }
        stored = examined_by(connection, season.spec_sha256, mode, provenance())
        examined = {one.sha256: one.examination(one.sha256, season) for one in stored}
    return Remembered(files, {key: one for key, one in examined.items() if not _is_lost(one)})


def remember(season: Season, submission: Submission, mode: Mode) -> NewFile:
    """Copy a frame and write it down; the same frame again is no second one.

    Raises
    ------
    UsageError
        The folder or the ledger cannot be written.
    """
    file = read_file(season, submission, None)
    now = datetime.now(UTC)
    with season.engine.begin() as connection:
        if (file.photo, file.sha256) in known_of(connection, [file.photo]).contents:
            touch_submissions(connection, [file])
            return file
        run = open_run(connection) or begin_run(
            connection, ROUND, now=now, spec_sha256=season.spec_sha256, mode=mode
        )
        add_submissions(connection, run, [file], now)
    return file


def without_examining(file: NewFile, submission: Submission, mode: Mode) -> Examination | None:
    """Return the record of a file that could not be read; None: it has to be examined."""
    if file.unreadable is None:
        return None
    return unreadable(submission, file.sha256, mode, CHECKS, file.unreadable, file.kind)


def _address(folder: Path) -> str:
    """Name the ledger in a folder: GRADPHOTO_LEDGER is that of some other season."""
    path = folder / FILE
    with writing_to(folder):
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    return URL.create("sqlite", database=str(path)).render_as_string()


def note_numbers(season: Season, numbers: Mapping[str, str]) -> None:
    """Write down whose frames are where their names do not tell, for a season that goes on."""
    with season.engine.begin() as connection:
        set_named(connection, numbers)


def _is_lost(examined: Examination) -> bool:
    """Whether a worker died on the photo: it is tried again."""
    return any(f.code == "FL005" and f.outcome is Outcome.BROKEN for f in examined.findings)
