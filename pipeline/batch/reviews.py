"""What a person decided on a photo, and what a season's own rules come to on it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from pipeline.core.bands import Band
from pipeline.core.rules import Finding, Outcome, Text
from pipeline.rules.season import SN001, SN002, SN003

_ACCEPTED = Text("人工审核后接受", "accepted by a person")
_SENT_BACK = Text("人工审核后退回，原因见 SN003", "sent back by a person, see SN003")
_NO_STUDENT = Text("没有对应的学生", "no student for the file")
_NOT_REVIEWED = Text("没有人工审核", "no person has reviewed it")


class DecisionKind(StrEnum):
    """What a person did with a photo. None of it is ever written over."""

    ACCEPT = "accept"
    EXEMPT = "exempt"  # a head covering for a reason that the spec lets pass
    RETAKE = "retake"
    FAIL = "fail"  # it stays 异常: nothing that a decision here could mend
    COMMENT = "comment"  # decides nothing
    UNDO = "undo"  # the decision before it counts no more
    ASSIGN = "assign"  # it is another student's: what was decided before counts no more
    KEEP = "keep"  # it stays where it stands: the student that was proposed is not proposed again

    @property
    def accepts(self) -> bool:
        """Whether what counted against the photo counts no more."""
        return self in {DecisionKind.ACCEPT, DecisionKind.EXEMPT}


@dataclass(frozen=True)
class Review:
    """What a person decided on one submission.

    ``codes`` are those that counted then: they count no more, others that come up later (a
    duplicate found in a later round) do. Of a photo that was sent back the person's own words
    count in their place (SN003): they say what helps, so nobody need look again.
    """

    accepted: bool
    codes: frozenset[str]
    why: str


def season_findings(
    attempt: int | None, days_late: int, review: Review | None, most: Band
) -> tuple[Finding, ...]:
    """Return SN001, SN002, SN003 of one submission.

    Parameters
    ----------
    attempt
        Which of the student's attempts it belongs to, from 1; None without a student.
    days_late
        Days from the deadline to its arrival, 0 when it was in time.
    most
        The spec's ``season.attempts``.
    """
    tries = SN001.not_applicable(_NO_STUDENT) if attempt is None else SN001.judge(attempt, most)
    late = SN002.broken(days_late) if days_late else SN002.passed(0)
    if review is None:
        said = SN003.not_applicable(_NOT_REVIEWED)
    elif review.accepted:
        said = SN003.passed(note=_ACCEPTED)
    else:
        said = SN003.broken(detail=Text(review.why, review.why))
    return waive((tries, late, said), review)


def waive(findings: Iterable[Finding], review: Review | None) -> tuple[Finding, ...]:
    """Let pass what a person decided on; the measured value and the limits stay."""
    if review is None:
        return tuple(findings)
    said = _ACCEPTED if review.accepted else _SENT_BACK
    codes, counted = review.codes - {SN003.code}, (Outcome.BROKEN, Outcome.SKIPPED)
    return tuple(
        replace(f, outcome=Outcome.PASSED, because=said, caused_by=None, borderline=False)
        # With a break goes what could not be assessed because of it.
        if f.outcome in counted and (f.code in codes or f.caused_by in codes)
        else f
        for f in findings
    )
