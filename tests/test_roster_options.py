"""`--sheet` and `--all-sheets` on the command line, and what is said of how a list was read."""

import os
import sys

import pytest
import typer
from openpyxl import Workbook

from flows import cli

HEAD = ("学号", "姓名", "学院")


@pytest.fixture
def gradphoto(capsys, monkeypatch):
    """The command line, in this process: exit code, stdout, stderr."""

    def run(*args):
        monkeypatch.setattr(sys, "argv", ["gradphoto", *map(str, args)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return run


@pytest.fixture
def roster(tmp_path):
    book = Workbook()
    book.remove(book.active)
    for name, number in (("2026届", 1), ("2027届", 2)):
        sheet = book.create_sheet(name)
        for row in (HEAD, (f"202399000000{number}", "欧阳霁月", "文学院"), ("合计：1人",)):
            sheet.append(row)
    book.save(tmp_path / "r.xlsx")
    return tmp_path / "r.xlsx"


def commands(group, path=()):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            options = {option for one in command.params for option in one.opts}
            yield (*path, name), options


def test_every_command_that_takes_a_roster_takes_its_sheets():
    taking = dict(commands(typer.main.get_command(cli.app)))
    with_roster = {path for path, options in taking.items() if "--roster" in options}
    assert {("check",), ("flow", "run"), ("season", "init"), ("pack",), ("verify",)} <= with_roster
    for path in (*with_roster, ("season", "roster")):
        assert {"--sheet", "--all-sheets", "--column"} <= taking[path], path


def test_a_season_is_begun_and_changed_by_sheets(tmp_path, roster, gradphoto):
    folder = tmp_path / "2099"
    code, _, said = gradphoto("season", "init", folder, "--roster", roster)
    assert code == 2
    assert said.count("\n") == 1
    assert "'2026届' (1), '2027届' (1); give --sheet NAME" in said
    code, _, said = gradphoto("season", "init", folder, "--roster", roster, "--sheet", "2027届")
    assert code == 0
    assert "'2027届' (1); not read: '2026届' (not asked for)" in said
    assert "left out as no students (totals, signatures, notes): row '2027届' 3" in said
    code, _, said = gradphoto("season", "roster", folder, roster)
    assert code == 2
    code, _, said = gradphoto("season", "roster", folder, roster, "--all-sheets", "--lang", "en")
    assert code == 0
    assert "sheets read (students): '2026届' (1), '2027届' (1)" in said
    assert "'2026届' 3, '2027届' 3; 2 in all" in said


@pytest.mark.parametrize("call", [("check", "{inbox}"), ("flow", "run", "{inbox}")])
def test_a_shoot_is_refused_in_one_line(tmp_path, roster, gradphoto, call):
    (tmp_path / "inbox").mkdir()
    call = [part.format(inbox=tmp_path / "inbox") for part in call]
    code, _, said = gradphoto(*call, "--roster", roster, "--out", tmp_path / "out")
    assert (code, said.count("\n")) == (2, 1)
    assert "2 sheets hold students" in said
    both = ("--sheet", "2027届", "--all-sheets")
    code, _, said = gradphoto(*call, "--roster", roster, *both, "--out", tmp_path / "out")
    assert (code, "give one of them" in said) == (2, True)


@pytest.mark.parametrize("option", ["--roster", "--manifest"])
def test_a_pipe_is_refused_in_one_line(tmp_path, roster, gradphoto, option):
    os.mkfifo(tmp_path / "p.csv")
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "1.jpg").write_bytes(b"x")
    lists = {"--roster": roster, option: tmp_path / "p.csv"}
    words = [word for pair in lists.items() for word in pair]
    for command in (("check",), ("verify",)):
        out = ("--out", tmp_path / "out")
        code, _, said = gradphoto(*command, tmp_path / "inbox", *words, "--all-sheets", *out)
        assert (code, said.count("\n")) == (2, 1)
        assert "p.csv: is no ordinary file" in said


def test_the_reports_say_what_was_left_out(tmp_path, roster):
    from flows.shoot.reading import prepare
    from flows.shoot.request import Request

    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "1.jpg").write_bytes(b"x")
    request = Request(tmp_path / "inbox", roster, "chsi_graduate", sheets=("2027届",))
    told = " ".join(note.en for note in prepare(request).roster.notes)
    assert "not read: '2026届' (not asked for)" in told
    assert "left out as no students (totals, signatures, notes): row '2027届' 3" in told


def test_a_season_is_begun_and_changed_by_named_columns(tmp_path, gradphoto):
    folder, odd = tmp_path / "2099", tmp_path / "odd.csv"
    odd.write_text("编号,姓名\n2023990000001,欧阳霁月\n", encoding="utf-8-sig")
    code, _, said = gradphoto("season", "init", folder, "--roster", odd)
    assert (code, said.count("\n")) == (2, 1)
    assert "columns found: 编号, 姓名; --column 学号=HEAD" in said
    named = ("--column", "学号=编号")
    assert gradphoto("season", "init", folder, "--roster", odd, *named)[0] == 0
    assert gradphoto("season", "roster", folder, odd)[0] == 2
    assert gradphoto("season", "roster", folder, odd, *named)[0] == 0


def test_a_column_named_in_the_settings_counts_where_none_is_named(monkeypatch):
    from flows.commands import options
    from flows.settings import Settings

    monkeypatch.setattr(options, "SETTINGS", Settings(columns=("学号=编号",)))
    assert options.as_columns(None) == ("学号=编号",)
    assert options.as_columns(["姓名=大名"]) == ("姓名=大名",)


def test_a_shoot_knows_its_school_by_the_option_or_the_settings(tmp_path, monkeypatch):
    """Its code is the last column of the manifest; `pack` takes it over."""
    from flows.commands import options
    from flows.settings import Settings
    from pipeline.spec.school import School

    written = tmp_path / "school.toml"
    written.write_text('code = "10610"\nname = "示例大学"\n', encoding="utf-8")
    assert options.as_school_code(None) == ""
    assert options.as_school_code(written) == "10610"
    monkeypatch.setattr(options, "SETTINGS", Settings(school=School(code="10384", name="示例")))
    assert options.as_school_code(None) == "10384"
    assert options.as_school_code(written) == "10610"
    taking = dict(commands(typer.main.get_command(cli.app)))
    for path in (("check",), ("watch",), ("flow", "run"), ("season", "init")):
        assert "--school" in taking[path], path
