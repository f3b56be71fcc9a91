"""What a person decides on a photo: accepted, or sent back, with the reason."""

from datetime import UTC, datetime
from pathlib import Path

from flows.season.changes import changing
from pipeline.batch.reviews import Review
from pipeline.core.errors import UsageError
from pipeline.core.rules import Text
from pipeline.ledger.arrivals import find_submission
from pipeline.ledger.examinations import can_be_made
from pipeline.ledger.verdicts_and_reviews import add_review, last_reviews, last_verdicts
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
    moment = now or datetime.now(UTC)
    with changing(folder, ledger, "review", moment, presentation) as (
        season,
        connection,
    ):
        submission = find_submission(connection, what)
        found = last_verdicts(connection).get(submission)
        if found is None:
            raise UsageError(
                Text(
                    "这张照片没有参加过判定：它从未被采用",
                    "this photo has not been judged: it never counted",
                )
            )
        codes = frozenset(found[1]) if accept else frozenset()
        if (
            accept
            and season.spec.output.is_exact
            and not can_be_made(connection, submission, season.spec_sha256)
        ):
            raise UsageError(_NO_WHOLE_HAT if "HT001" in codes else _NO_FILE)
        before = last_reviews(connection).get(submission)
        if accept and before is not None and before.accepted:
            codes |= before.codes
        add_review(connection, submission, Review(accept, codes, why.strip()), who, moment)
