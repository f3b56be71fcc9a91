"""A rule's code leads to its file: declared once, under its own name, where its family lives."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks import CHECKS
from pipeline.rules import all_rules

ROOT = Path(__file__).resolve().parents[1]
# A family of checks may have several files, which share its name: `eyes`, `eyes_reflections`.
FAMILIES = {
    "BG": {"checks/background"},
    "ED": {"checks/edited"},
    "EY": {"checks/eyes"},
    "FC": {"checks/face"},
    "FL": {"checks/files", "pipeline/rules/program"},
    "FS": {"checks/file_size"},
    "HR": {"checks/hair"},
    "HT": {"checks/head_covering"},
    "LT": {"checks/light"},
    "MK": {"checks/mask"},
    "MO": {"checks/mouth"},
    "RS": {"checks/resolution"},
    "SH": {"checks/sharpness"},
    "DU": {"pipeline/rules/duplicates", "pipeline/rules/identity"},
    "RC": {"pipeline/rules/roster"},
    "SN": {"pipeline/rules/season"},
}


def declared() -> Iterator[tuple[str, str, str]]:
    """File, name and code of every `NAME = Rule("CODE", …)` in the tree."""
    for package in ("pipeline", "checks", "reports", "flows"):
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            bound = {
                id(node.value): ast.unparse(node.targets[0])
                for node in ast.walk(tree)
                if isinstance(node, ast.Assign)
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Rule"):
                    file = path.relative_to(ROOT).with_suffix("").as_posix()
                    yield file, bound.get(id(node), ""), ast.unparse(node.args[0]).strip("'")


def test_every_code_is_declared_once_and_every_declared_rule_is_one_of_all() -> None:
    codes = sorted(code for _, _, code in declared())
    assert codes == sorted(rule.code for rule in all_rules(CHECKS))
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(("file", "name", "code"), declared())
def test_a_rule_stands_under_its_code_in_a_file_of_its_family(
    file: str, name: str, code: str
) -> None:
    assert name == code
    family = FAMILIES[code[:2]]
    assert file in family or file.partition("_")[0] in family


def test_a_family_has_no_file_without_a_rule_of_it() -> None:
    files = {file for file, _, _ in declared()}
    assert {file for family in FAMILIES.values() for file in family} <= files
