"""One student: every attempt, decision and state; the full number; the one-time link."""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from flows.desk.access import Looking, Registering, TheDesk
from flows.desk.answering import page, see
from flows.desk.desk_state import Desk
from flows.desk.handing_in import waits_since
from flows.desk.photo_view import advice_of, examination_of, rules_of
from flows.desk.student_links import VALID, address_of, qr_of
from pipeline.batch.rounds import STUDENT_STATES, Disposition, StudentState
from pipeline.core.records import Student
from pipeline.core.rules import Text
from pipeline.ledger.accounts import Account, note_look
from pipeline.ledger.board import Person
from pipeline.ledger.decisions import review_log
from pipeline.ledger.links import links_of, make_link, revoke_links
from pipeline.ledger.views import History, history_of
from pipeline.ledger.waiting import shown_of_student
from reports import deeds
from reports.masking import mask_id
from reports.shared_words import DECISIONS, VERDICTS

router = APIRouter()
_ASKED = {StudentState.MISSING, StudentState.RETAKE, StudentState.REVIEW, StudentState.DISPUTED}
_PLACES = {
    Disposition.CURRENT: Text("采用", "used"),
    Disposition.SUPERSEDED: Text("已被后来的照片取代", "replaced by a later photo"),
    Disposition.NOT_TAKEN: Text("不采用：此前已合格", "not used: an earlier one had passed"),
}


@router.get("/student/{place}")
def student(request: Request, desk: TheDesk, account: Looking, place: int) -> Response:
    """Show one student: every attempt, decision and state."""
    return _student(request, desk, account, place)


@router.post("/student/{place}/number")
def full_number(request: Request, desk: TheDesk, account: Registering, place: int) -> Response:
    """Show the full ID number of a student, and write down who looked."""
    with desk.engine.begin() as connection:
        key = person_of(desk, connection, account, place).key
        note_look(connection, account.name, deeds.FULL_NUMBER.zh, key, desk.clock())
    return _student(request, desk, account, place, full=True)


@router.post("/student/{place}/link")
def new_link(request: Request, desk: TheDesk, account: Registering, place: int) -> Response:
    """Make a link of a student, and show it with its QR code; the earlier ones end."""
    now = desk.clock()
    with desk.engine.begin() as connection:
        person = person_of(desk, connection, account, place)
        revoke_links(connection, person.key, now)
        link = make_link(connection, person.key, account.name, now, now + VALID)
        note_look(connection, account.name, deeds.LINK.zh, person.key, now)
    address = address_of(desk, link)
    return page(request, "link.html", person=person, link=link, address=address, qr=qr_of(address))


@router.post("/student/{place}/link/revoke")
def revoke(desk: TheDesk, account: Registering, place: int) -> Response:
    """End every link of a student."""
    with desk.engine.begin() as connection:
        person = person_of(desk, connection, account, place)
        revoke_links(connection, person.key, desk.clock())
        note_look(connection, account.name, deeds.REVOKE.zh, person.key, desk.clock())
    return see(f"/student/{place}")


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
        asked=person.state in _ASKED,
        advice=[] if examined is None else advice_of(season, examined),
        states=STUDENT_STATES,
        verdicts=VERDICTS,
        places=_PLACES,
        decisions=DECISIONS,
        rules=rules_of(season),
    )


def _number(student: Student, *, full: bool) -> str:
    return student.id_no if full else mask_id(student.id_no)
