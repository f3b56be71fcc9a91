"""The desk in a browser: a group, single photos by keys, undo, a student's phone, the board."""

import re
import shutil
import threading
import time
import zipfile
from contextlib import contextmanager
from dataclasses import replace

import pytest
from desk_client import PASSWORD, StubPool, account
from reassigning import photo
from typer.testing import CliRunner

from fixtures.stub_examiner import photo_near, photo_of, stub_pool
from flows.cli import app as commands
from flows.desk.desk_state import open_desk
from flows.desk.listening import Listening, serve
from flows.desk.publish import publish_decisions
from flows.desk.self_check import SelfCheck
from flows.season.handed_in import take_in_handed_in
from pipeline.core.roles import Role
from pipeline.core.rules import Verdict

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium binary on the PATH"),
    pytest.mark.slow,
    # Playwright leaves its loop to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
PATIENCE = 120_000  # ms: a machine that does ten other things


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"], timeout=PATIENCE
        )
        yield running
        running.close()


@pytest.fixture
def served(tmp_path, new_season):
    """A desk with two borderline photos, one hat, one pass; gives season, desk, address."""
    yield from serving(two_borderline(tmp_path, new_season))


def two_borderline(tmp_path, new_season):
    season = new_season(tmp_path, None)
    season.put(f"{season.key(1)}.jpg", photo_of(Verdict.FAIL, 1))
    season.put(f"{season.key(2)}.jpg", photo_of(Verdict.PASS, 2))
    season.put(f"{season.key(3)}.jpg", photo_near("FC005", 3))
    season.put(f"{season.key(4)}.jpg", photo_near("FC005", 4))
    season.round(now=season.start)
    return season


def serving(season):
    desk = open_desk(season.folder)
    desk = replace(
        desk,
        clock=lambda: season.start.replace(month=4, day=1),
        self_check=SelfCheck(StubPool()),
    )
    account(desk, "李老师", Role.ADMIN)
    with listening(desk) as address:
        yield season, desk, address
    desk.engine.dispose()


@contextmanager
def listening(desk):
    server, sockets, address = serve(desk, Listening())
    thread = threading.Thread(target=server.run, kwargs={"sockets": sockets})
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join()


def tab_of(browser, said, width=1400, height=950, **how):
    context = browser.new_context(viewport={"width": width, "height": height}, **how)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    return page


def sign_in(tab, address) -> None:
    tab.goto(address)
    tab.get_by_label("账号").fill("李老师")
    tab.get_by_label("密码").fill(PASSWORD)
    tab.get_by_role("button", name="登录").click()
    tab.get_by_role("heading", name="待处理").wait_for()


def serious(tab) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(tab).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found
            if v["impact"] in {"serious", "critical"}]  # fmt: skip


def test_a_season_is_decided_and_a_student_answers_on_a_phone(browser, served):
    season, desk, address = served
    said: list[str] = []
    tab = tab_of(browser, said)
    sign_in(tab, address)
    assert serious(tab) == []
    # A group: one is unticked, the rest accepted, and undone.
    tab.get_by_role("link", name="临界 FC005").click()
    assert serious(tab) == []
    tab.get_by_role("checkbox").first.uncheck()
    tab.get_by_role("button", name="接受勾选的照片").click()
    tab.get_by_role("heading", name="已接受 1 张").wait_for()
    tab.get_by_role("button", name="全部撤销").click()
    tab.wait_for_url(re.compile("/photo/|/$"))
    # Single photos by keys: look, decide, take back.
    tab.goto(f"{address}next")
    assert serious(tab) == []
    for time_of in range(2):
        tab.goto(f"{address}photo/1")
        tab.keyboard.press("a")
        tab.wait_for_url(address)
        tab.goto(f"{address}photo/1")
        tab.keyboard.press("u")
        tab.get_by_text("撤销：撤销").nth(time_of).wait_for()
    tab.keyboard.press("r")
    tab.get_by_label("补充说明").first.fill("刘海遮住眉毛")
    assert "刘海遮住眉毛" in tab.locator("#retake output").inner_text()
    tab.get_by_role("button", name="退回重拍", exact=True).click()
    tab.wait_for_url(address)
    publish_decisions(desk.folder, now=desk.clock().replace(day=2))
    assert season.verdicts() == {"1": "retake", "2": "pass", "3": "fail", "4": "fail"}
    # A link for the student who passed; the phone answers 有误; the board shows it.
    tab.goto(f"{address}student/1")
    tab.get_by_role("button", name="生成新链接").click()
    link = tab.locator("code").inner_text()
    phone = tab_of(browser, said, 390, 844)
    phone.goto(link)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(phone) == []
    phone.get_by_text("有误", exact=True).click()
    phone.get_by_label("照片不是本人，或与他人互换").check()
    phone.get_by_role("button", name="提交：有误").click()
    phone.get_by_text("您的回答：").wait_for()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    for path, text in (("board", "校对有误"), ("proofs", "照片不是本人"), ("student/1", "有误：")):
        tab.goto(f"{address}{path}")
        tab.get_by_text(text).first.wait_for()
        assert serious(tab) == []
    assert said == []


