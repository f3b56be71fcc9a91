"""A rejected picture handed in again: the photos of this round against those of earlier ones."""

import csv
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pipeline.core.errors import UsageError
from pipeline.core.records import Fingerprint
from pipeline.core.rules import Finding, Text, Verdict
from pipeline.core.run_photos import Matched
from pipeline.duplicates.claims import Claim, Claims, came_first
from pipeline.duplicates.pairs import Prints, same_pictures
from pipeline.rules.duplicates import DU006

_NO_EARLIER = Text("没有以前的结果可比对", "no earlier results to compare with")
# Families of rules on the file alone: its picture may come again in a better file.
_OF_THE_FILE = ("FL", "FS", "RS")


@dataclass(frozen=True)
class Rejected:
    """A picture that an earlier round refused; without a hash only its bytes are known."""

    photo: str
    student_key: str | None
    sha256: str
    code: bytes | None  # of its fingerprint
    claim: Claim | None = None  # None: no rounds are known


@dataclass(frozen=True)
class Refused:
    """The refused pictures of earlier rounds; ``fingerprint`` gives that of one with a code."""

    pictures: tuple[Rejected, ...]
    fingerprint: Callable[[Rejected], Fingerprint]


def rejected_findings(
    matched: Matched, refused: Refused | None, claims: Claims = MappingProxyType({})
) -> dict[str, Finding]:
    """Return DU006 for every photo of a student; not applicable where ``refused`` is None.

    ``refused`` may be pictures of any student. A photo that by its claim came before a refused
    one is not that one handed in again.
    """
    student_of, summaries = matched.student_of, matched.summaries
    if refused is None:
        return dict.fromkeys(student_of, DU006.not_applicable(_NO_EARLIER))
    findings = dict.fromkeys(student_of, DU006.passed())
    ordered = sorted(
        refused.pictures, key=lambda old: (old.sha256, old.student_key or "", old.photo)
    )
    known = [(old, old.code) for old in ordered if old.code is not None]
    hashed = [
        (photo, code) for photo in sorted(student_of) if (code := summaries[photo].code) is not None
    ]
    full = matched.photos.fingerprint
    best: dict[str, tuple[float, Rejected, Text]] = {}
    for same in same_pictures(
        Prints([code for _, code in hashed], lambda at: full(hashed[at][0])),
        Prints([code for _, code in known], lambda at: refused.fingerprint(known[at][0])),
    ):
        photo, old = hashed[same.first][0], known[same.second][0]
        if came_first(claims.get(photo), old.claim):
            continue
        if photo not in best or same.score > best[photo][0]:
            best[photo] = same.score, old, same.because
    files: dict[str, list[Rejected]] = defaultdict(list)
    for old in ordered:
        if old.sha256:
            files[old.sha256].append(old)
    for photo in student_of:
        same_bytes = files.get(summaries[photo].sha256, [])
        first = (old for old in same_bytes if not came_first(claims.get(photo), old.claim))
        if (file := next(first, None)) is not None:
            best[photo] = 1.0, file, Text("文件完全相同", "identical files")
    for photo, (score, old, because) in best.items():
        findings[photo] = DU006.broken(score, _detail(because, old, student_of[photo]))
    return findings


def was_refused(verdict: str, codes: Sequence[str]) -> bool:
    """Whether a photo was sent back for anything in the picture, and not its file alone."""
    of_the_file = all(code.startswith(_OF_THE_FILE) for code in codes)
    return verdict == Verdict.RETAKE and not of_the_file


def read_rejected(photos_csv: Path, prints: Mapping[str, Fingerprint]) -> tuple[Rejected, ...]:
    """Read what an earlier run refused from its ``photos.csv``, and its fingerprints by hash.

    Refused are photos with the verdict *retake* for anything in the picture. One whose file
    alone was wrong (size, format, pixels) may rightly come again in a better file.

    Raises
    ------
    UsageError
        When a file cannot be read or lacks a column.
    """
    try:
        with photos_csv.open(encoding="utf-8-sig", newline="") as stream:
            return tuple(
                Rejected(
                    photo=row["photo"],
                    student_key=row["student_id"] or None,
                    sha256=row["sha256"],
                    code=None if (found := prints.get(row["sha256"])) is None else found.code,
                )
                for row in csv.DictReader(stream)
                if was_refused(row["verdict"], row["codes"].split(";"))
            )
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, AttributeError) as error:
        raise UsageError(
            Text(
                f"{photos_csv.name}：无法读取（{type(error).__name__}）",
                f"{photos_csv.name}: cannot be read ({type(error).__name__})",
            )
        ) from None


def _detail(because: Text, old: Rejected, student: str) -> Text:
    """What it is the same as; whose that was, where it was another student's."""
    if old.student_key in {None, student}:
        return because
    return Text(
        f"{because.zh}，与【{old.student_key}】此前被驳回的照片重复",
        f"{because.en} as one of {old.student_key} that was rejected",
    )
