"""What a student may still hand in by the link, and what became of the last photo; in words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import takewhile

from sqlalchemy import Connection

from pipeline.batch.rounds import Arrival, Disposition, StudentState, attempts
from pipeline.core.bands import Band
from pipeline.core.rules import Verdict
from pipeline.ledger.arrivals import read_submissions
from pipeline.ledger.handed_in import waiting_of
from pipeline.ledger.season import ZONE, Season, open_run
from pipeline.ledger.views import Try, history_of

_MOST_SAID = 99  # attempts left that are told; more is as good as any number
_ACCEPTED = {StudentState.PASSED, StudentState.UPLOADED, StudentState.CONFIRMED}
_CAME_TO = {
    Verdict.PASS: "合格",
    Verdict.RETAKE: "需重拍",
    Verdict.FAIL: "要由老师看过才能定",
}


@dataclass(frozen=True)
class HandingIn:
    """Where a student stands with handing in."""

    terms: str  # how often and until when; empty: not any more
    refused: str  # why not, in the student's words; empty: another may be handed in
    latest: str  # when the last photo came, and what became of it; empty: there is none
    waits: bool  # whether the last one is still to be judged


def handing_in(season: Season, connection: Connection, student: str, now: datetime) -> HandingIn:
    """Say what a student may hand in now, by the spec's attempts and the season's deadline."""
    history = history_of(season, connection, student)
    came = waits_since(season, connection, student)
    left = _left(read_submissions(connection, student=student), season.spec.season.attempts)
    today = now.astimezone(ZONE).date()
    refused = _refused(season, history.state, left, today, waits=came is not None)
    return HandingIn(
        "" if refused else _terms(left, season.last),
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


def _refused(season: Season, state: StudentState, left: int, today: date, *, waits: bool) -> str:
    if waits:
        return "您的照片正在检查，有结果之前不能再交。"
    if season.last is not None and today > season.last:
        return f"采集已在 {_day(season.last)} 截止，不能再提交；请联系老师。"
    if state in _ACCEPTED:
        return "您的照片已经合格，不用再提交。"
    if left == 0:
        return "可以提交的次数已经用完；请联系老师，由老师决定能否再交。"
    return ""


def _terms(left: int, last: date | None) -> str:
    often = f"本轮还可提交 {left} 次" if left < _MOST_SAID else "可以提交"
    return often if last is None else f"{often}，截止 {_day(last)} 24:00"


def _waits(came: datetime) -> str:
    return (
        f"已收到：{_moment(came)}。正在排队检查，一般几分钟后有结果；"
        "请稍后再用同一个链接打开这一页。"
    )


def _latest(tries: tuple[Try, ...]) -> str:
    if not tries:
        return ""
    last = tries[-1]
    if last.place is Disposition.NOT_TAKEN:
        became = "没有采用，此前的照片已经合格"
    else:
        became = _CAME_TO[last.verdicts[-1][0]] if last.verdicts else "正在检查"
    return f"上一次提交（{_moment(last.day)}）：{became}"


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _moment(at: datetime) -> str:
    local = at.astimezone(ZONE)
    return f"{_day(local.date())} {local:%H:%M}"
