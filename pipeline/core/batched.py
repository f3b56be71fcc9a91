"""Cut what comes into pieces that fit in memory; `itertools.batched` from Python 3.12 on."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield lists of ``size``, the last one shorter; nothing is read ahead."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
