"""The language of a run and the settings file; what is told, in both languages.

Help is made while the program is loaded, so each language is a process of its own.
"""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flows.settings import FILE, Settings, asked_language, locale_language, read_settings
from pipeline.core.errors import UsageError

ROOT = Path(__file__).resolve().parents[1]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def python(*arguments: str, cwd: Path = ROOT, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"} | environ,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def gradphoto(*arguments: str, cwd: Path = ROOT, **environ: str):
    return python("-m", "flows.cli", *arguments, cwd=cwd, **environ)


# ── the school ──────────────────────────────────────────────────────────────


def test_the_settings_may_hold_the_school(tmp_path):
    (tmp_path / FILE).write_text(
        '[school]\ncode = "10610"\nname = "示例大学"\n'
        '[[school.make_up]]\nplace = "B101"\nday = 2027-03-03\n',
        "utf-8",
    )
    school = read_settings([tmp_path]).school
    assert school.code == "10610"
    assert school.next_make_up(None).place == "B101"
    (tmp_path / FILE).write_text('[school]\ncode = "1061"\nname = "示例大学"\n', "utf-8")
    with pytest.raises(UsageError, match=r"school\.code"):
        read_settings([tmp_path])


# ── which language ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("words", "environ", "kept", "asked"),
    [
        (["check", "--lang", "en"], {"GRADPHOTO_LANG": "zh"}, "zh", "en"),
        (["check", "--lang=zh"], {"GRADPHOTO_LANG": "en"}, "en", "zh"),
        (["check"], {"GRADPHOTO_LANG": "zh"}, "en", "zh"),
        (["check"], {}, "zh", "zh"),
        (["check"], {}, None, None),
        (["check", "--lang"], {}, None, None),
        ([], {}, None, None),
        (["check", "--lang", "fr"], {}, None, None),
    ],
)
def test_the_option_goes_before_the_environment_and_that_before_the_file(
    words, environ, kept, asked
):
    assert asked_language(words, environ, kept) == asked


@pytest.mark.parametrize(
    ("environ", "lang"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "C", "LC_MESSAGES": "zh_CN"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_unasked_it_is_chinese_where_the_locale_is(environ, lang):
    assert locale_language(environ) == lang


@pytest.mark.parametrize(
    ("name", "lang"),
    [("Chinese (Simplified)_China", "zh"), ("English_United States", "en"), (None, "en")],
)
def test_where_the_environment_says_nothing_the_system_is_asked(monkeypatch, name, lang):
    monkeypatch.setattr("locale.getlocale", lambda _: (name, "936"))
    assert locale_language({}) == lang


# ── the settings file ───────────────────────────────────────────────────────


def test_the_working_folder_goes_before_the_users_and_paths_lie_beside_the_file(tmp_path):
    own, users = tmp_path / "own", tmp_path / "users"
    for folder, text in (
        (own, 'lang = "en"\nspec = "my.toml"\n'),
        (users, 'lang = "zh"\nout = "结果"\n'),
    ):
        folder.mkdir()
        (folder / FILE).write_text(text, encoding="utf-8")
    found = read_settings([own, users])
    assert found == Settings(lang="en", spec=str(own / "my.toml"), out=users / "结果")


def test_without_a_file_nothing_is_set(tmp_path):
    assert read_settings([tmp_path, tmp_path / "none"]) == Settings()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('colour = "red"', "colour"),
        ('lang = "fr"', "lang"),
        ("lang = x\n", "1"),  # the line
        ("spec = 5", "spec"),
    ],
)
def test_a_key_or_value_that_is_none_is_told_with_its_file(tmp_path, text, told):
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        read_settings([tmp_path])
    for said in (refused.value.why.zh, refused.value.why.en):
        assert FILE in said
        assert told in said


def test_the_settings_are_the_defaults_of_the_commands(tmp_path):
    text = 'lang = "zh"\nspec = "cet"\nout = "结果"\n'
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    told = gradphoto("check", "--help", cwd=tmp_path, COLUMNS="120").stdout
    assert "[默认：cet]" in told
    assert "[默认：结果]" in told


def test_wrong_settings_are_one_line_and_exit_2(tmp_path):
    (tmp_path / FILE).write_text('lang = "fr"', encoding="utf-8")
    done = gradphoto("spec", "list", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"gradphoto: {FILE}: lang is no setting")
    done = gradphoto("spec", "list", GRADPHOTO_LANG="fr")
    assert (done.returncode, done.stderr) == (2, "gradphoto: GRADPHOTO_LANG is fr: zh or en\n")


def test_the_models_of_the_settings_are_looked_for(tmp_path):
    (tmp_path / FILE).write_text('models = "weights"', encoding="utf-8")
    show = "import os, sys; sys.argv = ['gradphoto', '--version']; import flows.cli as cli\n"
    show += "try:\n    cli.main()\nfinally:\n    print(os.environ['GRADPHOTO_MODELS'])"
    told = python("-c", show, cwd=tmp_path).stdout
    assert told.splitlines()[-1] == "weights"


# ── help and mistakes ───────────────────────────────────────────────────────

