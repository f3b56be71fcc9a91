"""自查: anybody tries a photo before it is handed in; nothing of it is kept.

Who came by a link may hand in what was tried: the form sends it again (`hand_in_routes`).
"""

from base64 import b64encode
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, File, Form, HTTPException, Request, UploadFile
from fastapi.responses import Response
from markupsafe import Markup

from flows.desk.access import TheDesk
from flows.desk.answering import page
from flows.desk.desk_state import Desk
from flows.desk.handing_in import FOR_A_TEACHER, HandingIn, handing_in
from flows.desk.languages import language_of
from flows.desk.photo_view import advice_of, rules_of
from flows.desk.protection import tokened
from flows.desk.self_check import Looked
from flows.desk.student_links import PerhapsByLink
from pipeline.core.rules import Lang, Text, Verdict
from pipeline.core.verdict import counting, verdict_of
from pipeline.ledger.season import Season
from reports.markup import raw
from reports.overlay import overlay_svg
from reports.rule_states import states_of

router = APIRouter()
_SAID = {
    Verdict.PASS: Text("可以：没有发现问题", "It will do: nothing was found"),
    Verdict.RETAKE: Text("还不行：请重拍", "Not yet: take it again"),
    Verdict.FAIL: FOR_A_TEACHER,
}


@router.get("/check")
def check_page(request: Request, desk: TheDesk, student: PerhapsByLink) -> Response:
    """Ask for a photo; the processes start while it is chosen."""
    season = desk.season()
    desk.self_check.started(season.spec)
    return page(request, "check.html", mine=_mine(desk, season, student), said=None)


@router.post("/check", dependencies=[Depends(tokened)])
async def check(
    request: Request,
    desk: TheDesk,
    student: PerhapsByLink,
    photo: Annotated[UploadFile, File()],
    way: Annotated[Literal["file", "camera"], Form()] = "file",
) -> Response:
    """Say what a photo would come to, in the student's words."""
    address = "" if request.client is None else request.client.host
    if not desk.self_check.may(student, address):
        raise HTTPException(429)
    return await desk.self_check.in_turn(lambda: _answer(request, desk, photo, student, way))


def _answer(
    request: Request, desk: Desk, photo: UploadFile, student: str | None, way: str
) -> Response:
    season = desk.season()
    looked = desk.self_check.look_at(photo.file.read(), season.spec)
    verdict = _verdict(season, looked)
    return page(
        request,
        "check.html",
        mine=_mine(desk, season, student),
        way=way,
        said=_SAID[verdict],
        good=verdict is Verdict.PASS,
        advice=advice_of(season, looked.examination),
        drawn=_drawn(season, looked, language_of(request)),
        right=raw("right.svg"),
        opened=looked.examination.width_px is not None,
    )


def _mine(desk: Desk, season: Season, student: str | None) -> HandingIn | None:
    """Say what a student who came by a link may hand in; None: nobody's link."""
    if student is None:
        return None
    with desk.engine.connect() as connection:
        return handing_in(season, connection, student, desk.clock())


def _verdict(season: Season, looked: Looked) -> Verdict:
    remedy = {code: rule.remedy for code, rule in rules_of(season).items()}
    return verdict_of(counting(looked.examination.findings, remedy), remedy)


def _drawn(season: Season, looked: Looked, lang: Lang) -> Markup | None:
    """Draw what was measured; the picture stands in the page itself, and nowhere else."""
    marks = looked.examination.marks
    if marks is None or not looked.picture:
        return None
    states = states_of(looked.examination.findings, rules_of(season))
    address = f"data:image/jpeg;base64,{b64encode(looked.picture).decode()}"
    return overlay_svg(marks, states, address, lang, "o")
