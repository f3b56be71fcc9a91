"""The command line: exit codes, one line for an unusable call, and what is never printed.

The main paths run as a process of their own; the many ways of calling it wrongly run in
this one, with both file descriptors captured, which sees a C++ library's chatter as well.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from flows import cli

ROOT = Path(__file__).resolve().parents[1]
NAME, NUMBER, ID_NO = "欧阳霁月", "2023990010001", "990101200501010010"
OTHER_NAME, OTHER_NUMBER = "司马凌霄", "2023990010002"
PROMISED = {"photo", "sha256", "verdict", "width_px", "height_px", "findings", "seconds"}
PROMISED_OF_A_FINDING = {"code", "outcome", "measured", "low", "high", "unit", "because"}


def gradphoto(*arguments, speaks="utf-8") -> subprocess.CompletedProcess[str]:
    """Run the program on a terminal that speaks some encoding."""
    environ = os.environ | {
        "PYTHONPATH": str(ROOT), "COLUMNS": "100", "PYTHONIOENCODING": speaks,
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *map(str, arguments)],
        cwd=ROOT, env=environ, capture_output=True, text=True, encoding=speaks,
        timeout=180, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def shoot(tmp_path_factory, jpeg, framed, sitter):
    """An inbox with one photo that passes, one that does not and one that is none; a roster."""
    folder = tmp_path_factory.mktemp("shoot")
    inbox = folder / "inbox"
    inbox.mkdir()
    (inbox / f"{NUMBER}.jpg").write_bytes(jpeg(framed(sitter()), quality=85))
    wall = np.full((640, 480, 3), (100, 197, 255), np.uint8)
    (inbox / f"{OTHER_NUMBER}.jpg").write_bytes(jpeg(wall))
    (inbox / "2023990019999.jpg").write_text("no picture", encoding="utf-8")
    rows = f"学号,姓名,身份证号\n{NUMBER},{NAME},{ID_NO}\n{OTHER_NUMBER},{OTHER_NAME},\n"
    (folder / "roster.csv").write_text(rows, encoding="utf-8-sig")
    return folder


@pytest.fixture(scope="module")
def checked(shoot):
    """One run of `check`, and the folder that it wrote."""
    out = shoot / "out"
    done = gradphoto(
        "check", shoot / "inbox", "--roster", shoot / "roster.csv", "--out", out, "--workers", 1
    )
    return done, out


@pytest.fixture(scope="module")
def inspected(shoot):
    """One run of `inspect --jsonl` on the same files."""
    files = sorted((shoot / "inbox").iterdir())
    return gradphoto("inspect", "--jsonl", *files), files


# -- a run that completes --------------------------------------------------------------


def test_a_completed_run_is_exit_0_whatever_the_verdicts(checked):
    done, out = checked
    assert done.returncode == 0, done.stderr
    verdicts = (out / "students.csv").read_text(encoding="utf-8-sig")
    assert ",pass," in verdicts
    assert ",retake," in verdicts
    for name in ("photos.csv", "findings.csv", "pairs.csv", "report.html", "report.xlsx"):
        assert (out / name).is_file(), name
    assert (out / "upload" / "manifest.csv").is_file()


def test_it_says_where_the_report_is_and_what_it_took_the_files_for(checked):
    done, out = checked
    assert str(out / "report.html") in done.stdout
    assert "3 files, 2 students" in done.stderr
    assert "final" in done.stderr


def test_nothing_personal_is_shown_and_no_library_chatters(checked):
    done, _ = checked
    for personal in (NAME, OTHER_NAME, NUMBER, OTHER_NUMBER, ID_NO):
        assert personal not in done.stdout + done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, "what is checked, and no more"


# -- inspect ---------------------------------------------------------------------------


def test_inspect_prints_one_object_a_file_with_exactly_the_promised_keys(inspected):
    done, files = inspected
    assert done.returncode == 0
    assert done.stderr == ""
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["photo"] for row in rows] == [str(file) for file in files]
    for row in rows:
        assert set(row) == PROMISED
        for finding in row["findings"]:
            assert set(finding) == PROMISED_OF_A_FINDING
    assert len({tuple(f["code"] for f in row["findings"]) for row in rows}) == 1


def test_inspect_gives_each_file_its_own_verdict(inspected):
    done, _ = inspected
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["verdict"] for row in rows] == ["pass", "retake", "retake"]
    good, wall, text = rows
    assert set(good["seconds"]) == {"decode", "facts", "total"}
    assert (good["width_px"], good["height_px"]) == (480, 640)
    assert text["width_px"] is None
    broken = [[f["code"] for f in row["findings"] if f["outcome"] == "broken"] for row in rows]
    assert set(broken[0]) <= {"ED001"}, "a note: a drawn wall has no noise"
    assert "FC001" in broken[1]
    assert broken[2] == ["FL001"]
    assert wall["sha256"] != text["sha256"]


@pytest.mark.parametrize("speaks", ["gbk", "ascii"])
def test_a_terminal_that_does_not_speak_utf_8_is_no_error(shoot, speaks):
    photo = shoot / "inbox" / f"{OTHER_NUMBER}.jpg"
    done = gradphoto("inspect", photo, "--lang", "zh", speaks=speaks)
    assert (done.returncode, done.stderr) == (0, "")
    assert "FC001" in done.stdout
    if speaks == "gbk":
        assert "×  FC001" in done.stdout
        assert "未检测到人脸" in done.stdout
    else:
        marks = {line[0] for line in done.stdout.splitlines() if line[3:6] in {"FC0", "RS0"}}
        assert marks == {"X", "+"}, "broken and kept look different"


@pytest.mark.parametrize("speaks", ["gb18030", "ascii"])
def test_json_lines_are_json_on_a_terminal_that_does_not_speak_utf_8(shoot, inspected, speaks):
    text = shoot / "inbox" / "2023990019999.jpg"
    done = gradphoto("inspect", "--jsonl", text, speaks=speaks)
    assert done.stdout.isascii()
    row = json.loads(done.stdout)
    as_utf_8 = json.loads(inspected[0].stdout.splitlines()[-1])
    assert row["photo"] == as_utf_8["photo"]
    assert row["findings"] == as_utf_8["findings"]


def test_a_name_that_is_not_utf_8_is_shown_with_a_replacement_character(tmp_path):
    """As in the lists; its bytes cannot be told in UTF-8."""
    name = os.fsdecode(b"photo \xff.jpg")
    try:
        (tmp_path / name).write_text("no picture", encoding="utf-8")
    except OSError:
        pytest.skip("this file system keeps names in UTF-8")
    done = gradphoto("inspect", "--jsonl", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    photo = json.loads(done.stdout)["photo"]
    assert photo.endswith("\N{REPLACEMENT CHARACTER}.jpg")
    photo.encode("utf-8")  # no lone surrogate is left


@pytest.mark.parametrize("options", [["--jsonl"], []])
def test_a_reader_that_has_seen_enough_ends_the_run_quietly(shoot, options):
    """``inspect … | head -1``: its end of the pipe is closed before anything is written."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "flows.cli", "inspect", *options, *(shoot / "inbox").iterdir()],
            cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=writing,
            stderr=subprocess.PIPE, text=True, timeout=180, check=False,
        )  # fmt: skip
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


