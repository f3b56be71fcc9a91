"""The language of a page: what the browser chose, else the desk's.

A link on every page, ``?lang=en``, makes the choice. It is kept in a cookie of its own and not in
the session: it says nothing of anybody, outlives signing out, and is one for all seasons of a desk.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from flows.desk.access import desk_of
from pipeline.core.rules import Lang, Text

COOKIE = "gradphoto_lang"
_YEAR = 365 * 86400
_NAMES: Mapping[Lang, str] = {"zh": "中文", "en": "English"}  # each in its own words


@dataclass(frozen=True)
class Choice:
    """A language that a page offers, and its name in that language."""

    lang: Lang
    name: str


def language_of(request: Request) -> Lang:
    """Return the language in which a request is answered."""
    kept = request.cookies.get(COOKIE)
    return cast("Lang", kept) if kept in _NAMES else desk_of(request).lang


def choose_language(request: Request) -> Response | None:
    """Keep the language that a link of a page asks for, and show that page; None: none is asked.

    It leads to the same path of this server, whatever stands in the address.
    """
    asked = request.query_params.get("lang")
    if asked is None or asked not in _NAMES:
        return None
    answer = RedirectResponse("/" + request.scope["path"].lstrip("/"), 303)
    answer.set_cookie(
        COOKIE, asked, _YEAR, secure=desk_of(request).https, httponly=True, samesite="lax"
    )
    return answer


def spoken(request: Request) -> dict[str, object]:
    """Return what a template needs to speak a language: ``t``, ``lang``, and the other choice.

    Choices stand only where the page can be asked for again: what answers a form cannot.
    """
    lang = language_of(request)
    others = [Choice(other, name) for other, name in _NAMES.items() if other != lang]

    def t(zh: str, en: str) -> str:
        return Text(zh, en)[lang]

    return {"lang": lang, "t": t, "choices": others if request.method == "GET" else []}
