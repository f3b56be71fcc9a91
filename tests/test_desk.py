"""The desk: every route as every role and as nobody, and what stands before the routes."""

import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
from desk_client import PASSWORD, Browser, StubPool, account, signed_in
from fastapi.routing import APIRoute

from fixtures.stub_examiner import photo_near, photo_of
from flows.desk.app import ROUTERS, desk_app
from flows.desk.desk_state import open_desk
from flows.desk.self_check import SelfCheck
from pipeline.batch.sightings import Sighting
from pipeline.core.roles import Role
from pipeline.core.rules import Outcome, Text, Verdict
from pipeline.ledger.sightings import keep_sightings

ROLES = (*Role, None)
ALL = set(ROLES)
STAFF = set(Role)
ADMIN = {Role.ADMIN}
REGISTERING = {Role.ADMIN, Role.REGISTRY}
DECIDING = {Role.ADMIN, Role.REVIEWER}
# Method, path, and who may. What a form sends is enough for it to be understood.
ROUTES = {
    ("GET", "/"): ALL,
    ("GET", "/sign-in"): ALL,
    ("POST", "/sign-in"): ALL,
    ("POST", "/sign-out"): STAFF,
    ("GET", "/password"): STAFF,
    ("POST", "/password"): STAFF,
    ("GET", "/accounts"): ADMIN,
    ("POST", "/accounts"): ADMIN,
    ("POST", "/accounts/reset"): ADMIN,
    ("POST", "/accounts/close"): ADMIN,
    ("GET", "/audit"): ADMIN,
    ("GET", "/group/{code}"): STAFF,
    ("POST", "/group/{code}"): DECIDING,
    ("POST", "/undo"): DECIDING,
    ("GET", "/next"): STAFF,
    ("GET", "/photo/{submission}"): STAFF,
    ("POST", "/photo/{submission}"): DECIDING,
    ("GET", "/case/{submission}"): STAFF,
    ("POST", "/case/{submission}"): DECIDING,
    ("GET", "/like/{submission}"): STAFF,
    ("GET", "/thumbnail/{submission}"): STAFF,
    ("GET", "/picture/{submission}"): STAFF,
    ("GET", "/record/{submission}"): STAFF,
    ("GET", "/board"): STAFF,
    ("GET", "/students/{state}"): STAFF,
    ("POST", "/find"): STAFF,
    ("GET", "/student/{place}"): STAFF,
    ("POST", "/student/{place}/number"): REGISTERING,
    ("POST", "/student/{place}/link"): REGISTERING,
    ("POST", "/student/{place}/link/revoke"): REGISTERING,
    ("GET", "/proofs"): STAFF,
    ("GET", "/exports"): REGISTERING,
    ("POST", "/exports/lists"): REGISTERING,
    ("POST", "/exports/audit"): REGISTERING,
    ("POST", "/exports/notices"): REGISTERING,
    ("POST", "/exports/reminders"): REGISTERING,
    ("POST", "/student/{place}/notice"): REGISTERING,
    # Whoever has a photo: see test_check_routes.
    ("GET", "/check"): ALL,
    ("POST", "/check"): ALL,
    # A student's own, by a link: see test_proof_routes.
    ("GET", "/s/{token}"): set(),
    ("GET", "/proof"): set(),
    ("POST", "/proof"): set(),
    ("GET", "/proof/picture"): set(),
    ("POST", "/hand-in"): set(),  # see test_hand_in_routes
}
# What stands in an address: the photo of the first student, the group of the third.
NAMED = {"code": "FC005", "submission": "1", "state": "missing", "place": "0", "token": "IjEi.x"}
FORMS = {
    "/sign-in": {"name": "admin", "password": PASSWORD},
    "/password": {"old": PASSWORD, "new": PASSWORD + "!", "again": PASSWORD + "!"},
    "/accounts": {"name": "新的", "role": "reader"},
    "/accounts/reset": {"name": "reader"},
    "/accounts/close": {"name": "reader"},
    "/group/{code}": {"row": "3-3-0"},
    "/proof": {"answer": "right"},
    "/check": {"photo": b"a photo"},
    "/hand-in": {"photo": b"a photo"},
    "/find": {"words": "姓名"},
    "/exports/lists": {"by": "class", "names": "full"},
    "/exports/audit": {"names": "full"},
    "/exports/notices": {"what": "merge"},
    "/undo": {"row": "1-1-0"},
    "/case/{submission}": {"row": ["1-1-0-1", "2-2-0-2"]},
    "/photo/{submission}": {"seen": "1-1-0", "kind": "accept"},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory, new_season, jpeg):
    """A season of two photos, and an account a role; each test has a copy of it."""
    season = new_season(tmp_path_factory.mktemp("desk"), None)
    season.put(f"{season.key(1)}.jpg", photo_of(Verdict.FAIL, 1))
    season.put(f"{season.key(2)}.jpg", photo_of(Verdict.PASS, 2))
    season.put(f"{season.key(3)}.jpg", photo_near("FC005", 3))
    for number in (1, 2):
        record = season.folder / "references" / season.key(number) / "0.jpg"
        record.parent.mkdir(parents=True)
        record.write_bytes(jpeg(np.full((400, 300, 3), 180, np.uint8)))
    season.round()
    opened = open_desk(season.folder)
    with opened.engine.begin() as connection:  # faces would have told of a swap
        keep_sightings(connection, [seen_as(season, 1, 2), seen_as(season, 2, 1)], {"1": 1, "2": 2})
    for role in Role:
        account(opened, role.value, role)
    opened.engine.dispose()
    return season.folder