# -- an unusable call ------------------------------------------------------------------


@pytest.fixture
def call(monkeypatch, capfd):
    """Call the program; gives the exit code and what came out of both descriptors."""

    def run(*arguments) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["gradphoto", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        shown = capfd.readouterr()
        return int(end.value.code or 0), shown.out, shown.err

    return run


def refused(result, *words: str) -> None:
    code, out, err = result
    assert code == 2
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("gradphoto: ")
    assert "Traceback" not in err
    for word in words:
        assert word in err
    for personal in (NAME, OTHER_NAME, NUMBER, OTHER_NUMBER, ID_NO):
        assert personal not in err


def test_an_inbox_that_is_not_there_is_refused_by_the_process_too(shoot):
    done = gradphoto("check", shoot / "nowhere", "--roster", shoot / "roster.csv")
    refused((done.returncode, done.stdout, done.stderr), "nowhere")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"--roster": "nowhere.csv"}, ["nowhere.csv"]),
        ({"--roster": "inbox"}, ["inbox"]),
        ({"--spec": "chsi_gradaute"}, ["chsi_gradaute", "chsi_graduate"]),
        ({"--spec": "nowhere.toml"}, ["nowhere.toml"]),
        ({"--as": "nonsense"}, ["--as", "source", "final", "auto"]),
        ({"--lang": "fr"}, ["--lang", "zh", "en"]),
        ({"--out": "inbox/report"}, ["--out", "inside the inbox"]),
        ({"--out": "inbox"}, ["--out", "inside the inbox"]),
        ({"--workers": "-1"}, ["--workers"]),
        ({"--manifest": "nowhere.csv"}, ["nowhere.csv"]),
        ({"--mode": "final"}, ["--mode"]),
    ],
    ids=lambda value: (
        " ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else ""
    ),
)
def test_a_call_that_cannot_be_carried_out_is_one_line_and_exit_2(
    call, shoot, monkeypatch, changes, words
):
    monkeypatch.chdir(shoot)
    options = {"--roster": "roster.csv", "--out": "elsewhere"} | changes
    refused(call("check", "inbox", *(part for pair in options.items() for part in pair)), *words)
    assert not (shoot / "elsewhere").exists(), "refused before anything is written"


