"""Several seasons at one address: each under a number of its own, and a front page.

A season keeps its accounts, its key and its cookies (their path is the number), so that who signed
in to one is nobody in the next. Its application knows nothing of the others: requests reach it
without the number, and what it answers is led back under it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.desk.answering import HERE
from flows.desk.app import desk_app, static_files
from flows.desk.desk_state import Desk
from flows.desk.languages import choose_language, spoken
from flows.desk.protection import harden
from flows.season.said import said_of_purge
from pipeline.core.rules import Text
from pipeline.ledger.purge import purged
from pipeline.ledger.season import ZONE
from reports.markup import environment


@dataclass(frozen=True)
class Listed:
    """One season on the front page; nothing on it is of anybody."""

    number: int
    name: str  # of its folder
    title: Text | None = None
    last: date | None = None  # the last day, where there is one
    purged: tuple[Text, ...] = ()  # what a purge left, a line each


def under_numbers(desks: Sequence[Desk]) -> tuple[Desk, ...]:
    """Give each desk its place: what it links to begins with it."""
    return tuple(
        replace(desk, prefix=f"/{number}", address=f"{desk.address}{number}/")
        for number, desk in enumerate(desks, 1)
    )


def seasons_app(desks: Sequence[Desk]) -> ASGIApp:
    """Make one application of several desks, each in its place."""
    apps = {desk.prefix: desk_app(desk) for desk in desks if purged(desk.engine) is None}
    front = _front(desks)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await front(scope, receive, send)
            return
        first, slash, rest = scope["path"].removeprefix("/").partition("/")
        prefix = f"/{first}"
        if prefix not in apps:
            await front(scope, receive, send)
        elif not slash:
            await RedirectResponse(f"{prefix}/", 307)(scope, receive, send)
        else:
            inside = {**scope, "path": f"/{rest}", "raw_path": f"/{rest}".encode()}
            await apps[prefix](inside, receive, _led_back(send, prefix))

    return app


def _led_back(send: Send, prefix: str) -> Send:
    """Put the number before where an answer sends a browser on to."""

    async def led(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [
                (name, prefix.encode() + value if name == b"location" else value)
                for name, value in message["headers"]
            ]
        await send(message)

    return led


def _front(desks: Sequence[Desk]) -> FastAPI:
    """Make the page that lists the seasons; nobody has to sign in to see which there are."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = desks[0]

    @app.get("/")
    def front(request: Request) -> Response:
        if (chosen := choose_language(request)) is not None:
            return chosen
        listed = [_listed(number, desk) for number, desk in enumerate(desks, 1)]
        template = environment(HERE / "templates").get_template("seasons.html")
        text = template.render(seasons=listed, **spoken(request))
        return HTMLResponse(text, headers={"cache-control": "no-store"})

    @app.exception_handler(404)
    def nowhere(*_: object) -> PlainTextResponse:
        return PlainTextResponse("404 没有这一页 / no such page", 404)

    static_files(app)
    harden(app, desks[0])
    return app


def _listed(number: int, desk: Desk) -> Listed:
    name, ended = desk.folder.resolve().name, purged(desk.engine)
    if ended is not None:
        day = f"{ended.at.astimezone(ZONE):%Y-%m-%d}"
        when = Text(f"{day} 清除。", f"Purged on {day}.")
        return Listed(number, name, purged=(when, *said_of_purge((ended.counts, None))))
    season = desk.season()
    school = "" if season.school is None else f"{season.school.name} "
    title = season.spec.title
    title = Text(f"{school}{title.zh}", f"{school}{title.en}")
    return Listed(number, name, title, season.last)
