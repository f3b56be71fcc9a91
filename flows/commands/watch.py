"""`gradphoto watch`: the answer while the student still stands there."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.options import (
    AgainOption,
    AllSheetsOption,
    CardsOption,
    CarryOption,
    ChooseOption,
    ColumnOption,
    IdentityOption,
    LangOption,
    ManifestOption,
    NamesOption,
    OutOption,
    ReferencesOption,
    RosterOption,
    ScansOption,
    SchoolOption,
    SheetOption,
    SpecOption,
    WorkersOption,
    as_choose,
    as_columns,
    as_judge,
    as_language,
    as_presentation,
    as_school_code,
    as_sheets,
)
from flows.settings import DEFAULT_OUT, DEFAULT_SPEC, in_chinese, told

if TYPE_CHECKING:
    from flows.watch.arrivals import Stamp


@in_chinese("在拍摄现场检查：照片一到就给出结果。Ctrl-C 结束并写出清单。")
def watch(
    folder: Annotated[
        Path,
        typer.Argument(
            help=told("相机联机拍摄的文件夹", "the folder that frames come into"),
            exists=True,
            file_okay=False,
        ),
    ],
    roster: RosterOption,
    sheet: SheetOption = None,
    all_sheets: AllSheetsOption = False,
    column: ColumnOption = None,
    spec: SpecOption = DEFAULT_SPEC,
    judge_as: Annotated[
        str,
        typer.Option("--as", help=told("source 原片，或 final 成品", "source 原片 or final 成品")),
    ] = "source",
    out: OutOption = DEFAULT_OUT,
    again: AgainOption = False,
    manifest: ManifestOption = None,
    references: ReferencesOption = None,
    identity: IdentityOption = False,
    choose: ChooseOption = "best",
    cards: CardsOption = False,
    scans: ScansOption = None,
    school: SchoolOption = None,
    carry: CarryOption = None,
    setup: Annotated[
        bool,
        typer.Option(
            "--setup",
            help=told(
                "开拍前先试拍：空背景一张、助手一张，说明要移动什么",
                "test frames first: one of the empty wall, one of an assistant, and what to move",
            ),
        ),
    ] = False,
    jsonl: Annotated[
        bool,
        typer.Option(
            "--jsonl", help=told("标准输出上每张照片一行 JSON", "one JSON object a frame on stdout")
        ),
    ] = False,
    page: Annotated[
        bool,
        typer.Option("--page", help=told("在浏览器里全屏显示结果", "show the field in a browser")),
    ] = False,
    host: Annotated[
        str,
        typer.Option(
            "--host",
            help=told(
                "网页的地址；平板要看时给本机在局域网的地址",
                "of the page; this machine's address in the room, for a tablet",
            ),
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help=told("0：任选", "0: any"))
    ] = 0,
    workers: WorkersOption = 0,
    lang: LangOption = None,
    full_names: NamesOption = False,
) -> None:
    """Answer each frame as it arrives; Ctrl-C ends it and writes the lists."""
    from flows.shoot.output import folder_of
    from flows.shoot.reading import prepare_empty
    from flows.shoot.request import Request
    from flows.watch.run import stopped_by_signals, watch_shoot
    from flows.watch.setup import looking, set_up
    from flows.watch.teller import Teller, Tellers
    from reports.terminal.run import print_given, print_roster, print_summary
    from reports.terminal.watch import JsonTeller, TerminalTeller, print_left

    presentation, language = as_presentation(lang, full_names), as_language(lang)
    request = Request(
        folder,
        roster,
        spec,
        as_judge(judge_as),
        manifest,
        references,
        identity=identity,
        sheets=as_sheets(sheet, all_sheets),
        choose=as_choose(choose),
        cards=cards,
        scans=scans,
        columns=as_columns(column),
        carry=tuple(carry or ()),
        school=as_school_code(school),
    )
    shown = replace(presentation, lang=language)
    out = folder_of(out, request, again=again)
    with stopped_by_signals() as stop:
        shoot = prepare_empty(request)
        given = (len(shoot.students), shoot.spec, shoot.mode, shoot.references)
        print_given(0, *given, language)
        print_roster(shoot.roster, language)
        terminal = TerminalTeller(shown)
        teller: Teller = JsonTeller(shown) if jsonl else terminal
        with ExitStack() as stack:
            if page:
                from flows.watch.page import PageTeller, page_served, picture_from, rules_of
                from pipeline.core.output_files import OutputFile
                from pipeline.ledger.store import STORE

                staging = out / OutputFile.SEASON / STORE
                screen = PageTeller(shown, rules_of(shoot.spec))
                served = page_served(screen, picture_from(shoot, staging), host, port)
                typer.echo(stack.enter_context(served), err=True)
                teller = Tellers((teller, screen))
            aside: Mapping[str, Stamp] = {}
            if setup:
                with looking(shoot) as look:
                    asking: Teller = Tellers((teller, terminal)) if jsonl else teller
                    aside = set_up(shoot, look, asking, stop)
                if stop.is_set():  # before the first student: there is nothing to list
                    return
            result = watch_shoot(
                shoot,
                out,
                workers=workers,
                presentation=presentation,
                teller=teller,
                stop=stop,
                aside=aside,
            )
    if not jsonl:
        print_summary(result, out, shown)
        print_left(result, shown)
