"""`gradphoto watch` as a photographer types it: a process of its own, with the real models."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from fixtures.camera import Shot, develop, take
from fixtures.people import person
from pipeline.core.output_files import OutputFile
from pipeline.ledger import store

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 120.0  # that a test waits for one thing at most
SITTER = person(3)
FIELDS = ["photo", "student_id", "verdict", "advice", "waited_s"]
FIRST, SECOND, THIRD = (f"202314146000{n}" for n in (1, 2, 3))

pytestmark = pytest.mark.slow


def drawn(*sitters, **how) -> bytes:
    return develop(take(Shot(sitters, **how)))


class Site:
    """A folder that frames come into, and the program that watches it."""

    def __init__(self, folder: Path):
        self.inbox, self.out, self.said = folder / "inbox", folder / "out", folder / "said"
        self.inbox.mkdir()
        self.roster = folder / "roster.csv"
        rows = "".join(f"{number},张三\n" for number in (FIRST, SECOND, THIRD))
        self.roster.write_text(f"学号,姓名\n{rows}", encoding="utf-8-sig")

    def put(self, name: str, data: bytes) -> None:
        (self.inbox / name).write_bytes(data)

    def command(self, name: str, out: Path, *more: str) -> list[str]:
        given = [name, self.inbox, "--roster", self.roster, "--out", out, "--workers", "1", *more]
        return [sys.executable, "-m", "flows.cli", *map(str, given)]

    @contextmanager
    def watching(self, *more: str, lang: str = "zh"):
        environ = os.environ | {"PYTHONPATH": str(ROOT), "GRADPHOTO_LANG": lang, "COLUMNS": "100"}
        command = self.command("watch", self.out, *more)
        with (
            self.said.open("w") as said,
            subprocess.Popen(
                command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=said, text=True
            ) as running,
        ):
            try:
                yield running
            finally:
                running.kill()

    def wait_for(self, words: str) -> None:
        end = time.monotonic() + SECONDS
        while words not in self.said.read_text(encoding="utf-8"):
            assert time.monotonic() < end, self.said.read_text(encoding="utf-8")
            time.sleep(0.05)

    def lists(self, out: Path) -> dict[str, bytes]:
        files = [p for p in out.rglob("*") if p.is_file()]
        kept = [p for p in files if p.relative_to(out).parts[0] != OutputFile.SEASON]
        return {p.relative_to(out).as_posix(): p.read_bytes() for p in kept}


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


WORDS = {
    "zh": (
        "试拍：拍一张空背景；请助手坐下，拍一张",
        "助手要调整",
        "后退约",
        "把背景灯打匀：左右不均，右侧较暗",
        "空背景可以",
        "助手可以",
        "机位就绪",
    ),
    "en": (
        "test frames: a frame of the empty wall; a frame of an assistant who sits there",
        "assistant: adjust",
        "step back by about",
        "light the wall evenly: it drifts from left to right, darker on the right",
        "empty wall: fit",
        "assistant: fit",
        "the booth is ready",
    ),
}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_test_frames_say_what_to_move_then_the_shoot_is_an_object_a_frame(site, lang):
    asked, moved, back, uneven, wall, assistant, ready = WORDS[lang]
    site.put("before.jpg", drawn())
    with site.watching("--setup", "--jsonl", lang=lang) as running:
        site.wait_for(asked)
        site.put("1.jpg", drawn(SITTER, width_cm=20.0))  # too near, and before the wall
        for words in (moved, back):
            site.wait_for(words)
        site.put("2.jpg", drawn(backdrop="uneven"))
        site.wait_for(uneven)
        site.put("3.jpg", drawn())
        site.wait_for(wall)
        site.put("4.jpg", drawn(SITTER))
        for words in (assistant, ready):
            site.wait_for(words)
        site.put(f"{FIRST}.jpg", drawn(SITTER, seed=1))
        said = [json.loads(running.stdout.readline()) for _ in range(2)]
        running.send_signal(signal.SIGTERM)
        said += [json.loads(line) for line in running.stdout]
        assert running.wait(SECONDS) == 0
    # What lay there before is a frame of the shoot, a test frame is none.
    assert [one["photo"] for one in said] == ["before.jpg", f"{FIRST}.jpg"]
    assert [list(one) for one in said] == [FIELDS, FIELDS]
    assert (said[0]["student_id"], said[0]["verdict"]) == (None, "fail")
    assert (said[1]["student_id"], said[1]["verdict"], said[1]["advice"]) == (FIRST, "pass", "")
    assert said[0]["advice"]
    assert 0 < said[1]["waited_s"] < SECONDS
    photos = (site.out / OutputFile.PHOTOS).read_text(encoding="utf-8-sig")
    assert photos.count("\n") == 7  # with its head


def test_a_run_that_is_killed_loses_nothing_and_sigterm_finishes_the_frame_in_hand(site):
    """SIGKILL in the middle of a burst, the same call once more: the lists are those of `check`."""
    site.put(f"{FIRST}.jpg", drawn(SITTER))
    with site.watching("--jsonl") as running:
        assert json.loads(running.stdout.readline())["photo"] == f"{FIRST}.jpg"
        site.put(f"{SECOND}.jpg", drawn(person(5), eye_at=(0.5, 0.1)))
        site.put(f"{SECOND}_2.jpg", drawn(person(5)))
        site.put(f"{FIRST}.xmp", b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
        time.sleep(0.3)
        running.send_signal(signal.SIGKILL)
    with site.watching("--jsonl") as running:
        while json.loads(running.stdout.readline())["photo"] != f"{SECOND}_2.jpg":
            pass
        site.put(f"{THIRD}.jpg", drawn(person(7), look="eyes_closed"))
        time.sleep(0.2)  # it lies still, and is in hand
        running.send_signal(signal.SIGTERM)
        said = [json.loads(line)["photo"] for line in running.stdout]
        assert running.wait(SECONDS) == 0
    assert said == [f"{THIRD}.jpg"]
    checked = site.out.with_name("checked")
    command = site.command("check", checked, "--as", "source", "--choose", "best")
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=SECONDS)
    assert site.lists(site.out) == site.lists(checked)
    kept = site.out / OutputFile.SEASON / store.PHOTOS
    originals = {p.read_bytes() for p in kept.rglob("*") if p.is_file()}
    assert originals >= {p.read_bytes() for p in site.inbox.glob("*.jpg")}
