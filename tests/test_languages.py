"""The language of a page: whoever asks chooses it, and every word is there in both."""

import re
from dataclasses import replace

import pytest
from desk_client import (
    PASSWORD,
    Browser,
    Clock,
    signed_in,
    two_colleges,
)
from jinja2 import nodes

from fixtures.stub_examiner import photo_of
from flows.desk.answering import HERE
from flows.desk.app import desk_app
from flows.desk.languages import COOKIE
from flows.desk.seasons import seasons_app, under_numbers
from flows.season.changes import purge
from pipeline.core.rules import Verdict
from reports.markup import environment

TEMPLATES = sorted(path.name for path in (HERE / "templates").iterdir())
CHINESE = re.compile(r"[　-〿㐀-鿿豈-﫿＀-￯]")
CHOICE = re.compile(r'<a class="choice"[^>]*>[^<]*</a>')


def parsed(template: str) -> nodes.Template:
    made = environment(HERE / "templates")
    return made.parse((HERE / "templates" / template).read_text("utf-8"))


def said(tree: nodes.Template) -> list[nodes.Call]:
    return [
        call
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name == "t"
    ]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_says_everything_in_both_languages(template):
    tree = parsed(template)
    for call in said(tree):
        assert len(call.args) == 2
        chinese, english = (one.value for one in call.args)
        assert chinese
        assert english
        assert not CHINESE.search(english)
        assert chinese.count("{}") == english.count("{}")
    inside = {id(one) for call in said(tree) for one in call.args}
    bare = [one.data for one in tree.find_all(nodes.TemplateData)]
    bare += [one.value for one in tree.find_all(nodes.Const) if id(one) not in inside]
    assert [one for one in bare if CHINESE.search(str(one))] == []


@pytest.fixture
def desk(tmp_path):
    made = two_colleges(tmp_path, Clock())
    yield made
    made.engine.dispose()


def language_of(page: str) -> str:
    return re.search(r'<html lang="([^"]+)">', page)[1]


def test_a_page_is_chinese_unless_the_desk_or_the_browser_says_otherwise(desk):
    assert language_of(Browser(desk_app(desk)).get("/sign-in").text) == "zh-CN"
    browser = Browser(desk_app(replace(desk, lang="en")))
    assert language_of(browser.get("/sign-in").text) == "en"
    browser.get("/sign-in?lang=zh")
    assert language_of(browser.get("/sign-in").text) == "zh-CN"


def test_a_choice_is_kept_and_leaves_the_address(desk):
    browser = Browser(desk_app(desk))
    answer = browser.get("/sign-in?lang=en")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    kept = answer.headers["set-cookie"].lower()
    assert kept.startswith(f"{COOKIE}=en; httponly; max-age=31536000; path=/; samesite=lax")
    assert language_of(browser.get("/sign-in").text) == "en"
    assert language_of(browser.get("/nowhere").text) == "en", "a refusal too"
    assert browser.sign_in("admin").status_code == 303
    assert language_of(browser.read("/board").text) == "en"
    browser.fill("/sign-out")
    assert language_of(browser.get("/sign-in").text) == "en", "it outlives the session"


def test_a_student_chooses_without_an_account(desk):
    browser = Browser(desk_app(desk))
    assert '<a class="choice" href="?lang=en" lang="en"' in browser.get("/check").text
    assert browser.get("/check?lang=en").headers["location"] == "/check"
    assert '<a class="choice" href="?lang=zh" lang="zh"' in browser.get("/check").text


@pytest.mark.parametrize("asked", ["fr", "", "EN", "zh-CN", "en; path=/x"])
def test_what_is_no_language_is_passed_over(desk, asked):
    answer = Browser(desk_app(desk)).get("/sign-in", params={"lang": asked})
    assert answer.status_code == 200
    assert COOKIE not in answer.headers.get("set-cookie", "")


def test_a_cookie_that_somebody_wrote_is_no_language(desk):
    answer = Browser(desk_app(desk)).get("/sign-in", headers={"cookie": f"{COOKIE}=<b>"})
    assert language_of(answer.text) == "zh-CN"


@pytest.mark.parametrize("path", ["//evil.example/", "///evil.example", "/%5Cevil.example"])
def test_a_choice_leads_to_no_other_server(desk, path):
    answer = Browser(desk_app(desk)).get(f"http://testserver{path}?lang=en")
    assert re.match(r"/[^/\\]", answer.headers["location"])


@pytest.mark.parametrize("path", ["/board", "/accounts", "/photo/1", "/student/0", "/proof"])
def test_a_choice_shows_nobody_anything(desk, path):
    browser = Browser(desk_app(desk))
    answer = browser.get(f"{path}?lang=en")
    assert (answer.status_code, answer.headers["location"], answer.text) == (303, path, "")
    assert browser.get(path).status_code == 403


def test_what_answers_a_form_offers_no_choice(desk):
    browser = signed_in(desk_app(desk), "admin")
    assert 'class="choice"' not in browser.fill("/find", words="甲").text
    assert 'class="choice"' in browser.read("/").text


