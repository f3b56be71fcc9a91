"""The stages of a run, as whoever runs it has them done: plainly, or each as a task of Prefect."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from pipeline.batch.compare import Compared
from pipeline.core.records import Result
from pipeline.core.rules import Text

_Done = TypeVar("_Done")


class Stage(Protocol):
    """What has the work of one stage done, and is told in counts what it came to."""

    def __call__(
        self, name: Text, work: Callable[[], _Done], counts: Callable[[_Done], Text]
    ) -> _Done:
        """Give what the work gives."""
        ...


def plainly(
    name: Text,  # noqa: ARG001 - as a `Stage` is called
    work: Callable[[], _Done],
    counts: Callable[[_Done], Text],  # noqa: ARG001
) -> _Done:
    """Do the work at once, and tell nobody."""
    return work()


def pairs_counted(compared: Compared) -> Text:
    """Say how many photos were compared, and how many pairs were found."""
    photos, pairs = len(compared.matched.photos.summaries), len(compared.pairs)
    return Text(f"照片 {photos}，成对 {pairs}", f"photos {photos}, pairs {pairs}")


def files_written(result: Result) -> Text:
    """Say how many photos were listed, and how many registration files written."""
    rows, files = len(result.photos), len(result.uploads)
    return Text(f"照片 {rows}，成品 {files}", f"photos {rows}, registration files {files}")
