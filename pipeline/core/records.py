"""The records that flow from one step to the next; all frozen, all picklable."""

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from pipeline.core.causes import Cause
from pipeline.core.marks import Marks
from pipeline.core.rules import Finding, Mode, Rule, Text, Verdict


class FileKind(StrEnum):
    """What a file is by its content, as far as it may speak for a student."""

    PHOTO = "photo"  # a picture, sound or damaged; or nobody can look (a password)
    UNKNOWN = "unknown"  # nothing that is known: its name tells what it was meant for
    MASTER = "master"  # a picture that must be exported first: a camera's RAW, Photoshop's PSD
    CARD = "code_card"  # a code that was photographed before a student's frames
    OTHER = "other"  # a video, a text, a document, a link, nothing at all


@dataclass(frozen=True, slots=True)
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
    # Columns that the program does not know, by their heads: for lists that people act on.
    carried: tuple[tuple[str, str], ...] = ()
    sheet: str = field(default="", compare=False)  # of the workbook, for messages

    @property
    def place(self) -> Text:
        """Where the record stands, for messages: ``row 5``, ``sheet '软件2301' row 5``."""
        if self.sheet:
            zh, en = f"工作表“{self.sheet}”第 {self.row} 行", f"sheet {self.sheet!r} row {self.row}"
            return Text(zh, en)
        return Text(f"第 {self.row} 行", f"row {self.row}")


def carried_heads(students: Iterable[Student]) -> tuple[str, ...]:
    """Return the heads of the columns that were carried, each once."""
    return tuple(dict.fromkeys(head for student in students for head, _ in student.carried))


@dataclass(frozen=True, slots=True)
class Submission:
    """One file that arrived.

    ``photo`` is the path relative to the inbox, with ``/`` between parts; a member of
    an archive is ``archive.zip/member``. ``path`` is the file on disk (the archive
    itself for a member) and ``member`` the member's name in the archive.
    """

    photo: str
    path: Path
    member: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a file belongs to, as far as names tell. ``findings`` holds RC001…RC005."""

    photo: str
    student_key: str | None
    preferred: bool  # named by the roster's file column or by a manifest
    findings: tuple[Finding, ...]
    set_aside: bool = False  # no contender: it never speaks for its student
    proposed: tuple[str, ...] = ()  # students whose it may be: a person decides


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is compared between photos without any face template: 5 KB, see `fingerprints`.

    Grids are 64×64 cells, row by row; masks are a bit a cell.
    """

    code: bytes  # 256 bits, perceptual hash of the head's detail
    lightness: bytes  # uint8 grid, in a frame fixed to the face
    person: bytes  # mask: cells that surely show the person
    background: bytes  # mask: cells that surely show what is behind


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
    try:
        first, body = zlib.decompress(kept).split(b"\n", 1)
        head = json.loads(first)
        values: dict[str, Any] = dict(head["plain"])
        for name, size in head["sizes"].items():
            values[name], body = body[:size], body[size:]
        layout = head["layout"]
    except (zlib.error, ValueError, LookupError, TypeError, AttributeError):
        return None  # nothing that any version wrote
    names = {f.name for f in fields(Fingerprint)}
    if layout != FINGERPRINT_LAYOUT or values.keys() != names:
        return None
    return Fingerprint(**values)


@dataclass(frozen=True, slots=True)
class UploadFile:
    """A registration file that waits in the staging folder, named by its hash."""

    sha256: str
    bytes: int
    quality: int | None  # JPEG quality; None where the student's own file does not tell it

    def path(self, staging: Path) -> Path:
        """Where it lies in a staging folder; identical photos of two students share one file."""
        return staging / f"{self.sha256}.jpg"


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
    captured: str = ""  # EXIF DateTimeOriginal as it stands
    face: "FaceTemplate | None" = None  # only where faces are compared
    kind: FileKind = FileKind.PHOTO
    causes: tuple[Cause, ...] = ()  # each behind several broken rules of framing
    camera: str = ""  # EXIF Model as it stands
    preview: str = ""  # file of a larger picture in the staging folder; empty: `upload` is it
    marks: Marks | None = None  # what is drawn over it
    card: str | None = None  # what its codes say, one a line; None: not looked for

    @property
    def picture(self) -> str:
        """File of a larger picture in the staging folder; empty: there is none."""
        return self.preview or ("" if self.upload is None else f"{self.upload.sha256}.jpg")


