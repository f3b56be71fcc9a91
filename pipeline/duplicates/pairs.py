"""Photos against one another: the same file, or the same picture, under two students.

A candidate pair is found by a 256-bit perceptual hash, also of the mirror image, and
confirmed by laying one small picture on the other (`similarity`). A hash alone will not do:
before one studio wall, 3.7 % of pairs of different people lie within the usual distance of
10 of a 64-bit pHash.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, product
from types import MappingProxyType

from pipeline.core.counting import Counted, untold
from pipeline.core.records import Fingerprint, PairRow
from pipeline.core.rules import Finding, Text
from pipeline.core.run_photos import Matched
from pipeline.duplicates.claims import Claims, came_first
from pipeline.duplicates.fingerprints import codes_of, mirrored
from pipeline.duplicates.search import codes_between
from pipeline.duplicates.similarity import similarity
from pipeline.rules.duplicates import DU001

# Measured here by `gradphoto evaluate --identity`: different people on one blue reach 0.79
# (and a fifth of a thousandth of them lies within these bits), two frames of one sitting 0.85.
MOST_BITS = 64  # of 256
LEAST_SIMILARITY = 0.88
_ALL_AGAINST_ALL = 400  # pairs: every one of them is a row
_MOST_NAMED = 10  # other students in one sentence


@dataclass(frozen=True)
class Same:
    """Two pictures that are one: their places in the two lists, and how they differ."""

    first: int
    second: int
    score: float  # correlation of the details, at most 1
    mirrored: bool
    other_background: bool

    @property
    def because(self) -> Text:
        """Say it in words."""
        zh, en = "画面相同", "the same picture"
        if self.mirrored:
            zh, en = f"{zh}，左右镜像", f"{en}, mirrored"
        if self.other_background:
            zh, en = f"{zh}，背景不同", f"{en}, before another background"
        return Text(zh, en)


@dataclass(frozen=True)
class Prints:
    """Fingerprints to search among: the hashes of all, and of each one all when it is asked for."""

    codes: Sequence[bytes]
    full: Callable[[int], Fingerprint]


def same_pictures(some: Prints, others: Prints, tell: Counted = untold) -> list[Same]:
    """Find every picture of ``some`` among ``others``, also mirrored; once a pair, best way.

    Of a list among itself (the same object twice) each pair once, first < second. ``tell`` is
    told of the pairs that are laid on one another.
    """
    found: dict[tuple[int, int], Same] = {}
    if not some.codes or not others.codes:
        return []
    codes, theirs = codes_of(some.codes), codes_of(others.codes)
    for mirror in (False, True):
        sought = mirrored(theirs) if mirror else theirs
        near = codes_between(codes, sought, MOST_BITS, ahead=some is others)
        last, first = None, None
        for done, (i, j) in enumerate(zip(*(part.tolist() for part in near), strict=True)):
            tell(done, len(near[0]))
            if first is None or i != last:
                last, first = i, some.full(i)
            like = similarity(first, others.full(j), mirror=mirror)
            known = found.get((i, j))
            if like.score >= LEAST_SIMILARITY and (known is None or like.score > known.score):
                found[i, j] = Same(i, j, like.score, mirror, like.other_background)
    return [found[pair] for pair in sorted(found)]


def find_pairs(matched: Matched, tell: Counted = untold) -> tuple[PairRow, ...]:
    """Find photos of different students that are the same file or the same picture.

    Photos without a student take no part, those without a code only with their bytes. Where
    one file stands under very many students (a placeholder that a portal hands out), every
    photo is in a pair, but not with every other.
    """
    student_of, summaries = matched.student_of, matched.summaries
    files: dict[str, list[str]] = defaultdict(list)  # photos by what is in them
    for photo in sorted(student_of):
        if sha256 := summaries[photo].sha256:
            files[sha256].append(photo)
    identical = Text("文件完全相同", "identical files")
    rows = [
        PairRow("same_file", student_of[a], student_of[b], a, b, 1.0, identical)
        for photos in files.values()
        for a, b in _between(photos, photos, student_of)
    ]
    # Files with the same bytes have the same fingerprint: one of each is compared.
    hashed = [
        (photos, code)
        for photos in files.values()
        if (code := summaries[photos[0]].code) is not None
    ]
    full = matched.photos.fingerprint
    prints = Prints([code for _, code in hashed], lambda at: full(hashed[at][0][0]))
    for same in same_pictures(prints, prints, tell):
        rows += [
            PairRow("same_picture", student_of[a], student_of[b], a, b, same.score, same.because)
            for a, b in _between(hashed[same.first][0], hashed[same.second][0], student_of)
        ]
    return tuple(sorted(rows, key=lambda row: (row.photo_a, row.photo_b, row.kind)))


def duplicate_findings(
    pairs: Sequence[PairRow], student_of: Mapping[str, str], claims: Claims = MappingProxyType({})
) -> dict[str, Finding]:
    """Return DU001 for every photo of a student: broken for both photos of every pair.

    A photo that by its claim came first passes with a note, unless it is in another pair too.
    """
    others: dict[str, dict[str, float]] = defaultdict(dict)
    asked = set()  # photos that must be looked at
    for pair in pairs:
        a, b = pair.photo_a, pair.photo_b
        others[a][pair.student_b] = pair.score
        others[b][pair.student_a] = pair.score
        for one, other in ((a, b), (b, a)):
            if not came_first(claims.get(one), claims.get(other)):
                asked.add(one)
    findings = dict.fromkeys(student_of, DU001.passed())
    for photo, scores in others.items():
        who = named(scores)
        if photo not in asked:
            findings[photo] = DU001.passed(max(scores.values()), _kept(who))
            continue
        detail = Text(f"与{who.zh}照片重复", f"the same as that of {who.en}")
        findings[photo] = DU001.broken(max(scores.values()), detail)
    return findings


def _kept(later: Text) -> Text:
    return Text(
        f"提示：此照片此前已合格，不因此改变结论；{later.zh}后来提交了同一张照片，需核对的是后者",
        f"note: this photo had passed before, and this changes nothing; {later.en} handed in the "
        "same picture later and is asked",
    )


def named(students: Collection[str]) -> Text:
    """Name students by their numbers; of very many the first, and how many more."""
    keys = "、".join(sorted(students)[:_MOST_NAMED])
    more = len(students) - _MOST_NAMED
    if more <= 0:
        return Text(f"【{keys}】", keys)
    return Text(f"【{keys}】等 {len(students)} 人", f"{keys} and {more} more")


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
