"""`gradphoto season …` with the models themselves, on drawn people; calls that are wrong."""

import csv
import json
import os
import stat
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

A, B = "2023990000001", "2023990000002"


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def gradphoto(capsys, monkeypatch):
    """The command line, in this process."""
    from flows.cli import main

    def run(*args) -> Done:
        monkeypatch.setattr(sys, "argv", ["gradphoto", "season", *map(str, args)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Done(ended.value.code or 0, said.out, said.err)

    return run


@pytest.fixture
def shoot(tmp_path, jpeg, framed, sitter):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / f"{A}.jpg").write_bytes(jpeg(framed(sitter()), quality=85))
    (inbox / f"{B}.jpg").write_bytes(jpeg(framed(sitter(5), roll=12.0), quality=85))
    text = f"学号,姓名\n{A},欧阳霁月\n{B},司马凌霄\n"
    (tmp_path / "roster.csv").write_text(text, encoding="utf-8-sig")
    return tmp_path


def test_the_days_that_are_left_or_gone_stand_beside_their_dates(tmp_path, gradphoto):
    (tmp_path / "roster.csv").write_text(f"学号\n{A}\n", encoding="utf-8")
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    soon, gone = today + timedelta(days=5), today - timedelta(days=3)
    days = ("--deadline", soon, "--make-up", gone)
    made = gradphoto(
        "init", tmp_path / "season", "--roster", tmp_path / "roster.csv", *days, "--lang", "zh"
    )
    assert f"{soon}  还有 5 天" in made.stdout
    assert f"{gone}  已过 3 天" in made.stdout


@pytest.fixture
def roster(tmp_path):
    (tmp_path / "roster.csv").write_text(f"学号\n{A}\n", encoding="utf-8")
    return tmp_path / "roster.csv"


def june(year: int) -> str:
    return f"{year}-06-10"


@pytest.mark.parametrize(("name", "options"), [("{0}届", []), ("s", ["--class-of", "{0}"])])
def test_the_year_of_the_class_gives_the_deadline(tmp_path, gradphoto, roster, name, options):
    year = datetime.now(ZoneInfo("Asia/Shanghai")).year + 1
    asked = [option.format(year) for option in options]
    made = gradphoto("init", tmp_path / name.format(year), "--roster", roster, *asked)
    assert made.returncode == 0, made.stderr
    assert june(year) in made.stdout
    assert "days left" in made.stdout


def test_a_class_that_is_over_needs_its_deadline(tmp_path, gradphoto, roster):
    done = gradphoto("init", tmp_path / "2020届", "--roster", roster)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "give --deadline" in done.stderr
    assert not (tmp_path / "2020届").exists()


def test_a_make_up_date_that_is_past_is_refused_unless_it_is_repeated(tmp_path, gradphoto, roster):
    soon = datetime.now(ZoneInfo("Asia/Shanghai")).date() + timedelta(days=18)
    call = ("init", tmp_path / "season", "--roster", roster, "--deadline", soon)
    done = gradphoto(*call)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "18 days left" in done.stderr
    assert not (tmp_path / "season").exists()
    repeated = done.stderr.split("--make-up ")[1].split(",")[0]
    assert gradphoto(*call, "--make-up", repeated).returncode == 0


class Terminal:
    """A stdin that somebody types at."""

    def __init__(self, typed: str) -> None:
        self.typed = typed

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return f"{self.typed}\n"


@pytest.fixture
def purging(tmp_path, gradphoto, roster, monkeypatch):
    """Purge a season, with something typed where a name is asked for; None: nobody is there."""
    folder = tmp_path / "2099届"
    assert gradphoto("init", folder, "--roster", roster).returncode == 0

    def run(typed: str | None, *options: str) -> Done:
        if typed is not None:
            monkeypatch.setattr("typer.prompt", lambda *_, **__: typed)
            monkeypatch.setattr(sys, "stdin", Terminal(typed))
        return gradphoto("purge", folder, *options)

    return run


@pytest.mark.parametrize("typed", ["", "y", "2099", None])
def test_a_purge_removes_nothing_unless_the_name_of_the_folder_is_typed(
    purging, gradphoto, tmp_path, typed
):
    done = purging(typed)
    assert done.returncode == 2
    assert "nothing was removed" in done.stderr
    assert gradphoto("status", tmp_path / "2099届").returncode == 0


@pytest.mark.parametrize(("typed", "options"), [("2099届", ()), (None, ("--yes",))])
def test_a_purge_that_is_meant_says_what_it_removed(purging, gradphoto, tmp_path, typed, options):
    done = purging(typed, *options, "--lang", "zh")
    assert done.returncode == 0
    assert done.stdout.startswith("已删除 1 名学生的姓名和号码、0 个文件的照片和全部检查记录")
    assert gradphoto("status", tmp_path / "2099届").returncode == 2


@pytest.mark.slow
def test_a_season_from_its_list_to_its_end(shoot, gradphoto):
    folder = shoot / "season"
    days = ("--deadline", "2027-06-10", "--make-up", "2027-03-10")
    made = gradphoto("init", folder, "--roster", shoot / "roster.csv", *days)
    assert (made.returncode, made.stderr) == (0, "")
    assert "2027-06-10" in made.stdout
    done = gradphoto("ingest", folder, shoot / "inbox", "--workers", 1)
    assert (done.returncode, done.stderr.strip()) == (0, "")
    assert "deadline 2027-06-10  individual make-ups until 2027-03-10" in done.stdout
    assert "new 2  known 0  waiting 0" in done.stdout
    assert "pass 1  retake 1" in done.stdout
    found = json.loads(gradphoto("status", folder, "--json").stdout)
    assert (found["submissions"], found["examinations"], found["by_mode"]) == (2, 2, {"final": 2})
    told = gradphoto("history", folder, B, "--lang", "en")
    assert "FC007" in told.stdout
    assert "司**" in told.stdout
    assert "司马凌霄" not in told.stdout
    # A tilt of twelve degrees is kept by wider limits, without a model.
    (shoot / "tilt.toml").write_text(
        'extends = "chsi_graduate"\n[limits.face.roll]\nlow = -20\nhigh = 20\n'
        'source = "a test"\nconfidence = "P"\n',
        encoding="utf-8",
    )
    shown = gradphoto("rejudge", folder, "--spec", shoot / "tilt.toml", "--lang", "en")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert f"{B}" in shown.stdout
    assert "nothing changed" in shown.stdout
    applied = gradphoto("rejudge", folder, "--spec", shoot / "tilt.toml", "--apply")
    assert (applied.returncode, applied.stderr) == (0, "")
    students = folder / "reports/students.csv"
    with students.open(encoding="utf-8-sig", newline="") as stream:
        codes = {row["student_id"]: row["codes"] for row in csv.DictReader(stream)}
    assert "FC007" not in codes[B]
    assert gradphoto("review", folder, B, "--reject", "--why", "不是近照").returncode == 0
    handed = gradphoto("uploaded", folder)
    assert handed.stdout == "noted: the registration files of 1 students were handed over\n"
    assert (
        "removed: the names and numbers of 2 students" in gradphoto("purge", folder, "--yes").stdout
    )
    assert gradphoto("status", folder).returncode == 2


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("status", "{0}/none"), "holds no season"),
        (("init", "{0}/s", "--roster", "{0}/none.csv"), "none.csv"),
        (("init", "{0}/s", "--roster", "{0}/roster.csv", "--deadline", "soon"), "YYYY-MM-DD"),
        (("init", "{0}/s", "--roster", "{0}/roster.csv", "--spec", "nosuch"), "no specification"),
        (("ingest", "{0}/none", "{0}"), "holds no season"),
        (("ingest", "{0}/none", "{0}", "--as", "raw"), "source, final or auto"),
        (("review", "{0}/none", A, "--accept"), "--why"),
    ],
)
def test_a_call_that_cannot_be_carried_out_is_one_line_and_exit_2(tmp_path, gradphoto, args, said):
    (tmp_path / "roster.csv").write_text(f"学号\n{A}\n", encoding="utf-8")
    done = gradphoto(*(arg.format(tmp_path) for arg in args))
    assert done.returncode == 2
    assert done.stderr.startswith("gradphoto: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
    assert A not in done.stderr
    assert not (tmp_path / "none").exists(), "a mistaken call leaves nothing behind"


@pytest.fixture
def reviewed(tmp_path, new_season, gradphoto):
    """A season with one judged photo, and a call of its review."""
    from fixtures.stub_examiner import photo_of
    from pipeline.core.rules import Verdict

    season = new_season(tmp_path, None)
    season.put(f"{season.key(1)}.jpg", photo_of(Verdict.PASS, 1))
    season.round()

    def review(*args) -> Done:
        return gradphoto("review", season.folder, season.key(1), "--reject", *args)

    return season, review


def test_words_that_are_no_utf_8_are_refused_by_their_option(reviewed, gradphoto):
    season, review = reviewed
    bad = os.fsdecode(b"\xff")
    for args, said in ((("--why", bad), "--why"), (("--why", "x", "--by", bad), "--by")):
        done = review(*args)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert f"{said}: is not UTF-8" in done.stderr
    for args in (("review", season.folder, bad, "--reject", "--why", "x"),
                 ("history", season.folder, bad)):  # fmt: skip
        done = gradphoto(*args)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize("error", [KeyError("getpwuid()"), OSError("No username set")])
def test_a_user_who_has_a_number_only_decides_under_it(reviewed, monkeypatch, error):
    import getpass

    from pipeline.ledger.database import open_database

    def getuser() -> str:
        raise error

    season, review = reviewed
    monkeypatch.setattr(getpass, "getuser", getuser)
    assert review("--why", "不符").returncode == 0
    engine = open_database(season.folder, None, create=False)
    with engine.connect() as connection:
        who = connection.exec_driver_sql("SELECT who FROM reviews").scalar()
    engine.dispose()
    assert who == f"uid {os.getuid()}"


@pytest.mark.parametrize("name", ["w?y", "w?mode=memory", "a#b", "%41", "file:x", "空 格"])
def test_a_ledger_lies_in_its_season_whatever_that_is_called(tmp_path, gradphoto, name):
    (tmp_path / "roster.csv").write_text(f"学号\n{A}\n", encoding="utf-8")
    before = set(tmp_path.iterdir())
    folder = tmp_path / name / "2099"
    assert gradphoto("init", folder, "--roster", tmp_path / "roster.csv").returncode == 0
    assert set(tmp_path.iterdir()) == before | {tmp_path / name}
    assert [path.name for path in folder.iterdir()] == ["ledger.sqlite"]
    assert stat.S_IMODE((folder / "ledger.sqlite").stat().st_mode) == 0o600
