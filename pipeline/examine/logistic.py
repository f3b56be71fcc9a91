"""A small logistic regression: the only thing here that is fitted to labelled photos.

Its weights are plain numbers in ``checks/learned.toml``, written by
``python -m flows.measuring.fit_weights``, which reproduces them from the labels. A score is a sum
of a few named measures, so a person can see which of them spoke.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_CLIP = 4.0  # spreads: a measure far outside of what was seen says no more than this
_STEPS = 50
_CLOSE_ENOUGH = 1e-9


@dataclass(frozen=True)
class Linear:
    """Weights on standardised measures.

    ``names`` are the measures in order; ``centre`` and ``spread`` their mean and
    standard deviation over the photos that the weights were fitted to.
    """

    names: tuple[str, ...]
    centre: tuple[float, ...]
    spread: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float

    def score(self, measures: Mapping[str, float]) -> float:
        """Return the score of one photo, 0..1; 0.5 is where it speaks for neither side."""
        values = np.array([[measures[name] for name in self.names]])
        margin = _standard(values, self.centre, self.spread) @ np.array(self.weights) + self.bias
        return float(_sigmoid(margin)[0])


def read_linear(path: Path, name: str) -> Linear:
    """Read one table of the weights file."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))[name]
    rows = table["measures"]
    return Linear(
        names=tuple(row["name"] for row in rows),
        centre=tuple(float(row["centre"]) for row in rows),
        spread=tuple(float(row["spread"]) for row in rows),
        weights=tuple(float(row["weight"]) for row in rows),
        bias=float(table["bias"]),
    )


def fit_linear(
    measures: Sequence[Mapping[str, float]],
    truths: Sequence[bool],
    *,
    penalty: float,
    names: Sequence[str] | None = None,
) -> Linear:
    """Fit weights by penalised maximum likelihood, both sides weighing the same.

    Parameters
    ----------
    measures
        For each photo its named measures.
    truths
        Whether the fault is there.
    penalty
        Of the squared weights, against a likelihood that is a mean over each side: with
        few photos and doubtful labels, 0.01 keeps the weights small.
    names
        The measures to use; all of the first photo's, in their order, when not given.

    Raises
    ------
    ValueError
        When one side has no photo.
    """
    names = tuple(names if names is not None else measures[0])
    truth = np.array(truths, dtype=bool)
    if truth.all() or not truth.any():
        raise ValueError("a fit needs photos of both sides")
    values = np.array([[row[name] for name in names] for row in measures], dtype=np.float64)
    centre = values.mean(axis=0)
    spread = np.maximum(values.std(axis=0), 1e-6)
    x = np.hstack([_standard(values, centre, spread), np.ones((len(values), 1))])
    share = np.where(truth, 0.5 / truth.sum(), 0.5 / (~truth).sum())
    ridge = np.diag([*[penalty] * len(names), 1e-9])
    beta = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        chance = _sigmoid(x @ beta)
        slope = x.T @ (share * (chance - truth)) + ridge @ beta
        curve = (x * (share * chance * (1 - chance))[:, None]).T @ x + ridge
        step = np.linalg.solve(curve, slope)
        # Newton can overshoot where the sides separate: never move by more than one.
        beta = beta - step / max(1.0, float(np.abs(step).max()))
        if float(np.abs(step).max()) < _CLOSE_ENOUGH:
            break
    return Linear(
        names,
        tuple(map(float, centre)),
        tuple(map(float, spread)),
        tuple(map(float, beta[:-1])),
        float(beta[-1]),
    )


def _standard(
    values: NDArray[np.float64],
    centre: Sequence[float] | NDArray[np.float64],
    spread: Sequence[float] | NDArray[np.float64],
) -> NDArray[np.float64]:
    scaled: NDArray[np.float64] = (values - np.asarray(centre)) / np.asarray(spread)
    return np.clip(scaled, -_CLIP, _CLIP)


def _sigmoid(margin: NDArray[np.float64]) -> NDArray[np.float64]:
    chance: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(margin, -60, 60)))
    return chance
