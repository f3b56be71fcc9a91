"""The lists follow what was decided and handed in, in a process of its own; nobody waits for it.

A decision is written, and a photo is taken, whether or not anything else is at work on the
season. Killed before the lists are written, the next desk writes them when it opens.
"""

import logging
import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from flows.desk.desk_state import Desk
from flows.season.handed_in import take_in_handed_in
from flows.season.steps import open_season, publish
from pipeline.core.errors import GradphotoError
from pipeline.ledger.season import ROUND, begin_run, open_run
from pipeline.ledger.waiting import is_unpublished
from reports.masking import Presentation

_log = logging.getLogger(__name__)
_QUIET_SECONDS = 3.0  # without a decision, before all of the season is judged anew
_LONGEST_SECONDS = 15.0  # of waiting for that, while decisions or photos keep coming
_AGAIN_SECONDS = 10.0  # after another run was at work; twice as long each time, up to
_MOST_SECONDS = 60.0
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
    """Take in what was handed in, and write the lists, whenever something came or was decided.

    That is a few seconds after the last of it; at the end what was decided is still written.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_follow, args=(desk, presentation, stop))
    desk.changed.set()  # what an earlier desk left
    thread.start()
    try:
        yield
    finally:
        stop.set()
        desk.changed.set()
        thread.join()


def _follow(desk: Desk, presentation: Presentation, stop: threading.Event) -> None:
    patience = _AGAIN_SECONDS
    while not stop.is_set():
        desk.changed.wait()
        _wait_for_quiet(desk, stop)
        if stop.is_set():
            break
        began = time.monotonic()
        if _in_a_process(_take_in_and_publish, desk, presentation, stop):
            patience = _AGAIN_SECONDS
            with desk.engine.connect() as connection:
                desk.board(connection)  # read here, so that no page waits for it
            stop.wait(min(time.monotonic() - began, _MOST_SECONDS))  # others' turn
        else:
            desk.changed.set()
            stop.wait(patience)
            patience = min(2 * patience, _MOST_SECONDS)
    _in_a_process(_publish, desk, presentation, threading.Event())


def _wait_for_quiet(desk: Desk, stop: threading.Event) -> None:
    """Wait until nothing more changes, but not for ever: somebody is always handing in."""
    latest = time.monotonic() + _LONGEST_SECONDS
    while not stop.is_set() and desk.changed.is_set() and time.monotonic() < latest:
        desk.changed.clear()
        stop.wait(_QUIET_SECONDS)
    desk.changed.clear()


def _in_a_process(
    work: Callable[[Path, str | None, Presentation], None],
    desk: Desk,
    presentation: Presentation,
    stop: threading.Event,
) -> bool:
    """Do some work beside the desk; it is ended when the desk ends, and done by the next one."""
    arguments = (desk.folder, desk.ledger, presentation)
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    process.start()
    while process.is_alive():
        process.join(0.2)
        if stop.is_set():
            process.terminate()
            process.join()
    return process.exitcode == 0


def _take_in_and_publish(folder: Path, ledger: str | None, presentation: Presentation) -> None:
    with _told():
        take_in_handed_in(folder, ledger, presentation)
        publish_decisions(folder, ledger, presentation)


def _publish(folder: Path, ledger: str | None, presentation: Presentation) -> None:
    with _told():
        publish_decisions(folder, ledger, presentation)


@contextmanager
def _told() -> Iterator[None]:
    """End with another code where it could not be done: it is tried again."""
    # The desk decides when to stop; a Ctrl-C reaches every process of the terminal.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    except GradphotoError as error:
        _log.warning("%s", error.why.zh)
        sys.exit(_FAILED)
