"""A limit as a specification states it, and how sure its measure is."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.core.finite import Number

Borderline = Literal["pass", "staff", "break"]


class Band(BaseModel):
    """A limit: what is allowed, and inside it what passes without a note.

    Ends are inclusive. ``low``/``high`` break the rule; ``note_low``/``note_high``
    lie inside them, and between the two the rule passes with a note. An absent end
    is open. ``source`` and ``confidence`` say where the number is from
    (`spec show` prints them).

    ``uncertainty`` is the expanded uncertainty of what is measured, in the unit of the limit
    (k = 2 unless ``uncertainty_source`` says otherwise). A value within it of ``low`` or
    ``high`` is *borderline* 临界 (ILAC-G8:09/2019 4.2.3, guard bands of JCGM 106:2012): inside
    the limit it passes, with a note; outside ``borderline`` says whether it passes too, goes
    to staff, or breaks. Without an uncertainty the limit is as sharp as it is written.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    low: Number | None = None
    high: Number | None = None
    note_low: Number | None = None
    note_high: Number | None = None
    source: str
    confidence: Literal["O", "O~", "U", "H", "C", "P"]
    uncertainty: Annotated[Number, Field(gt=0)] | None = None
    uncertainty_source: str | None = None
    borderline: Borderline | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "Band":
        if not self.ends:
            raise ValueError("a limit needs low or high (or note_low, note_high)")
        if list(self.ends) != sorted(self.ends):
            raise ValueError("low <= note_low <= note_high <= high does not hold")
        return self

    @model_validator(mode="after")
    def _unsure_as_a_whole(self) -> "Band":
        said = (self.uncertainty, self.uncertainty_source, self.borderline)
        if any(part is None for part in said) and any(part is not None for part in said):
            raise ValueError("uncertainty, uncertainty_source and borderline go together")
        if self.uncertainty is None:
            return self
        if self.low is None and self.high is None:
            raise ValueError("an uncertainty needs low or high: notes break nothing")
        low, high = self.low, self.high
        if low is not None and high is not None and high - low <= 2 * self.uncertainty:
            raise ValueError("the uncertainty leaves no value that is surely allowed")
        return self

    @property
    def ends(self) -> tuple[float, ...]:
        """The ends that it has, in the order in which they rise."""
        ends = (self.low, self.note_low, self.note_high, self.high)
        return tuple(end for end in ends if end is not None)

    def allows(self, value: float) -> bool:
        """Whether ``value`` keeps the rule."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def within_notes(self, value: float) -> bool:
        """Whether ``value`` keeps the rule without a note."""
        return (
            self.allows(value)
            and (self.note_low is None or value >= self.note_low)
            and (self.note_high is None or value <= self.note_high)
        )

    def is_borderline(self, value: float) -> bool:
        """Whether ``value`` lies within the uncertainty of an end, to either side of it."""
        unsure = self.uncertainty
        return unsure is not None and any(
            end is not None and abs(value - end) <= unsure for end in (self.low, self.high)
        )
