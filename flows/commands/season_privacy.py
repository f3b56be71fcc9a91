"""`gradphoto season keep-templates`, `forget-templates`, `purge`: what is kept of people."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import (
    LangOption,
    LedgerOption,
    SeasonArgument,
    as_language,
)
from flows.settings import in_chinese, told
from pipeline.core.errors import UsageError
from pipeline.core.places import real
from pipeline.core.rules import Text


@in_chinese("从现在起每张脸只提取一次，模板用密钥文件加密保存。")
def keep_templates(
    folder: SeasonArgument,
    key: Annotated[
        Path,
        typer.Argument(help=told("密钥文件；没有则新建", "the key file; made where there is none")),
    ],
    ledger: LedgerOption = None,
) -> None:
    """Describe each face once from now on, and keep its template, sealed by a key file."""
    from flows.season.changes import begin_keeping

    begin_keeping(folder, key, ledger=ledger)


@in_chinese("删除全部人脸模板，今后不再保存；不需要密钥。")
def forget_templates(
    folder: SeasonArgument, ledger: LedgerOption = None, lang: LangOption = None
) -> None:
    """Remove all templates of faces and keep none from now on; needs no key."""
    from flows.season.changes import forget_templates as run
    from flows.season.said import said_of_forgetting

    for line in said_of_forgetting(run(folder, ledger=ledger)):
        typer.echo(line[as_language(lang)])


@in_chinese("删除这一季的全部照片、模板、姓名和号码；只留计数。")
def purge(
    folder: SeasonArgument,
    yes: Annotated[
        bool, typer.Option("--yes", help=told("不再询问", "do not ask before it"))
    ] = False,
    ledger: LedgerOption = None,
    lang: LangOption = None,
) -> None:
    """Remove every picture, template, name and number of the season; counts stay."""
    from flows.season.changes import purge as run
    from flows.season.said import asked_before_purge, said_of_purge
    from flows.season.views import status as read

    language = as_language(lang)
    name = real(folder).name
    if not yes:
        asked = asked_before_purge(read(folder, ledger=ledger), name)[language]
        if not sys.stdin.isatty() or typer.prompt(asked, default="", show_default=False) != name:
            raise UsageError(
                Text(
                    "没有删除任何内容；请输入文件夹名称，或用 --yes",
                    "nothing was removed: type the name of the folder, or give --yes",
                )
            )
    for line in said_of_purge(run(folder, ledger=ledger)):
        typer.echo(line[language])
