"""Which files of a watched folder have come: whole ones at once, and where the system is silent."""

from pathlib import Path

import pytest
from pictures import encoded, picture

from flows.watch.arrivals import Arrivals
from flows.watch.run import changes

SECONDS = 30.0
WHOLE = encoded(picture(), "JPEG")


class Clock:
    """Stands in for the monotonic clock, which a busy machine makes no test of."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("flows.watch.arrivals.time", made)
    return made


@pytest.fixture
def wait_for(clock: Clock):
    def wait(arrivals: Arrivals, name: str, *, told: Path | None = None) -> float:
        """Seconds until a file is ready; the system tells of it once where ``told`` is given."""
        began = clock.now
        if told is not None:
            arrivals.note([told])
        while clock.now - began < SECONDS:
            arrivals.look()
            if name in {one.photo for one in arrivals.ready()}:
                return clock.now - began
            clock.now += 0.01
        raise AssertionError(name)

    return wait


@pytest.fixture
def arrivals(tmp_path: Path, clock: Clock) -> Arrivals:
    made = Arrivals(tmp_path, (), {})
    made.look()
    return made


def put(folder: Path, name: str, data: bytes = WHOLE) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_whole_jpeg_waits_for_a_moment_and_a_part_longer(wait_for, arrivals, tmp_path):
    whole = wait_for(arrivals, "1.jpg", told=put(tmp_path, "1.jpg"))
    ends_so = wait_for(arrivals, "2.jpg", told=put(tmp_path, "2.jpg", b"x\xff\xd9"))
    part = wait_for(arrivals, "3.jpg", told=put(tmp_path, "3.jpg", WHOLE[:-2]))
    assert whole < ends_so < part
    assert ends_so >= 0.15
    assert part >= 2.0


def test_where_the_system_is_silent_frames_are_polled_for_after_two_of_them(
    wait_for, arrivals, tmp_path
):
    for number in range(2):
        put(tmp_path, f"{number}.jpg")
        assert wait_for(arrivals, f"{number}.jpg") > 0.5  # found by a slow look
    put(tmp_path, "2.jpg")
    assert wait_for(arrivals, "2.jpg") < 0.4
    put(tmp_path, "2.jpg", encoded(picture(96, 64), "JPEG"))  # the same name, written again
    assert wait_for(arrivals, "2.jpg") < 0.4


def test_a_system_that_tells_is_not_polled(wait_for, arrivals, tmp_path):
    for number in range(4):
        wait_for(arrivals, f"{number}.jpg", told=put(tmp_path, f"{number}.jpg"))
    put(tmp_path, "lost.jpg")  # its event was lost
    assert wait_for(arrivals, "lost.jpg") > 0.5


def test_what_lay_there_before_does_not_make_it_poll(wait_for, clock, tmp_path):
    for number in range(3):
        put(tmp_path, f"{number}.jpg")
    arrivals = Arrivals(tmp_path, (), {})
    arrivals.look()
    clock.now += 1.0
    assert len(list(arrivals.ready())) == 3
    put(tmp_path, "late.jpg")
    assert wait_for(arrivals, "late.jpg") > 0.5


@pytest.mark.parametrize("error", [OSError("no watches are left"), RuntimeError("not here")])
def test_where_the_system_cannot_watch_all_is_found_by_looks(tmp_path, monkeypatch, error):
    def refuse(*_, **__):
        raise error

    class Stop:
        times = 0

        def wait(self, _seconds):
            self.times += 1
            return self.times > 3

    monkeypatch.setattr("watchfiles.watch", refuse)
    assert list(changes(tmp_path, Stop())) == [[], [], []]


def test_a_renamed_file_is_one_file(wait_for, arrivals, tmp_path):
    part = put(tmp_path, "1.jpg.part")
    arrivals.note([part])
    part.rename(tmp_path / "1.jpg")
    wait_for(arrivals, "1.jpg", told=tmp_path / "1.jpg")
    assert list(arrivals.ready()) == []
