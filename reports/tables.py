"""The CSV files: the promise that other programs rely on.

UTF-8 with a byte order mark, because Excel and WPS take a CSV without one for GBK;
lines end in LF, which both open and which shell tools need. Rows are sorted, numbers
are written one way, nothing tells the time: the same result gives the same bytes.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipeline.core.output_files import MANIFEST, OutputFile
from pipeline.core.private_files import replacing
from pipeline.core.records import FileKind, Result
from pipeline.core.rules import Lang
from reports.masking import Presentation
from reports.safe_text import csv_text
from reports.shared_words import listed
from reports.told import Told

Cell = str | float | None

STUDENTS = (
    "student_id",
    "name",
    "verdict",
    "photo",
    "codes",
    "reasons",
    "college",
    "major",
    "class",
    "advice",
)
PHOTOS = ("photo", "sha256", "student_id", "verdict", "codes")
FINDINGS = (
    "photo",
    "student_id",
    "code",
    "outcome",
    "measured",
    "low",
    "high",
    "unit",
    "because",
)
PAIRS = ("kind", "student_a", "student_b", "photo_a", "photo_b", "score", "because")
PROPOSALS = ("photo", "student_id", "proposed", "cause", "because")
BOOTH = (
    "fault",
    "cause",
    "codes",
    "camera",
    "first",
    "last",
    "first_taken",
    "last_taken",
    "frames",
    "photos",
    "share",
    "advice",
    "order",
)
UPLOADS = ("file", "student_id", "sha256", "bytes", "quality")


def write_tables(result: Result, out: Path, presentation: Presentation, school: str = "") -> None:
    """Write the seven CSV files of a run under ``out``; ``school`` is its 院校代码."""
    lang = presentation.lang
    write_rows(out / OutputFile.STUDENTS, STUDENTS, _students(result, presentation))
    write_rows(out / OutputFile.PHOTOS, PHOTOS, _photos(result))
    write_rows(out / OutputFile.FINDINGS, FINDINGS, _findings(result, lang))
    write_rows(out / OutputFile.PAIRS, PAIRS, _pairs(result, lang))
    write_rows(out / OutputFile.PROPOSALS, PROPOSALS, _proposals(result, lang))
    write_rows(out / OutputFile.BOOTH, BOOTH, _booth(result, lang))
    write_manifest(result, out / OutputFile.UPLOAD, school)


def write_manifest(result: Result, upload: Path, school: str = "") -> None:
    """Write the list of the registration files into their folder.

    With 院校代码 as its last column where that is known.
    """
    code = (school,) if school else ()
    rows = ((*row, *code) for row in _manifest(result))
    write_rows(upload / MANIFEST, (*UPLOADS, *("school_code" for _ in code)), rows)


def listed_uploads(upload: Path) -> set[str]:
    """Names of the files that an earlier run listed in this folder; none where none did."""
    try:
        with (upload / MANIFEST).open(encoding="utf-8-sig", newline="") as stream:
            names = {row.get("file") or "" for row in csv.DictReader(stream)}
    except (OSError, UnicodeDecodeError, csv.Error):
        return set()
    return names | {name.removeprefix("'") for name in names}  # see `csv_text`


def number(value: float) -> str:
    """Return a number with up to six decimals, without trailing zeros or an exponent."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _students(result: Result, presentation: Presentation) -> Iterator[tuple[Cell, ...]]:
    lang, told = presentation.lang, Told(result)
    for row in sorted(result.students, key=lambda r: (r.student.key, r.student.row)):
        yield (
            row.student.key,
            presentation.shown_name(row.student.name),
            row.verdict,
            row.photo,
            ";".join(row.codes),
            # One reason a code, so the two columns split alike.
            ";".join(text.replace(";", ",") for text in told.reasons(row, lang)),
            row.student.college,
            row.student.major,
            row.student.class_name,
            told.advice(row, lang),
        )


def _photos(result: Result) -> Iterator[tuple[Cell, ...]]:
    for row in sorted(result.photos, key=lambda r: r.photo):
        verdict = FileKind.CARD if row.is_card else row.verdict
        yield row.photo, row.sha256, row.student_key, verdict, ";".join(row.codes)


def _findings(result: Result, lang: Lang) -> Iterator[tuple[Cell, ...]]:
    rows = sorted(result.photos, key=lambda r: r.photo)
    for row, detail in zip(rows, result.details(r.photo for r in rows), strict=True):
        for f in detail.findings:
            yield (
                row.photo,
                row.student_key,
                f.code,
                f.outcome,
                f.measured,
                f.low,
                f.high,
                f.unit,
                listed(f, lang),
            )


def _pairs(result: Result, lang: Lang) -> Iterator[tuple[Cell, ...]]:
    yield from sorted(
        (p.kind, p.student_a, p.student_b, p.photo_a, p.photo_b, p.score, p.because[lang])
        for p in result.pairs
    )


def _proposals(result: Result, lang: Lang) -> Iterator[tuple[Cell, ...]]:
    yield from sorted(
        (p.photo, p.student, p.proposed, p.run, p.because[lang]) for p in result.proposals
    )


def _booth(result: Result, lang: Lang) -> Iterator[tuple[Cell, ...]]:
    for fault in result.booth:
        yield (
            fault.name,
            fault.cause,
            ";".join(fault.codes),
            fault.camera,
            fault.first,
            fault.last,
            fault.began,
            fault.ended,
            fault.frames,
            len(fault.photos),
            len(fault.photos) / fault.frames,
            fault.advice[lang],
            fault.order[lang],
        )


def _manifest(result: Result) -> Iterator[tuple[Cell, ...]]:
    for row in sorted(result.uploads, key=lambda r: (r.file, r.student_key)):
        upload = row.upload
        yield row.file, row.student_key, upload.sha256, upload.bytes, upload.quality


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    return csv_text(value) if isinstance(value, str) else number(value)


def write_rows(path: Path, header: tuple[str, ...], rows: Iterable[tuple[Cell, ...]]) -> None:
    """Write one CSV file as this module does."""
    with (
        replacing(path) as stream,
        io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text,
    ):
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([_cell(value) for value in row] for row in rows)
