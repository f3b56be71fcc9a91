"""The pages lead somewhere, and say of codes and columns what the program does."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from checks import CHECKS
from pipeline.core.output_files import OutputFile
from pipeline.rules import all_rules
from reports import season_lists, tables
from reports.terminal.package import VERIFY

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
)
FENCE = re.compile(r"^( *)```.*?^\1```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
OURS = re.compile(
    r"`((?:pipeline|checks|flows|reports|fixtures|tests|docs)/[\w./-]*(?:\.(?:py|toml|md)|/))`"
)
EXAMPLE = {"checks/darkness.py", "tests/test_darkness.py"}  # CONTRIBUTING's, run by a test


def text_of(page: str) -> str:
    """A page without its blocks of code."""
    return FENCE.sub("", (ROOT / page).read_text("utf-8"))


def anchors(path: Path) -> set[str]:
    """Anchors of a page: those of its headings, as GitHub makes them, and those it sets."""
    page = FENCE.sub("", path.read_text("utf-8"))
    headings = re.findall(r"^#+ +(.+?) *$", page, re.MULTILINE)
    seen: dict[str, int] = {}
    found = set(re.findall(r'<a id="([^"]+)"></a>', page))
    for heading in headings:
        shown = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        number = seen[name] = seen.get(name, -1) + 1
        found.add(f"{name}-{number}" if number else name)
    return found


def section(page: str, heading: str) -> str:
    """What stands under a heading, up to the next one of its level."""
    return text_of(page).split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize("page", PAGES)
def test_each_link_of_a_page_leads_somewhere(page):
    broken = []
    for link in LINK.findall(text_of(page)):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (ROOT / page).parent / name if name else ROOT / page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES)
def test_each_path_that_a_page_names_is_there(page):
    named = set(OURS.findall(text_of(page))) - EXAMPLE
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_the_readme_takes_five_minutes():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 130


def test_the_promised_codes_are_those_of_the_program_with_their_remedies():
    row = re.compile(r"^\| ([A-Z]{2}\d{3}) \|.*\| (\w+) \|$", re.MULTILINE)
    promised = row.findall(section("docs/promises.md", "Rule codes"))
    assert sorted(promised) == sorted((rule.code, rule.remedy.value) for rule in all_rules(CHECKS))


@pytest.mark.parametrize(
    ("file", "columns"),
    [
        ("students.csv", tables.STUDENTS),
        ("photos.csv", tables.PHOTOS),
        ("findings.csv", tables.FINDINGS),
        ("pairs.csv", tables.PAIRS),
        ("proposals.csv", tables.PROPOSALS),
        ("booth.csv", tables.BOOTH),
        ("upload/manifest.csv", (*tables.UPLOADS, "school_code")),
        ("attempts.csv", season_lists.ATTEMPTS),
        ("states.csv", season_lists.STANDING),
        ("verify.csv", VERIFY),
    ],
)
def test_the_page_of_outputs_has_each_column_in_its_order(file, columns):
    table = section("docs/outputs.md", file).split("| column | holds |\n|---|---|\n")[1]
    rows = table.split("\n\n", 1)[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", rows, re.MULTILINE)) == columns


@pytest.mark.parametrize("name", OutputFile)
def test_the_page_of_outputs_names_each_file_of_a_run(name):
    assert name.removesuffix(".csv").removesuffix(".xlsx") in text_of("docs/outputs.md")
