"""`gradphoto rules` and `gradphoto spec …`: the standard as data."""

import sys
from typing import Annotated

import typer

from flows.commands.options import LangOption, SpecOption, as_language

spec_app = typer.Typer(no_args_is_help=True, help="Specifications: the standard as data.")


def rules(
    spec: SpecOption = "chsi_graduate",
    markdown: Annotated[bool, typer.Option("--markdown", help="write docs/rules.md")] = False,
    lang: LangOption = "zh",
) -> None:
    """List every rule: code, remedy, fault, what is measured, and where it is from."""
    from checks import CHECKS
    from pipeline.rules import all_rules
    from pipeline.spec.spec import load_spec
    from reports.rules_page import rules_page
    from reports.terminal.standard import print_rules

    loaded = load_spec(spec, CHECKS)
    if markdown:
        sys.stdout.write(rules_page(CHECKS, loaded))
    else:
        print_rules(all_rules(CHECKS), loaded, as_language(lang))


@spec_app.command("list")
def spec_list() -> None:
    """List the specifications that are shipped."""
    from checks import CHECKS
    from pipeline.spec.files import spec_names
    from pipeline.spec.spec import load_spec

    for name in spec_names():
        sys.stdout.write(f"{name}\t{load_spec(name, CHECKS).title.zh}\n")


@spec_app.command("show")
def spec_show(name: Annotated[str, typer.Argument(help="a spec by name or .toml file")]) -> None:
    """Print a whole specification: every value, where it is from, and how sure that is."""
    from checks import CHECKS
    from pipeline.spec.files import flatten, merge, read_files
    from pipeline.spec.spec import load_spec
    from reports.terminal.standard import print_spec

    load_spec(name, CHECKS)
    print_spec(flatten(merge(read_files(name))))


@spec_app.command("check")
def spec_check(file: Annotated[str, typer.Argument(help="a spec by name or .toml file")]) -> None:
    """Check that a specification is complete and names only what there is."""
    from checks import CHECKS
    from pipeline.spec.spec import load_spec

    sys.stdout.write(f"{load_spec(file, CHECKS).id}: ok\n")
