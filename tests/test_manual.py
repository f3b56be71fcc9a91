"""The Chinese pages say what the program says. That their links lead somewhere: test_pages.py.

Nothing is run: each command line is held against what the program takes.
"""

import re
import shlex
from collections import defaultdict
from pathlib import Path

import pytest
import typer

from checks import CHECKS
from flows.cli import app
from pipeline.intake.column_names import NAMES
from pipeline.rules import all_rules
from pipeline.spec.files import spec_names

ROOT = Path(__file__).resolve().parents[1]
MANUAL = "docs/zh/使用手册.md"
PAGES = (MANUAL, "README.zh-CN.md")
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def read(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def command_lines(page: str) -> list[str]:
    """Lines of the shell blocks that call the program, with all that they need."""
    lines = "\n".join(BLOCK.findall(read(page))).splitlines()
    return [line for line in lines if line.startswith("gradphoto ")]


def mentions(page: str) -> list[str]:
    """Calls within a sentence, which may leave out what is meant."""
    return re.findall(r"`(gradphoto [^`]+)`", FENCE.sub("", read(page)))


def parse(line: str):
    """The command that a line calls, its options and arguments by name, and the names it lacks."""
    command, words = typer.main.get_command(app), shlex.split(line, comments=True)[1:]
    context = command.make_context("gradphoto", [], resilient_parsing=True)
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        name = words.pop(0)
        assert name in command.commands, f"{line}: there is no command {name}"
        command = command.commands[name]
        context = command.make_context(name, [], parent=context, resilient_parsing=True)
    given, left, _ = command.make_parser(context).parse_args(words)
    assert not left, f"{line}: {left} are too many"
    asked = [param.name for param in command.params if param.required]
    return command, given, [name for name in asked if given.get(name) in (None, ())]


@pytest.mark.parametrize("page", PAGES)
def test_each_command_line_can_be_called_as_it_stands(page):
    lines = command_lines(page)
    assert lines
    for line in lines:
        command, _, lacks = parse(line)
        assert not hasattr(command, "commands") or "--" in line, f"{line}: calls no command"
        assert lacks == [], line


@pytest.mark.parametrize("page", PAGES)
def test_each_command_in_a_sentence_exists_with_its_options(page):
    for line in mentions(page):
        parse(line)


@pytest.mark.parametrize(
    "line",
    [
        "gradphoto chek 照片",
        "gradphoto season begin 2027届",
        "gradphoto check 照片 --rooster 名单.xlsx",
        "gradphoto spec list 照片",
    ],
)
def test_a_command_line_that_the_program_lacks_is_noticed(line):
    with pytest.raises(Exception, match=r"no command|[Nn]o such option|too many"):
        parse(line)


def test_a_command_line_that_lacks_its_roster_is_noticed():
    assert parse("gradphoto check 照片")[2] == ["roster"]


@pytest.mark.parametrize("page", PAGES)
def test_each_option_in_a_sentence_is_one_of_the_program(page):
    known = set(re.findall(r"--[a-z][a-z-]+", " ".join(options(typer.main.get_command(app)))))
    told = set(re.findall(r"`(--[a-z][a-z-]+)", FENCE.sub("", read(page))))
    assert told - known == set()


def options(command) -> list[str]:
    own = [name for param in command.params for name in (*param.opts, *param.secondary_opts)]
    below = getattr(command, "commands", {}).values()
    return own + [name for one in below for name in options(one)]


def test_the_headers_of_a_roster_are_those_of_the_code():
    fields = defaultdict(set)
    labels = {label: field for field, several in NAMES.items() for label in several}
    for header, field in labels.items():
        fields[field].add(header)
    table = read(MANUAL).split("| 含义 | 可以写成 |\n|---|---|\n", 1)[1].split("\n\n", 1)[0]
    told = [set(re.findall(r"`([^`]+)`", row)) for row in table.splitlines()]
    assert sorted(map(sorted, told)) == sorted(map(sorted, fields.values()))


def test_each_rule_has_one_row_under_its_remedy_in_its_own_words(spec):
    headings = {"5.1 合格": "note", "5.2 需补拍": "retake", "5.3 异常": "staff"}
    told = []
    for heading, remedy in headings.items():
        section = read(MANUAL).split(f"\n### {heading}\n", 1)[1].split("\n### ", 1)[0]
        rows = re.findall(r"^\| ([A-Z]{2}\d{3}) \| (.+?) \| .+ \|$", section, re.MULTILINE)
        told += [(code, fault, remedy) for code, fault in rows]
    remedies = {rule.code: rule.remedy for rule in all_rules(CHECKS)} | dict(spec.remedies)
    due = [(r.code, r.fault.zh, remedies[r.code].value) for r in all_rules(CHECKS)]
    assert sorted(told) == sorted(due)


def test_the_numbers_of_the_standard_are_those_of_the_spec(spec):
    text = read(MANUAL)
    for band in (spec.output.crown, spec.output.eye, spec.output.face_width):
        assert f"| {band.low:g}–{band.high:g} px |" in text
    kb = spec.output.kb
    assert (
        f"一般 {kb.note_low:g}–{kb.note_high:g} KB；小于 {kb.low:g} KB 或大于 {kb.high:g} KB"
        in text
    )


def test_every_shipped_spec_is_told():
    assert [name for name in spec_names() if f"`{name}`" not in read(MANUAL)] == []
    assert f"{len(spec_names())} 套" in read(MANUAL)


@pytest.mark.parametrize(
    "picture", sorted((ROOT / "docs/images").glob("*.png")), ids=lambda p: p.name
)
def test_each_picture_is_small_and_shown(picture):
    assert picture.stat().st_size < 200_000
    assert any(f"images/{picture.name})" in read(page) for page in PAGES)
