"""`gradphoto rules` and `gradphoto spec …`: the standard as data."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import LangOption, SpecOption, as_language
from flows.settings import DEFAULT_SPEC, LANG, in_chinese, told

_STANDARD = Path(__file__).parents[2] / "docs" / "standard.md"  # a wheel has none

spec_app = typer.Typer(
    no_args_is_help=True,
    help=told("规范：以数据写成的标准。", "Specifications: the standard as data."),
)


@in_chinese("列出每条规则：代码、处理、问题、测量什么、出处。")
def rules(
    spec: SpecOption = DEFAULT_SPEC,
    markdown: Annotated[
        bool, typer.Option("--markdown", help=told("写出 docs/rules.md", "write docs/rules.md"))
    ] = False,
    lang: LangOption = None,
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
@in_chinese("列出自带的规范。")
def spec_list() -> None:
    """List the specifications that are shipped."""
    from checks import CHECKS
    from pipeline.spec.files import spec_names
    from pipeline.spec.spec import load_spec

    for name in spec_names():
        sys.stdout.write(f"{name}\t{load_spec(name, CHECKS).title[LANG]}\n")


@spec_app.command("show")
@in_chinese("显示一个规范的全部内容：每个值、出处和把握。")
def spec_show(
    name: Annotated[
        str, typer.Argument(help=told("规范的名称，或 .toml 文件", "a spec by name or .toml file"))
    ],
    sources: Annotated[
        bool,
        typer.Option(
            "--sources",
            help=told(
                "按出处列出：每个出处定了哪些值，引用的条目是什么",
                "by source: which values rest on each, and what its keys stand for",
            ),
        ),
    ] = False,
) -> None:
    """Print a whole specification: every value, where it is from, and how sure that is."""
    from checks import CHECKS
    from pipeline.spec.files import flatten, merge, read_files
    from pipeline.spec.spec import load_spec
    from reports.terminal.standard import print_sources, print_spec

    load_spec(name, CHECKS)
    values = flatten(merge(read_files(name)))
    if sources:
        print_sources(values, _STANDARD.read_text("utf-8") if _STANDARD.is_file() else "", LANG)
    else:
        print_spec(values)


@spec_app.command("check")
@in_chinese("检查一个规范是否完整、是否只用到已有的项。")
def spec_check(
    file: Annotated[
        str, typer.Argument(help=told("规范的名称，或 .toml 文件", "a spec by name or .toml file"))
    ],
) -> None:
    """Check that a specification is complete and names only what there is."""
    from checks import CHECKS
    from pipeline.spec.spec import load_spec

    sys.stdout.write(f"{load_spec(file, CHECKS).id}{told('：可用', ': ok')}\n")
