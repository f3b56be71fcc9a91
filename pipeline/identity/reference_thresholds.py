"""Is this the person on record? A similarity to one's own photo on record: yes, no, cannot say.

Two distributions answer: how like their own records the photos of the batch are, and how
like other students' records. Where a similarity is usual for the one and rare for the
other the answer is sure; where it is usual for both, or rare for both, a person looks.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import scipy
from numpy.typing import NDArray

from pipeline.identity.same_person_threshold import FittedTail, Impostors, fisher, tail


class Answer(StrEnum):
    """Whether a photo shows the person on record."""

    ACCEPT = "accept"
    REJECT = "reject"
    CANNOT_SAY = "cannot_say"


@dataclass(frozen=True)
class BatchThresholds:
    """From ``accept`` on it is the person, below ``reject`` another; between, nobody can say.

    Attributes
    ----------
    accept, reject
        Similarities; reject < accept.
    among_all
        From here on a record that was looked for among all of them is the person's, though
        nothing else speaks for it; at least accept.
    false_accept
        Share of strangers that reach ``accept``.
    false_reject
        Share of the right persons that stay below ``reject``.
    """

    accept: float
    reject: float
    among_all: float
    false_accept: float
    false_reject: float


# One person on two photographs taken at different times, transforms of similarities: 126
# pairs of 16 east-asian people of the labelled photographs (half of them above 0.71, nine
# tenths above 0.55, 99 % above 0.44: similarities of 0.61, 0.50 and 0.41).
PRIOR_LOCATION, PRIOR_SCALE = 0.71, 0.13
# The batch's own records count beside the prior as their number beside these: where they lie
# is soon seen, how far they spread only from many.
_PRIOR_PLACE, _PRIOR_SPREAD = 3, 30
# Between two limits that nearly meet lies what a photo's size alone changes: saved at 34 px
# between the eyes, 95 % of the labelled pairs score within 0.03 of what they did.
_LEAST_WIDTH = 0.06
_STRANGERS = 0.1  # share of swapped photos that the fit begins with
_ROUNDS = 50


def batch_thresholds(
    own: NDArray[np.float64],
    others: Impostors,
    *,
    false_accept: float,
    false_reject: float,
    false_pairs: float,
) -> BatchThresholds:
    """Derive the bands of a batch.

    Parameters
    ----------
    own
        (n,) similarities of photos to their own students' records. Swapped students among
        them do no harm: a mixture tells them from the others.
    others
        Similarities to other students' references, as `impostors_between` gives them.
    false_accept, false_reject
        Shares of strangers taken for the person, and of persons taken for strangers, that
        the spec allows for one comparison.
    false_pairs
        Photos that may be expected to reach ``among_all`` with another's record, in the
        whole batch.
    """
    share = false_pairs / max(1.0, others.pairs, 2 * false_pairs)
    strangers = tail(others, presumed=share)
    location, scale = _genuine(fisher(own), strangers)
    chance = strangers.score_at(false_accept)
    rare = float(np.tanh(location + scale * float(scipy.special.ndtri(false_reject))))
    middle, half = (chance + rare) / 2, max(abs(chance - rare), _LEAST_WIDTH) / 2
    accept, reject = middle + half, middle - half
    return BatchThresholds(
        accept,
        reject,
        max(accept, strangers.score_at(share)),
        strangers.exceeded(accept),
        float(scipy.special.ndtr((fisher(reject) - location) / scale)),
    )


def judge(similarity: float, found: BatchThresholds) -> Answer:
    """Answer for one photo and its own record."""
    if similarity >= found.accept:
        return Answer.ACCEPT
    return Answer.REJECT if similarity < found.reject else Answer.CANNOT_SAY


def _genuine(own: NDArray[np.float64], strangers: FittedTail) -> tuple[float, float]:
    """Location and scale of the right persons' transformed similarities, taken for normal.

    Expectation and maximisation of two normals (Dempster, Laird and Rubin 1977), of which
    the strangers' is known: a swapped photo weighs as little as it is like a stranger.
    """
    location, scale, share = PRIOR_LOCATION, PRIOR_SCALE, _STRANGERS
    for _ in range(_ROUNDS if len(own) else 0):
        right = np.log((1 - share) / scale) - ((own - location) / scale) ** 2 / 2
        wrong = (
            np.log(share / strangers.slope) - ((own - strangers.at_zero) / strangers.slope) ** 2 / 2
        )
        weight = scipy.special.expit(right - wrong)
        count = float(weight.sum())
        location = (float(weight @ own) + _PRIOR_PLACE * PRIOR_LOCATION) / (count + _PRIOR_PLACE)
        squares = float(weight @ (own - location) ** 2) + _PRIOR_SPREAD * PRIOR_SCALE**2
        scale = float(np.sqrt(squares / (count + _PRIOR_SPREAD)))
        share = (len(own) - count + _STRANGERS) / (len(own) + 1)
    return location, scale
