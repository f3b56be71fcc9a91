"""report.html in a browser: it opens, filters, shows a photo, prints, and calls nobody."""

import http.server
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fixtures.example_result import example_result
from pipeline.core.marks import Label, Layer, Mark, Marks
from pipeline.core.records import Pictures, Result
from pipeline.core.rules import Text
from reports.beside import Beside
from reports.masking import Presentation
from reports.page import write_page

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium binary on the PATH"),
    pytest.mark.slow,
    # Playwright leaves its loop to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
HOSTILE = (
    "<img src=x onerror=document.title='HACKED'>",
    "</script><script>document.title='HACKED'</script>",
    "<img src=http://tracker.invalid/a.png>\"'&",
    "photo\u202egpj.exe",
    "长" * 200,
)
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 120_000  # ms: a machine that does ten other things
EYE = 244


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET, timeout=PATIENCE)
        yield running
        running.close()


@pytest.fixture
def tab(browser):
    """A new tab that fails the test where the page's own policy was broken, or its script."""
    said: list[str] = []
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    yield page
    context.close()
    assert said == []


def show(tab, path: Path, fragment: str = "") -> None:
    tab.goto(f"{path.as_uri()}#{fragment}")
    tab.wait_for_selector("#list tbody tr, .empty-list")


def until(tab, condition: str) -> None:
    """Wait for a condition; Playwright's own way is stopped by the page's policy."""
    end = time.monotonic() + PATIENCE / 1000
    while not tab.evaluate(condition):
        assert time.monotonic() < end, condition
        time.sleep(0.05)


def listed(tab) -> list[str]:
    """Return the numbers of the students in the list, in order."""
    return tab.locator("#list .number").all_text_contents()


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> tuple[Result, Path]:
    """A report with hostile names, and a grey picture with an eye line on each photo."""
    result, out = example_result(150, HOSTILE), tmp_path_factory.mktemp("page")
    large = out / "large.jpg"
    Image.fromarray(np.full((640, 480, 3), 128, np.uint8)).save(large)
    eyes = Label(Text(f"眼睛 {EYE}px", ""), float(EYE), None, 200, 300)
    mark = Mark(Layer.LINES, "FC005", f"M-14 {EYE}L480 {EYE}", label=eyes)

    def details(photos):
        for one in result.details(photos):
            yield replace(one, picture="large", marks=Marks(480, 640, (mark,)))

    path = out / "report.html"
    drawn = replace(result, details=details)
    write_page(
        drawn,
        path,
        Presentation("zh", full_names=True),
        Beside(Pictures(lambda _: large, lambda _: None)),
    )
    return result, path


def test_hash_filters_by_verdict_code_and_class_joined(report, tab):
    result, path = report
    show(tab, path, "verdict=retake&code=BG001")
    wanted = [r for r in result.students if r.verdict == "retake" and "BG001" in r.codes]
    assert listed(tab)[:20] == [row.student.key for row in wanted][:20]
    assert tab.locator("#span").text_content() == f"共 {len(wanted)} 条"
    name = wanted[0].student.class_name
    tab.select_option("select[name=class]", name)
    until(tab, "location.hash.includes('class')")
    assert listed(tab) == [r.student.key for r in wanted if r.student.class_name == name]
    show(tab, path, "code=BG001,HR001")
    both = [r.student.key for r in result.students if {"BG001", "HR001"} <= set(r.codes)]
    assert listed(tab) == both


def test_who_needs_something_stands_first_and_strays_are_counted_apart(report, tab):
    result, path = report
    show(tab, path)
    assert tab.locator("#list .badge").first.get_attribute("class") == "badge retake"
    assert tab.locator(".tile.all strong").text_content() == str(len(result.students))
    assert tab.locator(".tile.other strong").text_content() == str(2 + len(HOSTILE))
    tab.locator("#classes summary").click()
    until(tab, "document.querySelector('.counts tbody tr') !== null")
    counts = tab.locator(".counts tbody tr td:nth-child(3)").all_text_contents()
    assert sum(map(int, counts)) == len(result.students)


def test_rows_are_drawn_as_they_are_scrolled_to(report, tab):
    show(tab, report[1])
    first = len(listed(tab))
    assert first < 120
    tab.locator("#end").scroll_into_view_if_needed()
    until(tab, f"document.querySelectorAll('#list .number').length > {first}")


