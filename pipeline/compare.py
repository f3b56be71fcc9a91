"""Photos against one another: the same file, or the same picture, under two students.

A candidate pair is found by a 64-bit perceptual hash and confirmed by the correlation
of two small pictures, both in a frame that is fixed to the face. The hash alone will not
do: before one studio wall, 3.7 % of pairs of different people lie within the usual
distance of 10.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, product

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.records import Fingerprint, PairRow
from pipeline.words import Finding, Remedy, Rule, Text

DU001 = Rule(
    "DU001",
    Remedy.STAFF,
    fault=Text("同一张照片出现在两名学生名下", "the same file or picture under two students"),
    hint=Text("由老师核对照片归属", "staff must decide whose picture it is"),
    quantity=Text("相似度", "likeness"),
    unit="",
    source="domain.md §8 DUP; §5.1",
    decimals=3,
)
COMPARE_RULES = (DU001,)

THUMB = (32, 40)  # width, height
_HASH_SIDE = 32
_HASH_BITS = 8
# Measured by `gradphoto evaluate`-style pairing of the labelled photographs: re-encoded,
# resized and slightly cropped pictures stay within these, different photographs do not.
_MAX_DISTANCE = 12
_MIN_CORRELATION = 0.985
_BLOCK = 2048
_ALL_AGAINST_ALL = 400  # pairs: every one of them is a row
_MOST_NAMED = 10  # other students in one sentence


def fingerprint(lightness: NDArray[np.float32]) -> Fingerprint:
    """Make the fingerprint of a photo from its `Facts.portrait`, (h, w) float32, 0-100.

    The hash is pHash: the signs of the 8x8 lowest frequencies of a 32x32 DCT against
    their median, the constant left out (Zauner 2010, "Implementation and Benchmarking
    of Perceptual Image Hash Functions").
    """
    square = cv2.resize(lightness, (_HASH_SIDE, _HASH_SIDE), interpolation=cv2.INTER_AREA)
    low = cv2.dct(square)[:_HASH_BITS, :_HASH_BITS].ravel()
    bits = low > np.median(low[1:])
    bits[0] = False
    phash = int.from_bytes(np.packbits(bits).tobytes(), "big")
    thumb = cv2.resize(lightness, THUMB, interpolation=cv2.INTER_AREA)
    return Fingerprint(phash, np.clip(thumb * 2.55, 0, 255).round().astype(np.uint8).tobytes())


def correlation(a: Fingerprint, b: Fingerprint) -> float:
    """Correlate two thumbs: 1 for the same picture up to brightness and contrast."""
    x, y = (np.frombuffer(f.thumb, np.uint8).astype(np.float64) for f in (a, b))
    x, y = x - x.mean(), y - y.mean()
    norm = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / norm if norm > 0 else 1.0


def find_pairs(
    sha256: Mapping[str, str],
    fingerprints: Mapping[str, Fingerprint],
    student_of: Mapping[str, str],
) -> tuple[PairRow, ...]:
    """Find photos of different students that are the same file or the same picture.

    Where one file stands under very many students (a placeholder that a portal hands
    out), every photo is in a pair, but not with every other.

    Parameters
    ----------
    sha256, fingerprints, student_of
        By photo; photos without a student take no part.
    """
    files: dict[str, list[str]] = defaultdict(list)  # photos by what is in them
    for photo in sorted(student_of):
        if sha256.get(photo):
            files[sha256[photo]].append(photo)
    rows = [
        _row("same_file", a, b, 1.0, student_of)
        for photos in files.values()
        for a, b in _between(photos, photos, student_of)
    ]
    # Files with the same bytes have the same fingerprint: one of each is compared.
    hashed = [photos for photos in files.values() if photos[0] in fingerprints]
    for i, j in _near([fingerprints[photos[0]].phash for photos in hashed]):
        likeness = correlation(fingerprints[hashed[i][0]], fingerprints[hashed[j][0]])
        if likeness >= _MIN_CORRELATION:
            rows += [
                _row("same_picture", a, b, likeness, student_of)
                for a, b in _between(hashed[i], hashed[j], student_of)
            ]
    return tuple(sorted(rows, key=lambda row: (row.photo_a, row.photo_b, row.kind)))


def duplicate_findings(
    pairs: Sequence[PairRow], student_of: Mapping[str, str]
) -> dict[str, Finding]:
    """Give DU001 for every photo of a student: broken for both photos of every pair."""
    others: dict[str, dict[str, float]] = defaultdict(dict)
    for pair in pairs:
        others[pair.photo_a][pair.student_b] = pair.score
        others[pair.photo_b][pair.student_a] = pair.score
    findings = {photo: DU001.passed() for photo in student_of}
    for photo, scores in others.items():
        keys = "、".join(sorted(scores)[:_MOST_NAMED])
        more = len(scores) - _MOST_NAMED
        rest = Text(f"等 {len(scores)} 人", f" and {more} more") if more > 0 else Text("", "")
        detail = Text(f"与【{keys}】{rest.zh}照片重复", f"the same as that of {keys}{rest.en}")
        findings[photo] = DU001.broken(max(scores.values()), detail)
    return findings


def _between(
    some: Sequence[str], others: Sequence[str], student_of: Mapping[str, str]
) -> set[tuple[str, str]]:
    """All pairs of different students; of very many, enough to put every photo in one."""
    if len(some) * len(others) > _ALL_AGAINST_ALL:
        few = [*_of_two_students(some, student_of), *_of_two_students(others, student_of)]
        candidates: Iterable[tuple[str, str]] = chain(product(some, few), product(few, others))
    else:
        candidates = product(some, others)
    return {(min(a, b), max(a, b)) for a, b in candidates if student_of[a] != student_of[b]}


def _of_two_students(photos: Sequence[str], student_of: Mapping[str, str]) -> list[str]:
    """The first photo, and the first of another student."""
    first = photos[0]
    another = (photo for photo in photos if student_of[photo] != student_of[first])
    return [first, *islice(another, 1)]


def _row(kind: str, a: str, b: str, score: float, student_of: Mapping[str, str]) -> PairRow:
    because = Text("文件完全相同", "identical files")
    if kind == "same_picture":
        because = Text("画面相同", "the same picture")
    return PairRow(kind, student_of[a], student_of[b], a, b, score, because)


def _near(hashes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """All pairs i < j within the distance, exactly, in blocks."""
    codes = np.array(hashes, dtype=np.uint64)
    for start in range(0, len(codes), _BLOCK):
        block = codes[start : start + _BLOCK]
        for other in range(start, len(codes), _BLOCK):
            distance = np.bitwise_count(block[:, None] ^ codes[None, other : other + _BLOCK])
            for i, j in np.argwhere(distance <= _MAX_DISTANCE):
                if start + i < other + j:
                    yield start + int(i), other + int(j)
