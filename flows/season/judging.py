"""All of a season judged at once, from the ledger: what counts, what it comes to, the lists."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import Connection

from checks import CHECKS
from flows.season.faces import describe_season
from flows.season.photos import refused_of, season_photos
from pipeline.batch.choose import choose_among
from pipeline.batch.compare import Compared, compare
from pipeline.batch.judge import judge
from pipeline.batch.match import match
from pipeline.batch.reviews import Review, season_findings
from pipeline.batch.rounds import (
    Disposition,
    StudentState,
    attempts,
    days_late,
    shown_photos,
    state_of,
)
from pipeline.core.counting import Counted, untold
from pipeline.core.errors import UsageError
from pipeline.core.records import Result
from pipeline.core.rules import Finding, Mode, Text, Verdict
from pipeline.core.run_photos import Photos
from pipeline.core.verdict import remedies
from pipeline.duplicates.claims import Claim
from pipeline.duplicates.resubmitted import was_refused
from pipeline.examine.examine import hidden_face
from pipeline.identity.compare import OnRecord
from pipeline.ledger.arrivals import Arrived, read_submissions
from pipeline.ledger.decisions import last_reviews, review_log
from pipeline.ledger.examinations import Reader, by_other_rules, reader_of
from pipeline.ledger.proofs import Proof, last_proofs, said_of
from pipeline.ledger.provenance import provenance_of
from pipeline.ledger.reassignments import Assigned, assigned_now, places_now, since
from pipeline.ledger.season import ZONE, Season, read_students
from pipeline.ledger.verdicts import first_passed, handed_over, last_verdicts
from pipeline.rules import all_rules, photo_rules
from reports.beside import Attempt, Line
from reports.shared_words import DECISIONS

OTHER_RULES = Text(
    "照片是由另一个版本的程序、按另外的规则检查的：请运行 `season rejudge --apply`",
    "photos were examined by another version of the program, by other rules: "
    "run `season rejudge --apply`",
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
    states: Mapping[str, StudentState]
    proofs: Mapping[str, Proof]
    reviews: tuple[Line, ...] = ()  # who decided what, and when


@dataclass(frozen=True)
class _Arrivals:
    """All that ever arrived, and what the ledger knows of it; by submission, where not said."""

    rows: Sequence[Arrived]
    place: Mapping[int, Disposition]
    tries: Mapping[int, int]
    before: Mapping[int, tuple[Verdict, tuple[str, ...]]]  # what it came to last
    passed: Mapping[int, int]  # in which round it first passed
    reviews: Mapping[int, Review]
    assigned: Mapping[int, Assigned]  # to whom a person gave it
    proofs: Mapping[str, Proof]  # by student

    @cached_property
    def by_photo(self) -> Mapping[str, Arrived]:
        """Those that count, by the name that lists show."""
        current = [row for row in self.rows if self.place[row.id] is Disposition.CURRENT]
        shown = shown_photos(current)
        return {shown[row.id]: row for row in current}

    def claim(self, row: Arrived) -> Claim:
        """When a submission arrived and first passed."""
        return Claim(row.round, self.passed.get(row.id))

    @property
    def refused(self) -> Sequence[Arrived]:
        """Those that count no more and were sent back for what they show."""
        return [
            row
            for row in self.rows
            if self.place[row.id] is not Disposition.CURRENT
            and row.id in self.before
            and was_refused(*self.before[row.id])
        ]


@dataclass(frozen=True)
class ComparedSeason:
    """All that arrived, and what the photos that count show beside one another."""

    arrivals: _Arrivals
    compared: Compared


def compare_season(
    season: Season,
    connection: Connection,
    kept: Reader | None = None,
    tell: Counted = untold,
) -> ComparedSeason:
    """Compare all submissions that count with one another.

    Parameters
    ----------
    kept
        Examinations to judge by; None: those that the ledger has under the season's spec.

    Raises
    ------
    UsageError
        A photo still waits for its examination.
    """
    arrivals = _read_arrivals(connection)
    kept = kept or _stored(season, connection)
    photos, records = _photos(season, arrivals, kept)
    assigned = {
        photo: arrivals.assigned[row.id].student
        for photo, row in arrivals.by_photo.items()
        if row.id in arrivals.assigned
    }
    matched = choose_among(
        match(photos, read_students(connection), _named(arrivals), assigned),
        season.spec.season.choose,
        remedies(all_rules(CHECKS), season.spec.remedies),
    )
    compared = compare(
        matched,
        season.spec.identity,
        records=records,
        refused=refused_of(arrivals.refused, kept, arrivals.claim),
        claims={photo: arrivals.claim(row) for photo, row in arrivals.by_photo.items()},
        tell=tell,
    )
    return ComparedSeason(arrivals, compared)


def judge_season(
    season: Season, connection: Connection, dropped: int, together: ComparedSeason
) -> Judged:
    """Judge all submissions that count, once they were compared."""
    arrivals = together.arrivals
    reviews, by_photo = arrivals.reviews, arrivals.by_photo
    result = judge(
        together.compared,
        season.spec,
        all_rules(CHECKS),
        _mode(list(by_photo.values())),
        reviews={photo: reviews[r.id] for photo, r in by_photo.items() if r.id in reviews},
        droppings=dropped,
        header_lines=header_lines(season),
    )
    return Judged(
        result,
        {photo: row.id for photo, row in by_photo.items()},
        _attempts(season, arrivals, result),
        _states(result, arrivals, handed_over(connection)),
        arrivals.proofs,
        tuple(_review_lines(connection, arrivals)),
    )


def _review_lines(connection: Connection, arrivals: _Arrivals) -> Iterator[Line]:
    """Who decided what on whose photo, and on which day."""
    of = {row.id: row.student_key or "" for row in arrivals.rows}
    for submission, one in review_log(connection):
        day = one.at.astimezone(ZONE).date().isoformat()
        word = DECISIONS[one.kind]
        who = f"{day} {one.who} {of.get(submission, '')}"
        yield Text("人工审核", "Review"), Text(f"{who} {word.zh}", f"{who} {word.en}")


def _read_arrivals(connection: Connection) -> _Arrivals:
    rows, proofs = read_submissions(connection), last_proofs(connection)
    return _Arrivals(
        rows,
        places_now(connection, rows, proofs),
        attempts(rows),
        last_verdicts(connection),
        first_passed(connection),
        last_reviews(connection),
        assigned_now(connection),
        proofs,
    )


def _stored(season: Season, connection: Connection) -> Reader:
    """Read the examinations that the ledger has; all must be by the rules of today."""
    if by_other_rules(connection, season.spec_sha256, provenance_of(photo_rules(CHECKS))):
        raise UsageError(OTHER_RULES)
    return reader_of(connection, season.spec_sha256)


def _photos(
    season: Season, arrivals: _Arrivals, kept: Reader
) -> tuple[Photos, list[OnRecord] | None]:
    """The photos that count, and the faces on record; None where faces are not compared."""

    def of_season(row: Arrived) -> tuple[Finding, ...]:
        most, review = season.spec.season.attempts, arrivals.reviews.get(row.id)
        return season_findings(arrivals.tries.get(row.id), _late(season, row), review, most)

    by_photo = arrivals.by_photo
    photos = season_photos(season, by_photo, kept, of_season)
    if not season.spec.identity.compare:
        return photos, None
    originals = {photo: row.sha256 for photo, row in by_photo.items() if row.unreadable is None}
    hidden = {one.photo: hidden_face(one.failing) for one in photos.summaries}
    faces, records = describe_season(season, hidden, originals)
    seen = [replace(one, face=faces.get(one.photo)) for one in photos.summaries]
    return replace(photos, summaries=seen), records


def _attempts(season: Season, arrivals: _Arrivals, result: Result) -> tuple[Attempt, ...]:
    """A row for everything that ever arrived."""
    now = {arrivals.by_photo[row.photo].id: row.verdict for row in result.photos}
    return tuple(
        Attempt(
            student_key=row.student_key or "",
            number=arrivals.tries.get(row.id),
            photo=row.photo,
            sha256=row.sha256,
            place=arrivals.place[row.id],
            verdict=now.get(row.id) or arrivals.before.get(row.id, (None,))[0],
            late=_late(season, row) > 0,
            review=_said(arrivals.reviews.get(row.id), arrivals.assigned.get(row.id)),
            arrived=row.arrived_at.astimezone(ZONE).date(),
        )
        for row in arrivals.rows
    )


def _states(
    result: Result, arrivals: _Arrivals, handed: Container[tuple[str, str]]
) -> dict[str, StudentState]:
    """Where every student stands. Nothing waits: all were judged."""
    arrived = {
        photo: since(row.arrived_at, arrivals.assigned.get(row.id))
        for photo, row in arrivals.by_photo.items()
    }
    uploads = {row.student_key: row.upload.sha256 for row in result.uploads}
    return {
        row.student.key: state_of(
            row.verdict,
            waiting=False,
            uploaded=(row.student.key, uploads.get(row.student.key, "")) in handed,
            proof=said_of(arrivals.proofs.get(row.student.key), arrived.get(row.photo or "")),
        )
        for row in result.students
    }


def _named(arrivals: _Arrivals) -> dict[str, str]:
    """Whose photos are, where someone said so: a manifest, or a person who accepted one.

    What a person accepted for a student is the one to take among several.
    """
    named = {}
    for photo, row in arrivals.by_photo.items():
        review = arrivals.reviews.get(row.id)
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


def _said(review: Review | None, assigned: Assigned | None) -> str:
    if review is None:
        return "reassigned" if assigned else ""
    return "accepted" if review.accepted else "rejected"


def header_lines(season: Season) -> tuple[Text, ...]:
    """The deadlines in words, to stand above every list."""
    lines = []
    if season.last is not None:
        day = season.last.isoformat()
        lines.append(Text(f"最后截止 {day}", f"deadline {day}"))
    if season.make_up is not None:
        day = season.make_up.isoformat()
        lines.append(Text(f"个人补拍截止 {day}", f"individual make-ups until {day}"))
    return tuple(lines)
