"""The board: counts by state, class and day, who is missing, who waits for whom; and a search."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from flows.desk.access import Looking, TheDesk
from flows.desk.answering import page
from flows.desk.board_counts import STAGES, WAITS, Day, classes_of, days_of, waits_of
from flows.desk.booths import booths_of, faults_of
from flows.desk.curve import curve_of
from flows.desk.desk_state import Desk
from flows.desk.groups import queue_of
from flows.desk.languages import language_of
from flows.desk.photo_view import rules_of
from pipeline.batch.rounds import STUDENT_STATES, StudentState
from pipeline.core.rules import Text
from pipeline.ledger.accounts import Account
from pipeline.ledger.board import Person
from pipeline.ledger.purge import count_rows
from reports.booth_measures import shown_row
from reports.shared_words import VERDICTS

router = APIRouter()
_LAST = Text("最后截止", "Last day")
_MAKE_UP = Text("个人补拍截止", "Last day of make-ups")
_FOUND = 100  # students that a search shows
_LISTED = 1000  # students of one state on a page
_KINDS = {
    "ingest": Text("收照片", "photos taken in"),
    "review": Text("审核", "review"),
    "rejudge": Text("重新判定", "judged anew"),
    "roster": Text("换名单", "another roster"),
    "proofs": Text("校对", "proofs"),
    "uploaded": Text("上传", "uploaded"),
}
# What a season keeps of people, by table.
_KEPT = {
    "students": Text("学生", "students"),
    "submissions": Text("照片文件", "files of photos"),
    "templates": Text("人脸模板", "templates of faces"),
    "links": Text("发出的链接", "links given out"),
    "accounts": Text("账号", "accounts"),
    "audit": Text("操作记录", "entries of the audit list"),
}


@router.get("/board")
def board(request: Request, desk: TheDesk, account: Looking) -> Response:
    """Show where the season stands."""
    season = desk.season()
    with desk.engine.connect() as connection:
        people = _seen(desk, connection, account)
        queue = queue_of(desk, season, connection, account)
        whole = None if account.college else desk.board(connection)
        booths = () if whole is None else booths_of(season, connection, rules_of(season))
        kept = {} if whole is None else count_rows(connection)
    deadlines = {
        name: day
        for name, day in ((_LAST, season.last), (_MAKE_UP, season.make_up))
        if day is not None
    }
    days, classes = days_of(people), classes_of(people)
    missing = sorted((p for p in people if p.state is StudentState.MISSING), key=_by_class)
    return page(
        request,
        "board.html",
        today=desk.today(),
        deadlines=deadlines,
        states=STUDENT_STATES,
        counts=Counter(one.state for one in people),
        curve=curve_of(days, deadlines, len(people), desk.today()),
        stages=STAGES.values(),
        days=_with_files(days, {} if whole is None else whole.by_day),
        waiting=WAITS,
        wait_lines=waits_of(classes, queue),
        waits=len(queue.photos),
        classes=classes,
        missing=missing[:_FOUND],
        counts_missing=len(missing),
        whole=whole,
        booths=[shown_row(row, language_of(request)) for row in booths],
        faults=[] if whole is None else faults_of(season),
        verdicts=VERDICTS,
        kinds=_KINDS,
        kept={word: kept.get(table, 0) for table, word in _KEPT.items()},
    )


@router.get("/students/{state}")
def students(request: Request, desk: TheDesk, account: Looking, state: StudentState) -> Response:
    """List the students of one state, with class and telephone."""
    with desk.engine.connect() as connection:
        found = [one for one in _seen(desk, connection, account) if one.state is state]
    found.sort(key=_by_class)
    state_said, count = STUDENT_STATES[state], len(found)
    title = Text(f"{state_said.zh}：{count} 人", f"{state_said.en}: {count}")
    if count > _LISTED:
        title = Text(
            f"{title.zh}，列出前 {_LISTED} 人；其余请按班级查找，或导出名单",
            f"{title.en}; the first {_LISTED}: find the others by class, or take the lists",
        )
    return page(request, "students.html", title=title, found=found[:_LISTED], states=None)


@router.post("/find")
def find(
    request: Request, desk: TheDesk, account: Looking, words: Annotated[str, Form(max_length=100)]
) -> Response:
    """Look for students by number, name or class; a form's words stand in no address."""
    words = words.strip()
    with desk.engine.connect() as connection:
        found = [
            one
            for one in _seen(desk, connection, account)
            if words and any(words in text for text in (one.key, one.name, one.class_name))
        ]
    title = Text(f"找到 {len(found)} 人", f"Students found: {len(found)}")
    if len(found) > _FOUND:
        title = Text(f"{title.zh}，列出前 {_FOUND} 人", f"{title.en}; the first {_FOUND} of them")
    return page(request, "students.html", title=title, found=found[:_FOUND], states=STUDENT_STATES)


def _seen(desk: Desk, connection: Connection, account: Account) -> list[Person]:
    return [one for one in desk.board(connection).people if account.sees(one.college)]


def _by_class(one: Person) -> tuple[str, str]:
    return one.college, one.class_name


def _with_files(
    days: Sequence[Day], files: Mapping[date, int]
) -> list[tuple[date, int, tuple[int, ...]]]:
    """Put the files that arrived beside what students came to, on each day that has either."""
    came, last, found = {one.day: one.counts for one in days}, (0,) * len(STAGES), []
    for day in sorted({*came, *files}):
        last = came.get(day, last)
        found.append((day, files.get(day, 0), last))
    return found
