"""`inspect` on a folder: droppings of systems are left out, and the end says what there was."""

import sys

import pytest

from flows import cli


@pytest.fixture
def folder(tmp_path):
    (tmp_path / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (tmp_path / "a.jpg").write_text("no picture", encoding="utf-8")
    (tmp_path / "b.jpg").write_text("no picture", encoding="utf-8")
    return tmp_path


def inspect(capsys, monkeypatch, *words: str) -> str:
    monkeypatch.setattr(sys, "argv", ["gradphoto", "inspect", *words])
    with pytest.raises(SystemExit):
        cli.main()
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("lang", "last"),
    [
        ("zh", "共 2 个文件：合格 0  需补拍 2  异常 0；另有 1 个系统文件未看"),
        ("en", "2 files: pass 0  retake 2  fail 0; 1 files of the system were not looked at"),
    ],
)
def test_a_folder_ends_with_its_counts(folder, capsys, monkeypatch, lang, last):
    told = inspect(capsys, monkeypatch, str(folder), "--lang", lang)
    assert told.splitlines()[-1] == last
    assert ".DS_Store" not in told


def test_a_file_that_is_named_is_looked_at_whatever_it_is_called(folder, capsys, monkeypatch):
    told = inspect(capsys, monkeypatch, str(folder / ".DS_Store"))
    assert ".DS_Store" in told
    assert "files:" not in told


def test_json_has_a_line_a_photo_and_no_more(folder, capsys, monkeypatch):
    assert len(inspect(capsys, monkeypatch, "--jsonl", str(folder)).splitlines()) == 2
