"""Pages, redirects and refusals: what a route gives back."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from markupsafe import Markup
from starlette.exceptions import HTTPException

from flows.desk.access import account_of, desk_of
from flows.desk.languages import choose_language, spoken
from pipeline.core.errors import UsageError
from pipeline.core.roles import May, Role
from pipeline.core.rules import Text
from pipeline.ledger.season import ZONE
from reports.markup import HERE as SHARED
from reports.markup import environment

HERE = Path(__file__).parent
ROLES = {
    Role.REVIEWER: Text("审核", "reviewer"),
    Role.REGISTRY: Text("教务", "registry"),
    Role.READER: Text("只读", "read-only"),
    Role.ADMIN: Text("管理员", "admin"),
}
# Where an address of ours begins, in what templates write; data cannot: its quotes are escaped.
_OWN_PLACE = re.compile(r'\b(?:href|src|(?:form)?action|data-\w+)="(?=/)')
_NOWHERE = Text(
    "没有这一页，或不在您的查看范围内。", "There is no such page, or it is not yours to see."
)
_SAID = {
    403: Text(
        "不能查看：请先登录，或换用有权限的账号。",
        "Not to be seen: sign in first, or by an account that may.",
    ),
    404: _NOWHERE,
    405: _NOWHERE,
    410: Text(
        "链接已失效：过期、已撤销，或已换新。请向老师索取新的链接。",
        "This link has ended: too old, revoked, or replaced. Ask your teacher for a new one.",
    ),
    413: Text("文件太大。", "The file is too large."),
    429: Text("尝试次数过多，请过一刻钟再试。", "Too many tries: wait a quarter of an hour."),
}


def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 - whatever a template shows
    """Fill in a template of the desk, in the language of the request."""
    if (chosen := choose_language(request)) is not None:
        return chosen
    _renew(request)
    made = environment(HERE / "templates", SHARED).get_template(template)
    text = made.render(
        account=account_of(request),
        desk=desk_of(request),
        token=lambda: _form_token(request),
        may=May,
        roles=ROLES,
        zone=ZONE,
        **spoken(request),
        **values,
    )
    prefix = desk_of(request).prefix
    placed = _OWN_PLACE.sub(rf"\g<0>{prefix}", text) if prefix else text
    return HTMLResponse(placed, status, {"cache-control": "no-store"})


def _renew(request: Request) -> None:
    """Let a session last from the last page on: its cookie is made anew when it is changed."""
    hour = int(time.time() // 3600)
    if request.session and request.session.get("hour") != hour:
        request.session["hour"] = hour


def _form_token(request: Request) -> Markup:
    """Return the hidden field that every form begins with (`protection`)."""
    token = request.scope["csrftoken"]()
    return Markup('<input type="hidden" name="csrftoken" value="{}">').format(token)


def download(name: str, media: str, content: bytes | Iterator[bytes]) -> Response:
    """Give a file that is kept nowhere on the way; its name may be Chinese (RFC 5987)."""
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "cache-control": "no-store",
    }
    if isinstance(content, bytes):
        return Response(content, media_type=media, headers=headers)
    return StreamingResponse(content, media_type=media, headers=headers)


def see(where: str) -> RedirectResponse:
    """Send a browser on after a form, so that reloading repeats nothing."""
    return RedirectResponse(where, 303)


def answer_refusals(app: FastAPI) -> None:
    """Answer what is refused by a page that shows nothing of the season, and no stack trace."""

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        said = _SAID.get(error.status_code, Text("不能完成。", "It cannot be done."))
        return page(request, "refused.html", error.status_code, said=said)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, _error: RequestValidationError) -> Response:
        said = Text("表单不完整。", "The form is not complete.")
        return page(request, "refused.html", 400, said=said)

    @app.exception_handler(UsageError)
    def unusable(request: Request, error: UsageError) -> Response:
        return page(request, "refused.html", 400, said=error.why)
