"""The page of a watched shoot: behind its token, and a browser sees the field change."""

import io
import json
import shutil
import subprocess
import time
from dataclasses import replace
from types import SimpleNamespace

import httpx
import pytest
from PIL import Image

from checks import CHECKS
from checks.background import CHECK as BACKGROUND
from flows.shoot.request import Request
from flows.watch.board import Board
from flows.watch.booth import Booth
from flows.watch.page import PageTeller, Shown, page_served, picture_from
from pipeline.core.bands import Band
from pipeline.core.errors import UsageError
from pipeline.core.marks import Layer, Mark, Marks
from pipeline.core.records import Answer, BoothFault, Examination, Student, StudentRow
from pipeline.core.rules import Mode, Text, Verdict
from pipeline.spec.spec import load_spec
from reports.masking import Presentation
from reports.terminal.watch import TerminalTeller, print_left

STUDENTS = (
    Student("2023141460001", 2, name="张三", class_name="软件2301"),
    Student("2023141460002", 3, name="李四", class_name="软件2302"),
)
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
SECONDS = 60.0


MARK = "M0 0L480 640"
EXAMINED = Examination(
    "1.jpg",
    "1",
    Mode.SOURCE,
    (),
    preview="staged",
    marks=Marks(480, 640, (Mark(Layer.LINES, "", MARK),)),
)


def answer(verdict, student=STUDENTS[0], advice="", **more):
    advice = (Text(advice, advice),) if advice else ()
    return Answer("1.jpg", student, verdict, (), advice, 0.9, **more)


@pytest.fixture
def teller():
    return PageTeller(Presentation())


@pytest.fixture
def board():
    return Board(STUDENTS, "best")


@pytest.fixture
def address(teller, board):
    teller.begin(0, board.standing)
    pictures = {Shown("1.jpg"): b"a picture", Shown("1.jpg", "staged"): b"what was judged"}
    with page_served(teller, pictures.get, "127.0.0.1", 0) as served:
        yield served


def tell(teller, board, said):
    board.note([said])
    teller.answer(said, 0, board.standing)


def test_nothing_is_shown_without_the_token(address):
    bare = address.partition("?")[0]
    assert httpx.get(bare).status_code == 403
    assert httpx.get(f"{bare}?token=wrong").status_code == 403
    assert httpx.get(f"{bare}events").status_code == 403
    assert httpx.get(f"{bare}frame/0").status_code == 403
    assert httpx.get(address).status_code == 200


def test_the_page_asks_for_nothing_from_elsewhere(address):
    page = httpx.get(address).text
    assert "http" not in page
    assert 'lang="zh"' in page


def test_each_answer_is_sent_as_it_comes(address, teller, board):
    with httpx.Client(timeout=SECONDS) as client:
        client.get(address)
        with client.stream("GET", address.partition("?")[0] + "events") as stream:
            lines = (line for line in stream.iter_lines() if line.startswith("data: "))
            first = json.loads(next(lines).removeprefix("data: "))
            tell(teller, board, answer(Verdict.RETAKE, advice="后退", causes=("frame_bottom",)))
            second = json.loads(next(lines).removeprefix("data: "))
            tell(teller, board, answer(Verdict.PASS))
            third = json.loads(next(lines).removeprefix("data: "))
        assert client.get(address.partition("?")[0] + "frame/0").content == b"a picture"
        assert client.get(address.partition("?")[0] + "frame/9").status_code == 404
    assert len(first["missing"]) == 2
    assert first["measures"] == []
    assert second["word"] == "再拍一张"
    assert second["advice"] == "后退"
    assert second["arrow"] == {"kind": "down", "words": "镜头下移"}
    assert second["drawn"] == ""
    assert second["who"] == "2023141460001 张**"
    assert second["again"] == ["2023141460001 张**"]
    assert third["word"] == "可以走"
    assert third["again"] == []  # who comes back and passes is no longer waited for
    assert third["missing"] == {"软件2302": ["2023141460002 李**"]}
    assert third["classes"] == ["软件2301 1/1", "软件2302 0/1"]
    assert third["foot"] == "已拍 1/2  可以走 1  需补拍 0  软件2301 1/1"


