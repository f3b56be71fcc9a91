"""Who came first with a picture: an earlier accepted student keeps the state, the later is asked.

Rounds are known by numbers that grow; nothing here reads a clock or a database.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """The round in which a photo arrived, and the first one in which it passed."""

    arrived: int
    passed: int | None = None  # None: it never did


Claims = Mapping[str, Claim]  # by photo; none: no rounds are known


def came_first(one: Claim | None, other: Claim | None) -> bool:
    """Whether ``one`` had passed before the round in which ``other`` arrived."""
    return (
        one is not None
        and other is not None
        and one.passed is not None
        and one.passed < other.arrived
    )
