"""report.html: one page that opens offline, holds its data and asks for nothing.

The data is JSON in the page, the rows are made from it by ``page.js`` a hundred at a
time, and pictures lie beside the page under numbers, not names. Text from outside
reaches the document as text only: here it is JSON, there it is ``textContent``.

Rows of findings are two numbers each: an index into ``kinds`` (rule, outcome,
limits, words; mostly shared by all photos) and the measured value.
"""

import base64
import hashlib
import html
import json
import math
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any, BinaryIO

from pipeline.core.causes import others_open
from pipeline.core.output_files import OutputFile
from pipeline.core.private_files import replacing
from pipeline.core.records import Detail, PhotoRow, Result, StudentRow
from pipeline.core.rules import BORDERLINE, Finding, Lang, Outcome, Remedy, Rule
from reports.masking import Presentation
from reports.page_phrases import GROUP_OTHER, WORDS
from reports.page_pictures import Pictures
from reports.safe_text import visible
from reports.shared_words import (
    KINDS,
    MISSING_HINT,
    MISSING_REASON,
    MODES,
    OUTCOMES,
    VERDICTS,
    borderline_text,
    faces_text,
    reason,
)
from reports.summary import summary
from reports.told import Told, booth_line, own_record

HERE = Path(__file__).parent
Json = dict[str, Any]


def write_page(result: Result, path: Path, presentation: Presentation) -> None:
    """Write the page, and its pictures to ``report_files/`` beside it."""
    lang = presentation.lang
    pictures = Pictures(path.parent / OutputFile.PAGE_PICTURES)
    head, tail = _template(result, lang).rsplit("@DATA@", 1)
    with replacing(path) as stream:
        stream.write(head.encode())
        _write_data(stream, result, pictures, presentation)
        stream.write(tail.encode())
    pictures.drop_others()


