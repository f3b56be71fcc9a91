"""The loop: frames are taken as they arrive, examined, answered; at the end the lists are written.

One thread does all of it but the examining, which warm workers do. Answers come in the order in
which the frames came.
"""

import signal
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import watchfiles

from flows.shoot.output import check_out, folder_of, note_shoot, staging_in
from flows.shoot.reading import Shoot, submissions_of
from flows.shoot.steps import describe_records, finish, pair, setting_of
from flows.shoot.worker import default_workers, worker_pool
from flows.watch.arrivals import Arrivals, Stamp
from flows.watch.memory import note_numbers, open_memory
from flows.watch.shooting import PoolOf, Shooting
from flows.watch.teller import Teller
from pipeline.core.output_files import OutputFile
from pipeline.core.records import Result
from pipeline.core.run_photos import in_memory
from pipeline.ledger.store import staging_folder
from reports.masking import Presentation

_TICK_MS = 20  # between two looks at what waits
_QUEUED = 2  # frames a worker: more of them waiting is a queue


def watch_shoot(
    shoot: Shoot,
    out: Path,
    *,
    workers: int,
    presentation: Presentation,
    teller: Teller,
    stop: threading.Event,
    pool: PoolOf = worker_pool,
    aside: Mapping[str, Stamp] = MappingProxyType({}),
) -> Result:
    """Answer every frame that comes into the inbox until ``stop``, then write the lists.

    Frames that lie there unanswered then are examined first: the lists are those of `check`.
    Those set ``aside`` are not answered as they lie there now, only listed: test frames.

    Raises
    ------
    UsageError
        The output folder cannot be written, or holds another shoot.
    """
    check_out(folder_of(out, shoot.request, again=False), *shoot.request.given)
    home = out / OutputFile.SEASON
    with staging_in(out) as temporary, open_memory(home, shoot, temporary) as season:
        note_shoot(out, shoot.request)
        staging, count = staging_folder(home), workers or default_workers()
        setting = replace(setting_of(shoot, staging), stage_all=True)
        with pool(setting, count) as opened:
            opened.warm()
            records = describe_records(shoot, setting, count)
            shooting = Shooting(shoot, season, opened, records)
            teller.begin(len(shooting.frames), shooting.board.standing)
            _answer_until(stop, shooting, teller, count, aside)
            submissions, droppings = submissions_of(shoot.request)
            for submission in submissions:
                if not shooting.is_taken(submission):
                    shooting.take(submission)
            teller.end(shooting.waiting)
            _tell(teller, shooting, wait=True, quiet=aside)
        examined = [shooting.frames[one.photo].examined for one in submissions]
        shoot = replace(shoot, submissions=submissions, droppings=droppings)
        done = [one for one in examined if one is not None]
        note_numbers(season, pair(shoot, in_memory(done).summaries).numbers)
        return finish(shoot, done, out, staging, presentation, records=records)


def _answer_until(
    stop: threading.Event,
    shooting: Shooting,
    teller: Teller,
    workers: int,
    aside: Mapping[str, Stamp],
) -> None:
    request = shooting.shoot.request
    known = dict(aside) | {photo: frame.stamp for photo, frame in shooting.frames.items()}
    arrivals = Arrivals(request.inbox, request.tables, known)
    queued = 0
    for paths in changes(request.inbox, stop):
        arrivals.note(paths)
        arrivals.look()
        for submission in arrivals.ready():
            shooting.take(submission)
        _tell(teller, shooting)
        if (waiting := shooting.waiting) != queued and waiting > workers * _QUEUED:
            teller.queue(waiting)
        queued = waiting


def _tell(
    teller: Teller,
    shooting: Shooting,
    *,
    wait: bool = False,
    quiet: Collection[str] = (),
) -> None:
    for answer, booth in shooting.answers(wait=wait):
        if answer.photo in quiet:
            continue
        teller.answer(answer, shooting.waiting, shooting.board.standing)
        for fault in booth:
            teller.booth(fault)


def changes(folder: Path, stop: threading.Event) -> Iterator[list[Path]]:
    """Yield what changed in the folder, nothing again and again where nothing does.

    Where the system cannot watch it (no watches are left, a file system without them) nothing is
    told, and all is found by looks.
    """
    try:
        yield from _told(folder, stop)
    except (OSError, RuntimeError):  # what watchfiles raises where the system refuses
        while not stop.wait(_TICK_MS / 1000):
            yield []


def _told(folder: Path, stop: threading.Event) -> Iterator[list[Path]]:
    for changes in watchfiles.watch(
        folder,
        watch_filter=None,
        debounce=_TICK_MS,
        step=_TICK_MS // 2,
        rust_timeout=_TICK_MS,
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=False,
    ):
        yield [Path(path) for change, path in changes if change is not watchfiles.Change.deleted]


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """Give what Ctrl-C and SIGTERM set; a second Ctrl-C ends the process as ever."""
    stop = threading.Event()
    before: Mapping[int, object] = {}

    def asked(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, before[number])  # type: ignore[arg-type]

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
