"""Share of one person's pairs that are found at a share of false ones, with its interval."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pipeline.examine.embedding import Vector

FARS = (1e-2, 1e-3, 1e-4)
_RESAMPLED = 400

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]
Row = tuple[str, ...]


def found_at(genuine: NDArray[np.float32], false: NDArray[np.float32], far: float) -> float:
    """Share of genuine pairs above the threshold that at most ``far`` of false pairs exceed."""
    limit = np.sort(false)[::-1][int(far * len(false))]
    return float((genuine > limit).mean())


def rates(
    persons: NDArray[np.str_], sources: NDArray[np.str_] | None, vectors: Vector
) -> list[Row]:
    """Return a row a false-pair share: what is found, its 95 % interval, and the pairs behind it.

    The interval is the bootstrap's, people drawn again with all their photos, so that it
    holds both the threshold and the pairs for chance. Where the share is less than one
    false pair, the row says what is found with none.

    Parameters
    ----------
    persons
        (n,) who is on each photo.
    sources
        (n,) where each is from: only people of one source are false pairs. None: all are.
    vectors
        (n, 128) float32 of length 1.
    """
    i, j = np.triu_indices(len(persons), 1)
    values, same = (vectors @ vectors.T)[i, j], persons[i] == persons[j]
    false = ~same if sources is None else ~same & (sources[i] == sources[j])
    genuine, impostor = values[same], np.sort(values[false])[::-1]
    order = np.argsort(-values[false])
    drawn = [
        [_weighted(genuine, times[same], impostor, times[false][order], far) for far in FARS]
        for times in _draws(persons, (i, j))
    ]
    rows: list[Row] = []
    for far, low, high in zip(FARS, *np.quantile(drawn, (0.025, 0.975), axis=0), strict=True):
        few = "" if far * len(impostor) >= 1 else f" (none of {len(impostor)})"
        found = f"{found_at(genuine, impostor, far):.3f}"
        counts = str(len(genuine)), str(len(impostor))
        rows.append((f"{far:g}{few}", found, f"{low:.3f}–{high:.3f}", *counts))
    return rows


def _draws(persons: NDArray[np.str_], pairs: Pairs) -> Iterator[NDArray[np.int64]]:
    """How often each pair counts when the people are drawn again with replacement."""
    rng = np.random.default_rng(20261)
    _, code = np.unique(persons, return_inverse=True)
    people = int(code.max()) + 1
    a, b = code[pairs[0]], code[pairs[1]]
    for _ in range(_RESAMPLED):
        times = np.bincount(rng.integers(0, people, people), minlength=people)
        yield np.where(a == b, times[a], times[a] * times[b])


def _weighted(
    genuine: NDArray[np.float32],
    genuine_times: NDArray[np.int64],
    impostor: NDArray[np.float32],
    impostor_times: NDArray[np.int64],
    far: float,
) -> float:
    """`found_at` where each pair counts several times or not at all; impostors highest first."""
    reached = np.cumsum(impostor_times)
    limit = impostor[int(np.searchsorted(reached, int(far * reached[-1]), side="right"))]
    return float(genuine_times[genuine > limit].sum() / max(1, genuine_times.sum()))