@pytest.mark.parametrize("command", [["check"], ["flow", "run"]])
def test_a_roster_is_not_overwritten_and_that_is_said_at_once(call, shoot, tmp_path, command):
    roster = tmp_path / "students.csv"
    roster.write_bytes((shoot / "roster.csv").read_bytes())
    result = call(*command, shoot / "inbox", "--roster", roster, "--out", tmp_path)
    refused(result, "students.csv", "--out")
    assert [path.name for path in tmp_path.iterdir()] == ["students.csv"]


@pytest.mark.parametrize("command", [["check"], ["flow", "run"]])
def test_an_out_that_cannot_be_a_folder_is_refused_before_the_first_photo(
    call, shoot, tmp_path, command
):
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    roster = shoot / "roster.csv"
    code, out, err = call(*command, shoot / "inbox", "--roster", roster, "--out", tmp_path / "out")
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("gradphoto: ")


@pytest.mark.parametrize("number", ["2.02399E+12", "1.1E+17"])
def test_a_number_that_excel_rounded_is_refused_with_its_row(call, shoot, tmp_path, number):
    """The roster is repeated in no message: only where in it."""
    roster = tmp_path / "rounded.csv"
    rows = {"2.02399E+12": f"{number},{NAME},", "1.1E+17": f"{NUMBER},{NAME},{number}"}[number]
    roster.write_text(f"学号,姓名,身份证号\n{rows}\n", encoding="utf-8")
    refused(call("check", shoot / "inbox", "--roster", roster), "rounded.csv", "row 2")


@pytest.mark.parametrize(
    ("content", "word"),
    [("", "empty.csv"), ("a,b\n1,2\n", "学号"), ("学号,姓名\n", "no students")],
    ids=["empty", "no key column", "no rows"],
)
def test_a_roster_without_students_is_refused(call, shoot, tmp_path, content, word):
    roster = tmp_path / "empty.csv"
    roster.write_text(content, encoding="utf-8")
    refused(call("check", shoot / "inbox", "--roster", roster), word)


def test_an_empty_inbox_is_refused(call, shoot, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    refused(call("check", empty, "--roster", shoot / "roster.csv"), "no files")
    refused(call("inspect", empty), "no files")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["check", "inbox"], "--roster"),
        (["inspect"], "FILE"),
        (["inspect", "nowhere.jpg"], "nowhere.jpg"),
        (["inspect", "roster.csv", "--spec", "nowhere"], "nowhere"),
        (["spec", "check", "nowhere"], "nowhere"),
        (["chekc", "inbox"], "chekc"),
    ],
)
def test_a_call_with_something_missing_or_misspelt_is_too(
    call, shoot, monkeypatch, arguments, word
):
    monkeypatch.chdir(shoot)
    refused(call(*arguments), word)


def test_help_is_exit_0_and_a_call_without_a_word_shows_it(call):
    code, out, err = call("--help")
    assert (code, err) == (0, "")
    assert "inspect" in out
    code, out, err = call()
    assert (code, err) == (0, "")
    assert "inspect" in out


def test_the_shipped_specs_are_listed_and_check(call):
    code, out, err = call("spec", "list")
    assert (code, err) == (0, "")
    assert "chsi_graduate\t" in out
    code, out, err = call("spec", "check", "chsi_graduate")
    assert (code, out, err) == (0, "chsi_graduate: ok\n", "")
