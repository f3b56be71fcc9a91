"""Test frames before the first student: what to move, until wall and assistant are fit."""

import threading
from pathlib import Path

import numpy as np
import pytest

from checks import CHECKS
from flows.shoot.reading import Shoot
from flows.shoot.request import Request
from flows.shoot.worker import start
from flows.watch.setup import judge_wall, look_at, set_up
from pipeline.batch.booth_setup import (
    PARTS,
    SetupFrame,
    assistant_frame,
    no_frame,
    unreadable_frame,
)
from pipeline.batch.booth_table import MEASURED
from pipeline.core.causes import Cause
from pipeline.core.records import Examination, Submission
from pipeline.core.rules import Mode, Remedy, Text
from pipeline.examine.setting import Setting
from pipeline.intake.roster import read_roster
from pipeline.rules import photo_rules
from pipeline.spec.spec import load_spec
from reports.booth_measures import asked_words, setup_measures, setup_said, setup_word
from reports.masking import Presentation
from reports.terminal.watch import TerminalTeller

SPEC = load_spec("chsi_graduate", CHECKS)
RULES = {rule.code: rule for rule in photo_rules(CHECKS)}
REMEDY = {code: rule.remedy for code, rule in RULES.items()}
BLUE = (100, 197, 255)
MOVE = Text("后退半步", "step back")


def wall(left=1.0, right=1.0, colour=BLUE):
    """A wall whose light falls off from one side to the other, (400, 600, 3)."""
    fall = np.linspace(left, right, 600)[None, :, None]
    return np.clip(np.full((400, 600, 3), colour) * fall, 0, 255).astype(np.uint8)


def judged(pixels):
    return judge_wall("wall.jpg", pixels, SPEC)


def test_an_even_wall_of_the_right_colour_is_fit():
    frame = judged(wall())
    assert (frame.part, frame.is_fit) == ("wall", True)
    assert frame.left_right == pytest.approx(1.0, abs=0.01)
    said = [one.text for one in setup_measures(frame, "zh")]
    assert [one.split()[0] for one in said] == ["背景色差", "背景均匀", "亮度"]
    assert setup_word(frame).zh == "√ 空背景可以"


def test_a_wall_of_another_colour_is_told_by_how_much():
    frame = judged(wall(colour=(255, 255, 255)))
    assert [rule.code for rule, f in frame.measures if f.outcome == "broken"] == ["BG001"]
    assert frame.moves[0] == RULES["BG001"].photographer
    assert "没有找到人脸" in frame.moves[-1].zh  # the assistant may not have been seen
    assert setup_word(frame).en == "↻ empty wall: adjust"


def test_a_dark_wall_is_told_to_be_lit_and_not_to_be_painted():
    dark = tuple(value * 0.3 for value in BLUE)
    assert "调亮" in judged(wall(colour=dark)).moves[0].zh


def test_a_wall_that_is_darker_on_one_side_is_told_which():
    frame = judged(wall(1.0, 0.2))
    said = next(move for move in frame.moves if "打匀" in move.zh)
    assert "右侧较暗" in said.zh
    assert "darker on the right" in said.en
    assert frame.left_right > 1.3
    assert judged(wall(0.2, 1.0)).left_right < 0.8


def test_a_wall_near_a_limit_is_fit_and_told_too():
    frame = judged(wall(1.0, 0.5))
    assert frame.is_fit
    assert any("接近限值" in move.zh and "右侧较暗" in move.zh for move in frame.moves)
    assert setup_word(frame).zh == "√ 空背景可以，最好再调"
    assert judged(wall()).moves == ()


def test_nobody_sits_before_the_wall_whose_shadow_is_told():
    pixels = wall()
    pixels[100:250, 350:420] = (40, 90, 120)
    (said,) = (move for move in judged(pixels).moves if "打匀" in move.zh)
    assert "阴影" in said.zh
    assert "人像" not in said.zh
    assert "head" not in said.en


def test_what_stands_beside_the_wall_is_not_in_the_crop():
    pixels = wall()
    pixels[:, :120] = pixels[:, -120:] = 20  # stands of lamps at the frame's sides
    assert judged(pixels).is_fit


def assistant(*findings, causes=()):
    examined = Examination("a.jpg", "1", Mode.SOURCE, findings, causes=causes)
    return assistant_frame(examined, RULES, REMEDY)


def test_an_assistant_who_sits_right_is_fit_with_measures_and_limits():
    face = RULES["FC006"].judge(240, SPEC.output.face_width)
    frame = assistant(face)
    assert frame.is_fit
    assert [one.text for one in setup_measures(frame, "en")] == ["face width 240px (180–300)"]


def test_what_the_camera_is_at_fault_in_is_told_and_what_the_assistant_wears_is_not():
    near = Cause("too_near", ("FC006",), MOVE, MOVE, MOVE)
    face = RULES["FC006"].judge(320, SPEC.output.face_width)
    glasses, closed = RULES["EY003"].broken(), RULES["EY001"].broken()
    assert assistant(face, closed, causes=(near,)).moves == (MOVE,)
    remedy = REMEDY | {"EY003": Remedy.NOTE}
    examined = Examination("a.jpg", "1", Mode.SOURCE, (glasses,))
    assert assistant_frame(examined, RULES, remedy).is_fit


def test_another_person_beside_the_assistant_is_told():
    assert assistant(RULES["FC002"].broken()).moves == (RULES["FC002"].photographer,)