def test_who_has_not_come_stands_by_class_with_the_telephone_that_is_carried(teller):
    carried = tuple(
        replace(one, carried=(("联系电话", f"1380000000{n}"),)) for n, one in enumerate(STUDENTS)
    )
    board = Board(carried, "best")
    teller.begin(0, board.standing)
    assert teller.said["missing"] == {
        "软件2301": ["2023141460001 张** 13800000000"],
        "软件2302": ["2023141460002 李** 13800000001"],
    }
    tell(teller, board, answer(Verdict.RETAKE, carried[0]))
    assert list(teller.said["missing"]) == ["软件2302"]
    assert teller.said["again"] == ["2023141460001 张** 13800000000"]
    tell(teller, board, answer(Verdict.PASS, carried[0]))  # who comes back clears the entry
    assert teller.said["again"] == []


def test_the_terminal_counts_the_class_of_the_student_too(capsys):
    board = Board(STUDENTS, "best")
    said = answer(Verdict.PASS)
    board.note([said])
    TerminalTeller(Presentation()).answer(said, 0, board.standing)
    assert "已拍 1/2  可以走 1  需补拍 0  软件2301 1/1" in capsys.readouterr().err


def test_at_the_end_the_terminal_names_who_is_left_but_not_hundreds(capsys):
    rows = [
        StudentRow(replace(STUDENTS[1], row=n), Verdict.MISSING, None, (), ()) for n in range(41)
    ]
    rows += [StudentRow(STUDENTS[0], Verdict.RETAKE, None, (), ())]
    print_left(SimpleNamespace(students=rows), Presentation())
    said = capsys.readouterr().err
    assert "需补拍 软件2301：2023141460001 张**\n" in said
    assert "还没到的 软件2302：2023141460002 李**, " in said
    assert said.count("李**") == 40
    assert "还没到的另有 1 人，见 students.csv" in said


def test_every_ten_frames_the_terminal_names_who_comes_again(capsys):
    board, teller = Board(STUDENTS, "best"), TerminalTeller(Presentation(lang="en"))
    said = answer(Verdict.RETAKE)
    board.note([said])
    for _ in range(10):
        teller.answer(said, 0, board.standing)
    assert capsys.readouterr().err.count("once more, lately 软件2301: 2023141460001 张**") == 1


def test_what_was_measured_is_drawn_over_the_picture_that_was_judged(address, teller, board):
    tell(teller, board, answer(Verdict.RETAKE, examined=EXAMINED))
    assert 'href="frame/0"' in teller.said["drawn"]
    assert MARK in teller.said["drawn"]
    with httpx.Client(timeout=SECONDS) as client:
        client.get(address)
        picture = client.get(address.partition("?")[0] + "frame/0").content
    assert picture == b"what was judged"


def test_an_order_that_slipped_and_a_fault_of_the_booth_are_said(address, teller, board):
    tell(teller, board, answer(Verdict.FAIL, advice="核对", seems=STUDENTS[1]))
    assert teller.said["advice"] == "这张像【2023141460002 李**】，上一位还没拍？"
    assert teller.said["further"] == ("核对",)
    advice = Text("后退半步", "step back")
    photos = ("a", "b", "c", "d", "e")
    fault = BoothFault(
        "booth-1", "too_near", ("FC006",), "", "a", "e", "", "", 5, photos, advice, Text("", "")
    )
    teller.booth(fault)
    assert teller.said["booth"] == "机位问题（近 5/5 张）：后退半步"
    for _ in range(4):
        tell(teller, board, answer(Verdict.PASS))
    tell(teller, board, answer(Verdict.RETAKE, causes=("too_near",)))
    for _ in range(4):
        tell(teller, board, answer(Verdict.PASS))
    assert teller.said["booth"]
    tell(teller, board, answer(Verdict.PASS))  # five frames in a row without it: it is mended
    assert teller.said["booth"] == ""


def test_the_booths_table_is_sent(teller):
    rule = BACKGROUND.rules[0]
    board = Board(STUDENTS, "best", Booth({rule.code: rule}))
    finding = rule.judge(6.5, Band(high=6.0, source="s", confidence="P"))
    board.booth.note([Examination("1.jpg", "1", Mode.SOURCE, (finding,), camera="D750")])
    teller.begin(0, board.standing)
    assert teller.said["measures"] == [
        {
            "camera": "D750 近 1 张",
            "measures": [
                {"name": "背景色差", "value": "6.5", "limits": "≤6", "is_kept": False},
            ],
        }
    ]


