"""report.html: complete, small, offline, and deaf to what file names try to say."""

import http.server
import json
import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from PIL import Image

from fixtures.example_result import RULES, example_result
from pipeline.core.records import Result
from reports.masking import Presentation
from reports.page import HERE, write_page

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium binary on the PATH")

HOSTILE = (
    "<img src=x onerror=document.title='HACKED'>",
    "</script><script>document.title='HACKED'</script>",
    "<img src=http://tracker.invalid/a.png>\"'&",
    "<!--<script>",
    "photo\u202egpj.exe",
    "长" * 200,
    "\udcd5\udcd5.jpg",
    "a\u2028b\u2029c",
)


def page(result: Result, out: Path, lang="zh", *, full_names=False) -> Path:
    path = out / "report.html"
    write_page(result, path, Presentation(lang, full_names))
    return path


def data(path: Path) -> dict:
    text = path.read_bytes().decode("utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    return json.loads(found[1])


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> tuple[Result, Path]:
    result = example_result(150, HOSTILE)
    return result, page(result, tmp_path_factory.mktemp("page"), full_names=True)


# What is in the file


def test_every_student_and_every_photo_has_one_row(hostile):
    result, path = hostile
    rows = data(path)["rows"]
    students = [row["s"] for row in rows if row["g"] != "other"]
    assert students == [row.student.key for row in result.students]
    assert len([row for row in rows if "p" in row]) == len(result.photos)
    assert len([row for row in rows if row["g"] == "other"]) == 2 + len(HOSTILE)


def detailed(result):
    photos = [row.photo for row in result.photos]
    return dict(zip(photos, result.details(photos), strict=True))


def test_every_finding_is_there_with_its_value(hostile):
    result, path = hostile
    read = data(path)
    rules, kinds = read["rest"]["rules"], read["rest"]["kinds"]
    by_photo = detailed(result)
    for row in read["rows"]:
        if row.get("p") in by_photo:
            findings = by_photo[row["p"]].findings
            shown = [
                (rules[kinds[kind][0]][0], kinds[kind][1], value)
                for kind, value in zip(row["f"][::2], row["f"][1::2], strict=True)
            ]
            assert shown == [
                (
                    f.code,
                    f.outcome,
                    None
                    if f.measured is None
                    else round(f.measured, result.rules[f.code].decimals),
                )
                for f in findings
            ]


def test_without_a_roster_each_file_stands_under_its_verdict(tmp_path):
    rows = data(page(example_result(0), tmp_path))["rows"]
    assert [row["g"] for row in rows] == ["fail", "retake"]


@pytest.mark.parametrize("students", [90, 900])
def test_at_most_150_kb_a_hundred_photos(tmp_path, students):
    result = example_result(students)
    size = page(result, tmp_path).stat().st_size
    assert size <= 150 * 1024 * max(1.0, len(result.photos) / 100)


def test_same_result_gives_the_same_bytes(tmp_path):
    a, b = (page(example_result(20), tmp_path / name) for name in "ab")
    assert a.read_bytes() == b.read_bytes()


def test_pictures_have_numbers_for_names_and_old_ones_go(tmp_path):
    page(example_result(40), tmp_path)
    result = example_result(4)
    page(result, tmp_path)
    kept = sorted(path.name for path in (tmp_path / "report_files").iterdir())
    assert kept == [
        f"{i:06}.jpg"
        for i, row in enumerate(result.photos)
        if detailed(result)[row.photo].thumbnail
    ]


def test_names_are_masked_and_titles_escaped(tmp_path):
    result = example_result(5, HOSTILE[:1])
    path = page(result, tmp_path)
    assert "晓明" not in path.read_text("utf-8")
    assert "<img" not in path.read_text("utf-8")


def test_nothing_is_fetched_and_only_the_pages_own_script_may_run(hostile):
    text = hostile[1].read_text("utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy.startswith("default-src 'none'; img-src 'self' file:; ")
    assert "unsafe" not in policy
    assert not re.search(r"<(link|iframe|object)|@import|url\(", text)
    assert "innerHTML" not in text


def test_english(tmp_path):
    path = page(example_result(5), tmp_path, "en")
    assert '<html lang="en">' in path.read_text("utf-8")
    rest = data(path)["rest"]
    assert rest["verdicts"]["retake"] == "Retake"
    assert not re.search("[\u4e00-\u9fff]", json.dumps(rest["words"], ensure_ascii=False))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_contrast_of_text_is_at_least_4_5(scheme):
    block = re.findall(r":root \{(.*?)\}", (HERE / "page.css").read_text("utf-8"), re.DOTALL)[
        scheme
    ]
    colours = dict(re.findall(r"--([\w-]+): (#\w+)", block))

    def luminance(name: str) -> float:
        digits = colours[name][1:]
        digits = "".join(2 * d for d in digits) if len(digits) == 3 else digits
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(a: str, b: str) -> float:
        low, high = sorted((luminance(a), luminance(b)))
        return (high + 0.05) / (low + 0.05)

    texts = [(t, ground) for t in ("text", "muted", "accent") for ground in ("page", "card")]
    for verdict in ("pass", "retake", "fail", "missing", "other"):
        texts += [(verdict, "card"), (verdict, f"{verdict}-bg")]
    texts += [("card", "accent")]
    assert {pair: round(contrast(*pair), 2) for pair in texts if contrast(*pair) < 4.5} == {}


# What a browser makes of it


@pytest.fixture(scope="module")
def profile(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("profile")


def browse(url: str, profile: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
        "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--disable-default-apps", "--enable-logging=stderr",
        "--virtual-time-budget=4000", f"--user-data-dir={profile}", *options, url,
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)


def dom(path: Path, profile: Path, fragment: str = "", *options: str) -> str:
    done = browse(f"{path.as_uri()}#{fragment}", profile, "--dump-dom", *options)
    assert "Content Security Policy" not in done.stderr
    return done.stdout


def listed(html: str) -> list[str]:
    """Return the numbers of the students in the list, in order."""
    return re.findall(r'<bdi class="number">([^<]*)</bdi>', html)


@needs_browser
def test_hash_filters_by_verdict_and_code(hostile, profile):
    result, path = hostile
    html = dom(path, profile, "verdict=retake&code=BG001")
    expected = [
        row.student.key
        for row in result.students
        if row.verdict == "retake" and "BG001" in row.codes
    ]
    assert listed(html) == expected
    assert re.search(r'class="tile retake" aria-pressed="true"', html)
    assert f"第 1–{len(expected)} 条，共 {len(expected)} 条" in html


@needs_browser
def test_hash_searches_and_turns_pages(hostile, profile):
    result, path = hostile
    html = dom(path, profile, "page=2")
    assert listed(html)[0] == result.students[100].student.key
    html = dom(path, profile, "q=2023141460007")
    assert listed(html) == ["2023141460007"]


@needs_browser
def test_clicks_go_into_the_hash(hostile, profile):
    path = hostile[1].with_name("clicked.html")
    text = hostile[1].read_text("utf-8")
    # The page's policy would rightly stop this script.
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    script = """
      const pause = (time = 100) => new Promise((done) => setTimeout(done, time));
      (async () => {
        document.querySelector(".tile.retake").click();
        await pause();
        const codes = [...document.querySelectorAll(".code")];
        codes.find((button) => button.textContent.includes("HR001")).click();
        await pause();
        const box = document.getElementById("search");
        box.value = "5 班";
        box.dispatchEvent(new Event("input"));
        await pause(500);
        document.querySelector("details.more").open = true;
        await pause();
        document.title = location.hash;
      })();
    """
    path.write_text(text.replace("</body>", f"<script>{script}</script></body>"), "utf-8")
    html = dom(path, profile)
    title = re.search("<title>(.*?)</title>", html)[1]
    assert title == "#verdict=retake&amp;code=HR001&amp;q=5+%E7%8F%AD"
    assert len(re.findall(r'<td class="id">', html)) == len(RULES)


@needs_browser
def test_hostile_names_are_shown_and_do_nothing_and_no_one_is_called(hostile, profile, tmp_path):
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
    proxy = (
        f"--proxy-server=http://127.0.0.1:{server.server_port}",
        "--proxy-bypass-list=<-loopback>",
    )
    try:
        calling = tmp_path / "calling.html"
        calling.write_text("<img src=http://tracker.invalid/control.png>", "utf-8")
        dom(calling, profile, "", *proxy)
        assert "http://tracker.invalid/control.png" in asked  # a call would be seen
        asked.clear()
        for fragment in ("verdict=<img src=x>&page=2", "verdict=other"):
            html = dom(hostile[1], profile, fragment, *proxy)
            assert "<title>毕业照检查结果 · 学信网毕业生图像采集</title>" in html
            sources = re.findall(r'<img [^>]*src="([^"]*)"', html)
            assert all(re.fullmatch(r"report_files/\d{6}\.jpg", source) for source in sources)
        assert "&lt;img src=x onerror=document.title='HACKED'&gt;" in html
        assert "photo\ufffdgpj.exe" in html
        assert [url for url in asked if "tracker" in url or "127.0.0.1" in url] == []
    finally:
        server.shutdown()
        server.server_close()


@needs_browser
def test_pictures_are_allowed_by_the_policy(hostile, profile, tmp_path):
    shot = tmp_path / "shot.png"
    browse(hostile[1].as_uri(), profile, f"--screenshot={shot}", "--window-size=1400,1000")
    with Image.open(shot) as image:
        pixels = image.convert("RGB").getcolors(1 << 24)
    backdrop = sum(n for n, (r, g, b) in pixels if abs(r - 190) + abs(g - 215) + abs(b - 245) < 12)
    assert backdrop > 3000  # the light blue behind the drawn heads
