"""Whose results a folder holds: another shoot's are not written over unasked."""

import stat

import pytest

from flows.shoot.output import folder_of, note_shoot
from flows.shoot.request import Request
from pipeline.core.errors import UsageError


@pytest.fixture
def shoots(tmp_path) -> list[Request]:
    """One shoot, and two that are others: by the inbox, by the roster."""
    names = (("inbox", "名单.csv"), ("inbox2", "名单.csv"), ("inbox", "名单2.csv"))
    return [
        Request(tmp_path / inbox, tmp_path / roster, "chsi_graduate") for inbox, roster in names
    ]


def test_the_same_shoot_is_checked_again_into_its_folder(tmp_path, shoots):
    out = tmp_path / "out"
    assert folder_of(out, shoots[0], again=False) == out
    note_shoot(out, shoots[0])
    assert folder_of(out, shoots[0], again=False) == out
    assert stat.S_IMODE((out / "shoot.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("other", [1, 2])
def test_another_shoots_results_are_not_written_over(tmp_path, shoots, other):
    out = tmp_path / "out"
    note_shoot(out, shoots[0])
    with pytest.raises(UsageError, match="another shoot") as refused:
        folder_of(out, shoots[other], again=False)
    assert "--again" in refused.value.why.zh
    assert ("inbox" if other == 1 else "名单.csv") in str(refused.value)


def test_again_writes_beside_and_finds_its_own_folder_the_next_time(tmp_path, shoots):
    out = tmp_path / "out"
    note_shoot(out, shoots[0])
    beside = folder_of(out, shoots[1], again=True)
    assert beside == tmp_path / "out-2"
    note_shoot(beside, shoots[1])
    assert folder_of(out, shoots[1], again=True) == beside
    assert folder_of(out, shoots[2], again=True) == tmp_path / "out-3"
    assert folder_of(out, shoots[0], again=True) == out


def test_a_note_that_cannot_be_read_stops_nobody(tmp_path, shoots):
    (tmp_path / "shoot.json").write_text("{", encoding="utf-8")
    assert folder_of(tmp_path, shoots[0], again=False) == tmp_path
