"""Every source of code and specs resolves in docs/standard.md, and nothing cites outside it."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks import CHECKS
from pipeline.core.rules import Rule
from pipeline.rules import RETIRED_CODES, all_rules
from pipeline.spec.files import flatten, merge, read_files, spec_names
from reports.terminal.standard import print_rules, print_sources, print_spec

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "standard.md").read_text(encoding="utf-8")
SPECS = ROOT / "pipeline" / "specs"
RULES = {rule.code: rule for rule in all_rules(CHECKS)}

HEADINGS = re.findall(r'<a id="([\d.]+)"></a>\n(#+) §([\d.]+) ', PAGE)
CLAUSES = {number for _, _, number in HEADINGS}
KEYS = re.findall(r'^\| <a id="(S\d+)"></a>(S\d+) \| .+ \| .+ \|$', PAGE, re.MULTILINE)
ELSEWHERE = ("domain.md", "design.md")  # notes of the commission, no part of the project


def section(number: str) -> str:
    """A clause with what stands under it."""
    start = PAGE.index(f'<a id="{number}"></a>')
    inner = re.escape(number) + r"\."
    later = re.compile(rf'^<a id="(?!{inner})[\d.]+"></a>$', re.MULTILINE)
    end = later.search(PAGE, start + 1)
    return PAGE[start : end.start() if end else len(PAGE)]


def rows(number: str) -> list[list[str]]:
    """The cells of a clause's tables, without heads."""
    lines = [line for line in section(number).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


REASONS = {name for row in rows("8") for name in row[0].split(", ")}
MEASURES = {row[0]: re.findall(r"\b[A-Z]{2}\d{3}\b", row[3].split("(")[0]) for row in rows("3.2")}


def sources_of(table: object, where: str) -> Iterator[tuple[str, str]]:
    """Every `source` and `…_source` of a spec's file, with its key."""
    if not isinstance(table, dict):
        return
    for key, value in table.items():
        if key.endswith("source") and isinstance(value, str):
            yield f"{where}.{key}", value
        yield from sources_of(value, f"{where}.{key}")


SOURCES = {
    **{code: rule.source for code, rule in RULES.items()},
    **{
        key: value
        for file in sorted(SPECS.glob("*.toml"))
        for key, value in sources_of(tomllib.loads(file.read_text(encoding="utf-8")), file.stem)
    },
}


def files() -> Iterator[Path]:
    """What belongs to the project and is read by people."""
    here = ("checks", "docs", "fixtures", "flows", "pipeline", "reports", "tests")
    kinds = {".py", ".md", ".toml", ".yaml", ".csv", ".html", ".js", ".css"}
    yield from (p for p in ROOT.iterdir() if p.suffix in kinds or p.name == "Makefile")
    for folder in here:
        yield from (p for p in (ROOT / folder).rglob("*") if p.suffix in kinds)


def test_each_clause_has_one_anchor_of_its_number():
    assert all(anchor == number for anchor, _, number in HEADINGS)
    assert len(HEADINGS) == len(CLAUSES) == len(re.findall(r"^#+ §", PAGE, re.MULTILINE))


def test_each_key_stands_once_in_the_table_and_is_used():
    names = [name for _, name in KEYS]
    assert all(anchor == name for anchor, name in KEYS)
    assert len(names) == len(set(names))
    used = set(re.findall(r"\bS\d{1,3}\b", PAGE.split('<a id="10"></a>')[0]))
    assert used == set(names)


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_names_clauses_and_keys_that_there_are(name):
    source = SOURCES[name]
    clauses = set(re.findall(r"§([\d.]*\d)", source))
    keys = set(re.findall(r"\bS\d{1,3}\b", source))
    assert "standard.md §" in source
    assert clauses <= CLAUSES
    assert keys <= {key for _, key in KEYS}
    assert set(re.findall(r"§8 ([A-Z_]{3,})", source)) <= REASONS
    assert set(re.findall(r"\bdocs/[a-z]+\.md", source)) <= {"docs/accuracy.md"}


@pytest.mark.parametrize("name", SOURCES)
def test_words_in_quotation_marks_stand_in_the_clause_that_is_cited(name):
    for number, after in re.findall(r"§([\d.]*\d)([^§]*)", SOURCES[name]):
        for words in re.findall(r"「([^」]*)」", after):
            assert words in section(number), f"§{number} does not say {words}"


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_says_how_sure_its_demand_is(rule: Rule):
    assert re.match(r"standard\.md §[\d.]+( [A-Z_]+)? \((O|O~|U|H|C|P)\)", rule.source)


def test_what_a_spec_says_beside_its_limits_says_how_sure_it_is():
    for name, source in SOURCES.items():
        if name.endswith("_source"):
            assert re.search(r"\((O|O~|U|H|C|P)\)|^ours ", source), name


def test_rules_and_the_measures_of_iso_name_one_another():
    for code, rule in RULES.items():
        found = re.search(r"ISO/IEC 29794-5 ([^;]+)", rule.source)
        named = set(found[1].split(", ")) if found else set()
        assert named == {name for name, codes in MEASURES.items() if code in codes}, code


def test_codes_and_specs_that_the_page_names_are_there():
    assert {code for row in rows("8") for code in re.findall(r"\b[A-Z]{2}\d{3}\b", row[-1])} <= set(
        RULES
    )
    assert {code for codes in MEASURES.values() for code in codes} <= set(RULES)
    first = " ".join(row[0] for row in rows("7.1"))
    assert set(re.findall(r"`(\w+)`", first)) == set(spec_names())


def test_no_rule_bears_a_code_that_was_retired():
    assert not RETIRED_CODES.keys() & RULES.keys()


def test_nothing_cites_what_is_no_part_of_the_project_or_not_on_the_page():
    anchors = set(re.findall(r'<a id="([^"]+)"></a>', PAGE))
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= anchors
    for path in files():
        if path == Path(__file__):
            continue
        text = " ".join(path.read_text(encoding="utf-8").split())
        assert not [name for name in ELSEWHERE if name in text], path
        cited = re.findall(r"standard\.md(?: §|#)(S?\d+(?:\.\d+)?)", text)
        assert set(cited) <= anchors, path


def test_the_list_of_rules_prints_every_source(spec, capsys):
    print_rules(RULES.values(), spec, "zh")
    printed = capsys.readouterr().out.splitlines()
    for code, rule in RULES.items():
        line = next(number for number, text in enumerate(printed) if text.startswith(code))
        assert printed[line + 1].strip() == rule.source


@pytest.mark.parametrize("name", spec_names())
def test_a_spec_prints_every_source_in_full_and_how_sure_it_is(name, capsys):
    values = list(flatten(merge(read_files(name))))
    print_spec(values)
    printed = capsys.readouterr().out
    for key, value in values:
        line = next(text for text in printed.splitlines() if text.split(" ", 1)[0] == key)
        if isinstance(value, dict):
            assert line.rstrip().endswith(value["source"])
            assert f" {value['confidence']} " in line
        elif key.endswith("source"):
            assert line.rstrip().endswith(value)


@pytest.mark.parametrize("name", spec_names())
def test_the_sources_of_a_spec_say_what_rests_on_each_and_what_is_cited(name, capsys):
    values = list(flatten(merge(read_files(name))))
    print_sources(values, PAGE, "zh")
    printed = capsys.readouterr().out
    sources, cited = printed.split("\n\n")
    for key, value in values:
        if isinstance(value, dict):
            below = sources.split(f"{value['source']}\n    ")[1].split("\n")[0]
            assert f"{key} ({value['confidence']})" in below
    for number in set(re.findall(r"\bS\d+\b", sources)):
        (line,) = [text for text in cited.splitlines() if text.startswith(f"{number}  ")]
        assert len(line) > 10, "what it stands for"


def test_without_the_page_its_keys_are_listed_and_where_to_look(capsys):
    print_sources(flatten(merge(read_files("chsi_graduate"))), "", "en")
    printed = capsys.readouterr().out
    assert "S5  –" in printed
    assert "docs/standard.md" in printed.splitlines()[-1]