def seen_as(season, number: int, shows: int) -> Sighting:
    skipped, why = Outcome.SKIPPED, Text("互换", "swapped")
    keys = season.key(number), season.key(shows)
    return Sighting(str(number), "swap-1", *keys, skipped, why)


@pytest.fixture
def desk(made, tmp_path):
    opened = open_desk(shutil.copytree(made, tmp_path / "season"))
    yield replace(opened, self_check=SelfCheck(StubPool()))
    opened.engine.dispose()


@pytest.fixture
def app(desk):
    return desk_app(desk)


def browser_of(app, role: Role | None) -> Browser:
    if role is not None:
        return signed_in(app, role.value)
    browser = Browser(app)
    browser.read("/sign-in")
    return browser


def test_the_table_names_every_route(app):
    every = [*app.routes, *(route for router in ROUTERS for route in router.routes)]
    routes = {(m, r.path) for r in every if isinstance(r, APIRoute) for m in r.methods}
    assert routes == set(ROUTES)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role or "nobody")
@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_every_route_as_everybody(app, role, route):
    method, path = route
    browser, where = browser_of(app, role), path.format(**NAMED)
    answer = browser.read(where) if method == "GET" else browser.fill(where, **FORMS.get(path, {}))
    if role in ROUTES[route]:
        assert answer.status_code in {200, 303}
        return
    assert answer.status_code in {403, 404}
    assert not re.search(r"姓名\d|2023990|<img|<svg|image/", answer.text)
    assert answer.headers["content-type"].startswith("text/")


@pytest.mark.parametrize("route", [r for r in ROUTES if r[0] == "POST"], ids=" ".join)
def test_a_form_without_its_token_changes_nothing(app, desk, route):
    browser = signed_in(app, "admin")
    rows = everything(desk)
    for token in ("", "another's", Browser(app).read("/sign-in").text[:40]):
        browser.token = token
        answer = browser.fill(route[1].format(**NAMED), **FORMS.get(route[1], {}))
        assert answer.status_code == 403
    assert everything(desk) == rows


def everything(desk):
    from pipeline.ledger.tables import metadata

    with desk.engine.connect() as connection:
        return {t.name: connection.execute(t.select()).all() for t in metadata.sorted_tables}


def test_a_sign_in_needs_its_token_too_though_there_is_no_cookie_yet(app):
    answer = Browser(app).post("/sign-in", data={"name": "admin", "password": PASSWORD})
    assert answer.status_code == 403


@pytest.mark.parametrize("https", [False, True])
def test_every_answer_carries_the_headers_and_cookies_are_kept_from_others(desk, https):
    app = desk_app(replace(desk, https=https))
    browser = Browser(app)
    browser.base_url = "https://testserver" if https else "http://testserver"
    for path in ("/sign-in", "/nowhere", "/accounts", "/static/desk.css"):
        headers = browser.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"].lower() == "deny"
        assert headers["referrer-policy"] == "no-referrer"
        assert path.startswith("/static") or headers["cache-control"] == "no-store"
        assert ("strict-transport-security" in headers) is https
    signed = Browser(app)
    signed.base_url = browser.base_url
    signed.read("/sign-in")
    (cookie,) = signed.fill("/sign-in", name="admin", password=PASSWORD).headers.get_list(
        "set-cookie"
    )
    assert "httponly" in cookie.lower()
    assert "samesite=" in cookie.lower()
    assert ("secure" in cookie.lower()) is https


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-length": str(64 << 10)}, 403),  # read, and refused for its token
        ({"content-length": str((64 << 10) + 1)}, 413),
        ({"content-length": "-1"}, 413),
        ({"transfer-encoding": "chunked"}, 411),
    ],
)
def test_a_body_that_is_too_large_is_refused_before_it_is_read(app, headers, status):
    import anyio

    read = []

    async def ask() -> int:
        sent = []

        async def receive():
            read.append(1)
            return {"type": "http.request", "body": b"a=1", "more_body": False}

        async def answered(message):
            sent.append(message)

        given = {"host": "testserver", "content-type": "application/x-www-form-urlencoded"}
        scope = {
            "type": "http", "method": "POST", "path": "/sign-in", "raw_path": b"/sign-in",
            "query_string": b"", "scheme": "http", "server": ("testserver", 80),
            "client": ("1.2.3.4", 5), "http_version": "1.1",
            "headers": [(k.encode(), v.encode()) for k, v in (given | headers).items()],
        }  # fmt: skip
        await app(scope, receive, answered)
        return sent[0]["status"]

    assert anyio.run(ask) == status
    assert bool(read) is (status == 403)


def test_a_browser_that_was_tricked_into_another_name_is_refused(app):
    browser = Browser(app)
    assert browser.get("/sign-in", headers={"host": "evil.example"}).status_code == 400
    assert browser.get("/sign-in", headers={"host": "127.0.0.1:8420"}).status_code == 200


def test_a_fault_of_the_program_shows_no_trace(app):
    @app.get("/broken")
    def broken():
        raise RuntimeError("姓名1")

    browser = Browser(app)
    browser._transport.raise_server_exceptions = False
    answer = browser.get("/broken")
    assert answer.status_code == 500
    assert "姓名1" not in answer.text
    assert "Traceback" not in answer.text