def test_a_picture_is_what_was_staged_or_else_the_frame_of_the_inbox(tmp_path):
    (tmp_path / "staged").write_bytes(b"what was judged")
    Image.new("RGB", (3000, 2000)).save(tmp_path / "1.jpg")
    request = Request(tmp_path, tmp_path / "roster.csv", "chsi_graduate", "source")
    spec = load_spec("chsi_graduate", CHECKS)
    picture = picture_from(SimpleNamespace(request=request, spec=spec), tmp_path)
    assert picture(Shown("1.jpg", "staged")) == b"what was judged"
    for lost in (Shown("1.jpg", "gone"), Shown("1.jpg")):
        assert Image.open(io.BytesIO(picture(lost))).size == (1200, 800)
    assert picture(Shown("gone.jpg")) is None


def test_a_port_that_is_taken_is_one_line(address, teller):
    port = int(address.split(":")[2].split("/")[0])
    with pytest.raises(UsageError, match="--port"), page_served(teller, dict, "127.0.0.1", port):
        pass


def test_without_a_pass_the_last_frame_counts_and_with_last_always():
    best, last = Board(STUDENTS, "best"), Board(STUDENTS, "last")
    said = [answer(Verdict.RETAKE), answer(Verdict.PASS), answer(Verdict.RETAKE)]
    for board in (best, last):
        board.note([*said, answer(Verdict.PASS, None), answer(Verdict.FAIL, is_card=True)])
    assert (best.standing.passed, last.standing.passed) == (1, 0)
    assert (best.standing.came, last.standing.came) == (1, 1)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no browser here")
def test_a_browser_sees_the_field_change(address, teller, board, tmp_path):
    from websockets.sync.client import connect

    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
    command = [CHROMIUM, *flags, f"--user-data-dir={tmp_path}", address]
    browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        port = _wait(lambda: (tmp_path / "DevToolsActivePort").read_text().split()[0])
        pages = _wait(lambda: httpx.get(f"http://127.0.0.1:{port}/json/list").json())
        url = next(p["webSocketDebuggerUrl"] for p in pages if p["type"] == "page")
        with connect(url) as tab:

            def do(method, **params):
                tab.send(json.dumps({"id": 1, "method": method, "params": params}))
                return json.loads(tab.recv(SECONDS))["result"]

            def seen(script):
                found = do("Runtime.evaluate", expression=script, returnByValue=True)
                return found["result"].get("value")

            def shown(verdict):
                if seen("document.body.dataset.verdict") != verdict:
                    raise LookupError
                return seen("document.getElementById('field').innerText")

            near = ("too_near",)
            said = answer(Verdict.RETAKE, advice="后退半步", causes=near, examined=EXAMINED)
            said = replace(said, advice=(*said.advice, Text("摘下帽子", "take the hat off")))
            tell(teller, board, said)
            words = _wait(lambda: shown("retake"))
            assert "再拍一张" in words
            assert "后退半步" in words
            assert seen("document.getElementById('further').innerText") == "另外：摘下帽子"
            assert seen("document.getElementById('again_count').innerText") == "1"
            assert seen("document.getElementById('missing_count').innerText") == "1"
            assert seen("document.querySelector('#drawn svg path') !== null")
            assert "后退" in seen("document.getElementById('arrow').innerText")
            assert seen("document.getElementById('sign').textContent") == "↻"
            tell(teller, board, answer(Verdict.PASS))
            assert "可以走" in _wait(lambda: shown("pass"))
            for width, height in ((1280, 800), (390, 844)):
                size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
                do("Emulation.setDeviceMetricsOverride", **size)
                assert seen("innerWidth") == width
                page = "document.documentElement"
                assert seen(
                    f"{page}.scrollWidth <= innerWidth && {page}.scrollHeight <= innerHeight"
                )
    finally:
        browser.terminate()
        browser.wait(SECONDS)


def _wait(ask):
    end = time.monotonic() + SECONDS
    while True:
        try:
            if found := ask():
                return found
        except (OSError, LookupError, httpx.HTTPError):
            if time.monotonic() > end:
                raise
        time.sleep(0.1)
