"""What the comparison of all photos costs: the search, and one fingerprint beside imagehash.

``make bench-search``. Codes and vectors are drawn at random, with copies planted that must be
found. Each case runs in a process of its own, which gives its peak memory.
imagehash is asked in the interpreter that ``--imagehash`` names (a throwaway environment);
it is no dependency. imagededup searches hashes by brute force too, but brings torch,
torchvision, scikit-learn and matplotlib along, so it is not measured.
"""

import argparse
import json
import multiprocessing
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise

import numpy as np
from rich.console import Console
from rich.table import Table

from pipeline.duplicates.fingerprints import fingerprint
from pipeline.duplicates.pairs import MOST_BITS
from pipeline.duplicates.search import codes_between, nearest, vectors_above
from pipeline.duplicates.similarity import similarity
from pipeline.face.head_view import CLOSE, HeadView, places

SIZES = (1_000, 10_000, 100_000)
MILLION = 1_000_000
_WORDS, _DIMENSIONS = 4, 128  # a fingerprint's code; an SFace vector
_COSINE, _NEAREST = 0.6, 5
_SEED = 11
_IMAGEHASH = """
import json, sys, time
import imagehash, numpy
from PIL import Image
pictures = [Image.fromarray(numpy.random.default_rng(i).integers(0, 256, (512, 512, 3), "uint8"))
            for i in range(20)]
began = time.process_time()
hashes = [imagehash.phash(picture, hash_size=16) for picture in pictures]
hashing = (time.process_time() - began) / len(pictures)
hashes = hashes * 50
began = time.process_time()
pairs = sum(a - b <= int(sys.argv[1]) for i, a in enumerate(hashes) for b in hashes[:i])
print(json.dumps([hashing * 1000, time.process_time() - began]))
"""


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--million", action="store_true", help="also a million codes: minutes")
    parser.add_argument("--imagehash", help="a Python that has imagehash")
    options = parser.parse_args()
    console = Console()
    console.print(search_cost((*SIZES, MILLION) if options.million else SIZES))
    console.print(picture_cost(options.imagehash))


def search_cost(sizes: Sequence[int]) -> Table:
    """Seconds and memory of every search at every size; a million only for codes.

    A million vectors against a million is 256 teraflop: hours on two cores, not run.
    """
    table = Table(title=f"exact search, seconds; codes of {64 * _WORDS} bits", box=None)
    table.add_column("search")
    for head in ("n", "wall s", "CPU s", "MB", "planted", "found"):
        table.add_column(head, justify="right")
    cases: dict[str, Callable[[int], tuple[int, int]]] = {
        f"codes within {MOST_BITS} bits, all pairs": _codes,
        f"cosines of {_DIMENSIONS} from {_COSINE} on, n against n": _vectors,
        f"nearest {_NEAREST} by cosine, n against n": _nearest,
    }
    for name, case in cases.items():
        for size in sizes:
            if size == MILLION and case is not _codes:
                continue
            wall, cpu, memory, (planted, found) = _measured(case, size)
            table.add_row(
                name,
                str(size),
                f"{wall:.2f}",
                f"{cpu:.2f}",
                f"{memory:.0f}",
                str(planted),
                str(found),
            )
    return table


def picture_cost(imagehash: str | None) -> Table:
    """CPU milliseconds of one fingerprint and one likeness, beside imagehash's pHash."""
    table = Table(title="one picture of 512×512, CPU ms", box=None)
    table.add_column("what")
    for head in ("hash", "a pair", "all pairs of 1000, s"):
        table.add_column(head, justify="right")
    rng = np.random.default_rng(_SEED)
    views = [_view(rng) for _ in range(20)]
    began = time.process_time()
    prints = [fingerprint(view, view.pixels) for view in views]
    hashed = time.process_time()
    for a, b in pairwise(prints):
        similarity(a, b)
    confirmed = time.process_time()
    _codes(1000)
    searched = time.process_time() - confirmed
    each, pair = (hashed - began) / len(views) * 1000, (confirmed - hashed) / 19 * 1000
    table.add_row("fingerprint, likeness, search", f"{each:.2f}", f"{pair:.2f}", f"{searched:.3f}")
    if imagehash is not None:
        call = [imagehash, "-c", _IMAGEHASH, str(MOST_BITS)]
        answer = subprocess.run(call, capture_output=True, check=True, text=True)  # noqa: S603
        other, pairs = json.loads(answer.stdout)
        table.add_row("imagehash.phash, 256 bits", f"{other:.2f}", "", f"{pairs:.3f}")
    return table


def _measured(
    case: Callable[[int], tuple[int, int]], size: int
) -> tuple[float, float, float, tuple[int, int]]:
    """Wall seconds, CPU seconds, peak MB and the answer of a case, in its own process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(_timed, case, size).result()


def _timed(
    case: Callable[[int], tuple[int, int]], size: int
) -> tuple[float, float, float, tuple[int, int]]:
    wall, cpu = time.perf_counter(), time.process_time()
    answer = case(size)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return wall, cpu, peak / (1024**2 if sys.platform == "darwin" else 1024), answer


def _codes(size: int) -> tuple[int, int]:
    """One code in a hundred is a copy with as many bits flipped as are allowed."""
    rng = np.random.default_rng(_SEED)
    codes = rng.integers(0, 2**64, (size, _WORDS), dtype=np.uint64)
    planted = size // 100
    flips = np.zeros((planted, 64 * _WORDS), np.uint8)
    flips[:, :MOST_BITS] = 1
    flipped = np.packbits(rng.permuted(flips, axis=1), axis=1).view(np.uint64)
    codes[-planted:] = codes[:planted] ^ flipped
    return planted, len(codes_between(codes, codes, MOST_BITS, ahead=True)[0])


def _vectors(size: int) -> tuple[int, int]:
    some, others, planted = _drawn(size)
    return planted, len(vectors_above(some, others, _COSINE)[0])


def _nearest(size: int) -> tuple[int, int]:
    some, others, planted = _drawn(size)
    index, value = nearest(some, others, _NEAREST)
    hits = (index[:planted, 0] == np.arange(planted)) & (value[:planted, 0] >= _COSINE)
    return planted, int(hits.sum())


def _drawn(size: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Vectors of length 1; one in a hundred of the second lot is near its fellow in the first."""
    rng = np.random.default_rng(_SEED)
    some, others = (rng.standard_normal((size, _DIMENSIONS), np.float32) for _ in range(2))
    planted = size // 100
    others[:planted] = some[:planted] + 0.5 * others[:planted]
    return _unit(some), _unit(others), planted


def _unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _view(rng: np.random.Generator) -> HeadView:
    """A view of noise, with an oval that is no background."""
    x, y = places(CLOSE, 256)
    classes = np.zeros((256, 256, 6), np.float32)
    classes[:, :, 0] = (x**2 + y**2) > 0.6
    pixels = rng.integers(0, 256, (512, 512, 3), np.uint8)
    points = np.zeros((478, 2), np.float32)
    return HeadView(CLOSE, pixels, classes, points, np.ones((256, 256), bool))


if __name__ == "__main__":
    main()
