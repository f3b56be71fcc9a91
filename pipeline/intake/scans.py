"""A list of scans: whose code was read when, one row a scan; it may still be written."""

from datetime import datetime
from pathlib import Path

from pipeline.core.errors import RosterError
from pipeline.core.rules import Text
from pipeline.intake.column_names import folded
from pipeline.intake.headers import ID_KEY, KEYS, find_table, records
from pipeline.intake.identifiers import clean_number
from pipeline.intake.tables.cells import EMPTY

_TIME = ("时间", "time")  # in the label of its column


def read_scans(path: Path) -> tuple[tuple[datetime, str], ...]:
    """Read a list with a student's number and a time, sorted by time.

    A last row that is not complete is left out: it is being written.

    Raises
    ------
    RosterError
        A column is missing, or a row has no time that can be read.
    """
    keys = (*KEYS, ID_KEY)
    needed = Text("student_id（学号）和 time（时间）", "student_id with time")
    table, header = find_table(path, lambda columns: any(k in columns for k in keys), needed)
    number_at = next(header.columns[k] for k in keys if k in header.columns)
    times = [at for at, label in header.labels.items() if any(w in folded(label) for w in _TIME)]
    if len(times) != 1:
        raise RosterError(
            Text(
                f"{path.name}：需要一列时间，找到 {len(times)} 列",
                f"{path.name}: one column of times is needed, {len(times)} were found",
            )
        )
    rows = records(table, header)
    scans = []
    for at, (row, cells) in enumerate(rows):
        number = clean_number(cells.get(number_at, EMPTY).text)
        when = _moment(cells.get(times[0], EMPTY).text)
        if number and when is not None:
            scans.append((when, number))
        elif at < len(rows) - 1:
            raise RosterError(
                Text(
                    f"{path.name}：第 {row} 行缺少学号，或时间不是 2026-10-08 09:30:05 这样的",
                    f"{path.name}: row {row} lacks its number, or a time like 2026-10-08 09:30:05",
                )
            )
    return tuple(sorted(scans))


def _moment(text: str) -> datetime | None:
    """Read a time with its day and seconds, by the clock of the place."""
    try:
        found = datetime.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        return None
    return found.replace(tzinfo=None)
