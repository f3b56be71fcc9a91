"""What a season knows of its booths: what their latest frames measure, and their faults."""

import csv
from collections.abc import Mapping

from sqlalchemy import Connection

from flows.watch.booth import Booth
from pipeline.batch.booth_table import CameraRow
from pipeline.core.output_files import OutputFile
from pipeline.core.rules import Rule
from pipeline.ledger.examinations import latest
from pipeline.ledger.season import Season
from pipeline.ledger.store import REPORTS

_LOOKED_AT = 150  # of the newest photos
_LEAST = 5  # photos of one camera: fewer are no booth's, but somebody's own


def booths_of(
    season: Season, connection: Connection, rules: Mapping[str, Rule]
) -> tuple[CameraRow, ...]:
    """Sum up what the newest photos of each booth measure."""
    booth = Booth(rules)
    booth.note(
        one.examination(one.sha256, season) for one in latest(connection, season, _LOOKED_AT)
    )
    return tuple(row for row in booth.table if row.camera and row.frames >= _LEAST)


def faults_of(season: Season) -> list[dict[str, str]]:
    """Read the faults that the last lists tell; none where there are no lists yet."""
    try:
        with (season.folder / REPORTS / OutputFile.BOOTH).open(encoding="utf-8-sig") as stream:
            return list(csv.DictReader(stream))
    except FileNotFoundError:
        return []
