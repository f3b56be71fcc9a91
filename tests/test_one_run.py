"""One run at a time in a folder, and nothing half written stays after a dead one."""

import multiprocessing
import os
import signal
import stat
import tempfile
import threading
from pathlib import Path

import pytest

from fixtures.stub_examiner import photo_of, stub_pool
from flows.season.steps import open_season
from flows.shoot.hand_over import pack_run
from flows.shoot.output import staging_in
from flows.shoot.progress import LISTING, WAITING
from flows.shoot.reading import prepare
from flows.shoot.request import Request
from flows.shoot.steps import finish, setting_of
from pipeline.core.errors import PackageError, UsageError
from pipeline.core.one_run import LOCK, alone_in
from pipeline.core.rules import Verdict
from pipeline.intake.roster import read_roster
from reports.masking import Presentation

NUMBERS = ("2023990010001", "2023990010002")
LEFT = (".z08y2bdq.part", ".staging-4194305-abc", "upload/.x1.part", "report_files/.ab_cd123.part")
FORKS = multiprocessing.get_context("forkserver")


@pytest.fixture
def given(tmp_path) -> Request:
    """Two students of two colleges, each with a photo that passes."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    rows = [f"{number},姓名,{college}学院" for number, college in zip(NUMBERS, "文理", strict=True)]
    (tmp_path / "roster.csv").write_text("学号,姓名,学院\n" + "\n".join(rows), encoding="utf-8")
    for seed, number in enumerate(NUMBERS):
        (inbox / f"{number}.jpg").write_bytes(photo_of(Verdict.PASS, seed))
    return Request(inbox, tmp_path / "roster.csv", "chsi_graduate")


def check(request: Request, out: Path) -> None:
    shoot = prepare(request)
    with staging_in(out) as staging, stub_pool(setting_of(shoot, staging), 1) as pool:
        examined = list(pool.run(shoot.submissions))
        finish(shoot, examined, out, staging, Presentation())


def leave(folder: Path, names=LEFT) -> list[Path]:
    """Lay down what runs that were killed leave."""
    paths = [folder / name for name in names]
    for path in paths:
        inside = path / "20230001.jpg" if "staging" in path.name else path
        inside.parent.mkdir(parents=True, exist_ok=True)
        inside.write_bytes(b"2023990010001")
    return paths


# -- two at once ---------------------------------------------------------------------------


def test_a_second_run_into_one_folder_is_told_so_and_writes_nothing(given, tmp_path):
    out = tmp_path / "out"
    with staging_in(out), pytest.raises(UsageError, match="out: another run is at work"):
        check(given, out)
    assert not list(out.iterdir())
    check(given, out)
    with alone_in(out), pytest.raises(UsageError, match="another run is at work"):
        pack_run(out, None, None, None)
    pack_run(out, None, None, None)


def test_two_packers_into_one_folder(given, tmp_path):
    out, to = tmp_path / "out", tmp_path / "zips"
    check(given, out)
    for split, target in ((None, to / "a.zip"), ("college", to)):
        roster = read_roster(given.roster) if split else None
        with alone_in(to), pytest.raises(UsageError, match="zips: another run is at work"):
            pack_run(out, target, split, roster)
    assert not list(to.iterdir())


def test_who_packs_from_a_season_waits_for_the_lists(tmp_path, new_season):
    season = new_season(tmp_path / "home", None)
    season.put(f"{season.key(1)}.jpg", photo_of(Verdict.PASS, 1))
    with (
        alone_in(season.folder / "reports"),
        pytest.raises(UsageError, match="reports: another run is at work"),
    ):
        season.round()
    season.round()  # what was cut short is completed
    assert (season.folder / "reports" / "students.csv").is_file()


def test_ingest_waits_for_a_run_that_ends_and_says_so(tmp_path, new_season, monkeypatch):
    season, said = new_season(tmp_path, None), []
    season.put(f"{season.key(1)}.jpg", photo_of(Verdict.PASS, 1))
    begun, waited_for = threading.Event(), threading.Event()

    def another() -> None:
        with alone_in(season.folder):
            begun.set()
            waited_for.wait(60)

    def told(stage, *_) -> None:
        said.append(stage)
        if stage is WAITING:
            threading.Timer(0.3, waited_for.set).start()

    thread = threading.Thread(target=another)
    thread.start()
    begun.wait(60)
    season.round(progress=told)
    thread.join()
    assert said[:2] == [WAITING, LISTING]
    assert season.verdicts()["1"] == "pass"
    monkeypatch.setattr("flows.season.steps._PATIENCE_S", 0.1)
    with alone_in(season.folder), pytest.raises(UsageError, match="another run is at work"):
        season.round()


@pytest.mark.parametrize("order", [("verify", "--out"), ("inspect", "--overlay")])
def test_other_commands_that_write_into_a_folder(order, tmp_path, framed, sitter, jpeg):
    from typer.testing import CliRunner

    from flows.cli import app

    command, option = order
    photos, out = tmp_path / "photos", tmp_path / "out"
    photos.mkdir()
    (photos / "2023990010001.jpg").write_bytes(jpeg(framed(sitter())))
    with alone_in(out):
        done = CliRunner().invoke(app, [command, str(photos), option, str(out)])
        assert isinstance(done.exception, UsageError)
        assert "out: another run is at work" in str(done.exception)


def test_the_lock_is_private_and_gone_with_its_run(tmp_path):
    with alone_in(tmp_path):
        assert stat.S_IMODE((tmp_path / LOCK).stat().st_mode) == 0o600
    assert not list(tmp_path.iterdir())


def hold_and_die(folder: Path) -> None:
    with alone_in(folder):
        os.kill(os.getpid(), signal.SIGKILL)


def test_the_lock_of_a_dead_run_stops_nobody(tmp_path):
    child = FORKS.Process(target=hold_and_die, args=(tmp_path,))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    assert (tmp_path / LOCK).is_file()
    with alone_in(tmp_path):
        pass


# -- what dead runs leave ------------------------------------------------------------------


def test_what_a_dead_run_left_in_an_output_folder_goes_with_the_next(given, tmp_path):
    out = tmp_path / "out"
    left = leave(out)
    check(given, out)
    assert not [path for path in left if path.exists()]
    left = leave(out, LEFT[:1])
    pack_run(out, None, None, None)
    assert not left[0].exists()


def test_a_split_that_was_killed_stops_no_later_one(given, tmp_path):
    out, to = tmp_path / "out", tmp_path / "zips"
    check(given, out)
    leave(to, (".z08y2bdq.part", LOCK))
    packed = pack_run(out, to, "college", read_roster(given.roster))
    assert {path.name for path in to.iterdir()} == {
        name for one in packed for name in (one.path.name, f"{one.path.stem}.manifest.csv")
    }


def test_a_split_says_that_what_stands_in_its_way_is_hidden(given, tmp_path):
    out, to = tmp_path / "out", tmp_path / "zips"
    check(given, out)
    leave(to, (".2023990010001.jpg", "mine.txt"))
    with pytest.raises(PackageError, match=r"\(2, of them hidden: 1\)") as error:
        pack_run(out, to, "college", read_roster(given.roster))
    assert NUMBERS[0] not in str(error.value)


def test_half_a_file_of_another_program_is_left_alone(tmp_path):
    others = leave(tmp_path, (".DSC_0001.jpg.part", "film.part", ".part", ".hidden"))
    with alone_in(tmp_path):
        pass
    assert all(path.is_file() for path in others)


def test_a_season_is_swept_whole(tmp_path, new_season):
    season = new_season(tmp_path / "home", None)
    season.put(f"{season.key(1)}.jpg", photo_of(Verdict.PASS, 1))
    season.round()
    names = (".a.part", "photos/ab/.b.part", "store/.c.part", "reports/.d.part",
             "reports/upload-by-college/.e.part")  # fmt: skip
    left = leave(season.folder, names)
    with open_season(season.folder):
        assert not [path for path in left if path.exists()]


def write_and_die(request: Request, out: Path) -> None:
    """Die when the sheets are written, and not yet in the workbook."""
    from xlsxwriter import Workbook

    def die(workbook):
        for sheet in workbook.worksheets():
            sheet.row_data_fh.flush()
        os.kill(os.getpid(), signal.SIGKILL)

    Workbook.close = die
    check(request, out)


def test_a_killed_run_leaves_nothing_in_the_systems_temporary_folder(given, tmp_path, monkeypatch):
    system, out = tmp_path / "system", tmp_path / "out"
    system.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(system))
    monkeypatch.setenv("TMPDIR", str(system))
    child = multiprocessing.get_context("fork").Process(target=write_and_die, args=(given, out))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert not [path for path in system.rglob("*") if path.is_file()]
    waiting = [path for path in out.glob(".staging-*/*") if path.is_file()]
    sheets = [path for path in waiting if NUMBERS[0].encode() in path.read_bytes()]
    assert sheets
    assert {stat.S_IMODE(path.stat().st_mode) for path in sheets} == {0o600}
    check(given, out)
    assert not list(out.glob(".*"))
