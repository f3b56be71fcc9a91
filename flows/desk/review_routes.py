"""The queue: groups as contact sheets, single photos, decisions, undo."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from flows.desk.access import Deciding, Looking, TheDesk, account_of
from flows.desk.answering import page, see
from flows.desk.desk_state import Desk
from flows.desk.groups import queue_of
from flows.desk.languages import language_of
from flows.desk.pairs import against, whom_of
from flows.desk.photo_view import rules_of, view_of
from flows.desk.picture_routes import PhotoId, visible
from flows.season.reassign import take_back
from flows.season.review import decide
from pipeline.batch.reviews import DecisionKind
from pipeline.core.errors import UsageError
from pipeline.core.roles import May
from pipeline.core.rules import Text, Verdict
from pipeline.ledger.accounts import Account
from pipeline.ledger.decisions import Seen, review_log, said_after
from pipeline.ledger.reassignments import deed_of, students_of
from pipeline.ledger.season import Season
from pipeline.ledger.waiting import Shown, read_shown
from pipeline.rules.season import SN003
from reports.safe_text import well_formed
from reports.shared_words import DECISIONS, VERDICTS

router = APIRouter()
_A_SHEET = 60  # pictures on a contact sheet
# What is written down is Chinese, whoever decides: lists, notices and students read it.
_LOOKED = "人工查看后接受"
_NEAR = "临界，人工查看后接受"
_STAYS = "人工查看，确认异常"
_BETWEEN = "；"
_EXEMPT = {
    "religion": Text("宗教原因", "religious"),
    "medicine": Text("医疗原因", "medical"),
    "culture": Text("文化原因", "cultural"),
}
_CHANGED = Text(
    "您的决定没有写入：在您查看期间，这张照片有了新的决定或新的结论（见下）。请重新查看。",
    "Your decision was not written: the photo was decided on or judged anew while you looked "
    "(see below). Look again.",
)
Row = Annotated[str, Form(pattern=r"^\d{1,9}-\d{1,9}-\d{1,9}$")]  # submission, as it was seen
Rows = Annotated[list[Row], Form()]
Words = Annotated[str, Form(max_length=500)]


@router.get("/")
def home(request: Request, desk: TheDesk) -> Response:
    """Show what waits for whoever signed in."""
    account = account_of(request)
    if account is None:
        return see("/sign-in")
    if account.one_time:
        return see("/password")
    season = desk.season()
    with desk.engine.connect() as connection:
        queue = queue_of(desk, season, connection, account)
    return page(request, "queue.html", queue=queue, rules=rules_of(season))


@router.get("/group/{code}")
def group(request: Request, desk: TheDesk, account: Looking, code: str) -> Response:
    """Show the photos that one borderline finding stands against, as a contact sheet."""
    season = desk.season()
    with desk.engine.connect() as connection:
        queue = queue_of(desk, season, connection, account)
    if code not in queue.groups:
        return see("/")
    some = queue.groups[code]
    rule = rules_of(season)[code]
    return page(request, "group.html", code=code, rule=rule, some=some[:_A_SHEET], all=len(some))


@router.post("/group/{code}")
def accept_group(
    request: Request, desk: TheDesk, account: Deciding, code: str, row: Rows
) -> Response:
    """Accept the photos that stayed ticked, one decision each; who changed is told, not lost."""
    season = desk.season()
    done, changed, impossible = [], [], []
    kind = DecisionKind.ACCEPT
    for one in row:
        submission, seen = _parsed(one)
        try:
            with desk.engine.begin() as connection:
                shown, made = visible(connection, submission, account), None
                if shown.codes == (code,):  # what came up since was not looked at
                    made = _decided(desk, season, connection, shown, seen, kind, _NEAR, account)
        except UsageError as error:
            impossible.append((shown, error.why))
            continue
        if made is None:
            changed.append(shown)
        else:
            done.append((shown, made))
    desk.changed.set()
    return page(request, "done.html", code=code, done=done, changed=changed, impossible=impossible)


@router.post("/undo")
def undo(request: Request, desk: TheDesk, account: Deciding, row: Rows) -> Response:
    """Take back decisions: what stood before them stands again."""
    season = desk.season()
    changed, kind = [], DecisionKind.UNDO
    for one in row:
        submission, seen = _parsed(one)
        with desk.engine.begin() as connection:
            shown = visible(connection, submission, account)
            if shown.seen.review == seen.review and _taken_back(desk, connection, shown, account):
                continue
            # By now the lists may have followed it: what it came to since does not matter,
            # nor what was noted beside it.
            since = said_after(connection, submission, seen.review)
            noted = all(one.kind is DecisionKind.COMMENT for one in since)
            review = shown.seen.review if noted else seen.review
            seen = Seen(shown.seen.verdict, review)
            made = _decided(desk, season, connection, shown, seen, kind, "撤销", account)
            if made is None:
                changed.append(shown)
    desk.changed.set()
    request.session.pop("last", None)
    if changed:
        return page(request, "done.html", code="", done=[], changed=changed, impossible=[])
    return see("/" if len(row) > 1 else f"/photo/{_parsed(row[0])[0]}")


@router.get("/next")
def next_photo(desk: TheDesk, account: Looking, after: int = 0) -> Response:
    """Go to the next single photo that waits."""
    season = desk.season()
    with desk.engine.connect() as connection:
        found = queue_of(desk, season, connection, account).after(after)
    return see("/" if found is None else f"/photo/{found.id}")


@router.get("/photo/{submission}")
def photo(request: Request, desk: TheDesk, account: Looking, submission: PhotoId) -> Response:
    """Show one photo: overlay, photo on record, what was found, what was decided."""
    return _photo(request, desk, account, submission)


@router.post("/photo/{submission}")
def decide_photo(
    request: Request,
    desk: TheDesk,
    account: Deciding,
    submission: PhotoId,
    seen: Row,
    kind: Annotated[DecisionKind, Form()],
    reason: Annotated[list[str], Form(max_length=50)] = [],  # noqa: B006 - FastAPI copies it
    exempt: Annotated[str, Form(max_length=20)] = "",
    why: Words = "",
) -> Response:
    """Write down what was decided, and go to the next photo; of two at once the second is told."""
    of, version = _parsed(seen)
    if of != submission or kind is DecisionKind.UNDO:
        raise HTTPException(400)
    season = desk.season()
    said = _words(kind, reason, exempt, why, season)
    try:
        with desk.engine.begin() as connection:
            shown = visible(connection, submission, account)
            made = _decided(desk, season, connection, shown, version, kind, said, account)
    except UsageError as error:
        return _photo(request, desk, account, submission, told=error.why, status=400)
    if made is None:
        return _photo(request, desk, account, submission, told=_CHANGED, status=409)
    desk.changed.set()
    if kind is DecisionKind.COMMENT:
        return see(f"/photo/{submission}")
    request.session["last"] = f"{submission}-{version.verdict}-{made}"
    return see(f"/next?after={submission}")


def _photo(
    request: Request,
    desk: Desk,
    account: Account,
    submission: int,
    told: Text | None = None,
    status: int = 200,
) -> Response:
    season = desk.season()
    with desk.engine.connect() as connection:
        shown = visible(connection, submission, account)
        view = view_of(season, connection, shown, language_of(request))
        queue = queue_of(desk, season, connection, account)
        log = [one for _, one in review_log(connection, submission)]
        last = _last(connection, request, account)
        others = against(desk, connection, shown, account)
        whom = whom_of(desk, connection, shown, account)
        moved = bool(deed_of(connection, submission))
    following = queue.after(submission)
    values: dict[str, Any] = {
        "shown": shown,
        "view": view,
        "log": log,
        "others": others,
        "whom": whom,
        "case": next((case for case in queue.cases if submission in case), None),
        "moved": moved,
        "decisions": DECISIONS,
        "verdicts": VERDICTS,
        "kinds": DecisionKind,
        "exempt": _EXEMPT,
        "rejected": f"{SN003.fault.zh}：",
        "between": _BETWEEN,
        "following": following,
        "left": len(queue.singles),
        "waits": any(one.id == submission for one in queue.singles),
        "decides": account.may(May.DECIDE),
        "last": last,
        "told": told,
    }
    return page(request, "photo.html", status, **values)


def _last(connection: Connection, request: Request, account: Account) -> tuple[str, Shown] | None:
    """Return what this browser decided last, to be undone by one key."""
    kept = request.session.get("last")
    shown = None if kept is None else read_shown(connection, _parsed(kept)[0])
    return (
        None if kept is None or shown is None or not account.sees(shown.college) else (kept, shown)
    )


def _decided(
    desk: Desk,
    season: Season,
    connection: Connection,
    shown: Shown,
    seen: Seen,
    kind: DecisionKind,
    why: str,
    account: Account,
) -> int | None:
    """Write down a decision and give its id; None: the photo is no longer what was seen.

    The same of the same person once more, as by a double click, is the one that was written.

    Raises
    ------
    UsageError
        It cannot be decided so.
    """
    if kind is DecisionKind.EXEMPT and "HT001" not in shown.codes:
        raise UsageError(Text("只有头部覆盖物可以例外", "exemptions are of head coverings"))
    if kind is DecisionKind.FAIL and shown.verdict is not Verdict.FAIL:
        raise UsageError(Text("这张照片不是异常", "this photo is no fault for staff"))
    now, who = desk.clock(), account.name
    since = said_after(connection, shown.id, seen.review)
    if [(one.kind, one.who, one.why) for one in since] == [(kind, who, why.strip())]:
        return since[0].deed  # of a decision on one photo: its id
    return decide(season, connection, shown.id, seen, kind, why=why, who=who, now=now)


def _taken_back(desk: Desk, connection: Connection, shown: Shown, account: Account) -> bool:
    """Undo a re-assignment whole, where the last decision on a photo is one.

    404 where it is of a student whom the account may not see.
    """
    deed = deed_of(connection, shown.id)
    if not deed:
        return False
    students = students_of(connection, deed)
    board = desk.board(connection).people
    if not all(account.sees(one.college) for one in board if one.key in students):
        raise HTTPException(404)
    take_back(connection, shown.id, why="撤销", who=account.name, now=desk.clock())
    return True


def _words(kind: DecisionKind, reason: list[str], exempt: str, why: str, season: Season) -> str:
    """Put together what is written down, and what the student reads of a retake.

    Raises
    ------
    UsageError
        A decision that needs its reason has none.
    """
    why = well_formed(why.strip())
    rules = rules_of(season)
    if kind is DecisionKind.RETAKE:
        said = [rules[code].fault.zh for code in dict.fromkeys(reason) if code in rules]
    elif kind is DecisionKind.EXEMPT:
        if exempt not in _EXEMPT:
            raise UsageError(Text("例外须选原因", "an exemption needs its reason"))
        said = [_EXEMPT[exempt].zh]
    else:
        said = []
    if why:
        said.append(why)
    if not said and kind in {DecisionKind.RETAKE, DecisionKind.COMMENT}:
        raise UsageError(Text("请选或写明原因", "choose or write a reason"))
    plain = {DecisionKind.ACCEPT: _LOOKED, DecisionKind.FAIL: _STAYS}
    return _BETWEEN.join(said) or plain[kind]


def _parsed(row: str) -> tuple[int, Seen]:
    submission, verdict, review = map(int, row.split("-"))
    return submission, Seen(verdict, review)