@pytest.fixture
def served_swap(tmp_path, new_season, faces_on_record):
    """The same of a season in which two students have each other's photo."""
    season = new_season(tmp_path / "s", None, identity=True, references=faces_on_record)
    for n, who in ((1, 2), (2, 1), (3, 3)):
        season.put(f"{season.key(n)}.jpg", photo(who))
    season.round(now=season.start)
    yield from serving(season)


def test_a_swap_is_accepted_and_taken_back_by_keys(browser, served_swap):
    season, desk, address = served_swap
    said: list[str] = []
    tab = tab_of(browser, said)
    sign_in(tab, address)
    tab.get_by_role("link", name="互换-1").click()
    tab.get_by_role("heading", name="互换-1").wait_for()
    assert serious(tab) == []
    for width in (1400, 390):
        tab.set_viewport_size({"width": width, "height": 900})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.get_by_role("button", name="接受此项").first.dblclick()
    tab.get_by_role("heading", name="已改归 2 张").wait_for()
    assert serious(tab) == []
    tab.keyboard.press("u")
    tab.wait_for_url(f"{address}photo/1")
    tab.goto(f"{address}case/1")
    tab.keyboard.press("k")
    tab.get_by_role("heading", name="2 张不改归属").wait_for()
    tab.keyboard.press("u")
    tab.wait_for_url(f"{address}photo/1")
    assert serious(tab) == []
    tab.goto(f"{address}case/1")
    tab.keyboard.press("a")
    tab.get_by_role("heading", name="已改归 2 张").wait_for()
    publish_decisions(desk.folder, now=desk.clock().replace(day=2))
    assert season.verdicts() == {"1": "pass", "2": "pass", "3": "pass", "4": "missing"}
    tab.keyboard.press("n")
    tab.get_by_text("没有照片在等人处理").wait_for()
    assert [line for line in said if "404" not in line] == [], "the stand-in has no large pictures"


@pytest.mark.parametrize("width", [1400, 700, 390])  # 700: a screen of 1400 at 200 %
def test_the_board_and_the_downloads_fit_and_can_be_read(browser, served, width):
    _, _, address = served
    said: list[str] = []
    tab = tab_of(browser, said, width)
    sign_in(tab, address)
    for path in ("board", "exports", "student/1", "students/passed", "proofs"):
        tab.goto(f"{address}{path}")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, path
        assert serious(tab) == [], path
        tab.emulate_media(media="print")
        assert not tab.get_by_role("button").first.is_visible(), path
        tab.emulate_media(media="screen")
    tab.goto(f"{address}board")
    assert tab.get_by_role("img", name="学生人数按天与截止日期").is_visible()
    assert said == []


