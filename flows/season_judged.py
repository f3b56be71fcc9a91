"""All of a season judged at once, from the ledger: what counts, what it comes to, the lists."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from checks import CHECKS
from flows.shoot import check_out, write_out
from pipeline.assemble import assemble
from pipeline.errors import UsageError
from pipeline.examine import photo_rules, unreadable
from pipeline.ledger.arrivals import arrival, read_submissions
from pipeline.ledger.codec import decode_text
from pipeline.ledger.examinations import (
    Kept,
    by_other_rules,
    instruments_of,
    read_kept,
)
from pipeline.ledger.judgements import (
    handed_over,
    last_reviews,
    last_verdicts,
    places_now,
)
from pipeline.ledger.proofs import Proof, last_proofs, said_of
from pipeline.ledger.season import ZONE, Season, read_students
from pipeline.ledger.store import PHOTOS, REPORTS
from pipeline.private import writing_to
from pipeline.records import Examination, Result, Submission, UploadFile
from pipeline.rounds import Place, State, attempts, days_late, shown_photos, state_of
from pipeline.season_rules import SEASON_RULES, Review, season_findings
from pipeline.words import Lang, Mode, Text
from reports.season_lists import Attempt, write_season_lists

OTHER_RULES = (
    "photos were examined by another version of the program, by other rules: "
    "run `season rejudge --apply`"
)
Stored = Mapping[tuple[str, Mode], Kept]


@dataclass(frozen=True)
class Judged:
    """A season's result, and what only the ledger knows of it.

    ``ids`` are the submissions behind the photos of the result, by the name that lists show.
    """

    result: Result
    staged: Mapping[str, UploadFile]
    ids: Mapping[str, int]
    attempts: tuple[Attempt, ...]
    states: Mapping[str, State]
    proofs: Mapping[str, Proof]


def judge_season(
    season: Season, connection: Connection, dropped: int, stored: Stored | None = None
) -> Judged:
    """Compare and judge all submissions that count.

    Parameters
    ----------
    stored
        Examinations to judge by; None: those that the ledger has under the season's spec.

    Raises
    ------
    UsageError
        A photo still waits for its examination.
    """
    rows = read_submissions(connection)
    reviews, proofs = last_reviews(connection), last_proofs(connection)
    arrivals = [arrival(row) for row in rows]
    place = places_now(connection, rows, proofs)
    tries = attempts(arrivals)
    current = [row for row in rows if place[row.id] is Place.CURRENT]
    shown = shown_photos([arrival(row) for row in current])
    if stored is None:
        if by_other_rules(connection, season.spec_sha256, instruments_of(photo_rules(CHECKS))):
            raise UsageError(OTHER_RULES)
        wanted = {(row.sha256, row.mode) for row in current}
        stored = {
            (k.sha256, k.mode): k
            for k in read_kept(connection, season.spec_sha256)
            if (k.sha256, k.mode.value) in wanted
        }
    examined, by_photo, manifest = [], {}, {}
    for row in current:
        photo, review = shown[row.id], reviews.get(row.id)
        one = _examination(season, row, photo, stored)
        late = days_late(row.arrived_at.astimezone(ZONE).date(), season.last)
        extra = season_findings(tries.get(row.id), late, review, season.spec.season.attempts)
        examined.append(replace(one, findings=(*one.findings, *extra)))
        if review is not None:
            by_photo[photo] = review
        # What a person accepted for a student is the one to take among several.
        chosen = row.student_key if review is not None and review.accepted else None
        if named := row.named or chosen:
            manifest[photo] = named
    result, staged = assemble(
        tuple(examined),
        read_students(connection),
        spec=season.spec,
        mode=_mode(current),
        rules=(*photo_rules(CHECKS), *SEASON_RULES),
        manifest=manifest,
        droppings=dropped,
        reviews=by_photo,
        heads=heads(season),
    )
    ids = {name: one for one, name in shown.items()}
    before = {one: verdict for one, (verdict, _) in last_verdicts(connection).items()}
    now = {ids[row.photo]: row.verdict for row in result.photos}
    listed = [
        Attempt(
            student_key=row.student_key or "",
            number=tries.get(row.id),
            photo=row.photo,
            sha256=row.sha256,
            place=place[row.id],
            verdict=now.get(row.id) or before.get(row.id),
            late=days_late(row.arrived_at.astimezone(ZONE).date(), season.last) > 0,
            review=_said(reviews.get(row.id)),
        )
        for row in rows
    ]
    arrived = {shown[row.id]: row.arrived_at for row in current}
    states = _states(result, arrived, proofs, handed_over(connection))
    return Judged(result, staged, ids, tuple(listed), states, proofs)


def write_season(season: Season, judged: Judged, *, lang: Lang, full_names: bool) -> None:
    """Write every list of the season under its folder.

    Raises
    ------
    UsageError
        When the folder cannot be written.
    """
    out = season.folder / REPORTS
    check_out(out, season.folder / PHOTOS)
    write_out(judged.result, judged.staged, out, lang=lang, full_names=full_names)
    with writing_to(out):
        write_season_lists(
            judged.result,
            judged.attempts,
            judged.states,
            judged.proofs,
            out,
            lang,
            full_names=full_names,
        )


def heads(season: Season) -> tuple[Text, ...]:
    """The deadlines in words, to stand above every list."""
    lines = []
    if season.last is not None:
        day = season.last.isoformat()
        lines.append(Text(f"最后截止 {day}", f"deadline {day}"))
    if season.make_up is not None:
        day = season.make_up.isoformat()
        lines.append(Text(f"个人补拍截止 {day}", f"individual make-ups until {day}"))
    return tuple(lines)


def _states(
    result: Result,
    arrived: Mapping[str, datetime],
    proofs: Mapping[str, Proof],
    handed: Container[tuple[str, str]],
) -> dict[str, State]:
    """Where every student stands; ``arrived`` by photo. Nothing waits: all were judged."""
    uploads = {row.student_key: row.sha256 for row in result.uploads}
    return {
        row.student.key: state_of(
            row.verdict,
            waiting=False,
            uploaded=(row.student.key, uploads.get(row.student.key, "")) in handed,
            proof=said_of(proofs.get(row.student.key), arrived.get(row.photo or "")),
        )
        for row in result.students
    }


def _examination(season: Season, row: Row[Any], photo: str, stored: Stored) -> Examination:
    mode = Mode(row.mode)
    if row.unreadable is not None:
        submission = Submission(photo, season.folder)
        return unreadable(submission, "", mode, CHECKS, decode_text(row.unreadable))
    kept = stored.get((row.sha256, mode))
    if kept is None:
        raise UsageError("a photo waits for its examination: run `season ingest` again")
    return kept.examination(photo, season)


def _mode(current: list[Row[Any]]) -> Mode:
    """The mode that most photos were judged in; their findings say each one's own."""
    final = sum(row.mode == Mode.FINAL.value for row in current)
    return Mode.FINAL if final * 2 > len(current) else Mode.SOURCE


def _said(review: Review | None) -> str:
    if review is None:
        return ""
    return "accepted" if review.accepted else "rejected"
