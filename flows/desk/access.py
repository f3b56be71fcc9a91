"""Who is asking, and what that account may.

A route says what it needs by ``Depends(needs(May.…))``; one that says nothing is for everybody.
Whoever may not is answered 403 with nothing of the season on the page.
"""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from flows.desk.desk_state import Desk
from pipeline.core.roles import May
from pipeline.ledger.accounts import Account, find_account

FIRST = "/password"  # where a one-time password is replaced, before anything else


def desk_of(request: Request) -> Desk:
    """Return the desk that a request came to."""
    desk: Desk = request.app.state.desk
    return desk


def account_of(request: Request) -> Account | None:
    """Return the account that signed in; None: nobody, or its session is over."""
    session = request.session
    if not session.get("who"):
        return None
    with desk_of(request).engine.connect() as connection:
        found = find_account(connection, session["who"])
    return found[0] if found is not None and found[0].stamp == session.get("stamp") else None


def signed_in(request: Request) -> Account:
    """Return the account that signed in, whatever its role is."""
    account = account_of(request)
    if account is None:
        raise HTTPException(403)
    return account


def needs(what: May) -> Callable[[Account], Account]:
    """Return what lets an account in whose role allows something."""

    def allowed(account: Annotated[Account, Depends(signed_in)]) -> Account:
        if account.one_time or not account.may(what):
            raise HTTPException(403)
        return account

    return allowed


TheDesk = Annotated[Desk, Depends(desk_of)]
SignedIn = Annotated[Account, Depends(signed_in)]
Looking = Annotated[Account, Depends(needs(May.LOOK))]
Deciding = Annotated[Account, Depends(needs(May.DECIDE))]
Registering = Annotated[Account, Depends(needs(May.REGISTER))]
Managing = Annotated[Account, Depends(needs(May.MANAGE))]