def test_lists_are_downloaded_as_the_command_writes_them(browser, served, tmp_path):
    season, _, address = served
    said: list[str] = []
    tab = tab_of(browser, said)
    sign_in(tab, address)
    tab.get_by_role("link", name="进度").click()
    tab.get_by_role("link", name="导出名单、补拍通知和提醒").click()
    chosen = tab.get_by_role("region", name="全部名单")
    chosen.get_by_label("姓名").select_option(label="全名")
    with tab.expect_download() as started:
        chosen.get_by_role("button", name="下载 zip").click()
    got = started.value
    assert got.suggested_filename == "名单.zip"
    by_hand = tmp_path / "lists"
    options = ["--names", "full", "--lang", "zh", "--to", str(by_hand)]
    assert CliRunner().invoke(commands, ["lists", str(season.folder), *options]).exit_code == 0
    with zipfile.ZipFile(got.path()) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    assert members == {path.name: path.read_bytes() for path in by_hand.iterdir()}
    tab.get_by_role("link", name="操作记录").click()
    tab.get_by_text("导出名单（按班级，1 个，全名）").wait_for()
    assert said == []


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_a_student_tries_a_photo_on_a_phone_and_hands_it_in(browser, served, tmp_path, scripts):
    season, desk, address = served
    photo, said = tmp_path / "IMG_0001.HEIC", []
    photo.write_bytes(photo_of(Verdict.PASS, 9))
    tab = tab_of(browser, said)
    sign_in(tab, address)
    tab.goto(f"{address}student/2")
    tab.get_by_role("button", name="生成新链接").click()
    phone = tab_of(browser, said, 390, 844, java_script_enabled=scripts)
    phone.goto(tab.locator("code").inner_text())
    phone.get_by_role("link", name="试一张照片").click()
    chosen = phone.get_by_label("手机里的照片")
    chosen.set_input_files(photo)
    phone.get_by_role("button", name="检查这张照片").click()
    hand_in = phone.get_by_role("button", name="提交这张照片")
    hand_in.wait_for()
    phone.get_by_text("本轮还可提交 2 次，截止 6月10日 24:00").wait_for()
    if scripts:
        assert chosen.evaluate("one => one.files.length") == 1, "the tried file is still chosen"
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        assert serious(phone) == []
        chosen.set_input_files([])
        assert hand_in.count() == 0, "another file was not tried"
        chosen.set_input_files(photo)
        phone.get_by_role("button", name="检查这张照片").click()
    else:
        chosen.set_input_files(photo)
    hand_in.click()
    phone.get_by_text("已收到：").wait_for()
    phone.reload()
    assert take_in_handed_in(season.folder, pool=stub_pool, now=desk.clock()).new == 1
    phone.reload()
    phone.get_by_text("上一次提交").wait_for()
    assert "合格" in phone.get_by_text("上一次提交").inner_text()
    tab.goto(f"{address}student/2")
    assert tab.locator("article.try img").count() == 2
    assert said == []


@pytest.mark.parametrize("width", [1400, 700, 390])  # 700: a screen of 1400 at 200 %
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_fits_and_can_be_read_in_either_language(browser, latin, tmp_path, lang, width):
    photo, said = tmp_path / "a.jpg", []
    photo.write_bytes(photo_of(Verdict.RETAKE, 9))

    def holds(tab) -> None:
        assert tab.locator("html").get_attribute("lang")[:2] == lang
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, tab.url
        assert serious(tab) == [], tab.url

    with listening(latin) as address:  # which speaks English unless a browser asks for Chinese
        tab = tab_of(browser, said, width)
        tab.goto(f"{address}sign-in")
        if lang == "zh":
            tab.get_by_role("link", name="中文").click()
            tab.get_by_role("link", name="English").wait_for()
        holds(tab)
        tab.fill("[name=name]", "admin")
        tab.fill("[name=password]", PASSWORD)
        tab.click("main button")
        tab.wait_for_load_state()
        for path in ("", "group/FC005", "case/1", "photo/3", "photo/5", "photo/7", "student/1",
                     "students/passed", "accounts", "audit", "password", "nowhere"):  # fmt: skip
            tab.goto(f"{address}{path}")
            holds(tab)
        for path in ("case/1", "photo/6"):
            tab.goto(f"{address}{path}")
            tab.keyboard.press("a")
            tab.wait_for_load_state()
            holds(tab)
        tab.goto(f"{address}student/4")
        tab.click('main form[action$="/link"] button')
        holds(tab)
        phone = tab_of(browser, said, width)
        phone.goto(tab.locator("code").inner_text())
        if lang == "zh":
            phone.get_by_role("link", name="中文").click()
        holds(phone)
        phone.goto(f"{address}check")
        holds(phone)
        phone.set_input_files("#file [type=file]", photo)
        phone.click("#file button")
        phone.locator("#answer [role=status]").wait_for()
        holds(phone)
    assert [line for line in said if "404" not in line] == [], "the stand-in has no large pictures"
