"""Faces on site: a frame under the wrong student says at once whom it shows."""

import threading

import pytest

from flows.shoot.reading import prepare_empty
from flows.shoot.request import Request
from flows.watch.run import watch_shoot
from reports.masking import Presentation
from reports.watch_page import advice_of

SEEDS = {"20230001": 3, "20230002": 7, "20230003": 16}
SECONDS = 300.0


class Heard:
    """A teller that keeps the answers, and ends the shoot with the last."""

    def __init__(self, count, stop):
        self.answers, self.begun, self._left = [], threading.Event(), (count, stop)

    def begin(self, taken_before, standing):
        self.begun.set()

    def answer(self, answer, waiting, standing):
        self.answers.append(answer)
        count, stop = self._left
        if len(self.answers) == count:
            stop.set()

    def booth(self, fault):
        pass

    queue = end = booth


@pytest.mark.slow
def test_a_slip_of_the_order_is_said_at_its_first_frame(tmp_path, jpeg, framed, sitter):
    rows = "".join(f"{number},某某\n" for number in SEEDS)
    (tmp_path / "roster.csv").write_text(f"学号,姓名\n{rows}", encoding="utf-8-sig")
    for name in ("inbox", "on_record"):
        (tmp_path / name).mkdir()
    for number, seed in SEEDS.items():
        picture = jpeg(framed(sitter(seed), zoom=0.6), quality=85)
        (tmp_path / "on_record" / f"{number}.jpg").write_bytes(picture)
    request = Request(
        tmp_path / "inbox",
        tmp_path / "roster.csv",
        "chsi_graduate",
        "source",
        references=tmp_path / "on_record",
        identity=True,
        choose="best",
    )
    stop = threading.Event()
    heard = Heard(2, stop)

    def tether():
        assert heard.begun.wait(SECONDS)
        # 20230001 did not come: 20230002 sat down in his place.
        for number, seed in (("20230003", 16), ("20230001", 7)):
            picture = jpeg(framed(sitter(seed), zoom=0.65), quality=85)
            (tmp_path / "inbox" / f"{number}.jpg").write_bytes(picture)

    thread = threading.Thread(target=tether, daemon=True)
    thread.start()
    watch_shoot(
        prepare_empty(request),
        tmp_path / "out",
        workers=1,
        presentation=Presentation(),
        teller=heard,
        stop=stop,
    )
    thread.join()
    seen = {answer.photo: answer for answer in heard.answers}
    assert seen["20230003.jpg"].seems is None
    slipped = seen["20230001.jpg"]
    assert slipped.seems is not None
    assert slipped.seems.key == "20230002"
    words, *_ = advice_of(slipped, Presentation())
    assert words.startswith("这张像【20230002 某**】，上一位还没拍？")
