"""The threshold of a batch from the batch itself: how alike different people in it are.

A similarity says nothing by itself: pairs of different people reach 0.3 in one batch and
0.86 in another (drawn ones). But nearly all pairs of a batch are different people, so that
their own distribution says from where on a pair would be a rare accident. The threshold
lies where the whole batch is expected to hold half a false pair, or what a spec asks for.

The cosine of random directions is distributed like a correlation coefficient, so its Fisher
transform, artanh, is nearly normal far into the tail (Fisher 1921, Metron 1, 3-32). The upper
end of the transformed similarities is taken for that of a normal distribution: a straight
line through their quantiles against those of a standard normal. A line needs little data,
and it can leave the topmost pairs aside, which are the very ones looked for. Measured here
(`flows.measuring.identity_faces`) on random batches of 5, 20 and 80 east-asian people, half of them
with a second photo under another student: 0.00, 0.10 and 0.32 false pairs a batch where
0.01, 0.23 and 0.50 were expected, 97, 100 and 99 % of the hidden pairs found. A generalised
Pareto tail, fitted to the same, is led astray by the hidden pairs: from 40 people on it
found fewer than two thirds of them, and hardly any among people of many origins.

The more people, the higher the threshold must lie. People drawn at random with the spread of
real faces came to 0.47 for 200, 0.56 for 2,000 and 0.63 for 20,000 of them, and of the
labelled pairs of one east-asian person 0.95, 0.7 and 0.4 lie above that: in a large batch
``false_pairs`` buys what is found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, overload

import numpy as np
import scipy
from numpy.typing import NDArray

from pipeline.examine.embedding import Vector

Source = Literal["batch", "batch and prior", "prior"]

# Different east-asian people of one source among the labelled photographs (6,730 pairs):
# transforms of similarities, as `pipeline.examine.embedding.centred` gives them for a small batch.
PRIOR_LOCATION, PRIOR_SCALE = 0.09, 0.112
# The spread of a batch counts beside the prior's as its people beside so many: the pairs of
# few people hardly have a tail. With more, five drawn people, who spread twice as far as
# real ones, are taken for each other; with fewer, five real people's hidden pair is missed.
# Fewer people than the least have no distribution at all.
_PRIOR_PEOPLE = 12
_LEAST_PEOPLE = 5
_NEARLY_ONE = 0.9999
_BINS = 4000  # over -1..1: half a thousandth each
_CELLS = 1 << 22  # similarities at once: 16 MB, and thrice that for their bins
# Rows that are compared with everyone; of more, so many evenly spaced ones speak for all
# (of 100,000 people 4e8 pairs, a few seconds).
_ROWS = 4096
_LEVELS = 9
_STRETCH = 1.5  # of the normal's quantiles: how far down from the top the line looks
_ROUGH_TOP = 0.05
# The line keeps away from the last pairs, and from the sparse ones of a small batch.
_FEWEST, _MOST_TOP = 8, 0.25


@dataclass(frozen=True)
class Impostors:
    """How alike different students of a batch are.

    Attributes
    ----------
    counts
        (4000,) int64, pairs by similarity from -1 to 1; of a large batch a sample.
    people
        Students.
    pairs
        Pairs of different students in the whole batch.
    """

    counts: NDArray[np.int64]
    people: int
    pairs: int


@dataclass(frozen=True)
class FittedTail:
    """The line through the upper quantiles, of Fisher transforms of similarities.

    ``at_zero`` where the normal's quantile is 0, ``slope`` the transform's deviation.
    """

    at_zero: float
    slope: float
    people: int
    source: Source

    def exceeded(self, score: float) -> float:
        """Share of impostor pairs that reach ``score``."""
        quantile = (fisher(score) - self.at_zero) / self.slope
        return float(scipy.special.stdtr(self._freedom, -quantile))

    def score_at(self, share: float) -> float:
        """Similarity that this share of impostor pairs reaches."""
        quantile = -float(scipy.special.stdtrit(self._freedom, share))
        return float(np.tanh(self.at_zero + self.slope * quantile))

    @property
    def _freedom(self) -> float:
        """Degrees of freedom of Student's t in place of the normal; excess kurtoses, 6 / df, add.

        A line known from few people; and Fisher's transform itself, which in n dimensions
        has a variance of 1 / (n - 3) and an excess kurtosis of nearly 2 / (n - 1).
        """
        return 1 / (1 / (self.people + _PRIOR_PEOPLE - 1) + self.slope**2 / 3)


@dataclass(frozen=True)
class Threshold:
    """From where on a pair is taken for one person.

    Attributes
    ----------
    value
        Similarity, -1..1; above 1 where no pair of this batch could be told from chance.
    expected_false_pairs
        So many pairs of different people are expected to reach it in the whole batch.
    pairs
        Pairs of different students in the batch.
    source
        What it was derived from.
    """

    value: float
    expected_false_pairs: float
    pairs: int
    source: Source


@overload
def fisher(similarity: float) -> float: ...
@overload
def fisher(similarity: NDArray[np.float64]) -> NDArray[np.float64]: ...
def fisher(similarity: float | NDArray[np.float64]) -> float | NDArray[np.float64]:
    """Return the Fisher transform of similarities; those of equal vectors as of nearly equal."""
    transformed = np.arctanh(np.clip(similarity, -_NEARLY_ONE, _NEARLY_ONE))
    return float(transformed) if np.ndim(transformed) == 0 else transformed


def impostors(vectors: Vector, students: Sequence[str]) -> Impostors:
    """Count the similarities of all pairs of different students.

    Parameters
    ----------
    vectors
        (n, 128) float32 of length 1, as `pipeline.examine.embedding.centred` gives them.
    students
        Whose photo each is; two photos of one student are no pair.
    """
    counts, pairs = _count(vectors, vectors, students, students)
    return Impostors(counts, len(set(students)), pairs // 2)


def impostors_between(
    photos: Vector, of_photo: Sequence[str], references: Vector, of_reference: Sequence[str]
) -> Impostors:
    """Count the similarities of photos to the records of other students.

    Each is a batch of its own: give both as `pipeline.examine.embedding.centred` makes them.
    """
    counts, pairs = _count(photos, references, of_photo, of_reference)
    return Impostors(counts, len({*of_photo, *of_reference}), pairs)


def tail(found: Impostors, *, presumed: float) -> FittedTail:
    """Fit the upper tail of a batch's impostors.

    Twice: below the top twentieth, which says from where on pairs are presumed to be of one
    person; and without those, below the top pairs only, one for two people, as the tail
    itself knows best how it goes on.

    Parameters
    ----------
    found
        How alike different students of the batch are.
    presumed
        Share of impostor pairs beyond which the first fit leaves pairs out.
    """
    total = int(found.counts.sum())
    if found.people < _LEAST_PEOPLE or total == 0:
        return FittedTail(PRIOR_LOCATION, PRIOR_SCALE, found.people, "prior")
    rough = _line(found.counts, found.people, _ROUGH_TOP)
    edges = np.linspace(-1, 1, _BINS + 1)[:-1]
    left = np.where(edges < rough.score_at(presumed), found.counts, 0)
    return _line(left, found.people, 1 / found.people)


def _line(counts: NDArray[np.int64], people: int, top: float) -> FittedTail:
    """Lay the line through the quantiles below the top share, one and a half deviations far."""
    top = min(max(top, _FEWEST / int(counts.sum())), _MOST_TOP)
    highest = -float(scipy.special.ndtri(top))
    quantiles = np.linspace(max(0.0, highest - _STRETCH), highest, _LEVELS)
    scores = fisher(_scores_at(counts, scipy.special.ndtr(-quantiles)))
    own = float(np.polyfit(quantiles, scores, 1)[0])
    slope = (people * own + _PRIOR_PEOPLE * PRIOR_SCALE) / (people + _PRIOR_PEOPLE)
    at_zero = float(scores.mean() - slope * quantiles.mean())
    source: Source = "batch" if people > 10 * _PRIOR_PEOPLE else "batch and prior"
    return FittedTail(at_zero, slope, people, source)


def threshold(found: Impostors, *, false_pairs: float, false_accept: float) -> Threshold:
    """Return the similarity that ``false_pairs`` pairs of a batch are expected to reach.

    Parameters
    ----------
    found
        How alike different students of the batch are.
    false_pairs
        Pairs of different people that may be expected in the whole batch; a number of the
        spec, such as 0.5.
    false_accept
        The most that one pair of different people may be taken for one by chance: in a
        batch of five, half a false pair would be every twentieth. A number of the spec,
        such as 0.001.
    """
    share = min(false_accept, false_pairs / max(1, found.pairs))
    upper = tail(found, presumed=share)
    value = upper.score_at(share)
    return Threshold(value, found.pairs * upper.exceeded(value), found.pairs, upper.source)


def _count(
    queries: Vector, references: Vector, of_query: Sequence[str], of_reference: Sequence[str]
) -> tuple[NDArray[np.int64], int]:
    """Histogram of similarities between different students, and how many ordered pairs there are.

    Memory is bounded by one block of rows against all references.
    """
    names = {name: code for code, name in enumerate(dict.fromkeys([*of_query, *of_reference]))}
    rows, columns = (np.array([names[n] for n in s], np.int64) for s in (of_query, of_reference))
    per_student = np.bincount(columns, minlength=len(names))
    pairs = len(rows) * len(columns) - int(per_student[rows].sum())
    counts = np.zeros(_BINS, np.int64)
    chosen = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), _ROWS)).astype(np.int64))
    step = max(1, _CELLS // max(1, len(columns)))
    for start in range(0, len(chosen), step):
        block = chosen[start : start + step]
        scores = queries[block] @ references.T
        bins = np.clip((scores + 1) * (_BINS / 2), 0, _BINS - 1).astype(np.int32)
        other = rows[block, None] != columns[None]
        counts += np.bincount(bins[other], minlength=_BINS)
    return counts, pairs


def _scores_at(counts: NDArray[np.int64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Similarities that given shares of the counted pairs reach, between bins interpolated."""
    reached = np.concatenate([np.cumsum(counts[::-1])[::-1], [0]]) / counts.sum()
    edges = np.linspace(-1, 1, _BINS + 1)
    # np.interp wants rising abscissae; the shares fall as the similarity rises.
    return np.asarray(np.interp(shares, reached[::-1], edges[::-1]))
