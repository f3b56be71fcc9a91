"""校对: students see the photo that would be registered, and say whether it is right."""

import hashlib
from collections.abc import Iterable
from typing import Annotated, Literal

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from flows.desk.access import Looking, TheDesk
from flows.desk.answering import page, see
from flows.desk.handing_in import handing_in
from flows.desk.photo_view import advice_of, examination_of, registered_bytes
from flows.desk.student_links import VALID, ByLink, link_id
from pipeline.batch.rounds import STUDENT_STATES, StudentState
from pipeline.core.errors import UsageError
from pipeline.core.roles import AskedBy
from pipeline.core.rules import Text
from pipeline.ledger.board import Person
from pipeline.ledger.links import find_link
from pipeline.ledger.proofs import FINAL_AFTER, Proof, add_proofs, desk_answers, last_proofs
from pipeline.ledger.views import history_of
from pipeline.ledger.waiting import Shown, shown_of_student
from reports.masking import id_to_compare
from reports.safe_text import well_formed

router = APIRouter()
# What students say on the national platform, in its words (standard.md §5.6). An answer is kept
# in those, whatever the language of the page: it goes to the office, and to the platform.
REASONS = {
    "data": Text("学号、姓名或证件号有误", "student number, name or ID number is wrong"),
    "person": Text("照片不是本人，或与他人互换", "this is not me, or photos were exchanged"),
    "none": Text("没有照片", "there is no photo"),
}
_REGISTERED = {StudentState.PASSED, StudentState.UPLOADED}
_ANSWERED = {StudentState.CONFIRMED, StudentState.DISPUTED}
_HEAD = ("学号", "姓名", "学院", "班级", "联系电话", "链接", "有效期至")


@router.get("/s/{token}")
def come_by_link(request: Request, desk: TheDesk, token: str) -> Response:
    """Let a student in; the address is not needed again and stands in none that follows."""
    found = link_id(desk, token)
    with desk.engine.connect() as connection:
        if find_link(connection, found, desk.clock()) is None:
            raise HTTPException(410)
    request.session["link"] = found
    return see("/proof")


@router.get("/proof")
def proof(request: Request, desk: TheDesk, student: ByLink) -> Response:
    """Show a student the photo that would be registered, and ask."""
    season = desk.season()
    with desk.engine.connect() as connection:
        history = history_of(season, connection, student)
        shown = _speaking(connection, student)
        examined = None if shown is None else examination_of(season, connection, shown)
        answers = desk_answers(connection, student)
        mine = handing_in(season, connection, student, desk.clock())
        picture = None if shown is None else registered_bytes(season, connection, student)
    final = bool(answers) and desk.clock() - answers[0].at >= FINAL_AFTER
    passed = history.state in {*_REGISTERED, *_ANSWERED}
    return page(
        request,
        "proof.html",
        student=history.student,
        number=id_to_compare(history.student.id_no),
        state=STUDENT_STATES[history.state],
        passed=passed,
        seen=_named(picture) if picture and passed else None,
        advice=[] if examined is None or passed else advice_of(season, examined),
        answer=answers[-1] if answers else None,
        until=answers[0].at + FINAL_AFTER if answers else None,
        final=final,
        reasons=REASONS,
        last=season.last,
        mine=mine,
    )


@router.get("/proof/picture")
def proof_picture(desk: TheDesk, student: ByLink) -> Response:
    """Show a student the own registration photo."""
    season = desk.season()
    with desk.engine.connect() as connection:
        data = registered_bytes(season, connection, student)
    if data is None:
        raise HTTPException(404)
    return Response(data, media_type="image/jpeg", headers={"cache-control": "no-store"})


@router.post("/proof")
def answer_proof(
    desk: TheDesk,
    student: ByLink,
    answer: Annotated[Literal["right", "wrong"], Form()],
    seen: Annotated[str, Form(max_length=64)] = "",
    reason: Annotated[str, Form(max_length=20)] = "",
    why: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """Write down what a student says; after 24 hours the first answer is final.

    A photo is right only where it is the one that the student saw.
    """
    right, now = answer == "right", desk.clock()
    if not right and reason not in REASONS:
        raise UsageError(Text("请选一项原因", "choose a reason"))
    more = well_formed(why.strip())
    said = "" if right else "；".join(filter(None, [REASONS[reason].zh, more]))
    season = desk.season()
    with desk.engine.begin() as connection:
        picture = registered_bytes(season, connection, student) if right else None
        if right and picture is None:
            raise UsageError(Text("还没有可以确认的照片", "there is no photo to confirm yet"))
        if picture is not None and seen != _named(picture):
            raise UsageError(
                Text(
                    "您查看期间照片换了：请用链接重新打开，看过再回答",
                    "the photo changed while you looked: open the link again, look, and answer",
                )
            )
        done = add_proofs(connection, [Proof(student, right, said, now)], asked_by=AskedBy.DESK)
    if done.refused:
        raise UsageError(
            Text("回答已满 24 小时，不能再改；请联系老师", "after 24 hours an answer is final")
        )
    desk.changed.set()
    return see("/proof")


@router.get("/proofs")
def proofs_page(request: Request, desk: TheDesk, account: Looking) -> Response:
    """List who said 有误, and who has not answered."""
    with desk.engine.connect() as connection:
        said = last_proofs(connection)
        people = [one for one in desk.board(connection).people if account.sees(one.college)]
    wrong = [(one, said[one.key]) for one in people if one.state is StudentState.DISPUTED]
    return page(
        request,
        "proofs.html",
        wrong=wrong,
        right=sum(one.state is StudentState.CONFIRMED for one in people),
        open=unanswered(people),
        days=VALID.days,
    )


def _named(picture: bytes) -> str:
    """Name a photo by what it is, so that an answer says of which it is one."""
    return hashlib.sha256(picture).hexdigest()


def _speaking(connection: Connection, student: str) -> Shown | None:
    return next((one for one in shown_of_student(connection, student) if one.speaks), None)


def unanswered(people: Iterable[Person]) -> list[Person]:
    """Who has a photo that would be registered, and has not said whether it is right."""
    return [one for one in people if one.state in _REGISTERED]
