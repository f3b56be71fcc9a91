"""What a student may still hand in by the link, and what became of the last photo; in words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import takewhile

from sqlalchemy import Connection

from pipeline.batch.rounds import Arrival, Disposition, StudentState, attempts
from pipeline.core.bands import Band
from pipeline.core.rules import Text, Verdict
from pipeline.ledger.arrivals import read_submissions
from pipeline.ledger.handed_in import waiting_of
from pipeline.ledger.season import ZONE, Season, open_run
from pipeline.ledger.views import Try, history_of

_MOST_SAID = 99  # attempts left that are told; more is as good as any number
_ACCEPTED = {StudentState.PASSED, StudentState.UPLOADED, StudentState.CONFIRMED}
FOR_A_TEACHER = Text("要由老师看过才能定", "A teacher has to look at it")
_CAME_TO = {
    Verdict.PASS: Text("合格", "it passed"),
    Verdict.RETAKE: Text("需重拍", "take another"),
    Verdict.FAIL: FOR_A_TEACHER,
}
_AT_WORK = Text(
    "您的照片正在检查，有结果之前不能再交。",
    "Your photo is being checked: wait for the result before you hand in another.",
)
_PASSED = Text("您的照片已经合格，不用再提交。", "Your photo has passed: no other is needed.")
_USED_UP = Text(
    "可以提交的次数已经用完；请联系老师，由老师决定能否再交。",
    "No attempts are left; ask your teacher, who decides whether you may hand in another.",
)
_NOT_TAKEN = Text("没有采用，此前的照片已经合格", "not used, an earlier one had passed")
_CHECKED_NOW = Text("正在检查", "it is being checked")


@dataclass(frozen=True)
class HandingIn:
    """Where a student stands with handing in."""

    terms: Text | None  # how often and until when; None: not any more
    refused: Text | None  # why not, in the student's words; None: another may be handed in
    latest: Text | None  # when the last photo came, and what became of it; None: there is none
    waits: bool  # whether the last one is still to be judged


def handing_in(season: Season, connection: Connection, student: str, now: datetime) -> HandingIn:
    """Say what a student may hand in now, by the spec's attempts and the season's deadline."""
    history = history_of(season, connection, student)
    came = waits_since(season, connection, student)
    left = _left(read_submissions(connection, student=student), season.spec.season.attempts)
    today = now.astimezone(ZONE).date()
    refused = _refused(season, history.state, left, today, waits=came is not None)
    return HandingIn(
        None if refused else _terms(left, season.last),
        refused,
        _waits(came) if came is not None else _latest(history.tries),
        came is not None,
    )


def waits_since(season: Season, connection: Connection, student: str) -> datetime | None:
    """Return when the student's photo came that is not judged yet; None: there is none."""
    queued = [one.at for one in waiting_of(season.folder, student)]
    run = open_run(connection)
    mine = [] if run is None else read_submissions(connection, run, student=student)
    return max([*queued, *(row.arrived_at for row in mine)], default=None)


def has_come(season: Season, connection: Connection, student: str, sha256: str) -> bool:
    """Whether a student has handed in these bytes before: they are no further attempt."""
    queued = (one.sha256 for one in waiting_of(season.folder, student))
    known = (row.sha256 for row in read_submissions(connection, student=student))
    return sha256 in {*queued, *known}


def _left(rows: Sequence[Arrival], allowed: Band) -> int:
    """Count how many attempts the spec still allows, up to `_MOST_SAID`."""
    after = 1 + max((one.id for one in rows), default=0)
    one_more = Arrival(after, 1 + max((one.round for one in rows), default=0), "", "new", "")
    mine = [*(replace(one, student_key="") for one in rows), one_more]
    number = attempts(mine)[after]
    return sum(1 for _ in takewhile(allowed.allows, range(number, number + _MOST_SAID)))


def _refused(
    season: Season, state: StudentState, left: int, today: date, *, waits: bool
) -> Text | None:
    if waits:
        return _AT_WORK
    if season.last is not None and today > season.last:
        day = _day(season.last)
        return Text(
            f"采集已在 {day.zh} 截止，不能再提交；请联系老师。",
            f"The last day was {day.en}: no photo can be handed in; ask your teacher.",
        )
    if state in _ACCEPTED:
        return _PASSED
    return _USED_UP if left == 0 else None


def _terms(left: int, last: date | None) -> Text:
    often = Text("可以提交", "A photo may be handed in")
    if left < _MOST_SAID:
        often = Text(f"本轮还可提交 {left} 次", f"Attempts left in this round: {left}")
    if last is None:
        return often
    day = _day(last)
    return Text(f"{often.zh}，截止 {day.zh} 24:00", f"{often.en}, until {day.en} 24:00")


def _waits(came: datetime) -> Text:
    at = _moment(came)
    return Text(
        f"已收到：{at.zh}。正在排队检查，一般几分钟后有结果；请稍后再用同一个链接打开这一页。",
        f"Received: {at.en}. It waits to be checked, mostly for some minutes; open this page "
        "again by the same link.",
    )


def _latest(tries: tuple[Try, ...]) -> Text | None:
    if not tries:
        return None
    last = tries[-1]
    if last.place is Disposition.NOT_TAKEN:
        became = _NOT_TAKEN
    else:
        became = _CAME_TO[last.verdicts[-1][0]] if last.verdicts else _CHECKED_NOW
    at = _moment(last.day)
    return Text(f"上一次提交（{at.zh}）：{became.zh}", f"Your last photo ({at.en}): {became.en}")


def _day(day: date) -> Text:
    return Text(f"{day.month}月{day.day}日", day.isoformat())


def _moment(at: datetime) -> Text:
    local = at.astimezone(ZONE)
    day = _day(local.date())
    return Text(f"{day.zh} {local:%H:%M}", f"{day.en} {local:%H:%M}")
