"""Who is told what happens in a watched shoot: the terminal, a page, another program."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from flows.watch.board import Standing
from pipeline.batch.booth_setup import Part, SetupFrame
from pipeline.batch.booth_table import Drift
from pipeline.core.records import Answer, BoothFault


class Teller(Protocol):
    """Who is told what happens."""

    def setup(self, frame: SetupFrame | None, asked: Sequence[Part], /) -> None:
        """A test frame is judged, None before the first; such frames are asked for still."""

    def begin(self, taken_before: int, standing: Standing, /) -> None:
        """The workers start; so many frames were examined by an earlier run."""

    def answer(self, answer: Answer, waiting: int, standing: Standing, /) -> None:
        """A frame is answered, and so many more wait."""

    def booth(self, fault: BoothFault | Drift, /) -> None:
        """Most of the latest frames have one cause, or a measure drifts: the booth's fault."""

    def queue(self, waiting: int, /) -> None:
        """So many frames wait, more than the workers take at once."""

    def end(self, waiting: int, /) -> None:
        """No more frames are taken, but for so many that lie there; then come the lists."""


@dataclass(frozen=True)
class Tellers:
    """Several who are told the same."""

    all: tuple[Teller, ...]

    def setup(self, frame: SetupFrame | None, asked: Sequence[Part]) -> None:
        """As `Teller`."""
        for one in self.all:
            one.setup(frame, asked)

    def begin(self, taken_before: int, standing: Standing) -> None:
        """As `Teller`."""
        for one in self.all:
            one.begin(taken_before, standing)

    def answer(self, answer: Answer, waiting: int, standing: Standing) -> None:
        """As `Teller`."""
        for one in self.all:
            one.answer(answer, waiting, standing)

    def booth(self, fault: BoothFault | Drift) -> None:
        """As `Teller`."""
        for one in self.all:
            one.booth(fault)

    def queue(self, waiting: int) -> None:
        """As `Teller`."""
        for one in self.all:
            one.queue(waiting)

    def end(self, waiting: int) -> None:
        """As `Teller`."""
        for one in self.all:
            one.end(waiting)
