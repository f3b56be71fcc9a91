"""Links that point at themselves and pipes, wherever a path is given: one line or a row.

Each ended the run with a traceback that held a file's name, so a student's number, or waited
for ever.
"""

import csv
import os
import sys

import pytest
from pictures import encoded
from PIL import Image

from checks import CHECKS
from fixtures.stub_examiner import stub_pool
from flows import cli
from flows.shoot import steps
from pipeline.core.errors import NotPhotoError
from pipeline.core.records import Examination
from pipeline.examine.examine import read_photo, unreadable
from pipeline.intake.roster import read_roster

NUMBER = "2023990010001"
LOOP = f"{NUMBER}.loop"


class Reader:
    """Stands for the pool of workers: every file that can be read is faultless."""

    def __init__(self, setting, _workers):
        self.mode, self.most = setting.mode, setting.spec.reading.max_bytes

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def run(self, submissions):
        for one in submissions:
            try:
                read_photo(one, self.most)
            except NotPhotoError as error:
                yield unreadable(one, "", self.mode, CHECKS, error.why, error.kind)
            else:
                yield Examination(one.photo, one.photo, self.mode, ())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A roster, an inbox with links and pipes, a package, and a link to itself."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / LOOP).symlink_to(LOOP)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "roster.csv").write_text(f"学号\n{NUMBER}\n2023990010002\n", encoding="utf-8")
    (tmp_path / "list.csv").write_text("file,student_id\na.jpg,2023990010002\n", encoding="utf-8")
    for name in ("inbox", "package"):
        (there := tmp_path / name).mkdir()
        (there / f"{NUMBER}.jpg").write_bytes(encoded(Image.new("RGB", (480, 640)), "JPEG"))
        (there / f"{NUMBER}(2).jpg").symlink_to(f"{NUMBER}(2).jpg")
        (there / "to roster.csv").symlink_to(tmp_path / "roster.csv")
        os.mkfifo(there / "pipe.jpg")
    monkeypatch.setattr(steps, "worker_pool", Reader)
    return tmp_path


@pytest.fixture
def call(monkeypatch, capfd):
    """Call the program in this process; the exit code and what it said."""

    def run(*arguments) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["gradphoto", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        return int(end.value.code or 0), capfd.readouterr().err

    return run


CHECK = {"check": "inbox", "--roster": "roster.csv", "--out": "out"}
VERIFY = {"verify": "package"}
BEGIN = {"season init": "season", "--roster": "roster.csv"}
CALLS = {
    "check INBOX": CHECK | {"check": LOOP},
    "check --roster": CHECK | {"--roster": LOOP},
    "check --manifest": CHECK | {"--manifest": LOOP},
    "check --references": CHECK | {"--references": LOOP, "--identity": None},
    "check --earlier": CHECK | {"--earlier": LOOP},
    "check --earlier of a pipe": CHECK | {"--earlier": "pipe"},
    "check --out": CHECK | {"--out": LOOP},
    "verify PACKAGE": VERIFY | {"verify": LOOP},
    "verify a pipe": VERIFY | {"verify": "pipe"},
    "verify --manifest": VERIFY | {"--manifest": LOOP},
    "verify --roster": VERIFY | {"--roster": LOOP},
    "pack OUT": {"pack": LOOP},
    "pack --to": {"pack": "package", "--to": f"{LOOP}/a.zip"},
    "inspect": {"inspect": LOOP},
    "calibrate": {"calibrate": LOOP},
    "season init SEASON": BEGIN | {"season init": LOOP},
    "season init --roster": BEGIN | {"--roster": LOOP},
    "season ingest SEASON": {"season ingest": LOOP, "": "inbox"},
}


@pytest.mark.parametrize("where", CALLS)
def test_a_link_to_itself_is_one_line_wherever_a_path_is_given(folder, call, where):
    parts = [part for pair in CALLS[where].items() for part in pair if part]
    code, said = call(*parts[0].split(), *parts[1:])
    assert code == 2
    *_, last = said.splitlines()
    assert last.startswith("gradphoto: ")
    assert "Traceback" not in said


def test_links_and_pipes_in_an_inbox_are_rows_and_the_students_are_judged(folder, call):
    (folder / "link to roster.csv").symlink_to("roster.csv")
    code, said = call(
        *("check", "inbox", "--roster", "link to roster.csv", "--out", "out", "--workers", 1)
    )
    assert (code, "Traceback" in said) == (0, False)
    with (folder / "out" / "photos.csv").open(encoding="utf-8-sig") as stream:
        rows = {row["photo"]: row for row in csv.DictReader(stream)}
    assert set(rows) == {f"{NUMBER}.jpg", f"{NUMBER}(2).jpg", "pipe.jpg", "to roster.csv"}
    with (folder / "out" / "students.csv").open(encoding="utf-8-sig") as stream:
        first, _ = csv.DictReader(stream)
    assert first["photo"] == f"{NUMBER}.jpg"
    assert "RC003" not in first["codes"]


def test_a_season_takes_links_and_pipes_for_rows(folder, call):
    from flows.season.steps import ingest

    assert call("season", "init", "season", "--roster", "roster.csv", "--class-of", "2099")[0] == 0
    code, said = call("season", "ingest", "season", "inbox", "--manifest", LOOP)
    assert (code, said.count("\n")) == (2, 1)
    assert call("season", "ingest", "season", LOOP)[0] == 2
    done = ingest(folder / "season", folder / "inbox", manifest=folder / "list.csv", pool=stub_pool)
    assert done.taken.new == 4


def test_a_reference_photo_that_is_a_link_is_one_that_cannot_be_read(folder):
    """The season begins, and its rounds say so of that student."""
    from flows.season.faces import keep_references

    (folder / "references").mkdir()
    (folder / "references" / f"{NUMBER}.jpg").symlink_to("none.jpg")
    students = read_roster(folder / "roster.csv").students
    roster = folder / "roster.csv"
    kept = keep_references(folder / "season", students, roster, folder / "references", 1 << 20)
    (path,) = (folder / "season" / "references" / NUMBER).iterdir()
    assert (kept, path.read_bytes()) == (1, b"")