def _template(result: Result, lang: Lang) -> str:
    """Return the page without its data; its policy lets run only what is in it."""
    css = (HERE / "page.css").read_text("utf-8")
    script = (HERE / "page.js").read_text("utf-8")
    policy = (
        f"default-src 'none'; img-src 'self' file:; style-src '{_digest(css)}'; "
        f"script-src '{_digest(script)}'; base-uri 'none'; form-action 'none'"
    )
    counts = WORDS["counts"][lang].format(
        photos=len(result.photos), uploads=len(result.uploads), droppings=result.droppings
    )
    near = summary(result).borderline
    if near.findings:
        counts = f"{counts} · {borderline_text(near)[lang]}"
    counts = " · ".join([*(head[lang] for head in result.header_lines), counts])
    words = {key: html.escape(text[lang]) for key, text in WORDS.items()}
    return Template((HERE / "page.html").read_text("utf-8")).substitute(
        words | {"counts": html.escape(counts)},
        lang={"zh": "zh-CN", "en": "en"}[lang],
        policy=policy,
        css=css,
        script=script,
        spec=html.escape(visible(result.spec_title)),
        faces=html.escape(faces_text(result.faces)[lang]),
        mode=html.escape(MODES[result.mode][lang]),
        data="@DATA@",
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


class _Kinds:
    """Numbers for the findings' shared part, given in the order of first use."""

    def __init__(self, rules: dict[str, Rule], lang: Lang) -> None:
        self.rules = rules
        self.lang = lang
        self.place = {code: index for index, code in enumerate(rules)}
        self.table: dict[tuple[Any, ...], int] = {}
        self.texts: dict[str, int] = {}  # of causes

    def number(self, finding: Finding) -> int:
        """Return the number of what ``finding`` says besides its measured value."""
        text = visible(reason(finding, self.rules[finding.code], self.lang))
        kind = (
            self.place[finding.code],
            _outcome(finding),
            _finite(finding.low),
            _finite(finding.high),
            text,
            finding.quantity[self.lang] if finding.quantity else "",
        )
        return self.table.setdefault(kind, len(self.table))

    def text(self, text: str) -> int:
        """Return the number of what a reader is told."""
        return self.texts.setdefault(visible(text), len(self.texts))

    def pair(self, finding: Finding) -> tuple[int, float | None]:
        """Return a finding as its two numbers."""
        decimals = self.rules[finding.code].decimals
        return self.number(finding), _finite(finding.measured, decimals)


def _outcome(finding: Finding) -> str:
    """The outcome as the page shows it: what is near its limit and not broken is borderline."""
    near = finding.borderline and finding.outcome is not Outcome.BROKEN
    return "borderline" if near else finding.outcome.value


def _finite(value: float | None, decimals: int = 6) -> float | None:
    """Return a number as JSON can hold it, whole numbers without ``.0``."""
    if value is None or not math.isfinite(value):
        return None
    rounded = round(value, decimals)
    return int(rounded) if rounded == int(rounded) else rounded


def _write_data(
    stream: BinaryIO, result: Result, pictures: Pictures, presentation: Presentation
) -> None:
    """Stream the data: rows first, for the table of kinds is known after them."""
    lang = presentation.lang
    rules = {code: result.rules[code] for code in sorted(result.rules)}
    kinds = _Kinds(rules, lang)
    stream.write(b'{"rows":[')
    separator = b"\n"
    for row in _rows(result, kinds, pictures, presentation):
        stream.write(separator + _json(row))
        separator = b",\n"
    stream.write(b'\n],"rest":')
    place = {row.photo: i for i, row in enumerate(result.photos)}
    rest = {
        "kinds": list(kinds.table),
        "rules": [
            [
                code,
                r.fault[lang],
                int(r.remedy is Remedy.NOTE),
                r.quantity[lang],
                r.unit,
                r.decimals,
            ]
            for code, r in rules.items()
        ],
        "pairs": [
            [
                KINDS[p.kind][lang],
                *map(visible, (p.student_a, p.student_b, p.photo_a, p.photo_b)),
                pictures.has(place.get(p.photo_a)),
                pictures.has(place.get(p.photo_b)),
                _finite(p.score, 3),
                visible(p.because[lang]),
            ]
            for p in result.pairs
        ],
        "moves": [
            [move.run, *map(visible, (move.photo, move.student, move.proposed, move.because[lang]))]
            for move in sorted(result.proposals, key=lambda move: (move.run, move.photo))
        ],
        "verdicts": {v.value: text[lang] for v, text in VERDICTS.items()},
        "other": GROUP_OTHER[lang],
        "outcomes": {o.value: text[lang] for o, text in OUTCOMES.items()}
        | {"borderline": BORDERLINE[lang]},
        "texts": list(kinds.texts),
        "booth": [
            [
                fault.name,
                visible(booth_line(fault, fault.first, fault.last)[lang]),
                fault.order[lang],
            ]
            for fault in result.booth
        ],
        "missing": [MISSING_REASON[lang], MISSING_HINT[lang]],
        "words": {key: text[lang] for key, text in WORDS.items()},
    }
    stream.write(_json(rest) + b"}")


def _json(value: Json) -> bytes:
    """Return compact JSON that cannot end the script element it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for char in "<\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text.encode()


def _rows(
    result: Result, kinds: _Kinds, pictures: Pictures, presentation: Presentation
) -> Iterator[Json]:
    """Yield a row a student, then a row for each file that no student's row shows."""
    told = Told(result)
    place = {row.photo: i for i, row in enumerate(result.photos)}
    of_students = result.details(r.photo for r in result.students if r.photo is not None)
    for row in result.students:
        shared: Json = {}
        extra = row.findings
        if row.photo is not None:
            detail = next(of_students)
            shared = _photo(row.photo, place[row.photo], detail, kinds, pictures)
            # What concerns the student and not the picture (no photo preferred) is listed too.
            extra = tuple(f for f in row.findings if f not in detail.findings)
        name = presentation.shown_name(row.student.name)
        yield _student(row, name, shared, extra, told, kinds)
    shown = {row.photo for row in result.students}
    others = [row for row in result.photos if row.photo not in shown]
    owners = {row.student_key for row in others}
    names = {
        r.student.key: presentation.shown_name(r.student.name)
        for r in result.students
        if r.student.key in owners
    }
    for photo, detail in zip(others, result.details(r.photo for r in others), strict=True):
        name = names.get(photo.student_key or "", "")
        # Without a roster every file stands under its own verdict.
        group = "other" if result.students else photo.verdict.value
        yield _slim(
            s=visible(photo.student_key or ""),
            n=visible(name),
            v=photo.verdict.value,
            g=group,
            **_why(photo, told, kinds),
            **_photo(photo.photo, place[photo.photo], detail, kinds, pictures),
        )


def _student(
    row: StudentRow,
    name: str,
    shared: Json,
    extra: tuple[Finding, ...],
    told: Told,
    kinds: _Kinds,
) -> Json:
    student = row.student
    where = " · ".join(filter(None, (student.college, student.major, student.class_name)))
    pairs = shared.pop("f", [])
    return _slim(
        s=visible(student.key),
        n=visible(name),
        c=visible(where),
        v=row.verdict.value,
        g=row.verdict.value,
        **_why(row, told, kinds),
        f=pairs + [number for f in extra for number in kinds.pair(f)],
        **shared,
    )


def _why(row: PhotoRow | StudentRow, told: Told, kinds: _Kinds) -> Json:
    """What counts against a row, its causes in three texts, and what stays open because of it."""
    place = {finding.code: n for n, finding in enumerate(row.findings)}
    own = own_record(row)
    return {
        "r": [kinds.number(f) for f in row.findings],
        "a": [
            [
                kinds.text(cause.student[kinds.lang]),
                kinds.text(cause.photographer[kinds.lang]),
                [place[code] for code in cause.codes],
                *(kinds.text(own[code][kinds.lang]) for code in cause.codes[:1] if code in own),
            ]
            for cause in told.causes(row)
        ],
        "u": "; ".join(f"{code}: {others_open(n)[kinds.lang]}" for code, n in row.unjudged),
    }


def _photo(photo: str, place: int, detail: Detail, kinds: _Kinds, pictures: Pictures) -> Json:
    return {
        "p": visible(photo),
        "i": pictures.write(place, detail.thumbnail),
        "f": [number for f in detail.findings for number in kinds.pair(f)],
    }


def _slim(**row: Any) -> Json:  # noqa: ANN401 - JSON
    """Leave out what is empty: the script takes an absent key for that."""
    return {key: value for key, value in row.items() if value not in ("", [], None)}
