"""The page of a watched shoot: one full-screen field, for a browser beside the camera.

Served from this process; whoever has the token of its address may look. What changes is sent as
it happens (Server-Sent Events).
"""

import asyncio
import io
import json
import secrets
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from PIL import Image
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from checks import CHECKS
from flows.local_server import listen, quiet_server
from flows.shoot.reading import Shoot
from flows.watch.board import Standing
from pipeline.batch.booth_setup import Part, SetupFrame
from pipeline.batch.booth_table import Drift
from pipeline.core.errors import PhotoError
from pipeline.core.records import Answer, BoothFault, Submission
from pipeline.core.rules import Rule
from pipeline.core.verdict import remedies
from pipeline.image.decode import DecodeLimits, decode, read_header
from pipeline.intake.inbox import read_bytes
from pipeline.rules import photo_rules
from pipeline.spec.spec import Spec
from reports.booth_measures import booth_words, setup_said
from reports.masking import Presentation
from reports.watch_page import drawn, said_of, watch_page

_LOOK_SECONDS = 0.1  # between two looks for something new
_PING_SECONDS = 15.0  # a connection that nobody reads is noticed
_SCREEN = (600, 800)  # px that a picture has at least, where the frame has them
_HOLDS = 5  # frames without it, after which a fault of the booth is no longer shown
_COOKIE = "gradphoto_watch"


@dataclass(frozen=True, slots=True)
class Shown:
    """A frame that the page may ask for; ``file`` is what the marks lie on, empty: none."""

    photo: str
    file: str = ""


Picture = Callable[[Shown], bytes | None]  # a frame as a JPEG for a screen


@dataclass
class PageTeller:
    """What the page shows now; written by the loop, read by the server's thread."""

    presentation: Presentation
    rules: Mapping[str, Rule] = field(default_factory=dict)  # with the remedies of the spec
    said: dict[str, object] = field(default_factory=dict)
    version: int = 0
    _booth: str = ""
    _cause: str = ""  # of the fault that `_booth` tells
    _without: int = 0  # frames in a row that did not have it
    shown: tuple[Shown, ...] = ()  # by place in the shoot

    def setup(self, frame: SetupFrame | None, asked: Sequence[Part]) -> None:
        """Show what a test frame came to, and which are asked for still."""
        said = setup_said(frame, asked, self.presentation.lang)
        if frame is not None and frame.photo:
            self.shown = (*self.shown, Shown(frame.photo))
            said = {**said, "picture": len(self.shown) - 1}
        self._show(said)

    def begin(self, _taken_before: int, standing: Standing) -> None:
        """Show that frames may come."""
        self._show(said_of(None, 0, standing, self.presentation))

    def answer(self, answer: Answer, waiting: int, standing: Standing) -> None:
        """Show what a frame came to."""
        place, seen = len(self.shown), answer.examined
        svg = drawn(seen, self.rules, f"frame/{place}", self.presentation.lang)
        self.shown = (
            *self.shown,
            Shown(answer.photo, seen.picture if seen is not None and svg else ""),
        )
        said = said_of(answer, waiting, standing, self.presentation)
        self._without = 0 if self._cause in answer.causes else self._without + 1
        if self._without >= _HOLDS:
            self._booth = ""
        self._show({**said, "picture": place, "drawn": svg})

    def booth(self, fault: BoothFault | Drift) -> None:
        """Show that the booth has a fault, until the next one or some frames without it."""
        self._booth = booth_words(fault)[self.presentation.lang]
        self._cause = fault.cause if isinstance(fault, BoothFault) else fault.rule.code
        self._without = 0
        self._show(self.said)

    def queue(self, waiting: int) -> None:
        """Show how many frames wait."""
        self._show({**self.said, "waiting": waiting})

    def end(self, waiting: int) -> None:
        """Show that no more frames are taken."""
        self._show({**self.said, "waiting": waiting, "ended": True})

    def _show(self, said: dict[str, object]) -> None:
        self.said, self.version = {**said, "booth": self._booth}, self.version + 1


def page_app(teller: PageTeller, picture: Picture, token: str) -> Starlette:
    """Make the application; every answer needs the token, in the address or as a cookie."""

    def allowed(request: Request) -> bool:
        given = request.query_params.get("token") or request.cookies.get(_COOKIE) or ""
        return secrets.compare_digest(given.encode(), token.encode())

    async def page(request: Request) -> Response:
        if not allowed(request):
            return _forbidden()
        response = HTMLResponse(watch_page(teller.presentation))
        response.set_cookie(_COOKIE, token, httponly=True, samesite="strict")
        return response

    async def events(request: Request) -> Response:
        if not allowed(request):
            return _forbidden()
        return StreamingResponse(_events(teller, request), media_type="text/event-stream")

    async def frame(request: Request) -> Response:
        if not allowed(request):
            return _forbidden()
        number = request.path_params["number"]
        shown = teller.shown
        made = await run_in_threadpool(picture, shown[number]) if number < len(shown) else None
        if made is None:
            return PlainTextResponse("", status_code=404)
        return Response(made, media_type="image/jpeg")

    return Starlette(
        routes=[
            Route("/", page),
            Route("/events", events),
            Route("/frame/{number:int}", frame),
        ]
    )


async def _events(teller: PageTeller, request: Request) -> AsyncIterator[str]:
    seen, spoke = -1, time.monotonic()
    while not await request.is_disconnected():
        if teller.version != seen:
            seen, spoke = teller.version, time.monotonic()
            yield f"data: {json.dumps(teller.said, ensure_ascii=False)}\n\n"
        elif time.monotonic() - spoke > _PING_SECONDS:
            spoke = time.monotonic()
            yield ": still here\n\n"
        await asyncio.sleep(_LOOK_SECONDS)


def _forbidden() -> Response:
    return PlainTextResponse("403", status_code=403)


@contextmanager
def page_served(teller: PageTeller, picture: Picture, host: str, port: int) -> Iterator[str]:
    """Serve the page from a thread of its own; gives its address, with the token.

    Raises
    ------
    UsageError
        The port is taken, or the address is none of this machine's.
    """
    token = secrets.token_urlsafe(12)
    server = quiet_server(page_app(teller, picture, token))
    listening = listen(host, port, "--page")
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{listening.getsockname()[1]}/?token={token}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def picture_from(shoot: Shoot, staging: Path) -> Picture:
    """Return what makes a picture for a screen: as it was staged, else of the inbox's frame."""

    def picture(shown: Shown) -> bytes | None:
        if shown.file:
            with suppress(OSError):
                return (staging / shown.file).read_bytes()
        photo, reading = shown.photo, shoot.spec.reading
        limits = DecodeLimits(reading.max_bytes, reading.max_pixels)
        try:
            data = read_bytes(Submission(photo, shoot.request.inbox / photo), limits.max_bytes)
            decoded = decode(data, read_header(data, limits), _SCREEN)
        except PhotoError:
            return None
        stream = io.BytesIO()
        image = Image.fromarray(decoded.pixels)
        image.thumbnail((_SCREEN[0] * 2, _SCREEN[1] * 2))
        image.save(stream, "JPEG", quality=80)
        return stream.getvalue()

    return picture


def rules_of(spec: Spec) -> Mapping[str, Rule]:
    """Return the rules of one photo by code, with the remedies of a spec."""
    rules = photo_rules(CHECKS)
    remedy = remedies(rules, spec.remedies)
    return {rule.code: replace(rule, remedy=remedy[rule.code]) for rule in rules}
