"""How far a run is: a bar with rate and end on a terminal, elsewhere a line every half minute."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text as Line

from pipeline.core.counting import Counted
from pipeline.core.records import Detail, Result
from pipeline.core.rules import Lang, Text

WAITING = Text("等待另一次运行结束", "waiting for the end of another run")
READING = Text("读取名单，列出文件", "reading the roster, listing the files")
LISTING = Text("看收件夹，收取新文件", "taking in what is new")
LOADING = Text("载入模型", "loading the models")
DESCRIBING = Text("读取录取照片", "reading the photos on record")
CHECKING = Text("检查", "checking")
COMPARING = Text("相互比对", "comparing the photos")
JUDGING = Text("作出结论", "judging")
WRITING = Text("写出清单和报告", "writing lists and report")
PACKING = Text("打包", "packing")

_EVERY_SECONDS = 30.0


class Tell(Protocol):
    """What is told of how far a run is: the stage, what of it is done, and of how much."""

    def __call__(self, stage: Text, done: int = 0, of: int | None = None) -> None:
        """Take it."""
        ...


def silent(stage: Text, done: int = 0, of: int | None = None) -> None:
    """Tell nobody."""


def counted(tell: Tell, stage: Text) -> Counted:
    """Tell of one stage how many are done."""
    return lambda done, of: tell(stage, done, of)


def details_counted(result: Result, tell: Counted) -> Result:
    """Have it told how many photos were read for a list, of those that the list asks for."""
    read = result.details

    def details(photos: Iterable[str]) -> Iterator[Detail]:
        asked = list(photos)
        for done, one in enumerate(read(asked), start=1):
            tell(done, len(asked))
            yield one

    return replace(result, details=details)


class _Pace(ProgressColumn):
    """How many a minute, and at what time the last is done."""

    def render(self, task: Task) -> Line:
        if not task.speed or task.time_remaining is None:
            return Line("")
        end = datetime.now().astimezone() + timedelta(seconds=task.time_remaining)
        return Line(f"{task.speed * 60:.0f}/min → {end:%H:%M}")


def progress_bar(console: Console) -> Progress:
    """Make a bar that leaves nothing behind, and is not there where nobody sees it."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        _Pace(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


@contextmanager
def told_progress(lang: Lang) -> Iterator[Tell]:
    """Show on stderr how far a run is."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _line_by_line(console, lang, time.monotonic)
        return
    with progress_bar(console) as bar:
        task = bar.add_task("", total=None, visible=False)

        def tell(stage: Text, done: int = 0, of: int | None = None) -> None:
            if bar.tasks[0].description != stage[lang]:
                bar.reset(task, description=stage[lang], total=of, completed=done, visible=True)
            bar.update(task, completed=done, total=of)

        yield tell


def _line_by_line(console: Console, lang: Lang, clock: Callable[[], float]) -> Tell:
    """Say a line every half minute, none in a run that is over before."""
    last = clock()

    def tell(stage: Text, done: int = 0, of: int | None = None) -> None:
        nonlocal last
        if clock() - last >= _EVERY_SECONDS:
            last = clock()
            counts = "" if of is None else f" {done}/{of}"
            now = datetime.now().astimezone()
            console.print(f"{now:%H:%M} {stage[lang]}{counts}", highlight=False, markup=False)

    return tell
