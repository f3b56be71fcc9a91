"""All of a season judged at once, from the ledger: what counts, what it comes to, the lists."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from checks import CHECKS
from flows.season.faces import describe_season
from flows.season.photos import refused_of, season_photos
from flows.shoot.output import check_out, write_out
from pipeline.batch.assemble import assemble
from pipeline.batch.reviews import Review, season_findings
from pipeline.batch.rounds import Place, State, attempts, days_late, shown_photos, state_of
from pipeline.core.errors import UsageError
from pipeline.core.private_files import writing_to
from pipeline.core.records import Result
from pipeline.core.rules import Finding, Lang, Mode, Text
from pipeline.duplicates.resubmitted import was_refused
from pipeline.examine.examine import hidden_face
from pipeline.ledger.arrivals import Arrived, read_submissions
from pipeline.ledger.examinations import Reader, by_other_rules, reader_of
from pipeline.ledger.instruments import instruments_of
from pipeline.ledger.judgements import handed_over, last_reviews, last_verdicts, places_now
from pipeline.ledger.proofs import Proof, last_proofs, said_of
from pipeline.ledger.season import ZONE, Season, read_students
from pipeline.ledger.store import PHOTOS, REPORTS, registration_path
from pipeline.rules import all_rules, photo_rules
from reports.season_lists import Attempt, write_season_lists

OTHER_RULES = (
    "photos were examined by another version of the program, by other rules: "
    "run `season rejudge --apply`"
)


@dataclass(frozen=True)
class Judged:
    """A season's result, and what only the ledger knows of it.

    ``ids`` are the submissions behind the photos of the result, by the name that lists show.
    The result reads from the ledger what it does not hold: the connection must stay open.
    """

    result: Result
    ids: Mapping[str, int]
    attempts: tuple[Attempt, ...]
    states: Mapping[str, State]
    proofs: Mapping[str, Proof]


def judge_season(
    season: Season, connection: Connection, dropped: int, kept: Reader | None = None
) -> Judged:
    """Compare and judge all submissions that count.

    Parameters
    ----------
    kept
        Examinations to judge by; None: those that the ledger has under the season's spec.

    Raises
    ------
    UsageError
        A photo still waits for its examination.
    """
    rows = read_submissions(connection)
    reviews, proofs = last_reviews(connection), last_proofs(connection)
    place = places_now(connection, rows, proofs)
    tries = attempts(rows)
    before = last_verdicts(connection)
    current = [row for row in rows if place[row.id] is Place.CURRENT]
    shown = shown_photos(current)
    by_photo = {shown[row.id]: row for row in current}
    refused = [
        row
        for row in rows
        if place[row.id] is not Place.CURRENT and row.id in before and was_refused(*before[row.id])
    ]
    if kept is None:
        if by_other_rules(connection, season.spec_sha256, instruments_of(photo_rules(CHECKS))):
            raise UsageError(OTHER_RULES)
        kept = reader_of(connection, season.spec_sha256)

    def of_season(row: Arrived) -> tuple[Finding, ...]:
        most = season.spec.season.attempts
        return season_findings(tries.get(row.id), _late(season, row), reviews.get(row.id), most)

    photos = season_photos(season, by_photo, kept, of_season)
    records = None
    if season.spec.identity.compare:
        originals = {photo: row.sha256 for photo, row in by_photo.items() if row.unreadable is None}
        hidden = {one.photo: hidden_face(one.told) for one in photos.briefs}
        faces, records = describe_season(season, hidden, originals)
        seen = [replace(one, face=faces.get(one.photo)) for one in photos.briefs]
        photos = replace(photos, briefs=seen)
    result = assemble(
        photos,
        read_students(connection),
        spec=season.spec,
        mode=_mode(current),
        rules=all_rules(CHECKS),
        manifest=_named(by_photo, reviews),
        records=records,
        refused=refused_of(refused, kept),
        droppings=dropped,
        reviews={photo: reviews[r.id] for photo, r in by_photo.items() if r.id in reviews},
        heads=heads(season),
    )
    now = {by_photo[row.photo].id: row.verdict for row in result.photos}
    listed = [
        Attempt(
            student_key=row.student_key or "",
            number=tries.get(row.id),
            photo=row.photo,
            sha256=row.sha256,
            place=place[row.id],
            verdict=now.get(row.id) or before.get(row.id, (None,))[0],
            late=_late(season, row) > 0,
            review=_said(reviews.get(row.id)),
        )
        for row in rows
    ]
    arrived = {photo: row.arrived_at for photo, row in by_photo.items()}
    states = _states(result, arrived, proofs, handed_over(connection))
    ids = {photo: row.id for photo, row in by_photo.items()}
    return Judged(result, ids, tuple(listed), states, proofs)


def write_season(season: Season, judged: Judged, *, lang: Lang, full_names: bool) -> None:
    """Write every list of the season under its folder.

    Raises
    ------
    UsageError
        When the folder cannot be written.
    """
    out = season.folder / REPORTS
    check_out(out, season.folder / PHOTOS)
    where = partial(registration_path, season.folder)
    write_out(judged.result, out, where, lang=lang, full_names=full_names)
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
    uploads = {row.student_key: row.upload.sha256 for row in result.uploads}
    return {
        row.student.key: state_of(
            row.verdict,
            waiting=False,
            uploaded=(row.student.key, uploads.get(row.student.key, "")) in handed,
            proof=said_of(proofs.get(row.student.key), arrived.get(row.photo or "")),
        )
        for row in result.students
    }


def _named(by_photo: Mapping[str, Arrived], reviews: Mapping[int, Review]) -> dict[str, str]:
    """Whose photos are, where someone said so: a manifest, or a person who accepted one.

    What a person accepted for a student is the one to take among several.
    """
    named = {}
    for photo, row in by_photo.items():
        review = reviews.get(row.id)
        accepted = row.student_key if review is not None and review.accepted else None
        if number := row.named or accepted:
            named[photo] = number
    return named


def _late(season: Season, row: Arrived) -> int:
    """Days after the deadline."""
    return days_late(row.arrived_at.astimezone(ZONE).date(), season.last)


def _mode(current: Sequence[Arrived]) -> Mode:
    """The mode that most photos were judged in; their findings say each one's own."""
    final = sum(row.mode is Mode.FINAL for row in current)
    return Mode.FINAL if final * 2 > len(current) else Mode.SOURCE


def _said(review: Review | None) -> str:
    if review is None:
        return ""
    return "accepted" if review.accepted else "rejected"
