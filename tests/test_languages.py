"""The language of a page: whoever asks chooses it, and every word is there in both."""

import re
from dataclasses import replace

import pytest
from desk_client import Browser, Clock, signed_in, two_colleges
from jinja2 import nodes

from flows.desk.answering import HERE
from flows.desk.app import desk_app
from flows.desk.languages import COOKIE
from flows.desk.seasons import seasons_app, under_numbers
from reports.markup import environment

TEMPLATES = sorted(path.name for path in (HERE / "templates").iterdir())
CHINESE = re.compile(r"[　-〿㐀-鿿豈-﫿＀-￯]")
CHOICE = re.compile(r'<a class="choice"[^>]*>[^<]*</a>')
OPEN = {"photo.html", "queue.html"}


def parsed(template: str) -> nodes.Template:
    made = environment(HERE / "templates")
    return made.parse((HERE / "templates" / template).read_text("utf-8"))


def said(tree: nodes.Template) -> list[nodes.Call]:
    return [
        call
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name == "t"
    ]


@pytest.mark.parametrize("template", [one for one in TEMPLATES if one not in OPEN])
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
