"""The lists follow what was decided, in a process of its own; no decision waits for them.

A decision is written whether or not anything else is at work on the season. Killed before the
lists are written, the next desk writes them when it opens.
"""

import multiprocessing
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from flows.desk.desk_state import Desk
from flows.season.steps import open_season, publish
from pipeline.core.errors import UsageError
from pipeline.ledger.season import ROUND, begin_run, open_run
from pipeline.ledger.waiting import is_unpublished
from reports.masking import Presentation

_QUIET_SECONDS = 3.0  # without a decision, before all of the season is judged anew
_AGAIN_SECONDS = 10.0  # after another run was at work
_FAILED = 3


def publish_decisions(
    folder: Path,
    ledger: str | None = None,
    presentation: Presentation = Presentation(),
    now: datetime | None = None,
) -> bool:
    """Judge the season with what was decided since its lists were written, and write them.

    Returns whether they were. A round that was cut short is not closed: `season ingest`
    completes it, with these decisions.

    Raises
    ------
    UsageError
        Another run is at work.
    """
    moment = now or datetime.now(UTC)
    with open_season(folder, ledger) as season:
        with season.engine.begin() as connection:
            run = open_run(connection)
            if run is None and not is_unpublished(connection):
                return False
            if run is not None and run.kind == ROUND:
                return False
            if run is None:
                begin_run(connection, "review", now=moment, spec_sha256=season.spec_sha256)
        publish(season, presentation, now=moment)
    return True


@contextmanager
def publishing(desk: Desk, presentation: Presentation) -> Iterator[None]:
    """Write the lists whenever something was decided and then nothing for a few seconds."""
    stop = threading.Event()
    thread = threading.Thread(target=_publish_when_changed, args=(desk, presentation, stop))
    desk.changed.set()  # what an earlier desk left
    thread.start()
    try:
        yield
    finally:
        stop.set()
        desk.changed.set()
        thread.join()


def _publish_when_changed(desk: Desk, presentation: Presentation, stop: threading.Event) -> None:
    while True:
        desk.changed.wait()
        while not stop.is_set() and desk.changed.is_set():
            desk.changed.clear()
            stop.wait(_QUIET_SECONDS)
        done = _in_a_process(desk, presentation)
        if stop.is_set():
            return
        if not done:
            desk.changed.set()
            stop.wait(_AGAIN_SECONDS)


def _in_a_process(desk: Desk, presentation: Presentation) -> bool:
    arguments = (desk.folder, desk.ledger, presentation)
    process = multiprocessing.get_context("spawn").Process(target=_publish, args=arguments)
    process.start()
    process.join()
    return process.exitcode == 0


def _publish(folder: Path, ledger: str | None, presentation: Presentation) -> None:
    try:
        publish_decisions(folder, ledger, presentation)
    except UsageError:  # at work; it is tried again
        sys.exit(_FAILED)
