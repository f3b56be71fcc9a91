"""Addresses of one-time links, and whose link a browser came by."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated

import segno
from fastapi import Depends, HTTPException, Request
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Connection

from flows.desk.access import desk_of
from flows.desk.desk_state import Desk
from pipeline.ledger.links import Link, find_link, make_link, open_links
from pipeline.ledger.season import ZONE

VALID = timedelta(days=14)


def address_of(desk: Desk, link: Link) -> str:
    """Return the address of a link: its random number, signed."""
    return f"{desk.address}s/{_signer(desk).dumps(link.id)}"


def link_id(desk: Desk, token: str) -> str:
    """Return the number in an address; 404 where this desk did not sign it."""
    try:
        return str(_signer(desk).loads(token))
    except BadSignature:
        raise HTTPException(404) from None


def links_for(desk: Desk, connection: Connection, keys: Iterable[str], who: str) -> dict[str, Link]:
    """Return a link of each of some students: one that is open for a while yet, or a new one."""
    now = desk.clock()
    known = open_links(connection, now)
    found = {}
    for key in keys:
        one = known.get(key)
        if one is None or one.expires_at - now <= VALID / 2:
            one = make_link(connection, key, who, now, now + VALID)
        found[key] = one
    return found


def last_day(link: Link) -> str:
    """Say until when a link leads somewhere."""
    return link.expires_at.astimezone(ZONE).date().isoformat()


def qr_of(address: str) -> str:
    """Draw the QR code of an address, as an address of a picture itself."""
    return segno.make(address, error="m").svg_data_uri(scale=4, border=3)


def student_of(request: Request) -> str:
    """Return the student by whose link a browser came; 403 without one, 410 once it ended."""
    if not request.session.get("link"):
        raise HTTPException(403)
    student = student_perhaps(request)
    if student is None:
        raise HTTPException(410)
    return student


def student_perhaps(request: Request) -> str | None:
    """Return the student by whose link a browser came; None without one, or once it ended."""
    kept = request.session.get("link")
    desk = desk_of(request)
    with desk.engine.connect() as connection:
        link = find_link(connection, kept, desk.clock()) if kept else None
    return None if link is None else link.student_key


def _signer(desk: Desk) -> URLSafeSerializer:
    return URLSafeSerializer(desk.key, salt="student link")


ByLink = Annotated[str, Depends(student_of)]
PerhapsByLink = Annotated[str | None, Depends(student_perhaps)]
