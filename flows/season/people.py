"""Who is on the lists of a run, of a shoot or a season: its entries beside the roster's records."""

from collections.abc import Sequence
from pathlib import Path

from flows.season.steps import open_season
from pipeline.core.errors import UsageError
from pipeline.core.output_files import OutputFile
from pipeline.core.rules import Text
from pipeline.intake.roster import read_roster
from pipeline.ledger.database import FILE
from pipeline.ledger.season import read_students
from pipeline.ledger.store import REPORTS
from pipeline.spec.school import read_school
from reports.entries import read_entries
from reports.masking import Presentation
from reports.people import People, people_of


def gather(
    run: Path,
    presentation: Presentation,
    *,
    roster: Path | None = None,
    sheets: Sequence[str] = (),
    columns: Sequence[str] = (),
    carry: Sequence[str] = (),
    school: Path | None = None,
    ledger: str | None = None,
) -> People:
    """Read who is on the lists of a finished run.

    Parameters
    ----------
    roster
        Of a shoot: no name of it is kept in its output folder. A season has its own.
    school
        In place of the season's.

    Raises
    ------
    UsageError
        There is no such run; a shoot without its roster; or a file that cannot be used.
    """
    given = None if school is None else read_school(school)
    if ledger is not None or (run / FILE).is_file():
        if roster is not None or carry:
            raise UsageError(
                Text(
                    "采集季有自己的名单；换新名单用 season roster",
                    "a season has its own roster; `season roster` gives it a newer one",
                )
            )
        out = run / REPORTS
        head, entries = read_entries(out / OutputFile.ENTRIES)
        with (
            open_season(run, ledger, writing=False) as season,
            season.engine.connect() as connection,
        ):
            students, given = read_students(connection), given or season.school
    else:
        out = run
        head, entries = read_entries(out / OutputFile.ENTRIES)
        if roster is None:
            raise UsageError(
                Text(
                    "请用 --roster 给出这次拍摄的名单：清单里没有全名",
                    "give the shoot's roster by --roster: its lists keep no names",
                )
            )
        students = read_roster(roster, sheets, by_id=True, carry=carry, columns=columns).students
    return people_of(students, entries, head, given, out, presentation)
