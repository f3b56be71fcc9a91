"""The records that flow from one step to the next; all frozen, all picklable."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from pipeline.words import Finding, Mode, Rule, Text, Verdict


@dataclass(frozen=True)
class Student:
    """A roster record 学生. ``key`` is the 学号, or the 采集码 number where there is none."""

    key: str
    row: int  # line of the roster file, 1-based, for messages
    student_no: str = ""  # 学号
    exam_no: str = ""  # 考生号
    id_no: str = ""  # 证件号, normalised (x→X, full-width→half-width)
    capture_code: str = ""  # 采集码编号
    name: str = ""
    college: str = ""
    major: str = ""
    class_name: str = ""
    file: str = ""  # the file that the roster names for this student
    reference: str = ""  # photo on record 参考照片


@dataclass(frozen=True)
class Submission:
    """One file that arrived.

    ``photo`` is the path relative to the inbox, with ``/`` between parts; a member of
    an archive is ``archive.zip/member``. ``path`` is the file on disk (the archive
    itself for a member) and ``member`` the member's name in the archive.
    """

    photo: str
    path: Path
    member: str | None = None


@dataclass(frozen=True)
class Match:
    """Whom a file belongs to, as far as names tell. ``findings`` holds RC001…RC005."""

    photo: str
    student_key: str | None
    preferred: bool  # named by the roster's file column or by a manifest
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Fingerprint:
    """What is compared between photos without any face template."""

    phash: int  # 64 bits
    thumb: bytes  # 32×40 uint8 lightness around the face, row by row


# Raise it when a field of `Fingerprint` changes its meaning: kept ones are then unreadable.
FINGERPRINT_LAYOUT = 1


def encode_fingerprint(value: Fingerprint) -> bytes:
    """Write a fingerprint down, whatever its fields are: numbers, texts, bytes."""
    fields_of = {f.name: getattr(value, f.name) for f in fields(value)}
    raw = {name: v for name, v in fields_of.items() if isinstance(v, bytes)}
    head = {
        "layout": FINGERPRINT_LAYOUT,
        "plain": {name: v for name, v in fields_of.items() if name not in raw},
        "sizes": {name: len(v) for name, v in raw.items()},
    }
    return zlib.compress(b"\n".join([json.dumps(head).encode(), b"".join(raw.values())]))


def decode_fingerprint(kept: bytes) -> Fingerprint | None:
    """Read a fingerprint that `encode_fingerprint` wrote; None when it is of another layout."""
    first, body = zlib.decompress(kept).split(b"\n", 1)
    head = json.loads(first)
    values: dict[str, Any] = dict(head["plain"])
    for name, size in head["sizes"].items():
        values[name], body = body[:size], body[size:]
    names = {f.name for f in fields(Fingerprint)}
    if head["layout"] != FINGERPRINT_LAYOUT or values.keys() != names:
        return None
    return Fingerprint(**values)


@dataclass(frozen=True)
class UploadFile:
    """A registration file waiting in the staging folder."""

    staged: Path
    sha256: str
    bytes: int
    quality: int | None  # JPEG quality; None when the bytes are the student's own


@dataclass(frozen=True)
class Examination:
    """All that one worker gives back for one photo. No pixels but a small thumbnail."""

    photo: str
    sha256: str
    mode: Mode
    findings: tuple[Finding, ...]
    width_px: int | None = None
    height_px: int | None = None
    fingerprint: Fingerprint | None = None
    upload: UploadFile | None = None
    thumbnail: bytes | None = None  # JPEG, at most 120×160
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class PhotoRow:
    """One input file in the result; ``codes`` are those that count for the verdict."""

    photo: str
    sha256: str
    student_key: str | None
    verdict: Verdict
    codes: tuple[str, ...]
    findings: tuple[Finding, ...]  # sorted by code
    thumbnail: bytes | None = None


@dataclass(frozen=True)
class StudentRow:
    """One roster record in the result."""

    student: Student
    verdict: Verdict
    photo: str | None
    codes: tuple[str, ...]
    findings: tuple[Finding, ...]  # those behind ``codes``, in the same order


@dataclass(frozen=True)
class PairRow:
    """Two photos that are too much alike (or not alike enough)."""

    kind: str  # same_file, same_picture, same_person, swap, shift, not_on_record
    student_a: str
    student_b: str
    photo_a: str
    photo_b: str
    score: float
    because: Text


@dataclass(frozen=True)
class UploadRow:
    """One written registration file."""

    file: str
    student_key: str
    sha256: str
    bytes: int
    quality: int | None


@dataclass(frozen=True)
class Result:
    """One run over one inbox: what every report is written from."""

    spec_name: str
    spec_title: str
    mode: Mode
    rules: Mapping[str, Rule]  # by code, every rule that was looked at
    photos: tuple[PhotoRow, ...]  # sorted by photo
    students: tuple[StudentRow, ...]  # in roster order
    pairs: tuple[PairRow, ...]
    uploads: tuple[UploadRow, ...]
    droppings: int  # .DS_Store, Thumbs.db, __MACOSX: counted, no submissions
    heads: tuple[Text, ...] = ()  # lines to stand above every list: a season's deadlines
