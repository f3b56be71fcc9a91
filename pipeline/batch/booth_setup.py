"""What a test frame of the booth comes to, before the first student: what to move."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.batch.booth import causes_of_booth
from pipeline.batch.booth_table import MEASURED
from pipeline.core.causes import causes_of
from pipeline.core.records import Examination
from pipeline.core.rules import Finding, Outcome, Remedy, Rule, Text
from pipeline.core.verdict import counting

Part = Literal["wall", "assistant"]
PARTS: tuple[Part, ...] = ("wall", "assistant")


@dataclass(frozen=True, slots=True)
class SetupFrame:
    """One test frame.

    Parameters
    ----------
    part
        What it shows: the empty wall, or a person in the place of the students.
    moves
        What the photographer moves; of a frame that is not fit there is something, and of a wall
        that is near a limit too.
    left_right
        Of the wall: light of the picture's left third to that of its right one.
    """

    photo: str
    part: Part
    measures: tuple[tuple[Rule, Finding], ...]
    is_fit: bool
    moves: tuple[Text, ...]
    left_right: float | None = None


def wall_frame(photo: str, measures: tuple[tuple[Rule, Finding], ...], ratio: float) -> SetupFrame:
    """Sum up a frame of the empty wall by what was measured on it."""
    broken = [finding for _, finding in measures if finding.outcome is Outcome.BROKEN]
    causes = causes_of(broken, (), {rule.code: rule for rule, _ in measures})
    near = [
        Text(f"{rule.photographer.zh}（{said.zh}）", f"{rule.photographer.en} ({said.en})")
        for rule, finding in measures
        if finding.outcome is Outcome.PASSED and (said := finding.because)
    ]
    moves = (*(cause.photographer for cause in causes), *near)
    return SetupFrame(photo, "wall", measures, not broken, moves, ratio)


def assistant_frame(
    examined: Examination, rules: Mapping[str, Rule], remedy: Mapping[str, Remedy]
) -> SetupFrame:
    """Sum up a frame of an assistant: what the booth is at fault in, not how he looks."""
    of_spec = {code: replace(rule, remedy=remedy[code]) for code, rule in rules.items()}
    measures = tuple(
        (of_spec[f.code], f)
        for f in examined.findings
        if f.code in MEASURED and f.measured is not None
    )
    causes = causes_of_booth(counting(examined.findings, remedy), examined.causes, of_spec)
    moves = tuple(cause.photographer for cause in causes.values())
    return SetupFrame(examined.photo, "assistant", measures, not moves, moves)
