"""The study of `compare`: the same picture is found, and two people are no pair.

``gradphoto evaluate --identity`` prints both. Same picture: labelled photos against
themselves, altered by `alterations`. Different people: every photo set on one blue, all
against all. Photos of one component (one person, one series) stay in one half; the least
likeness is chosen on one half and scored on the other, and the other way round, beside the
one that is shipped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from checks import CHECKS
from flows.measuring.alterations import ALTERATIONS, Share
from flows.measuring.intervals import folds_of, wilson
from flows.measuring.labels import Labelled, read_labels
from flows.measuring.tails import TailShare, beyond, fit_tail
from pipeline.core.errors import PhotoError
from pipeline.core.records import Fingerprint
from pipeline.core.rules import Mode
from pipeline.duplicates.fingerprints import (
    codes_of,
    fingerprint,
    mask_of,
    mirrored,
)
from pipeline.duplicates.pairs import LEAST_SIMILARITY, MOST_BITS
from pipeline.duplicates.search import codes_between
from pipeline.duplicates.similarity import similarity
from pipeline.examine.facts import Facts
from pipeline.examine.head_facts import HeadFacts
from pipeline.examine.measure import facts_of
from pipeline.face.models import BACKGROUND, load_models
from pipeline.image.decode import Pixels
from pipeline.spec.spec import load_spec

PLAIN, BLUE = "as it is", "on the common blue"
_GROUPS = ("identity", "idstyle", "portrait")  # one person each; the altered ones are of these
_LONGEST_PX = 1500  # what is altered is no larger
# Different people this near by hash are scored: beyond what is a candidate in a run, so the
# tail that is fitted is heavier than the one that a run meets.
_NEAR_BITS = 90


@dataclass(frozen=True)
class Compared:
    """One comparison: bits between the hashes, likeness, and the half it belongs to."""

    bits: int
    score: float
    half: int

    def is_pair(self, least: float) -> bool:
        """Whether a run would call it the same picture, given the least likeness."""
        return self.bits <= MOST_BITS and self.score >= least


def picture_tables(labels: Path, altered: int | None) -> list[Table]:
    """Measure, and give both tables.

    Parameters
    ----------
    altered
        Alter only so many photographs, a seeded choice; None: all that show one person.
    """
    rows = sorted(read_labels(labels), key=lambda row: crc32(row.name.encode()))
    halves = folds_of([row.component for row in rows], 2)
    chosen = {row.name for row in [r for r in rows if r.group in _GROUPS][:altered]}
    prints = {
        row.name: fingerprints_of(row, [PLAIN, *(ALTERATIONS if row.name in chosen else [BLUE])])
        for row in rows
    }
    seen = [(row, half) for row, half in zip(rows, halves, strict=True) if prints[row.name]]
    same = {
        how: [
            _compare(prints[row.name][PLAIN], prints[row.name][how], half, how)
            for row, half in seen
            if how in prints[row.name] and has_face(prints[row.name][PLAIN])
        ]
        for how in ALTERATIONS
    }
    blue = [
        (row.component, half, prints[row.name][BLUE])
        for row, half in seen
        if has_face(prints[row.name][BLUE])
    ]
    different, pairs = different_people(blue)
    least = [_least(same, different, 1 - half) for half in (0, 1)]
    false = sum(c.half >= 0 and c.is_pair(least[c.half]) for c in different)
    crossed = _false_pairs(different, pairs, len(blue))
    crossed.caption = f"false pairs within the halves at what the other half chose: {false}"
    return [_recalls(same, least), crossed]


def fingerprints_of(row: Labelled, hows: Sequence[str]) -> dict[str, Fingerprint]:
    """Fingerprints of a photo and of its alterations, by their names; none: cannot be read."""
    try:
        facts = _facts(row.path.read_bytes())
        pixels = _at_most(facts.photo.pixels)
        share = _background(pixels)
        found = {}
        for how in hows:
            seed = [crc32(row.name.encode()), crc32(how.encode())]
            rng = np.random.default_rng(seed)
            changed = facts if how == PLAIN else _facts(ALTERATIONS[how](pixels, rng, share))
            near = changed.content.first_view if isinstance(changed, HeadFacts) else None
            found[how] = fingerprint(near, changed.photo.pixels)
    except PhotoError:
        return {}
    return found


def has_face(of: Fingerprint) -> bool:
    """Whether a fingerprint is fixed to a face, or that of a whole frame."""
    return not mask_of(of.person).all()


def different_people(
    blue: Sequence[tuple[str, int, Fingerprint]],
) -> tuple[list[Compared], dict[int | None, int]]:
    """Compare all photos of different components, plain and mirrored.

    Returns
    -------
    compared
        Those whose hashes are near, the better of the two ways; half -1 across halves.
    pairs
        How many there were altogether: in each half, and under None in all.
    """
    prints = [found for _, _, found in blue]
    codes = codes_of([found.code for found in prints])
    best: dict[tuple[int, int], Compared] = {}
    for mirror in (False, True):
        theirs = mirrored(codes) if mirror else codes
        for i, j in zip(*codes_between(codes, theirs, _NEAR_BITS, ahead=True), strict=True):
            if blue[i][0] == blue[j][0]:
                continue
            bits = int(np.bitwise_count(codes[i] ^ theirs[j]).sum())
            score = similarity(prints[i], prints[j], mirror=mirror).score
            half = blue[i][1] if blue[i][1] == blue[j][1] else -1
            known = best.get((i, j))
            if known is None or score > known.score:
                best[i, j] = Compared(bits, score, half)
    pairs: dict[int | None, int] = {
        half: _pairs([name for name, of, _ in blue if of == half]) for half in (0, 1)
    }
    pairs[None] = _pairs([name for name, _, _ in blue])
    return list(best.values()), pairs


def _pairs(components: Sequence[str]) -> int:
    """Pairs of two components."""
    counts = np.unique(np.array(components), return_counts=True)[1]
    total = len(components)
    return int(total * (total - 1) // 2 - (counts * (counts - 1) // 2).sum())


def _compare(a: Fingerprint, b: Fingerprint, half: int, how: str) -> Compared:
    mirror = how == "mirrored"
    codes = codes_of([b.code])
    apart = codes_of([a.code]) ^ (mirrored(codes) if mirror else codes)
    return Compared(int(np.bitwise_count(apart).sum()), similarity(a, b, mirror=mirror).score, half)


def _least(same: dict[str, list[Compared]], different: Sequence[Compared], half: int) -> float:
    """Choose the least likeness on one half: midway between the nearest of two kinds.

    Of the same pictures only candidates count (where another face was taken for the main
    one, no limit mends it), and the lowest hundredth of them is left out.
    """
    ours = [
        c.score
        for compared in same.values()
        for c in compared
        if c.half == half and c.bits <= MOST_BITS
    ]
    theirs = [c.score for c in different if c.half == half]
    return float(np.percentile(ours, 1) + max(theirs)) / 2


def _recalls(same: dict[str, list[Compared]], least: Sequence[float]) -> Table:
    """Recall of each alteration; ``least`` is what was chosen for each half on the other."""
    table = Table(title="the same picture, altered", box=None)
    for head in ("alteration", "pairs", "found", "recall, 95 %", "likeness p1", "out of half"):
        table.add_column(head, justify="left" if head == "alteration" else "right")
    for how, compared in same.items():
        found = sum(c.is_pair(LEAST_SIMILARITY) for c in compared)
        out = sum(c.is_pair(least[c.half]) for c in compared)
        table.add_row(
            how,
            str(len(compared)),
            str(found),
            _share(found, len(compared)),
            f"{np.percentile([c.score for c in compared], 1):.3f}",
            _share(out, len(compared)),
        )
    chosen = " and ".join(f"{value:.3f}" for value in least)
    table.caption = f"shipped {LEAST_SIMILARITY}; chosen on the other half: {chosen}"
    return table


def _false_pairs(different: Sequence[Compared], pairs: dict[int | None, int], photos: int) -> Table:
    """False pairs, and the tail fitted to the likeness of different people."""
    table = Table(title=f"different people on one blue, {photos} photos", box=None)
    for head in ("fitted on", "pairs", "near", "false", "highest", "beyond", "95 %", "endless"):
        table.add_column(head, justify="left" if head == "fitted on" else "right")
    parts: dict[str, tuple[int | None, Callable[[Compared], bool]]] = {
        "half 1": (0, lambda c: c.half == 0),
        "half 2": (1, lambda c: c.half == 1),
        "all": (None, lambda _: True),
    }
    for name, (key, belongs) in parts.items():
        mine = [c for c in different if belongs(c)]
        scores: NDArray[np.float64] = np.array([c.score for c in mine])
        tail: TailShare = fit_tail(scores, pairs[key])
        chance, low, high = beyond(scores, pairs[key], LEAST_SIMILARITY)
        table.add_row(
            name,
            str(pairs[key]),
            str(len(mine)),
            str(sum(c.is_pair(LEAST_SIMILARITY) for c in mine)),
            f"{scores.max():.3f}",
            f"{chance:.1e}",
            f"{low:.0e}-{high:.0e}",
            f"{tail.endless(LEAST_SIMILARITY):.0e}",
        )
    table.caption = (
        f"beyond: chance that a pair of two people scores {LEAST_SIMILARITY} or more;"
        " endless: the same were the tail to fall off no faster than an exponential"
    )
    return table


def _share(hits: int, of: int) -> str:
    low, high = wilson(hits, of)
    return f"{hits / max(1, of):.1%} ({low:.1%}-{high:.1%})"


def _facts(data: bytes) -> Facts:
    spec = load_spec("chsi_graduate", CHECKS)
    return facts_of(data, Mode.SOURCE, spec, load_models())


def _at_most(pixels: Pixels) -> Pixels:
    shrink = _LONGEST_PX / max(pixels.shape[:2])
    if shrink >= 1:
        return pixels
    small = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _background(pixels: Pixels) -> Share:
    classes = load_models().segment(np.ascontiguousarray(pixels))
    share = np.ascontiguousarray(classes[:, :, BACKGROUND])
    size = (pixels.shape[1], pixels.shape[0])
    grown = cv2.resize(share, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(grown.clip(0, 1), np.float32)
