"""The rows of report.html: what its list shows of every student, and of every other file."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.batch.rounds import STUDENT_STATES
from pipeline.core.causes import others_open
from pipeline.core.records import PhotoRow, Result, StudentRow
from pipeline.core.rules import BORDERLINE, Lang
from reports.beside import Beside, SeasonView
from reports.masking import Presentation
from reports.page_details import Shown
from reports.page_kinds import Json, Numbers, finite, rule_table, slim
from reports.page_phrases import GROUP_OTHER, WORDS
from reports.page_pictures import A_SHEET
from reports.safe_text import visible
from reports.shared_words import KINDS, MISSING_HINT, MISSING_REASON, OUTCOMES, VERDICTS
from reports.told import Told, booth_line


def page_data(result: Result, shown: Shown, presentation: Presentation, beside: Beside) -> Json:
    """Return all that the page holds itself."""
    lang, texts = presentation.lang, Numbers()
    place = {row.photo: i for i, row in enumerate(result.photos)}
    rows = [*_rows(result, place, shown, texts, presentation, beside.season)]
    rest = {
        "rules": rule_table(result.rules, lang),
        "texts": list(texts.table),
        "pairs": [*_pairs(result, place, shown, lang)],
        "moves": [
            [move.run, *map(visible, (move.photo, move.student, move.proposed, move.because[lang]))]
            for move in sorted(result.proposals, key=lambda move: (move.run, move.photo))
        ],
        "verdicts": {v.value: text[lang] for v, text in VERDICTS.items()},
        "states": {s.value: text[lang] for s, text in STUDENT_STATES.items()},
        "other": GROUP_OTHER[lang],
        "outcomes": {o.value: text[lang] for o, text in OUTCOMES.items()}
        | {"borderline": BORDERLINE[lang]},
        "booth": [
            [
                fault.name,
                visible(booth_line(fault, fault.first, fault.last)[lang]),
                fault.order[lang],
            ]
            for fault in result.booth
        ],
        "missing": [MISSING_REASON[lang], MISSING_HINT[lang]],
        "aSheet": A_SHEET,
        "newest": newest_day(result),
        "words": {key: text[lang] for key, text in WORDS.items()},
    }
    return {"rows": rows, "rest": rest}


def newest_day(result: Result) -> str:
    """Return the day of the newest photo, as its EXIF has it; empty where none tells."""
    newest = max((row.captured for row in result.photos if row.captured), default="")
    return newest[:10].replace(":", "-")


def _rows(
    result: Result,
    place: Mapping[str, int],
    shown: Shown,
    texts: Numbers,
    presentation: Presentation,
    season: SeasonView | None,
) -> Iterator[Json]:
    """Yield a row a student, then a row for each file that no student's row shows."""
    told, by_photo = Told(result), {row.photo: row for row in result.photos}
    attempts = _attempts(season)
    for row in result.students:
        student = row.student
        yield slim(
            s=visible(student.key),
            n=visible(presentation.shown_name(student.name)),
            c=[texts(t) for t in (student.college, student.major, student.class_name)],
            v=row.verdict.value,
            g=row.verdict.value,
            t="" if season is None else season.states[student.key].value,
            e=attempts.get(student.key, []),
            x=[
                [visible(head), visible(text)]
                for head, text in presentation.shown_carried(student.carried)
                if text
            ],
            **_why(row, told, texts, presentation.lang),
            **({} if row.photo is None else _photo(by_photo[row.photo], place, shown, texts)),
        )
    spoken = {row.photo for row in result.students}
    others = [row for row in result.photos if row.photo not in spoken]
    owners = {row.student_key for row in others}
    names = {
        r.student.key: presentation.shown_name(r.student.name)
        for r in result.students
        if r.student.key in owners
    }
    for photo in others:
        yield slim(
            s=visible(photo.student_key or ""),
            n=visible(names.get(photo.student_key or "", "")),
            v=photo.verdict.value,
            # Without a roster every file stands under its own verdict.
            g="other" if result.students else photo.verdict.value,
            **_why(photo, told, texts, presentation.lang),
            **_photo(photo, place, shown, texts),
        )


def _why(row: PhotoRow | StudentRow, told: Told, texts: Numbers, lang: Lang) -> Json:
    """What counts against a row: its codes, its causes in two texts, and what stays open."""
    return {
        "r": list(row.codes),
        "a": [
            [texts(cause.student[lang]), texts(cause.photographer[lang]), list(cause.codes)]
            for cause in told.causes(row)
        ],
        "u": "; ".join(f"{code}: {others_open(n)[lang]}" for code, n in row.unjudged),
    }


def _photo(row: PhotoRow, place: Mapping[str, int], shown: Shown, texts: Numbers) -> Json:
    """Its place among the photos, and which pictures of it there are."""
    at = place[row.photo]
    return {
        "p": visible(row.photo),
        "i": at,
        "m": 1 if at in shown.thumbnails else None,
        "b": shown.previews.get(at),
        "w": shown.records.get(at),
        "k": texts(row.camera) if row.camera else None,
        "h": visible(row.captured),
    }


def _pairs(
    result: Result, place: Mapping[str, int], shown: Shown, lang: Lang
) -> Iterator[list[Any]]:
    """Yield each pair with the pictures of both; of a stranger's the photo on record."""

    def picture(photo: str, student: str) -> Any:  # noqa: ANN401 - JSON
        if photo in place:
            at = place[photo]
            return shown.previews.get(at) or (at if at in shown.thumbnails else None)
        mine = (shown.records.get(place[p]) for p in of.get(student, ()))
        return next(filter(None, mine), None)

    of: dict[str, list[str]] = {}
    for row in result.photos:
        of.setdefault(row.student_key or "", []).append(row.photo)
    for p in result.pairs:
        yield [
            KINDS[p.kind][lang],
            *map(visible, (p.student_a, p.student_b, p.photo_a, p.photo_b)),
            picture(p.photo_a, p.student_a),
            picture(p.photo_b, p.student_a),
            finite(p.score, 3),
            visible(p.because[lang]),
        ]


def _attempts(season: SeasonView | None) -> Mapping[str, list[list[Any]]]:
    """Number, day, file, verdict, lateness and review of every attempt, by student."""
    found: dict[str, list[list[Any]]] = {}
    for one in () if season is None else season.attempts:
        if one.student_key and one.number is not None:
            day = "" if one.arrived is None else one.arrived.isoformat()
            verdict = "" if one.verdict is None else one.verdict.value
            row = [one.number, day, visible(one.photo), verdict, int(one.late), one.review]
            found.setdefault(one.student_key, []).append(row)
    return {student: sorted(rows) for student, rows in found.items()}
