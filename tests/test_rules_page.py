"""docs/rules.md is what `gradphoto rules --markdown` writes, and leaves no limit out."""

from pathlib import Path

from checks import CHECKS
from pipeline.core.bands import Band
from pipeline.rules import all_rules
from reports.rules_page import limits_of, rules_page

ROOT = Path(__file__).resolve().parents[1]
RULES = all_rules(CHECKS)


def test_the_page_is_the_output_of_the_command(spec):
    """Write it anew after each change: `gradphoto rules --markdown > docs/rules.md`."""
    shown = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert shown == rules_page(CHECKS, spec)


def test_every_rule_is_on_it_once_under_a_file_that_declares_it(spec):
    page = rules_page(CHECKS, spec)
    for rule in RULES:
        assert page.count(f"#### {rule.code}\n") == 1
        above = page[: page.index(f"#### {rule.code}\n")]
        file = above.rsplit("### `", 1)[1].partition("`")[0]
        assert f'{rule.code} = Rule(\n    "{rule.code}",' in (ROOT / file).read_text(
            encoding="utf-8"
        )


def test_every_limit_of_the_default_spec_belongs_to_a_rule(spec):
    """A limit without `Check.bands` is named in `reports.rules_page._LIMITS`."""
    tables = {
        "output": vars(spec.output),
        "season": vars(spec.season),
        **{f"limits.{name}": vars(table) for name, table in spec.limits.items()},
    }
    bands = {
        f"{table}.{key}"
        for table, values in tables.items()
        for key, value in values.items()
        if isinstance(value, Band)
    }
    named = limits_of(CHECKS)
    assert bands <= {key for keys in named.values() for key in keys}
    assert named.keys() <= {rule.code for rule in RULES}


def test_a_limit_names_its_window_its_source_and_how_sure_it_is(spec):
    page = rules_page(CHECKS, spec)
    assert (
        "- limit `output.crown`: 50 to 110 (**O~**: [§1.1](standard.md#1.1) 「头顶发际距上边沿」; "
    ) in page
    assert "- limit `output.kb`: 10 to 100, without a note 20 to 40 (**P**" in page
    assert "- limit `output.head_width`: not asked for" in page
    assert "- limit `output.sizes`: 480×640" in page