_HELP = """
import json, typer
from flows.cli import app
found = {}
def walk(command, path):
    found[path] = command.help or ""
    for param in command.params:
        found[f"{path} {param.name}"] = param.help or ""
    for name, one in getattr(command, "commands", {}).items():
        walk(one, f"{path} {name}")
walk(typer.main.get_command(app), "gradphoto")
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def helps() -> dict[str, dict[str, str]]:
    """The help of every command and option, in each language."""
    return {
        lang: json.loads(python("-c", _HELP, GRADPHOTO_LANG=lang).stdout) for lang in ("zh", "en")
    }


def test_every_command_and_option_has_help_in_chinese_and_in_english(helps):
    assert helps["zh"].keys() == helps["en"].keys()
    for path, chinese in helps["zh"].items():
        assert CHINESE.search(chinese) or "PREFECT" in chinese, path
        assert re.search(r"[a-z]", helps["en"][path]), path
        assert chinese != helps["en"][path], path


def test_no_help_in_chinese_is_cut_off():
    told = gradphoto("check", "--help", GRADPHOTO_LANG="zh", COLUMNS="80").stdout
    assert "…" not in told
    assert "选项" in told
    assert "显示这份帮助" in told


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        (["chek"], "没有命令 'chek'；是不是 'check'？", "No such command 'chek'."),
        (["check"], "缺少参数 'inbox'", "Missing argument 'inbox'."),
        (["check", "x"], "缺少选项 '--roster'", "Missing option '--roster'."),
        (["check", "x", "--rooster", "y"], "没有选项 --rooster", "No such option: --rooster"),
        (["inspect", "nope"], "'FILE…'：'nope' 不存在", "path 'nope' does not exist"),
        (["watch", "nope"], "'folder'：'nope' 不存在", "dir 'nope' does not exist"),
        (["check", "x", "--workers", "-1"], "'--workers'：须不小于 0", "greater than"),
        (["check", "x", "--workers", "a"], "'--workers'：须是整数", "valid integer"),
        (["rules", "--lang", "fr"], "--lang fr：须是 zh 或 en", "--lang fr: zh or en"),
        (["spec", "check", "nosuch"], "没有规范“nosuch”", "no specification 'nosuch'"),
    ],
)
def test_a_mistake_is_told_in_the_language_of_the_run(words, zh, en):
    for lang, told in (("zh", zh), ("en", en)):
        done = gradphoto(*words, GRADPHOTO_LANG=lang)
        assert done.returncode == 2
        assert done.stderr.startswith("gradphoto: ")
        assert done.stderr.count("\n") == 1
        assert told in done.stderr


def test_the_first_word_of_a_language_that_is_asked_for_is_in_it_already():
    done = gradphoto("chek", "--lang", "zh")
    assert "没有命令" in done.stderr


# ── every message ───────────────────────────────────────────────────────────


def _errors() -> list[tuple[str, ast.Call]]:
    """Every pair of words that an error is given, with its place."""
    found = []
    for package in ("pipeline", "checks", "reports", "flows"):
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                name = getattr(getattr(node, "func", None), "id", "")
                if isinstance(node, ast.Call) and name.endswith("Error") and node.args:
                    words = node.args[0]
                    if isinstance(words, ast.Call) and getattr(words.func, "id", "") == "Text":
                        found.append((f"{file.relative_to(ROOT)}:{node.lineno}", words))
    return found


def _values(words: ast.expr) -> set[str]:
    """What a message puts in, the same in both languages."""
    inner = (node.value for node in ast.walk(words) if isinstance(node, ast.FormattedValue))
    # A list is joined by the comma of each language.
    said = {re.sub(r"\.(zh|en)\b|'[^']+'\.join", "", ast.unparse(value)) for value in inner}
    return said - {"zh", "en"}


def test_every_message_says_in_chinese_what_it_says_in_english():
    errors = _errors()
    assert len(errors) > 100
    for place, words in errors:
        zh, en = words.args
        if isinstance(zh, ast.JoinedStr | ast.Constant):
            told = ast.unparse(zh)
            assert CHINESE.search(told) or "{zh}" in told or "error" in told, place
        assert _values(zh) == _values(en), place


# ── places are told as they were given ──────────────────────────────────────


def test_an_inbox_is_told_as_it_was_given(tmp_path):
    (tmp_path / "r.csv").write_text("学号\n2023990000001\n", encoding="utf-8")
    done = gradphoto("check", "/nope", "--roster", str(tmp_path / "r.csv"), cwd=tmp_path)
    assert done.stderr.startswith("gradphoto: /nope: there is no such folder")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('extends = "chsi_graduate"\n[limits.face.roll]\nlow = -20\n', "my.toml, line 2"),
        ('extends = "chsi_graduate"\n[output]\neye = { low = 200 }\n', "my.toml, line 3"),
        ('extends = "chsi_graduate"\n[limits.face]\nrol = 5\n', "my.toml, line 3"),
    ],
)
def test_a_mistake_of_ones_own_spec_is_told_with_its_name_and_line(tmp_path, text, line):
    (tmp_path / "my.toml").write_text(text, encoding="utf-8")
    done = gradphoto("spec", "check", "my.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"gradphoto: {line}: ")
    assert "chsi_graduate.toml" not in done.stderr


def test_a_spec_that_is_not_there_is_told_in_plain_words(tmp_path):
    done = gradphoto("spec", "check", "my.toml", cwd=tmp_path)
    assert done.stderr == "gradphoto: my.toml: there is no such file\n"


def test_references_without_a_comparison_are_refused_with_the_choice(tmp_path):
    (tmp_path / "r.csv").write_text("学号\n2023990000001\n", encoding="utf-8")
    (tmp_path / "inbox").mkdir()
    call = ("inbox", "--roster", "r.csv", "--references", "inbox")
    for command in (("check", *call), ("season", "init", "2099", *call[1:])):
        done = gradphoto(*command, cwd=tmp_path)
        assert done.returncode == 2
        assert "add --identity, or leave --references out" in done.stderr
        assert done.stderr.count("\n") == 1
