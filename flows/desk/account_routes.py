"""Sign in and out, choose a password, accounts, the audit list."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import Response

from flows.desk.access import FIRST, Managing, SignedIn, TheDesk, account_of
from flows.desk.answering import page, see
from flows.desk.passwords import chosen, hashed, one_time_password
from pipeline.core.errors import UsageError
from pipeline.core.roles import Role
from pipeline.core.rules import Text
from pipeline.ledger.accounts import (
    add_account,
    all_accounts,
    close_account,
    end_sessions,
    find_account,
    last_looks,
    note_look,
    set_password,
)
from reports import deeds

router = APIRouter()
Field = Annotated[str, Form(max_length=300)]
_LOOKS = 500  # entries of the audit list on its page


@router.get("/sign-in")
def sign_in_page(request: Request) -> Response:
    """Ask who it is."""
    return see("/") if account_of(request) else page(request, "sign_in.html", said=None)


@router.post("/sign-in")
def sign_in(request: Request, desk: TheDesk, name: Field, password: Field) -> Response:
    """Sign in; name or password wrong is one answer, and takes as long."""
    address = "" if request.client is None else request.client.host
    with desk.engine.connect() as connection:
        found = find_account(connection, name)
    right = desk.sign_ins.is_right(name, address, password, None if found is None else found[1])
    if right is None:
        raise HTTPException(429)
    if found is None or not right:
        if found is not None:
            with desk.engine.begin() as connection:
                note_look(connection, name, deeds.SIGN_IN_FAILED.zh, "", desk.clock())
        wrong = Text("账号或密码不对。", "Name or password is wrong.")
        return page(request, "sign_in.html", 403, said=wrong)
    with desk.engine.begin() as connection:
        note_look(connection, name, deeds.SIGN_IN.zh, "", desk.clock())
    request.session.clear()
    request.session.update(who=name, stamp=found[0].stamp)
    return see(FIRST if found[0].one_time else "/")


@router.post("/sign-out")
def sign_out(request: Request, desk: TheDesk, account: SignedIn) -> Response:
    """End every session of the account, so that a copied cookie is worth nothing."""
    with desk.engine.begin() as connection:
        end_sessions(connection, account.name)
    request.session.clear()
    return see("/sign-in")


@router.get("/password")
def password_page(request: Request, _account: SignedIn) -> Response:
    """Ask for another password."""
    return page(request, "password.html", said=None)


@router.post("/password")
def choose_password(
    request: Request, desk: TheDesk, account: SignedIn, old: Field, new: Field, again: Field
) -> Response:
    """Put another password in place; other sessions of the account are over."""
    address = "" if request.client is None else request.client.host
    with desk.engine.connect() as connection:
        found = find_account(connection, account.name)
    right = desk.sign_ins.is_right(account.name, address, old, None if found is None else found[1])
    if right is None:
        raise HTTPException(429)
    if not right:
        wrong = Text("现在的密码不对。", "The present password is wrong.")
        return page(request, "password.html", 403, said=wrong)
    try:
        kept = chosen(new, again, old)
    except UsageError as error:
        return page(request, "password.html", 400, said=error.why)
    with desk.engine.begin() as connection:
        set_password(connection, account.name, kept, one_time=False)
        note_look(connection, account.name, deeds.PASSWORD.zh, "", desk.clock())
    request.session.update(who=account.name, stamp=account.stamp + 1)
    return see("/")


@router.get("/accounts")
def accounts_page(request: Request, desk: TheDesk, _account: Managing) -> Response:
    """List the accounts."""
    return _accounts(request, desk)


@router.post("/accounts")
def new_account(
    request: Request,
    desk: TheDesk,
    account: Managing,
    name: Field,
    role: Annotated[Role, Form()],
    college: Field = "",
) -> Response:
    """Make an account, and show its one-time password, this once."""
    name = name.strip()
    if not name:
        raise UsageError(Text("账号名不能为空", "an account needs a name"))
    password = one_time_password()
    with desk.engine.begin() as connection:
        now = desk.clock()
        add_account(connection, name, role, college.strip(), hashed(password), now)
        note_look(connection, account.name, deeds.NEW_ACCOUNT.zh, name, now)
    return _accounts(request, desk, told=(name, password))


@router.post("/accounts/reset")
def reset_account(request: Request, desk: TheDesk, account: Managing, name: Field) -> Response:
    """Give an account a one-time password; its sessions are over."""
    password = one_time_password()
    with desk.engine.begin() as connection:
        if find_account(connection, name) is None:
            raise HTTPException(404)
        set_password(connection, name, hashed(password), one_time=True)
        note_look(connection, account.name, deeds.RESET.zh, name, desk.clock())
    return _accounts(request, desk, told=(name, password))


@router.post("/accounts/close")
def close(desk: TheDesk, account: Managing, name: Field) -> Response:
    """Let nobody sign in by an account any more; its sessions are over."""
    with desk.engine.begin() as connection:
        if find_account(connection, name) is None:
            raise HTTPException(404)
        close_account(connection, name, desk.clock())
        note_look(connection, account.name, deeds.CLOSE.zh, name, desk.clock())
    return see("/accounts")


@router.get("/audit")
def audit_page(request: Request, desk: TheDesk, _account: Managing) -> Response:
    """List who looked at what, and who did what, newest first."""
    with desk.engine.connect() as connection:
        looks = last_looks(connection, _LOOKS)
    return page(request, "audit.html", looks=looks, said=deeds.said_of_deed)


def _accounts(request: Request, desk: TheDesk, told: tuple[str, str] | None = None) -> Response:
    with desk.engine.connect() as connection:
        accounts = all_accounts(connection)
    return page(request, "accounts.html", accounts=accounts, told=told)
