"""Swaps and runs side by side: accepted, one photo of them, or left as they stand."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from flows.desk.access import Deciding, Looking, TheDesk
from flows.desk.answering import page, see
from flows.desk.cases import Case, cases_of
from flows.desk.desk_state import Desk
from flows.desk.groups import queue_of
from flows.desk.pairs import whom_of
from flows.desk.photo_view import record_bytes, record_path
from flows.desk.picture_routes import PhotoId, jpeg, visible
from flows.season.reassign import Move, OvertakenError, move
from pipeline.batch.reviews import DecisionKind
from pipeline.core.rules import Text
from pipeline.ledger.accounts import Account
from pipeline.ledger.waiting import read_shown, waiting
from reports.safe_text import well_formed

router = APIRouter()
_ROW = r"^\d{1,18}-\d{1,18}-\d{1,18}-\d{1,18}$"
Row = Annotated[str, Form(pattern=_ROW)]  # `Item.row`
# Written down in Chinese, as all reasons are (`review_routes`).
_LOOKED = {
    DecisionKind.ASSIGN: "并排查看后按建议改归",
    DecisionKind.KEEP: "并排查看后不改",
}
_CHANGED = Text(
    "没有写入：在您查看期间，这一组有了新的决定或新的结论（见下）。请重新查看。",
    "Not written: these photos were decided on or judged anew while you looked (see below). "
    "Look again.",
)


@router.get("/case/{submission}")
def case(request: Request, desk: TheDesk, account: Looking, submission: PhotoId) -> Response:
    """Show a swap or a run: each photo beside both records, as it is and as it is proposed."""
    with desk.engine.connect() as connection:
        found, following = _case(desk, connection, account, submission)
    if found is None:  # it was decided, or is none any more
        return see("/")
    return _page(request, desk, found, following)


@router.get("/like/{submission}")
def record_like(desk: TheDesk, account: Looking, submission: PhotoId) -> Response:
    """Show the photo on record of the student whom a photo seems to show."""
    with desk.engine.connect() as connection:
        found = whom_of(desk, connection, visible(connection, submission, account), account)
    if found is None or found.shows is None:
        raise HTTPException(404)
    return jpeg(record_bytes(desk.season(), found.shows.key))


@router.post("/case/{submission}")
def decide_case(
    request: Request,
    desk: TheDesk,
    account: Deciding,
    submission: PhotoId,
    row: Annotated[list[Row], Form()],
    kind: Annotated[Literal["assign", "keep"], Form()] = "assign",
    only: Annotated[str, Form(pattern=_ROW)] = "",
    why: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Give the photos to the students who are proposed, all or none; or leave them.

    Of two at once the second is told.
    """
    chosen = DecisionKind(kind)
    said = well_formed(why.strip()) or _LOOKED[chosen]
    wanted = {only} if only else set(row)
    with desk.engine.connect() as connection:
        found, _ = _case(desk, connection, account, submission)
    items = () if found is None else tuple(i for i in found.items if i.row in wanted)
    if found is None or len(items) != len(wanted):
        return _overtaken(request, desk, account, submission)
    try:
        moves = [Move(one.shown.id, one.to.key, one.shown.seen) for one in items]
        with desk.engine.begin() as connection:
            move(connection, moves, chosen, why=said, who=account.name, now=desk.clock())
    except OvertakenError:
        return _overtaken(request, desk, account, submission)
    desk.changed.set()
    season = desk.season()
    with desk.engine.connect() as connection:
        queue = queue_of(desk, season, connection, account)
        undo = read_shown(connection, items[0].shown.id)
    return page(
        request,
        "moved.html",
        items=items,
        moved=chosen is DecisionKind.ASSIGN,
        undo=undo,
        queue=queue,
    )


def _overtaken(request: Request, desk: Desk, account: Account, submission: int) -> Response:
    """Tell that nothing was written, beside what there is now."""
    with desk.engine.connect() as connection:
        now, following = _case(desk, connection, account, submission)
        shown = None if now is not None else read_shown(connection, submission)
    if now is not None:
        return _page(request, desk, now, following, told=_CHANGED, status=409)
    changed = [] if shown is None else [shown]
    return page(request, "done.html", 409, code="", done=[], changed=changed, impossible=[])


def _case(
    desk: Desk, connection: Connection, account: Account, submission: int
) -> tuple[Case | None, int | None]:
    """Find the open case of a photo, and the next one; 404 where its students may not be seen."""
    visible(connection, submission, account)
    found = cases_of(desk, connection, account, {one.id for one in waiting(connection)})
    case = next((one for one in found if submission in one), None)
    if case is not None and not case.visible:
        raise HTTPException(404)
    others = [one for one in found if one.visible]
    at = others.index(case) + 1 if case is not None else 0
    rest = [one for one in (*others[at:], *others[:at]) if one is not case]
    return case, rest[0].id if rest else None


def _page(
    request: Request,
    desk: Desk,
    case: Case,
    following: int | None,
    told: Text | None = None,
    status: int = 200,
) -> Response:
    return page(
        request,
        "case.html",
        status,
        case=case,
        following=following,
        told=told,
        own={i.shown.id: _is_on_record(desk, i.shown.student_key) for i in case.items},
        theirs={i.shown.id: _is_on_record(desk, i.to.key) for i in case.items},
    )


def _is_on_record(desk: Desk, key: str | None) -> bool:
    return record_path(desk.folder, key) is not None
