"""The desk on the demo's season, as its users go through it: the command, a browser, a phone.

With ``GRADPHOTO_WRITE_IMAGES=1`` the pictures of the manual are written anew.
"""

import csv
import io
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PIL import Image
from test_desk_browser import CHROMIUM, browser, serious, tab_of  # noqa: F401 - a fixture

from fixtures import cases
from fixtures.enrolment import number
from flows.demo import begin_season

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium binary on the PATH"),
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
BORDERLINE, SWAPPED, SENT_BACK, PASSED = (33, 34, 40), (26, 27), 15, 1
DECISIONS, A_MINUTE = 6, 12  # a decision every five seconds, by keys
LATER_S = 240  # the desk writes the lists in the background, on a machine that does other things


def gradphoto(*args: object) -> list[str]:
    return [sys.executable, "-m", "flows.cli", *map(str, args)]


@pytest.fixture(scope="module")
def season(demo, tmp_path_factory):
    """The season that `make demo` ends with."""
    folder = tmp_path_factory.mktemp("demo") / "2099届"
    begin_season(demo, folder)
    return folder


@pytest.fixture(scope="module")
def password(season):
    said = subprocess.run(
        gradphoto("desk", season, "--new-admin", "李老师"),
        env={**os.environ, "GRADPHOTO_LANG": "zh"},
        check=True,
        capture_output=True,
        text=True,
    )
    return said.stdout.strip().rpartition("：")[2]


