"""What a season shows: where it stands in counts, and all that is known of one student."""

from datetime import UTC, datetime
from pathlib import Path

from flows.season.steps import open_season
from pipeline.ledger.views import History, Status, count_season, history_of


def status(folder: Path, *, ledger: str | None = None, now: datetime | None = None) -> Status:
    """Count a season; reads only, a run may be at work.

    Raises
    ------
    UsageError
        There is no season.
    """
    with (
        open_season(folder, ledger, writing=False) as season,
        season.engine.connect() as connection,
    ):
        return count_season(season, connection, now or datetime.now(UTC))


def history(folder: Path, key: str, *, ledger: str | None = None) -> History:
    """Read every attempt of one student (学号, 考生号 or 采集码).

    Raises
    ------
    UsageError
        There is no season, or no such student in it.
    """
    with (
        open_season(folder, ledger, writing=False) as season,
        season.engine.connect() as connection,
    ):
        return history_of(season, connection, key)
