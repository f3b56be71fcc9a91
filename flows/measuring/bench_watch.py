"""``make bench-watch``: seconds from a frame's last byte to its answer, beside the bare models.

Frames of 24 MP come one a second into a folder that is watched, as a tether writes them: part by
part, then nothing. The models' time is measured on the same frames in this process, before.
"""

import argparse
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from checks import CHECKS
from flows.measuring.bench_photos import SIZES, pictures
from flows.shoot.reading import prepare_empty
from flows.shoot.request import Request
from flows.watch.board import Standing
from flows.watch.run import watch_shoot
from pipeline.batch.booth_setup import Part, SetupFrame
from pipeline.batch.booth_table import Drift
from pipeline.core.records import Answer, BoothFault, Submission
from pipeline.core.rules import Mode
from pipeline.examine.examine import examine_with_facts
from pipeline.examine.setting import Setting, Tools
from pipeline.face.models import load_models
from pipeline.spec.spec import load_spec
from reports.masking import Presentation

_SPEC = "chsi_graduate"
_PART = 1 << 20  # bytes that come at once
_WARM = 4  # frames before those that count: the first of each worker loads what it needs


class _Clock:
    """A teller that keeps how long each frame waited."""

    def __init__(self) -> None:
        self.waited: list[float] = []
        self.longest = 0
        self.ready = threading.Event()

    def setup(self, _frame: SetupFrame | None, _asked: Sequence[Part]) -> None:
        """Keep nothing."""

    def begin(self, _taken_before: int, _standing: Standing) -> None:
        """The first frame may come."""
        self.ready.set()

    def answer(self, answer: Answer, waiting: int, _standing: Standing) -> None:
        """Keep how long it took."""
        self.waited.append(answer.waited_s)
        self.longest = max(self.longest, waiting)

    def booth(self, _fault: BoothFault | Drift) -> None:
        """Keep nothing."""

    def queue(self, waiting: int) -> None:
        """Keep the longest queue."""
        self.longest = max(self.longest, waiting)

    def end(self, _waiting: int) -> None:
        """Keep nothing."""


def main() -> None:
    """Shoot, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, default=Path("build/demo/final_inbox"))
    parser.add_argument("--roster", type=Path, default=Path("build/demo/roster.xlsx"))
    parser.add_argument("--count", type=int, default=30, help="frames")
    parser.add_argument("--every", type=float, default=1.0, help="seconds between two")
    parser.add_argument("--workers", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        frames = pictures(options.pictures, folder / "frames", SIZES["24 MP"], options.count)
        bare = models_alone(frames[:_WARM])
        clock = shoot(frames, options.roster, folder, options.every, options.workers)
    counted = sorted(clock.waited[_WARM:])
    table = Table(title=f"{len(counted)} frames of 24 MP, one every {options.every:g} s", box=None)
    for head in ("models once, CPU s", "median s", "p95 s", "worst s", "longest queue"):
        table.add_column(head, justify="right")
    p95 = counted[min(len(counted) - 1, round(0.95 * len(counted)))]
    middle = statistics.median(counted)
    seconds = (f"{value:.2f}" for value in (bare, middle, p95, counted[-1]))
    table.add_row(*seconds, str(clock.longest))
    Console().print(table)


def models_alone(frames: Sequence[Path]) -> float:
    """CPU seconds of each model once on the pixels that the examination gives it: the median."""
    models, setting = load_models(), Setting(load_spec(_SPEC, CHECKS), Mode.SOURCE)
    seconds = []
    for path in frames:
        tools = Tools(CHECKS, models)
        _, facts = examine_with_facts(Submission(path.name, path), setting, tools)
        assert facts is not None
        pixels, region = facts.photo.pixels, facts.roi_pixels
        began = time.process_time()
        models.detect_faces(pixels)
        models.find_mesh(region)
        models.segment(region)
        seconds.append(time.process_time() - began)
    return statistics.median(seconds[1:])


def shoot(frames: Sequence[Path], roster: Path, folder: Path, every: float, workers: int) -> _Clock:
    """Let the frames come one after the other into a folder that is watched."""
    inbox, clock, stop = folder / "inbox", _Clock(), threading.Event()
    inbox.mkdir()

    def tether() -> None:
        clock.ready.wait()
        for number, path in enumerate(frames):
            began = time.monotonic()
            if number <= _WARM:  # one by one, until all workers are warm
                while len(clock.waited) < number:
                    time.sleep(0.05)
            with path.open("rb") as source, (inbox / f"{number:05}.jpg").open("wb") as frame:
                shutil.copyfileobj(source, frame, _PART)
            time.sleep(max(0.0, every - (time.monotonic() - began)))
        stop.set()

    thread = threading.Thread(target=tether)
    thread.start()
    request = Request(inbox, roster, _SPEC, "source", choose="best")
    watch_shoot(
        prepare_empty(request),
        folder / "out",
        workers=workers,
        presentation=Presentation(),
        teller=clock,
        stop=stop,
    )
    thread.join()
    return clock


if __name__ == "__main__":
    main()