@contextmanager
def served(season):
    """The command, as it is called; gives the address."""
    with subprocess.Popen(
        gradphoto("desk", season, "--port", 0),
        env={**os.environ, "GRADPHOTO_LANG": "zh", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield re.search(r"http\S+", running.stdout.readline())[0]
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(60)


def verdicts(season) -> dict[str, str]:
    with (season / "reports/students.csv").open(encoding="utf-8-sig", newline="") as stream:
        return {row["student_id"]: row["verdict"] for row in csv.DictReader(stream)}


def later(come) -> None:
    """Wait until something has come to be."""
    end = time.monotonic() + LATER_S
    while not come():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.5)


def picture_of(tab, name: str, **how) -> None:
    if os.environ.get("GRADPHOTO_WRITE_IMAGES"):
        shot = Image.open(io.BytesIO(tab.screenshot(**how))).convert("RGB")
        shot.thumbnail((900, 3000))  # as wide as a manual's page
        shot.quantize(160).save(IMAGES / f"desk-{name}.png", optimize=True)


def student_page(tab, address, n: int) -> None:
    tab.goto(f"{address}board")
    tab.get_by_placeholder("学号、姓名或班级").fill(number(n))
    tab.get_by_role("button", name="查找").click()
    tab.get_by_role("link", name=number(n)).click()
    tab.get_by_role("heading", name="提交过的照片").wait_for()


def phone_of(browser, tab, address, n: int, said):  # noqa: F811
    """A student's phone, with the page of a one-time link that a member of staff made."""
    student_page(tab, address, n)
    tab.get_by_role("button", name="生成新链接").click()
    phone = tab_of(browser, said, 390, 844)
    phone.goto(tab.locator("code").inner_text())
    phone.get_by_role("heading", name="毕业照片校对").wait_for()
    return phone


def test_the_season_of_the_demo_from_sign_in_to_the_class_list(  # noqa: PLR0915 - one walk
    browser, season, password, tmp_path  # noqa: F811
):  # fmt: skip
    said: list[str] = []
    before = verdicts(season)
    assert {before[number(n)] for n in (*BORDERLINE, *SWAPPED)} == {"fail"}
    assert [before[number(n)] for n in (SENT_BACK, 28, 37)] == ["retake", "pass", "retake"]
    with served(season) as address:
        tab = tab_of(browser, said)
        # Sign in by the one-time password, which is replaced.
        tab.goto(address)
        tab.get_by_label("账号").fill("李老师")
        tab.get_by_label("密码").fill(password)
        tab.get_by_role("button", name="登录").click()
        tab.wait_for_url(f"{address}password")
        for field in tab.locator("input[type=password]").all():
            field.fill("zhaopian-2099-shenhe")
        if tab.locator("input[type=password]").count() > 2:
            tab.locator("input[type=password]").first.fill(password)
        tab.get_by_role("main").get_by_role("button").click()
        tab.get_by_role("heading", name="待处理").wait_for()
        picture_of(tab, "queue")
        # A group is decided in one go, taken back, and decided again.
        for undone in (True, False):
            tab.goto(address)
            tab.get_by_role("link", name="临界 FC004").click()
            assert tab.get_by_role("checkbox").count() == len(BORDERLINE)
            tab.get_by_role("button", name="接受勾选的照片").click()
            tab.get_by_role("heading", name=f"已接受 {len(BORDERLINE)} 张").wait_for()
            if undone:
                tab.get_by_role("button", name="全部撤销").click()
                tab.wait_for_url(address)
        # The swap is accepted by a key.
        tab.goto(address)
        tab.get_by_role("link", name="互换-1").click()
        tab.get_by_role("heading", name="互换-1").wait_for()
        picture_of(tab, "swap")
        tab.keyboard.press("a")
        tab.get_by_role("heading", name="已改归 2 张").wait_for()
        # Single photos by keys, at the pace of a person who only looks.
        tab.goto(f"{address}next")
        tab.get_by_role("heading", name="问题").wait_for()
        picture_of(tab, "photo")
        began = time.monotonic()
        for _ in range(DECISIONS):
            here = tab.url
            tab.keyboard.press("f")
            tab.wait_for_url(lambda url, here=here: url != here)
            tab.get_by_role("heading", name="问题").wait_for()
        pace = DECISIONS / (time.monotonic() - began) * 60
        assert pace >= A_MINUTE
        accepted = dict.fromkeys(map(number, (*BORDERLINE, *SWAPPED)), "pass")
        later(lambda: verdicts(season).items() >= accepted.items())
        # A student who was sent back twice tries a photo on the phone, and hands it in.
        mine = tmp_path / "IMG_0001.jpg"
        mine.write_bytes(cases.make_up(SENT_BACK)())
        phone = phone_of(browser, tab, address, SENT_BACK, said)
        phone.get_by_role("link", name="试一张照片").click()
        phone.get_by_label("手机里的照片").set_input_files(mine)
        phone.get_by_role("button", name="检查这张照片").click()
        hand_in = phone.get_by_role("button", name="提交这张照片")
        hand_in.wait_for()
        assert serious(phone) == []
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        picture_of(phone, "check", full_page=True)
        hand_in.click()
        phone.get_by_text("已收到：").wait_for()
        later(lambda: verdicts(season)[number(SENT_BACK)] == "pass")
        # The lists are there a moment before the ledger's round is closed.
        later(lambda: phone.reload() and phone.get_by_text("：合格").count())
        # Another says that the photo is of somebody else; the board and the list of 校对 tell.
        other = phone_of(browser, tab, address, PASSED, said)
        picture_of(other, "proof", full_page=True)
        other.get_by_text("有误", exact=True).click()
        other.get_by_label("照片不是本人，或与他人互换").check()
        other.get_by_role("button", name="提交：有误").click()
        other.get_by_text("您的回答：").wait_for()
        tab.goto(f"{address}proofs")
        tab.get_by_text("照片不是本人").wait_for()
        tab.goto(f"{address}board")
        tab.get_by_role("link", name="1 校对有误").wait_for()
        picture_of(tab, "board", full_page=True)
        # The list of a class is what the tables say.
        later(lambda: verdicts(season)[number(PASSED)] == "pass")
        tab.goto(f"{address}exports")
        chosen = tab.get_by_role("region", name="一个班的名单")
        chosen.get_by_label("班级").select_option("金融2303")
        with tab.expect_download() as started:
            chosen.get_by_role("button", name="下载工作簿").click()
        started.value.save_as(tmp_path / "class.xlsx")
    book = load_workbook(tmp_path / "class.xlsx")
    listed = {
        str(cell.value): sheet.title
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if re.fullmatch(r"\d{13}", str(cell.value))
    }
    sheets = {"pass": "合格名单", "retake": "需补拍名单", "fail": "图像信息异常登记表"}
    due = {number(n): sheets[verdicts(season)[number(n)]] for n in range(31, 41)}
    assert listed == due
    assert said == []
