"""`gradphoto pack` and `gradphoto verify` as they are called.

All people are made up.
"""

import csv
import hashlib
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from flows import cli
from pipeline.core.records import Examination
from pipeline.core.rules import Mode

ROOT = Path(__file__).resolve().parents[1]
NAMES = {"2023990010001": "欧阳霁月", "2023990010002": "司马凌霄", "2023990010003": "诸葛清"}
ONE, TWO, THREE = NAMES


def gradphoto(*arguments) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "200", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *map(str, arguments)],
        cwd=ROOT, env=environ, capture_output=True, text=True, encoding="utf-8",
        timeout=180, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory, jpeg, framed, sitter):
    """The output folder of a run that two of three students passed, and their roster."""
    folder = tmp_path_factory.mktemp("run")
    upload = folder / "out" / "upload"
    upload.mkdir(parents=True)
    rows = [("file", "student_id", "sha256", "bytes", "quality")]
    for seed, number in ((3, ONE), (16, TWO)):
        data = jpeg(framed(sitter(seed)), quality=85)
        (upload / f"{number}.jpg").write_bytes(data)
        rows.append((f"{number}.jpg", number, hashlib.sha256(data).hexdigest(), len(data), 85))
    with (upload / "manifest.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
    roster = "学号,姓名,学院\n" + "".join(f"{no},{name},文学院\n" for no, name in NAMES.items())
    (folder / "roster.csv").write_text(roster, encoding="utf-8")
    return folder


@pytest.fixture
def call(monkeypatch, capfd):
    """Call the program in this process: (exit code, stdout, stderr)."""

    def run_it(*arguments) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["gradphoto", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        shown = capfd.readouterr()
        return int(end.value.code or 0), shown.out, shown.err

    return run_it


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_packed_and_verified_then_tampered_with_and_verified_again(run, call, tmp_path):
    code, shown, err = call("pack", run / "out", "--to", tmp_path / "a.zip")
    assert (code, err) == (0, "")
    assert hashlib.sha256((tmp_path / "a.zip").read_bytes()).hexdigest() in shown
    assert not any(number in shown for number in NAMES)

    good = gradphoto("verify", tmp_path / "a.zip", "--strict", "--workers", 1)
    assert good.returncode == 0, good.stderr
    assert good.stdout.splitlines()[0] == "√ 合格 GOOD  a.zip"

    photos = {n: zipfile.ZipFile(tmp_path / "a.zip").read(f"{n}.jpg") for n in (ONE, TWO)}
    tampered = (
        (f"{ONE}.jpg", photos[TWO]), ("../../x.jpg", photos[ONE]), ("说明.txt", b"hello"),
    )  # fmt: skip
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name, content in tampered:
            archive.writestr(name, content)
    before = sorted(p.name for p in tmp_path.iterdir())
    roster = ("--roster", run / "roster.csv", "--out", tmp_path / "lists")
    bad = gradphoto("verify", tmp_path / "a.zip", *roster, "--strict", "--workers", 1)
    assert bad.returncode == 1
    assert bad.stdout.splitlines()[0] == "× 不合格 BAD  a.zip"
    assert "Traceback" not in bad.stderr
    assert not any(name in bad.stdout + bad.stderr for name in NAMES.values())
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*before, "lists"])
    assert not (tmp_path.parent.parent / "x.jpg").exists()
    table = tmp_path / "lists" / "verify.csv"
    assert stat.S_IMODE(table.stat().st_mode) == 0o600
    assert {
        r["photo"] or r["listed_as"] or r["student_id"]: r["problems"] for r in read_rows(table)
    } == {
        f"{ONE}.jpg": "swapped",
        "x.jpg": "unlisted;unsafe_name;not_in_roster",
        "说明.txt": "unlisted;wrong_name;unreadable;not_in_roster",
        f"{TWO}.jpg": "missing;no_photo",
        THREE: "no_photo",
    }
    assert [r["name"] for r in read_rows(table) if r["student_id"] == ONE] == ["欧**"]


class Hasher:
    """Stands for the pool of workers where what the photos show is not the question."""

    def __init__(self, setting, workers):
        assert setting.mode is Mode.FINAL

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def run(self, submissions):
        for s in submissions:
            yield Examination(
                s.photo, hashlib.sha256(s.path.read_bytes()).hexdigest(), Mode.FINAL, ()
            )


@pytest.mark.parametrize(("strict", "code"), [([], 0), (["--strict"], 1)])
def test_a_sound_package_that_lacks_students_is_incomplete(run, call, monkeypatch, strict, code):
    monkeypatch.setattr("flows.shoot.worker.worker_pool", Hasher)
    roster = run / "roster.csv"
    done = call("verify", run / "out" / "upload", "--roster", roster, "--lang", "en", *strict)
    assert done[0] == code
    assert done[1].splitlines()[0] == "! 不齐 INCOMPLETE  upload"
    assert "3 students: 2 with a photo, 1 without" in done[1]
    assert done[1].splitlines()[-1].split() == [THREE, "诸**", "without", "a", "photo"]


def test_packed_by_college(run, call, tmp_path):
    code, _, _ = call(
        "pack",
        run / "out",
        "--split",
        "college",
        "--roster",
        run / "roster.csv",
        "--to",
        tmp_path / "to",
    )
    assert code == 0
    assert sorted(p.name for p in (tmp_path / "to").iterdir()) == [
        "文学院.manifest.csv",
        "文学院.zip",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["pack", "out", "--split", "college"], ["--split", "--roster"]),
        (["pack", "out", "--roster", "roster.csv"], ["--split", "--roster"]),
        (["pack", "out", "--split", "class"], ["--split", "college", "major"]),
        (["pack", "out", "--to", "folder"], [".zip"]),
        (["pack", "out", "--to", "out/upload/a.zip"], ["--to", "packed"]),
        (["pack", "nowhere"], ["nowhere", "manifest.csv"]),
        (["verify", "nowhere.zip"], ["nowhere.zip"]),
        (["verify", "roster.csv"], ["roster.csv"]),
        (["verify", "out"], ["output of a check", "upload"]),
        (["verify", "out/upload", "--manifest", "nowhere.csv"], ["nowhere.csv"]),
        (["verify", "out/upload", "--manifest", "roster.csv"], ["roster.csv", "file"]),
        (["verify", "out/upload", "--roster", "nowhere.csv"], ["nowhere.csv"]),
        (["verify", "out/upload", "--spec", "nowhere"], ["nowhere"]),
        (["verify", "out/upload", "--out", "out/upload/lists"], ["--out", "inside"]),
        (["verify", "out/upload", "--lang", "fr"], ["--lang", "zh", "en"]),
    ],
)  # fmt: skip
def test_a_call_that_cannot_be_carried_out_is_one_line_and_exit_2(
    run, call, monkeypatch, arguments, words
):
    monkeypatch.chdir(run)
    before = sorted(run.rglob("*"))
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert err.startswith("gradphoto: ")
    for word in words:
        assert word in err
    assert not any(personal in err for personal in (*NAMES, *NAMES.values()))
    assert sorted(run.rglob("*")) == before
