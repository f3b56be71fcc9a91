"""How far a run is: a bar that has a rate and an end, and off a terminal a line now and then."""

import io
import re

import pytest
from rich.console import Console

from flows.shoot import progress
from flows.shoot.progress import CHECKING, COMPARING, LOADING, _line_by_line, told_progress


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_off_a_terminal_a_line_is_said_every_half_minute():
    clock, stream = Clock(), io.StringIO()
    tell = _line_by_line(Console(file=stream), "zh", clock)
    for clock.now, done in ((0, 1), (29.9, 10), (30, 11), (45, 20), (59, 30), (60, 31)):
        tell(CHECKING, done, 300)
    lines = stream.getvalue().splitlines()
    assert [line[6:] for line in lines] == ["检查 11/300", "检查 31/300"]
    assert all(re.match(r"\d\d:\d\d ", line) for line in lines)


def test_a_stage_without_a_count_is_told_by_its_name():
    clock, stream = Clock(), io.StringIO()
    tell = _line_by_line(Console(file=stream), "en", clock)
    clock.now = 31
    tell(COMPARING)
    assert stream.getvalue()[6:] == "comparing the photos\n"


def test_a_short_run_off_a_terminal_says_nothing(capsys):
    with told_progress("zh") as tell:
        tell(LOADING)
        tell(CHECKING, 1, 2)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("lang", "words"), [("zh", "载入模型"), ("en", "loading the models")])
def test_a_terminal_sees_what_it_waits_for_and_then_the_rate(monkeypatch, lang, words):
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=120)
    monkeypatch.setattr(progress, "Console", lambda **_: console)
    with told_progress(lang) as tell:
        tell(LOADING)
        for done in range(50):
            tell(CHECKING, done, 100)
    shown = stream.getvalue()
    assert CHECKING[lang] in shown
    assert words in shown or "49/100" in shown


def test_writing_tells_how_many_photos_each_list_has_gone_through(tmp_path):
    from fixtures.example_result import example_result
    from flows.shoot.output import write_out
    from flows.shoot.progress import WRITING, counted, details_counted
    from reports.masking import Presentation

    told = []
    counts = counted(lambda stage, done, of: told.append((stage, done, of)), WRITING)
    result, staged = example_result(9), tmp_path / "staged.jpg"
    staged.write_bytes(b"a file")
    write_out(details_counted(result, counts), tmp_path, lambda _: staged, Presentation())
    photos = len(result.photos)
    assert told[:photos] == [(WRITING, done, photos) for done in range(1, photos + 1)]
    assert told[-1][1] == told[-1][2]