def test_a_photo_opens_by_keyboard_and_its_drawing_lies_right(report, tab, tmp_path):
    path = report[1]
    show(tab, path, "verdict=retake")
    first, second = listed(tab)[:2]
    tab.keyboard.press("j")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("dialog[open] .overlay")
    assert first in tab.locator("#photoname").text_content()
    until(tab, "[...document.querySelectorAll('.checks tbody tr')].length > 20")
    shot = tmp_path / "drawn.png"
    tab.locator(".overlay").screenshot(path=shot)
    with Image.open(shot) as image:
        pixels = np.asarray(image.convert("RGB"), int)
    scale = pixels.shape[1] / 628  # of the drawing's own units
    column = pixels[:, round((132 + 240) * scale)]
    row = round((12 + EYE) * scale)
    coloured = np.ptp(column, axis=1) > 60
    assert coloured[row - 2 : row + 3].any(), "the eye line, where eyes were measured"
    assert not coloured[row + 8 : row + 60].any()
    lines = tab.locator("fieldset label", has_text="测量线").locator("input")
    lines.uncheck()
    assert tab.locator(".overlay .layer.lines").get_attribute("hidden") is not None
    tab.keyboard.press("j")
    until(tab, f"document.getElementById('photoname').textContent.includes('{second}')")
    tab.keyboard.press("k")
    until(tab, f"document.getElementById('photoname').textContent.includes('{first}')")
    tab.keyboard.press("Escape")
    until(tab, "!document.getElementById('photo').open")
    assert tab.evaluate("document.activeElement.textContent") == first


def test_three_texts_stand_by_each_cause(report, tab):
    result, path = report
    row = next(r for r in result.students if r.verdict == "retake" and r.photo)
    show(tab, path, f"photo={row.student.key}")
    tab.wait_for_selector("dialog[open] .cause")
    heads = tab.locator(".cause").first.locator("dt").all_text_contents()
    assert heads == ["学生", "摄影", "记录"]


def test_no_sideways_scroll_at_390_px(report, tab):
    tab.set_viewport_size({"width": 390, "height": 844})
    show(tab, report[1])
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    tab.locator("#list .open").first.click()
    tab.wait_for_selector("dialog[open] .overlay")
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    wide = "(({scrollWidth, clientWidth}) => scrollWidth - clientWidth)"
    assert tab.evaluate(f"{wide}(document.getElementById('photo'))") == 0


def test_paper_says_what_it_is_of(report, tab, tmp_path):
    result, path = report
    name = next(r for r in result.students if r.verdict == "retake").student.class_name
    show(tab, path, f"verdict=retake&class={name}")
    assert tab.pdf(path=tmp_path / "print.pdf", format="A4").startswith(b"%PDF")
    tab.emulate_media(media="print")
    head = tab.locator("header").first.inner_text()
    printed = [r for r in result.students if r.verdict == "retake" and r.student.class_name == name]
    assert f"需补拍  ·  班级 {name}".replace("  ", " ") in head.replace("  ", " ")
    assert f"共 {len(printed)} 条" in head
    assert "单次拍摄" in head
    assert tab.locator("#list .thumb").first.is_visible()
    assert (
        tab.evaluate("getComputedStyle(document.querySelector('#list tr')).breakInside") == "avoid"
    )


def test_axe_finds_nothing_serious(report, tab):
    from axe_playwright_python.sync_playwright import Axe

    show(tab, report[1], "verdict=retake")
    serious = []
    for opened in (False, True):
        if opened:
            tab.locator("#list .open").first.click()
            tab.wait_for_selector("dialog[open] .checks")
        found = Axe().run(tab).response["violations"]
        serious += [
            (one["id"], node["target"])
            for one in found
            if one["impact"] in {"serious", "critical"}
            for node in one["nodes"]
        ]
    assert serious == []


@pytest.mark.filterwarnings("ignore")
def test_of_10_000_students_only_the_rows_in_sight_are_drawn(tab, tmp_path):
    """What keeps the page quick; how quick it is: ``make bench-page``."""
    write_page(example_result(10_000), tmp_path / "report.html", Presentation())
    assert (tmp_path / "report.html").stat().st_size <= 5 * 1024**2
    for fragment in ("", "verdict=fail", "q=0077"):
        show(tab, tmp_path / "report.html", fragment)
        assert 0 < tab.locator("#list tbody tr").count() <= 100, fragment


def test_hostile_names_are_shown_and_do_nothing_and_no_one_is_called(browser, report):
    asked = []

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        do_CONNECT = do_POST = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    proxy = {"server": f"http://127.0.0.1:{server.server_port}", "bypass": "<-loopback>"}
    context = browser.new_context(proxy=proxy)
    context.set_default_timeout(PATIENCE)
    try:
        page = context.new_page()
        page.set_content("<img src=http://tracker.invalid/control.png>")
        assert "http://tracker.invalid/control.png" in asked  # a call would be seen
        asked.clear()
        for fragment in ("verdict=<img src=x>", "verdict=other", "photo=2023141460151"):
            show(page, report[1], fragment)
            page.wait_for_timeout(300)
            assert page.title() == "毕业照检查结果 · 学信网毕业生图像采集"
        assert "onerror=document.title" in page.locator("body").text_content()
        assert "photo\ufffdgpj.exe" in page.locator("body").text_content()
        assert [url for url in asked if "tracker" in url or "127.0.0.1" in url] == []
    finally:
        context.close()
        server.shutdown()
        server.server_close()
