"""Several seasons at one address: nobody of one is anybody in another."""

import re
from dataclasses import replace

import pytest
from desk_client import Browser, Clock, StubPool, two_colleges

from flows.desk.seasons import seasons_app, under_numbers
from flows.desk.self_check import SelfCheck
from flows.season.changes import purge

OWN = re.compile(r'(?:href|src|action|data-\w+)="([^"]+)"')


@pytest.fixture
def desks(tmp_path):
    made = []
    for name in ("2026届", "2027届"):
        (tmp_path / name).mkdir()
        made.append(two_colleges(tmp_path / name, Clock()))
    yield under_numbers([replace(one, self_check=SelfCheck(StubPool())) for one in made])
    for one in made:
        one.engine.dispose()


@pytest.fixture
def app(desks):
    return seasons_app(desks)


def signed_in(app, prefix: str, name: str) -> Browser:
    browser = Browser(app)
    browser.read(f"{prefix}/sign-in")
    values = {"name": name, "password": "zhè-shì-mì-mǎ-2027"}
    assert browser.fill(f"{prefix}/sign-in", **values).headers["location"] == f"{prefix}/"
    browser.read(f"{prefix}/password")
    return browser


def test_the_front_page_lists_the_seasons_and_nobody(app):
    page = Browser(app).get("/")
    assert page.status_code == 200
    assert 'href="/1/"' in page.text
    assert 'href="/2/"' in page.text
    assert "最后截止 2027-06-10" in page.text
    assert not re.search(r"甲一|2023990|<img", page.text)
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert "set-cookie" not in page.headers
    assert Browser(app).get("/static/desk.css").status_code == 200
    assert Browser(app).get("/", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("path", ["/3/", "/board", "/sign-in", "/11/board", "/1x/"])
def test_nothing_else_stands_outside_of_the_seasons(app, path):
    answer = signed_in(app, "/1", "admin").get(path)
    assert answer.status_code == 404
    assert "甲一" not in answer.text


def test_a_season_without_its_last_slash_is_found(app):
    assert Browser(app).get("/1").headers["location"] == "/1/"


def test_who_signed_in_to_one_season_is_nobody_in_another(app):
    browser = signed_in(app, "/1", "admin")
    assert "甲一" in browser.read("/1/").text
    assert browser.get("/2/").headers["location"] == "/2/sign-in"
    assert browser.get("/2/board").status_code == 403
    stolen = {"cookie": "; ".join(f"{one.name}={one.value}" for one in browser.cookies.jar)}
    assert Browser(app).get("/1/board", headers=stolen).status_code == 200
    assert Browser(app).get("/2/board", headers=stolen).status_code == 403, "another key"


def test_cookies_are_sent_to_their_season_alone(app):
    browser = signed_in(app, "/2", "admin")
    assert {(one.name, one.path) for one in browser.cookies.jar} == {
        ("gradphoto_desk", "/2"),
        ("csrftoken", "/2"),
    }


@pytest.mark.parametrize(
    "path",
    ["/", "/next", "/board", "/exports", "/proofs", "/students/retake", "/student/0", "/photo/1",
     "/accounts", "/audit", "/password", "/check", "/nowhere"],
)  # fmt: skip
def test_every_address_on_a_page_stays_in_its_season(app, path):
    browser = signed_in(app, "/2", "admin")
    answer = browser.get(f"/2{path}")
    while answer.status_code == 303:
        assert answer.headers["location"].startswith("/2/")
        answer = browser.get(answer.headers["location"])
    own = [one for one in OWN.findall(answer.text) if one.startswith("/")]
    assert own
    assert [one for one in own if not one.startswith("/2/")] == []
    for one in own:
        assert browser.get(one).status_code != 404, one


def test_decisions_and_links_stay_in_their_season(app, desks):
    browser = signed_in(app, "/2", "admin")
    assert browser.fill("/2/photo/1", seen="1-1-0", kind="accept").headers["location"] == (
        "/2/next?after=1"
    )
    page = browser.fill("/2/student/1/link").text
    link = re.search(r"<code>http://testserver(/2/s/[^<]+)</code>", page)[1]
    student = Browser(app)
    assert student.get(link).headers["location"] == "/2/proof"
    assert "乙二" in student.read("/2/proof").text
    assert student.get("/1/proof").status_code == 403
    assert Browser(app).get(link.replace("/2/", "/1/")).status_code == 404, "another key"
    assert "<b>0</b>" in browser.read("/2/").text or "没有" in browser.read("/2/").text
    assert "甲一" in signed_in(app, "/1", "admin").read("/1/").text, "there it waits as before"


def test_a_photo_is_handed_in_to_the_season_of_the_link(app, desks):
    page = signed_in(app, "/2", "admin").fill("/2/student/3/link").text
    student = Browser(app)
    student.get(re.search(r"<code>http://testserver(/2/s/[^<]+)</code>", page)[1])
    student.read("/2/check")
    assert 'formaction="/2/hand-in"' in student.fill("/2/check", photo=b"a photo").text
    assert student.fill("/1/hand-in", photo=b"a photo").status_code == 403
    answer = student.fill("/2/hand-in", photo=b"a photo")
    assert answer.headers["location"] == "/2/proof"
    waits = [len(list((one.folder / "handed_in").glob("2023990000004.*"))) for one in desks]
    assert waits == [0, 1]


def test_a_photo_may_be_large_where_one_is_handed_in_and_nowhere_else(app):
    browser = Browser(app)
    browser.read("/1/check")
    large = b"a photo" * 20_000
    assert browser.fill("/1/check", photo=large).status_code == 200
    assert browser.fill("/1/sign-in", photo=large).status_code == 413


def test_a_purged_season_is_named_with_what_is_left_of_it(desks):
    purge(desks[0].folder)
    app = seasons_app(desks)
    page = Browser(app).get("/").text
    assert "已删除 4 名学生的姓名和号码、3 个文件的照片" in page
    assert "异常 1  未采集 1  合格 1  需补拍 1" in page
    assert "甲一" not in page
    assert 'href="/1/"' not in page
    assert Browser(app).get("/1/sign-in").status_code == 404
    assert Browser(app).get("/2/sign-in").status_code == 200
