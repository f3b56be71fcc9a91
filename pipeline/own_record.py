"""Is this the person on record? A similarity to one's own photo on record: yes, no, cannot say.

Two distributions answer: how like their own records the photos of the batch are, and how
like other students' records. Where a similarity is usual for the one and rare for the
other the answer is sure; where it is usual for both, or rare for both, a person looks.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import special

from pipeline.impostors import Impostors, tail


class Answer(StrEnum):
    """Whether a photo shows the person on record."""

    ACCEPT = "accept"
    REJECT = "reject"
    CANNOT_SAY = "cannot_say"


@dataclass(frozen=True)
class Bands:
    """From ``accept`` on it is the person, below ``reject`` another; between, nobody can say.

    Attributes
    ----------
    accept, reject
        Similarities; reject <= accept.
    false_accept
        Share of strangers that reach ``accept``.
    false_reject
        Share of the right persons that stay below ``reject``.
    """

    accept: float
    reject: float
    false_accept: float
    false_reject: float


# One person on two photographs taken at different times, east-asian people of the labelled
# photographs (126 pairs of 16 people, `flows.identity_faces`).
PRIOR_LOCATION, PRIOR_SCALE = 0.66, 0.13
# The batch's own records count beside the prior as their number beside this.
_PRIOR_RECORDS = 30
# Quantiles of the batch's own records that the line passes through: the middle and below,
# where a normal's are 0 to -1.28.
_SHARES = np.linspace(0.5, 0.1, 9)


def bands(
    own: NDArray[np.float64], others: Impostors, *, false_accept: float, false_reject: float
) -> Bands:
    """Derive the bands of a batch.

    Parameters
    ----------
    own
        (n,) similarities of photos to their own students' records. Swapped students among
        them do no harm: what is like a stranger is left aside before it is looked at.
    others
        Similarities to other students' records, `pipeline.impostors.impostors_between`.
    false_accept, false_reject
        Shares of strangers taken for the person, and of persons taken for strangers, that
        the spec allows for one comparison.
    """
    strangers = tail(others, presumed=0.5 / max(1, others.pairs))
    chance = strangers.score_at(false_accept)
    location, scale = _genuine(own[own >= chance])
    rare = location + scale * float(special.ndtri(false_reject))
    accept, reject = max(chance, rare), min(chance, rare)
    return Bands(
        accept,
        reject,
        strangers.exceeded(accept),
        float(special.ndtr((reject - location) / scale)),
    )


def judge(similarity: float, found: Bands) -> Answer:
    """Answer for one photo and its own record."""
    if similarity >= found.accept:
        return Answer.ACCEPT
    return Answer.REJECT if similarity < found.reject else Answer.CANNOT_SAY


def _genuine(own: NDArray[np.float64]) -> tuple[float, float]:
    """Location and scale of the lower half of similarities to one's own record."""
    count = len(own)
    if count == 0:
        return PRIOR_LOCATION, PRIOR_SCALE
    slope, middle = np.polyfit(special.ndtri(_SHARES), np.quantile(own, _SHARES), 1)
    weight = count / (count + _PRIOR_RECORDS)
    return (
        float(weight * middle + (1 - weight) * PRIOR_LOCATION),
        float(weight * slope + (1 - weight) * PRIOR_SCALE),
    )
