"""What a person decides on a photo: accepted, or sent back, with the reason."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from flows.season.changes import changing
from pipeline.batch.reviews import DecisionKind
from pipeline.core.errors import UsageError
from pipeline.core.rules import Text
from pipeline.ledger.arrivals import find_submission
from pipeline.ledger.decisions import Decision, Seen, add_review, review_log, seen_now, standing
from pipeline.ledger.examinations import can_be_made
from pipeline.ledger.reassignments import is_moved
from pipeline.ledger.season import Season
from pipeline.ledger.verdicts import verdicts_of
from reports.masking import Presentation
from reports.safe_text import well_formed

_NO_FILE = Text(
    "这张照片做不出成品照片，不能通过",
    "no registration file can be made of this photo: it cannot be accepted",
)
_NO_WHOLE_HAT = Text(
    "这张照片做不出头上戴的东西完整的成品照片，不能通过",
    "no registration file that shows all of the head covering can be made of this photo: "
    "it cannot be accepted",
)
_MOVED = Text(
    "这张照片刚改归另一名学生，还没有重新判定：请稍候再决定",
    "this photo was given to another student and is not judged anew yet: decide a little later",
)
NEVER_JUDGED = Text(
    "这张照片没有参加过判定：它从未被采用", "this photo has not been judged: it never counted"
)


def review(
    folder: Path,
    what: str,
    *,
    accept: bool,
    why: str,
    who: str,
    ledger: str | None = None,
    presentation: Presentation = Presentation(),
    now: datetime | None = None,
) -> None:
    """Accept or reject the photo of a student, or a photo by its path.

    Accepted, what counted against it counts no more; what comes up later does.

    Raises
    ------
    UsageError
        Nothing is known by that name, it was not judged yet, or no reason is given.
    """
    check_words(why, who)
    moment = now or datetime.now(UTC)
    kind = DecisionKind.ACCEPT if accept else DecisionKind.RETAKE
    with changing(folder, ledger, "review", moment, presentation) as (
        season,
        connection,
    ):
        submission = find_submission(connection, what)
        seen = seen_now(connection, submission)
        if seen is None:
            raise UsageError(NEVER_JUDGED)
        decide(season, connection, submission, seen, kind, why=why, who=who, now=moment)


def check_words(why: str, who: str) -> None:
    """Refuse a decision without a reason, or words that no ledger can hold.

    Raises
    ------
    UsageError
        See above.
    """
    if not why.strip():
        raise UsageError(Text("--why：决定需要写明理由", "--why: a decision needs its reason"))
    for option, words in (("--why", why), ("--by", who)):
        if well_formed(words) != words:
            raise UsageError(
                Text(
                    f"{option}：不是 UTF-8，请用 UTF-8 输入",
                    f"{option}: is not UTF-8; give it in UTF-8",
                )
            )


def decide(
    season: Season,
    connection: Connection,
    submission: int,
    seen: Seen,
    kind: DecisionKind,
    *,
    why: str,
    who: str,
    now: datetime,
) -> int | None:
    """Write down what a person did with a photo; None: it is no longer what the person saw.

    Writes no list: see `flows.season.changes.changing`, `flows.desk.publish`.

    Raises
    ------
    UsageError
        It was not judged yet, or is accepted and no registration file can be made of it.
    """
    last = verdicts_of(connection, [submission]).get(submission)
    if not last:
        raise UsageError(NEVER_JUDGED)
    if kind not in {DecisionKind.COMMENT, DecisionKind.UNDO} and is_moved(connection, submission):
        raise UsageError(_MOVED)
    before = standing(review_log(connection, submission)).get(submission)
    codes: frozenset[str] = frozenset()
    if kind.accepts or kind is DecisionKind.RETAKE:
        codes = frozenset(last[-1][1]) | (frozenset() if before is None else before.codes)
    if (
        kind.accepts
        and season.spec.output.is_exact
        and not can_be_made(connection, submission, season.spec_sha256)
    ):
        raise UsageError(_NO_WHOLE_HAT if "HT001" in codes else _NO_FILE)
    return add_review(
        connection, submission, Decision(kind, codes, why.strip(), who, now, seen.verdict), seen
    )
