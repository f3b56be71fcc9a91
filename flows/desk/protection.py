"""What stands before every route: size, host, headers, session, form token; kept parts but one."""

import secrets
from typing import Annotated

from asgi_csrf import asgi_csrf
from fastapi import FastAPI, Form, HTTPException, Request
from secure import Secure
from secure.headers import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    StrictTransportSecurity,
    XContentTypeOptions,
    XFrameOptions,
)
from secure.middleware.asgi import SecureASGIMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from flows.desk.desk_state import Desk

FORM_BYTES = 64 << 10  # of a form without a file
SESSION_SECONDS = 8 * 3600  # without a page, within the hour (`answering`)
_TOO_OLD = "403 页面已过期：请返回、刷新后再试 / the page is too old: go back and load it again"
UPLOADS = frozenset({"/check", "/hand-in"})  # where a form may hold a photo


def protect(app: FastAPI, desk: Desk, upload_bytes: int) -> None:
    """Put everything before the routes; what is added last stands outermost."""
    app.add_middleware(
        asgi_csrf,
        signing_secret=desk.key,
        cookie_secure=desk.https,
        cookie_path=desk.prefix or "/",
        cookie_samesite="Strict",
        always_protect={"/sign-in"},  # also where no cookie was ever set
        skip_if_scope=lambda scope: scope["path"] in UPLOADS,  # see `tokened`
        send_csrf_failed=_no_token,
    )
    app.add_middleware(
        SessionMiddleware,
        secret_key=desk.key,
        session_cookie="gradphoto_desk",
        max_age=SESSION_SECONDS,
        path=desk.prefix or "/",
        same_site="lax",  # strict would sign a student out who comes by a link in a message
        https_only=desk.https,
    )
    app.add_middleware(LimitedBody, upload_bytes=upload_bytes)
    harden(app, desk)


def harden(app: FastAPI, desk: Desk) -> None:
    """Answer to the own names only, and send the headers that tell a browser what it may do."""
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(desk.hosts))
    app.add_middleware(SecureASGIMiddleware, secure=_headers(desk.https))


def _headers(https: bool) -> Secure:  # noqa: FBT001 - one of two policies
    """Only what this server sends is shown and run."""
    policy = (
        ContentSecurityPolicy()
        .default_src("'none'")
        .img_src("'self'", "data:")
        .style_src("'self'")
        .script_src("'self'")
        .connect_src("'self'")
        .form_action("'self'")
        .base_uri("'none'")
        .frame_ancestors("'none'")
    )
    return Secure(
        csp=policy,
        coop=CrossOriginOpenerPolicy().same_origin(),
        corp=CrossOriginResourcePolicy().same_origin(),
        permissions=PermissionsPolicy().geolocation().microphone(),
        referrer=ReferrerPolicy().no_referrer(),
        hsts=StrictTransportSecurity().max_age(31536000) if https else None,
        xcto=XContentTypeOptions().nosniff(),
        xfo=XFrameOptions().deny(),
    )


def tokened(request: Request, csrftoken: Annotated[str, Form()] = "") -> None:
    """Refuse a form with a file whose token is not that of the browser's cookie.

    asgi-csrf reads no such form: its release calls python-multipart by a name that is gone. It
    gives the token of a sound cookie, and a new one where there is none.
    """
    if not secrets.compare_digest(csrftoken.encode(), request.scope["csrftoken"]().encode()):
        raise HTTPException(403)


class LimitedBody:
    """Refuse a body that is too large, or does not say how large it is, before a byte is read.

    The server holds a body to the length that it gave.
    """

    def __init__(self, app: ASGIApp, upload_bytes: int) -> None:
        self._app = app
        self._upload_bytes = upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0").decode("latin-1")
        more = self._upload_bytes if scope["path"] in UPLOADS else 0
        if b"transfer-encoding" in headers:
            await PlainTextResponse("411", 411)(scope, receive, send)
        elif not length.isdecimal() or int(length) > FORM_BYTES + more:
            await PlainTextResponse("413 文件太大 / too large", 413)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _no_token(scope: Scope, send: Send, _why: object) -> None:
    async def nothing() -> dict[str, object]:
        return {"type": "http.disconnect"}

    answer = PlainTextResponse(_TOO_OLD, 403)
    await answer(scope, nothing, send)
