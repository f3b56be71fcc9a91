"""The README says what the program says."""

from pathlib import Path

from checks import CHECKS
from pipeline.rules import all_rules
from reports.terminal.standard import print_rules

ROOT = Path(__file__).resolve().parents[1]


def test_the_table_of_rules_is_the_output_of_the_command(spec, capsys):
    """`gradphoto rules --markdown`, line for line: put its output there after each change."""
    print_rules(all_rules(CHECKS), spec, "zh", markdown=True)
    due = capsys.readouterr().out.splitlines()
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert due[0] in lines, "the README lacks the table of `gradphoto rules --markdown`"
    start = lines.index(due[0])
    shown = lines[start : start + len(due)]
    assert shown == due
    assert not lines[start + len(due)].startswith("|"), "the README has rules that are none"
