"""Numbers of a specification: finite, and of a size that means something."""

from typing import Annotated

from pydantic import AfterValidator, Field, Strict

# Neither a truth value nor a text, which pydantic would take for a number.
Number = Annotated[float, Strict(), Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
_Channel = Annotated[int, Strict(), Field(ge=0, le=255)]
Colour = tuple[_Channel, _Channel, _Channel]  # sRGB


def _rising(ends: tuple[float, float]) -> tuple[float, float]:
    if ends[0] > ends[1]:
        raise ValueError("the first end is beyond the second")
    return ends


Range = Annotated[tuple[Number, Number], AfterValidator(_rising)]
