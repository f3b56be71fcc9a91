"""Pictures of photos, to whoever may see their student."""

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response
from sqlalchemy import Connection

from flows.desk.access import Looking, TheDesk
from flows.desk.photo_view import examination_of, picture_bytes, record_bytes
from pipeline.ledger.accounts import Account
from pipeline.ledger.waiting import Shown, read_shown

router = APIRouter()
# In the browser alone, and long enough for the next photo to be there before it is asked for.
_KEPT = {"cache-control": "private, max-age=300"}


def visible(connection: Connection, submission: int, account: Account) -> Shown:
    """Return a photo that an account may see; 404 for another, as for one that is none."""
    shown = read_shown(connection, submission)
    if shown is None or not account.sees(shown.college):
        raise HTTPException(404)
    return shown


@router.get("/thumbnail/{submission}")
def thumbnail(desk: TheDesk, account: Looking, submission: int) -> Response:
    """Show a photo small."""
    season = desk.season()
    with desk.engine.connect() as connection:
        shown = visible(connection, submission, account)
        examined = examination_of(season, connection, shown)
    return jpeg(None if examined is None else examined.thumbnail)


@router.get("/picture/{submission}")
def picture(desk: TheDesk, account: Looking, submission: int) -> Response:
    """Show a photo large."""
    season = desk.season()
    with desk.engine.connect() as connection:
        shown = visible(connection, submission, account)
        examined = examination_of(season, connection, shown)
    if examined is None:
        raise HTTPException(404)
    return jpeg(picture_bytes(season, examined) or examined.thumbnail)


@router.get("/record/{submission}")
def on_record(desk: TheDesk, account: Looking, submission: int) -> Response:
    """Show the photo on record of a photo's student."""
    with desk.engine.connect() as connection:
        shown = visible(connection, submission, account)
    return jpeg(record_bytes(desk.season(), shown.student_key))


def jpeg(data: bytes | None) -> Response:
    """Answer with a picture; 404 where there is none."""
    if data is None:
        raise HTTPException(404)
    return Response(data, media_type="image/jpeg", headers=_KEPT)
