"""Exact search among many: codes within a Hamming distance, vectors above a cosine.

Everything is compared with everything, in blocks of bounded memory. Measured here by
``python -m flows.measuring.bench_search``: faiss (IndexBinaryFlat,
IndexFlatIP) takes half the CPU of numpy's popcount and BLAS, 20 s less in a season of 100,000 of
eleven hours, and is not worth its 66 MB for that; and at the distances of
perceptual hashes no banding pays. Of codes within 60 of 256 bits, bands that must agree in
one would be four bits wide, and a sixteenth of all pairs would meet in each.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint64]  # (n, words): 64 bits a word
Vectors = NDArray[np.float32]  # (n, d), each of length 1

# Blocks that stay in a core's cache: a tile of distances is 256 KB, one of products 16 MB.
_ROWS, _COLUMNS = 128, 2048
_VECTORS = 2048


def codes_between(
    some: Codes, others: Codes, distance: int, *, ahead: bool = False
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find all (i, j) for which some[i] and others[j] differ in at most ``distance`` bits.

    Parameters
    ----------
    some, others
        (n, words) and (m, words) uint64.
    ahead
        Only i < j: each pair once where both are the same codes.

    Returns
    -------
    i, j
        int64, sorted by i and then j.
    """
    return _sorted_pairs(_strips(some, others, distance, ahead=ahead))


def vectors_above(
    some: Vectors, others: Vectors, cosine: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Find all (i, j) for which the cosine of some[i] and others[j] is at least ``cosine``.

    Returns
    -------
    i, j, cosine
        (m,) int64, int64 and float32, sorted by i and then j.
    """
    found: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]] = []
    for row, column, product in _products(some, others):
        i, j = np.nonzero(product >= cosine)
        found.append((i + row, j + column, product[i, j]))
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32)
    i, j, value = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort((j, i))
    return i[order], j[order], value[order]


def nearest(
    queries: Vectors, others: Vectors, k: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Find the ``k`` vectors of ``others`` with the largest cosine to each query.

    Returns
    -------
    index, cosine
        (n, k) int64 and float32, best first; among equals the smaller index first. Fewer
        columns where there are fewer others.
    """
    k = min(k, len(others))
    index = np.zeros((len(queries), k), np.int64)
    value = np.full((len(queries), k), -np.inf, np.float32)
    for row, column, product in _products(queries, others) if k else ():
        rows = slice(row, row + len(product))
        least = worst = value[rows, -1:]
        if column == 0 and product.shape[1] > k:  # nothing known yet: only the best k may enter
            least = -np.partition(-product, k - 1, axis=1)[:, k - 1 : k]
        # What comes later and is no better than the worst of the best has a larger index.
        i, j = np.nonzero((product >= least) & (product > worst))
        for query in np.unique(i):
            mine = j[slice(*np.searchsorted(i, [query, query + 1]))]
            both = np.concatenate([value[row + query], product[query, mine]])
            where = np.concatenate([index[row + query], mine + column])
            order = np.argsort(-both, kind="stable")[:k]
            value[row + query], index[row + query] = both[order], where[order]
    return index, value


def _products(some: Vectors, others: Vectors) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Blocks of the product of all vectors: first row, first column, (rows, columns) float32."""
    for row in range(0, len(some), _VECTORS):
        block = some[row : row + _VECTORS]
        for column in range(0, len(others), _VECTORS):
            yield row, column, block @ others[column : column + _VECTORS].T


def _strips(
    some: Codes, others: Codes, distance: int, *, ahead: bool
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pairs of each strip of rows. numpy lets go of the lock, so strips run on all cores."""
    words = np.ascontiguousarray(others.T)

    def strip(row: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        block = some[row : row + _ROWS]
        found = []
        for column in range(row if ahead else 0, len(others), _COLUMNS):
            far = _distances(block, words[:, column : column + _COLUMNS])
            near = far <= distance
            if near.any():
                i, j = np.nonzero(near)
                found.append((i + row, j + column))
        if not found:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        i, j = (np.concatenate(part) for part in zip(*found, strict=True))
        return (i[i < j], j[i < j]) if ahead else (i, j)

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    starts = iter(range(0, len(some), _ROWS))
    with ThreadPoolExecutor(cores or 1) as threads:
        while batch := list(islice(starts, 64)):
            yield from threads.map(strip, batch)


def _distances(block: Codes, words: Codes) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Differing bits of (rows, words) against (words, columns): (rows, columns)."""
    far: NDArray[np.uint8] | NDArray[np.uint16] = np.bitwise_count(block[:, :1] ^ words[0])
    if len(words) * 64 > np.iinfo(np.uint8).max:
        far = far.astype(np.uint16)
    for word in range(1, len(words)):
        far += np.bitwise_count(block[:, word : word + 1] ^ words[word])
    return far


def _sorted_pairs(
    strips: Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    found = list(strips)
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    i, j = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort((j, i))
    return i[order], j[order]