def test_several_seasons_share_the_choice(desk):
    (placed,) = under_numbers([desk])
    browser = Browser(seasons_app([placed]))
    assert language_of(browser.get("/").text) == "zh-CN"
    answer = browser.get("/1/sign-in?lang=en")
    assert answer.headers["location"] == "/1/sign-in"
    assert language_of(browser.get("/1/sign-in").text) == "en"
    assert language_of(browser.get("/").text) == "en"
    assert browser.get("/?lang=zh").headers["location"] == "/"
    assert language_of(browser.get("/1/sign-in").text) == "zh-CN"


def test_a_refused_sign_in_says_why_in_english(desk):
    browser = Browser(desk_app(desk))
    browser.get("/sign-in?lang=en")
    page = browser.sign_in("admin", "wrong").text
    assert "Name or password is wrong." in page
    assert not CHINESE.search(CHOICE.sub("", page))


# What is written down stays as it was written, and a student reads it in Chinese.
AS_WRITTEN = re.compile(r'<q lang="zh-CN">.*?</q>|data-words="[^"]*"')


def english(answer, status: int = 200) -> str:
    """The text of a page, which has to be English."""
    assert answer.status_code == status
    page = AS_WRITTEN.sub("", CHOICE.sub("", answer.text))
    assert language_of(page) == "en"
    assert re.findall(r"[^<>]*[　-鿿＀-￯][^<>]*", page) == []
    return page


def rows(page: str) -> list[str]:
    return re.findall(r'name="row" value="([^"]+)"', page)


def test_pages_of_the_staff_are_english(latin):
    browser = signed_in(desk_app(latin), "admin")
    for path in ("/", "/board", "/proofs", "/exports", "/accounts", "/password", "/group/FC005",
                 "/students/missing", "/students/passed", "/case/1", "/check", "/audit",
                 *(f"/photo/{n}" for n in range(1, 10)),
                 *(f"/student/{n}" for n in range(9))):  # fmt: skip
        english(browser.read(path))
    english(browser.fill("/accounts", name="new", role="reader"))
    english(browser.fill("/find", words="Student"))
    english(browser.fill("/student/1/number"))
    english(browser.fill("/student/1/link"))
    for path, values in (
        ("lists", {"by": "college", "names": "masked"}), ("audit", {"names": "full"}),
        ("notices", {"what": "merge"}),
    ):  # fmt: skip
        assert browser.fill(f"/exports/{path}", **values).status_code == 200
    english(browser.fill("/exports/reminders"), 400)  # of nobody
    english(browser.read("/audit"))
    english(browser.read("/student/1"))


def test_what_a_decision_is_answered_with_is_english(latin):
    app = desk_app(latin)
    browser = signed_in(app, "admin")
    group, case = browser.read("/group/FC005").text, browser.read("/case/1").text
    assert "Accepted: 1" in english(browser.fill("/group/FC005", row=rows(group)))
    english(browser.fill("/group/FC005", row=rows(group)))
    photo = browser.read("/photo/5").text
    seen = re.search(r'name="seen" value="([^"]+)"', photo)[1]
    english(browser.fill("/photo/5", seen=seen, kind="retake"), 400)
    assert browser.fill("/photo/5", seen=seen, kind="accept", why="seen").status_code == 303
    english(browser.fill("/photo/5", seen=seen, kind="comment", why="seen"), 409)
    assert "Re-assigned: 2" in english(browser.fill("/case/1", row=rows(case), why="seen"))
    english(browser.fill("/case/1", row=rows(case)), 409)
    english(browser.read("/photo/1"))


def test_refusals_are_english(latin):
    app = desk_app(latin)
    browser, nobody = signed_in(app, "reader"), Browser(app)
    english(nobody.read("/sign-in"))
    english(nobody.read("/board"), 403)
    english(nobody.read("/s/x"), 404)
    english(browser.read("/nowhere"), 404)
    english(browser.read("/accounts"), 403)
    english(browser.fill("/find"), 400)
    english(browser.fill("/password", old="x", new="y", again="y"), 403)
    english(browser.fill("/password", old=PASSWORD, new="y", again="y"), 400)


def test_pages_of_a_student_are_english(latin):
    app = desk_app(latin)
    nobody, registry = Browser(app), signed_in(app, "registry")
    english(nobody.read("/check"))
    for verdict in (Verdict.PASS, Verdict.RETAKE, Verdict.FAIL):
        english(nobody.fill("/check", photo=photo_of(verdict, 3)))
    for place in range(9):
        browser = Browser(app)
        page = registry.fill(f"/student/{place}/link").text
        browser.get(re.search(r"<code>http://testserver(/s/[^<]+)</code>", page)[1])
        english(browser.read("/proof"))
        english(browser.read("/check"))
        english(browser.fill("/check", photo=photo_of(Verdict.RETAKE, 4)))
        english(browser.fill("/proof", answer="wrong"), 400)
        if place == 8:
            assert browser.fill("/hand-in", photo=photo_of(Verdict.PASS, 5)).status_code == 303
            assert "Received: " in english(browser.read("/proof"))
            english(browser.fill("/hand-in", photo=photo_of(Verdict.PASS, 6)), 400)
            english(registry.read("/student/8"))
    for _ in range(2):
        english(browser.fill("/proof", answer="right"), 400)


def test_the_front_page_of_seasons_is_english(latin):
    placed = under_numbers([latin])
    english(Browser(seasons_app(placed)).get("/"))
    purge(latin.folder)
    assert "Purged on" in english(Browser(seasons_app(placed)).get("/"))