class Heard:
    def __init__(self):
        self.said, self.asked = [], threading.Event()

    def setup(self, frame, asked):
        self.said.append((frame and frame.photo, list(asked)))
        self.asked.set()


def shoot_in(folder: Path) -> Shoot:
    roster = folder / "roster.csv"
    roster.write_text("学号,姓名\n2023141460001,张三", encoding="utf-8")
    inbox = folder / "inbox"
    inbox.mkdir()
    request = Request(inbox, roster, "chsi_graduate", "source")
    return Shoot(request, SPEC, Mode.SOURCE, (), 0, read_roster(roster, ()))


def test_frames_are_asked_for_until_both_are_fit_and_what_lay_there_is_not_looked_at(tmp_path):
    shoot, heard = shoot_in(tmp_path), Heard()
    inbox = shoot.request.inbox
    (inbox / "before.jpg").write_bytes(b"\xff\xd9")
    frames = {
        "1.jpg": SetupFrame("1.jpg", "wall", (), is_fit=False, moves=(MOVE,)),
        "2.jpg": SetupFrame("2.jpg", "wall", (), is_fit=True, moves=()),
        "3.jpg": SetupFrame("3.jpg", "assistant", (), is_fit=True, moves=()),
    }

    def photograph():
        for count, name in enumerate(frames, start=1):
            while len(heard.said) < count:
                heard.asked.wait(0.05)
            (inbox / name).write_bytes(b"\xff\xd9")

    thread = threading.Thread(target=photograph)
    thread.start()
    tested = set_up(shoot, lambda one: frames[one.photo], heard, threading.Event())
    thread.join()
    assert heard.said == [
        (None, list(PARTS)),
        ("1.jpg", ["wall", "assistant"]),
        ("2.jpg", ["assistant"]),
        ("3.jpg", []),
    ]
    assert set(tested) == set(frames)


def test_a_file_that_cannot_be_opened_takes_nothing_back_and_no_frame_at_all_is_told(tmp_path):
    shoot, heard, stop = shoot_in(tmp_path), Heard(), threading.Event()
    frames = {
        "1.jpg": SetupFrame("1.jpg", "wall", (), is_fit=True, moves=()),
        "2.jpg": unreadable_frame("2.jpg"),
    }

    def photograph():
        for count, name in enumerate(frames, start=2):
            while len(heard.said) < count:
                heard.asked.wait(0.05)
            (shoot.request.inbox / name).write_bytes(b"\xff\xd9")
        while len(heard.said) < 4:
            heard.asked.wait(0.05)
        stop.set()

    thread = threading.Thread(target=photograph)
    thread.start()
    set_up(shoot, lambda one: frames[one.photo], heard, stop, patience=0.2)
    thread.join()
    assert heard.said == [
        (None, list(PARTS)),
        ("", list(PARTS)),
        ("1.jpg", ["assistant"]),
        ("2.jpg", ["assistant"]),
    ]


def test_what_is_no_test_frame_is_named_so():
    assert setup_word(no_frame()).zh == "↻ 还没有照片"
    said = setup_said(unreadable_frame("1.jpg"), PARTS, "zh")
    assert said["word"] == "这张不算"
    assert "再拍一张" in said["advice"]


def test_the_page_asks_for_a_frame_as_large_as_it_answers():
    assert setup_said(None, PARTS, "zh")["advice"] == asked_words(PARTS).zh
    fit = SetupFrame("1.jpg", "wall", (), is_fit=True, moves=())
    assert setup_said(fit, ["assistant"], "zh")["advice"] == "试拍：请助手坐下，拍一张"


def test_a_stop_ends_it(tmp_path):
    stop = threading.Event()
    stop.set()
    assert set_up(shoot_in(tmp_path), pytest.fail, Heard(), stop) == {}


def test_the_terminal_and_the_page_say_it_in_both_languages(capsys):
    frame = judged(wall(1.0, 0.2))
    for lang in ("zh", "en"):
        TerminalTeller(Presentation(lang=lang)).setup(frame, ["wall", "assistant"])
        said = capsys.readouterr().err
        page = setup_said(frame, ["wall", "assistant"], lang)
        assert frame.moves[0][lang] in page["advice"]
        assert frame.moves[0][lang] in "".join(said.splitlines()) or lang == "en"
        assert page["foot"] == asked_words(["wall", "assistant"])[lang]
        assert page["foot"] in said
        assert page["verdict"] == "retake"
    assert "移出文件夹" in asked_words([]).zh


@pytest.mark.slow
def test_the_faces_in_a_frame_tell_wall_from_assistant(tmp_path, jpeg, framed, sitter):
    start(Setting(SPEC, Mode.SOURCE))
    drawn = {"wall.jpg": wall(), "near.jpg": framed(sitter(3), zoom=1.2)}
    for name, pixels in drawn.items():
        (tmp_path / name).write_bytes(jpeg(pixels, quality=90))
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    seen = {n: look_at(Submission(n, tmp_path / n)) for n in (*drawn, "broken.jpg")}
    assert (seen["wall.jpg"].part, seen["wall.jpg"].is_fit) == ("wall", True)
    near = seen["near.jpg"]
    assert near.part == "assistant"
    assert [rule.code for rule, _ in near.measures] == list(MEASURED)
    assert "后退" in near.moves[0].zh
    assert not seen["broken.jpg"].is_fit
