"""How likely a score is that was never seen: the fitted tail of correlations.

Scores are taken to Fisher's z, and a generalised Pareto distribution is fitted to what
lies above a high one (Pickands 1975), by probability-weighted moments (Hosking and Wallis
1987, doi:10.2307/1269343), which need no iteration.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_LARGEST = 200  # scores that the tail is fitted to
_DRAWS = 1000
_SEED = 5


@dataclass(frozen=True)
class TailShare:
    """A generalised Pareto tail above ``start`` (Fisher's z), which a share of all exceeds."""

    start: float
    share: float
    scale: float
    shape: float  # below 0: it ends somewhere
    mean: float  # excess over the start

    def beyond(self, score: float) -> float:
        """Chance that a score is at least ``score``, which lies above the start."""
        excess = (float(np.arctanh(score)) - self.start) / self.scale
        if abs(self.shape) < 1e-9:
            return self.share * float(np.exp(-excess))
        inner = 1 + self.shape * excess
        return 0.0 if inner <= 0 else self.share * float(inner ** (-1 / self.shape))

    def endless(self, score: float) -> float:
        """The same with an exponential tail: more than where the shape is below 0."""
        return self.share * float(np.exp(-(float(np.arctanh(score)) - self.start) / self.mean))


def fit_tail(scores: NDArray[np.float64], of: int) -> TailShare:
    """Fit the tail to the largest of ``scores``, which are the largest of ``of`` comparisons."""
    z = np.sort(np.arctanh(np.clip(scores, -0.999999, 0.999999)))[::-1]
    count = min(_LARGEST, len(z) - 1)
    start, excess = float(z[count]), np.sort(z[:count] - z[count])
    mean = float(excess.mean())
    weights = 1 - (np.arange(1, count + 1) - 0.35) / count
    weighted = float((weights * excess).mean())
    shape = 2 - mean / (mean - 2 * weighted)
    scale = 2 * mean * weighted / (mean - 2 * weighted)
    return TailShare(start, count / of, scale, shape, mean)


def beyond(scores: NDArray[np.float64], of: int, score: float) -> tuple[float, float, float]:
    """Chance of at least ``score`` in one comparison, with its 95 % interval by resampling.

    The interval takes comparisons for independent, which those of one photo are not quite.
    """
    rng = np.random.default_rng(_SEED)
    drawn = [fit_tail(rng.choice(scores, len(scores)), of).beyond(score) for _ in range(_DRAWS)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return fit_tail(scores, of).beyond(score), float(low), float(high)