@dataclass(frozen=True)
class FaceTemplate:
    """A face as it is compared, or why it cannot be. Biometric: it stays in memory."""

    vector: bytes | None  # (128,) float32 of length 1
    why: Text | None = None
    caused_by: str | None = None  # the rule whose break is the reason

    def __repr__(self) -> str:
        """Say nothing of the face: a repr ends in logs."""
        return "<face template>" if self.vector is not None else "<no face template>"


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """One input file in the result; ``codes`` are those that count for the verdict."""

    photo: str
    sha256: str
    student_key: str | None
    verdict: Verdict
    codes: tuple[str, ...]
    findings: tuple[Finding, ...]  # those behind ``codes``, in the same order
    set_aside: bool = False  # no contender for its student: a RAW beside its JPEG, a video
    is_card: bool = False  # a code card: of a student, but no photo
    causes: tuple[Cause, ...] = ()  # each behind several broken rules of framing
    unjudged: tuple[tuple[str, int], ...] = ()  # rules made impossible to judge, by what code
    borderline: tuple[str, ...] = ()  # codes of those within their measure's uncertainty
    skipped: tuple[str, ...] = ()  # codes of all that could not be assessed
    captured: str = ""  # EXIF DateTimeOriginal as it stands
    camera: str = ""


@dataclass(frozen=True, slots=True)
class Detail:
    """What a result does not hold of every photo at once, but gives when it is asked for."""

    findings: tuple[Finding, ...]  # all of them, sorted by code
    thumbnail: bytes | None
    picture: str = ""  # file of a larger one, see `Pictures`
    marks: Marks | None = None


Details = Callable[[Iterable[str]], Iterator[Detail]]  # one for each photo, in the order asked


@dataclass(frozen=True, slots=True)
class StudentRow:
    """One roster record in the result."""

    student: Student
    verdict: Verdict
    photo: str | None
    codes: tuple[str, ...]
    findings: tuple[Finding, ...]  # those behind ``codes``, in the same order
    causes: tuple[Cause, ...] = ()  # of the photo, as is the next
    unjudged: tuple[tuple[str, int], ...] = ()
    borderline: tuple[str, ...] = ()  # of the photo


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
class Proposal:
    """A photo that seems to belong to another student; a person decides.

    ``run`` is one for all photos with one cause: ``shift-1``, ``swap-2``; ``name`` where the
    file's name alone suggests it.
    """

    photo: str
    student: str  # empty: it stands under nobody
    proposed: str
    because: Text
    run: str


@dataclass(frozen=True)
class BoothFault:
    """One cause that most photos of a run of frames have: the booth's fault, not the students'."""

    name: str  # booth-1, booth-2 …
    cause: str  # `Cause.key`
    codes: tuple[str, ...]
    camera: str  # by which the frames hang together: a camera, a folder, a counter's letters
    first: str  # photo
    last: str
    began: str  # EXIF times of the two, as they stand; empty: unknown
    ended: str
    frames: int
    photos: tuple[str, ...]  # those that have the cause
    advice: Text  # what the photographer moves
    order: Text  # what the frames were ordered by


@dataclass(frozen=True)
class Pictures:
    """Where a page takes pictures from that are larger than thumbnails.

    ``staged`` tells where a file lies (`Detail.picture`), ``on_record`` the photo on record of a
    student as a preview; None: there is none, or it cannot be read.
    """

    staged: Callable[[str], Path]
    on_record: Callable[[str], bytes | None]


@dataclass(frozen=True)
class FacesNote:
    """What a run that compared faces says of it: counts and thresholds, nobody's likeness."""

    photos: int  # with a face that can be compared
    records: int  # students with a photo on record that can be compared
    threshold: float  # DU002
    expected_false_pairs: float
    accept: float | None  # DU003-DU005, None without photos on record
    reject: float | None
    order: Text  # what the shooting order was taken from


@dataclass(frozen=True, slots=True)
class UploadRow:
    """One written registration file."""

    file: str
    student_key: str
    upload: UploadFile


@dataclass(frozen=True, slots=True)
class Answer:
    """What is told of one frame on site, at once: see `flows.watch`.

    ``student`` is None where nobody's it is; ``advice`` says what the photographer moves, a
    sentence each, the most important first. ``waited_s`` is from the frame's last byte to the
    answer.
    """

    photo: str
    student: Student | None
    verdict: Verdict
    codes: tuple[str, ...]
    advice: tuple[Text, ...]
    waited_s: float = 0.0
    is_card: bool = False  # a code card: the advice is what is wrong with it
    causes: tuple[str, ...] = ()  # keys of the causes behind the verdict
    seems: Student | None = None  # whom it shows instead, as far as faces tell
    kept: str = ""  # where it is to be retaken: another photo that lets the student pass
    examined: Examination | None = None  # what is drawn of it


@dataclass(frozen=True)
class Result:
    """One run over one inbox: what every report is written from."""

    spec_name: str
    spec_title: str
    mode: Mode
    rules: Mapping[str, Rule]  # by code, every rule looked at, with the remedy of the spec
    photos: tuple[PhotoRow, ...]  # sorted by photo
    details: Details
    students: tuple[StudentRow, ...]  # in roster order
    pairs: tuple[PairRow, ...]
    uploads: tuple[UploadRow, ...]
    proposals: tuple[Proposal, ...]
    faces: FacesNote | None  # None: faces were not compared
    droppings: int  # of operating systems: counted, no submissions
    booth: tuple[BoothFault, ...] = ()
    header_lines: tuple[Text, ...] = ()  # lines to stand above every list: a season's deadlines
