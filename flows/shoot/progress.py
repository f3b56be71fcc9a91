"""The bar that shows how far a run is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pipeline.core.rules import Lang, Text

CHECKING = Text("检查", "checking")


def progress_bar(console: Console) -> Progress:
    """Make a bar that leaves nothing behind, and is not there where nobody sees it."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


@contextmanager
def told_progress(lang: Lang) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on stderr; what this gives is called with the photos done and all there are."""
    with progress_bar(Console(stderr=True)) as bar:
        task = bar.add_task(CHECKING[lang], total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
