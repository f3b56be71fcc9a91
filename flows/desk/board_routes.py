"""The board: counts by state, class and day, who is missing; and one student with all attempts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from flows.desk.access import Looking, Registering, TheDesk
from flows.desk.answering import page
from flows.desk.desk_state import Desk
from flows.desk.groups import queue_of
from flows.desk.handing_in import waits_since
from flows.desk.photo_view import advice_of, examination_of, rules_of
from pipeline.batch.rounds import STUDENT_STATES, Disposition, StudentState
from pipeline.core.records import Student
from pipeline.ledger.accounts import Account, note_look
from pipeline.ledger.board import Person
from pipeline.ledger.links import links_of
from pipeline.ledger.season import ZONE
from pipeline.ledger.verdicts_and_reviews import review_log
from pipeline.ledger.views import History, history_of
from pipeline.ledger.waiting import shown_of_student
from reports.masking import mask_id
from reports.shared_words import DECISIONS, VERDICTS

router = APIRouter()
_FOUND = 100  # students that a search shows
_PLACES = {
    Disposition.CURRENT: "采用",
    Disposition.SUPERSEDED: "已被后来的照片取代",
    Disposition.NOT_TAKEN: "不采用：此前已合格",
}


@dataclass(frozen=True)
class ClassLine:
    """One class of the board."""

    college: str
    name: str
    counts: Counter[StudentState]

    @property
    def all(self) -> int:
        """How many students it has."""
        return self.counts.total()


@router.get("/board")
def board(request: Request, desk: TheDesk, account: Looking) -> Response:
    """Show where the season stands."""
    season = desk.season()
    with desk.engine.connect() as connection:
        people = _seen(desk, connection, account)
        queue = queue_of(desk, season, connection, account)
        whole = desk.board(connection)
    return page(
        request,
        "board.html",
        season=season,
        today=desk.clock().astimezone(ZONE).date(),
        states=STUDENT_STATES,
        counts=Counter(one.state for one in people),
        classes=_classes(people),
        missing=[one for one in people if one.state is StudentState.MISSING][:_FOUND],
        waits=len(queue.singles) + sum(map(len, queue.groups.values())),
        whole=None if account.college else whole,
    )


@router.get("/students/{state}")
def students(request: Request, desk: TheDesk, account: Looking, state: StudentState) -> Response:
    """List the students of one state, with class and telephone."""
    with desk.engine.connect() as connection:
        found = [one for one in _seen(desk, connection, account) if one.state is state]
    return page(request, "students.html", title=STUDENT_STATES[state].zh, found=found, states=None)


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
    title = f"找到 {len(found)} 人" + (f"，列出前 {_FOUND} 人" if len(found) > _FOUND else "")
    return page(request, "students.html", title=title, found=found[:_FOUND], states=STUDENT_STATES)


@router.get("/student/{place}")
def student(request: Request, desk: TheDesk, account: Looking, place: int) -> Response:
    """Show one student: every attempt, decision and state."""
    return _student(request, desk, account, place)


@router.post("/student/{place}/number")
def full_number(request: Request, desk: TheDesk, account: Registering, place: int) -> Response:
    """Show the full ID number of a student, and write down who looked."""
    with desk.engine.begin() as connection:
        key = person_of(desk, connection, account, place).key
        note_look(connection, account.name, "查看完整证件号", key, desk.clock())
    return _student(request, desk, account, place, full=True)


def person_of(desk: Desk, connection: Connection, account: Account, place: int) -> Person:
    """Return a student by the place in the roster; 404 for one that an account may not see."""
    people = desk.board(connection).people
    found = next((one for one in people if one.place == place), None)
    if found is None or not account.sees(found.college):
        raise HTTPException(404)
    return found


def _student(
    request: Request, desk: Desk, account: Account, place: int, *, full: bool = False
) -> Response:
    season = desk.season()
    with desk.engine.connect() as connection:
        person = person_of(desk, connection, account, place)
        history: History = history_of(season, connection, person.key)
        shown = {one.id: one for one in shown_of_student(connection, person.key)}
        made = links_of(connection, person.key)
        since = waits_since(season, connection, person.key)
        log = {one.id: [d for _, d in review_log(connection, one.id)] for one in shown.values()}
        speaking = next((one for one in shown.values() if one.speaks), None)
        examined = None if speaking is None else examination_of(season, connection, speaking)
    return page(
        request,
        "student.html",
        person=person,
        number=_number(history.student, full=full),
        full=full,
        history=history,
        shown=shown,
        since=since,
        log=log,
        links=made,
        advice=[] if examined is None else advice_of(season, examined),
        states=STUDENT_STATES,
        verdicts=VERDICTS,
        places=_PLACES,
        decisions=DECISIONS,
        rules=rules_of(season),
    )


def _number(student: Student, *, full: bool) -> str:
    return student.id_no if full else mask_id(student.id_no)


def _seen(desk: Desk, connection: Connection, account: Account) -> list[Person]:
    return [one for one in desk.board(connection).people if account.sees(one.college)]


def _classes(people: Iterable[Person]) -> list[ClassLine]:
    found: dict[tuple[str, str], ClassLine] = {}
    for one in people:
        key = one.college, one.class_name
        found.setdefault(key, ClassLine(*key, Counter())).counts[one.state] += 1
    return [found[key] for key in sorted(found)]
