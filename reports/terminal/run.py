"""A run on the terminal: what was handed in, and what it came to, in counts."""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from pipeline.core.output_files import OutputFile
from pipeline.core.records import Result
from pipeline.core.rules import Lang, Mode, Text, Verdict
from pipeline.handover.outdated import outdated
from pipeline.intake.references import References
from pipeline.intake.roster import Roster
from pipeline.spec.spec import Spec
from reports.masking import Presentation
from reports.safe_text import visible
from reports.shared_words import MODES, asides, borderline_text, faces_text, strays_text
from reports.summary import Summary, summary
from reports.terminal.findings import COLOURS, verdict_name
from reports.told import booth_line

_NO_MODES = Text(
    "Windows 不认文件的 0600 权限：请把结果放在只有自己能打开的文件夹",
    "Windows knows no mode 0600: keep the results in a folder that only you can open",
)


def print_given(
    files: int,
    students: int,
    spec: Spec,
    mode: Mode,
    references: References | None,
    lang: Lang,
) -> None:
    """Say what will be checked and how, before it begins; counts only."""
    console = Console(stderr=True)
    given = Text(
        f"文件 {files} 个，学生 {students} 人，规范 {spec.id}，{MODES[mode].zh}",
        f"{files} files, {students} students, spec {spec.id}, judged as {mode}",
    )
    console.print(given[lang], highlight=False)
    if os.name == "nt":
        console.print(_NO_MODES[lang], highlight=False, soft_wrap=True)
    if references is not None:
        found, unmatched, missing = len(references.found), references.unmatched, references.missing
        compared = Text(
            f"做人脸比对：录取照片 {found} 张，无对应学生 {unmatched} 张，"
            f"名单写了而没有的 {missing} 张",
            f"faces are compared 人脸比对: {found} photos on record, "
            f"{unmatched} of no student, {missing} named and not there",
        )
        console.print(compared[lang], highlight=False)


def print_roster(roster: Roster, lang: Lang) -> None:
    """Say how the roster was read: which sheets, and which rows are no students."""
    console = Console(stderr=True, highlight=False)
    for line in roster.told:
        console.print(Line(visible(line[lang])), soft_wrap=True)


def print_summary(result: Result, out: Path, presentation: Presentation) -> None:
    """Show how many students came to what, the commonest reasons, and where the report is."""
    counts, lang = summary(result), presentation.lang
    console = Console()
    table = Table(box=None, pad_edge=False, show_header=False)
    for verdict in Verdict:
        name = Line(verdict_name(verdict, lang), style=f"bold {COLOURS[verdict]}")
        table.add_row(name, str(counts.students[verdict]))
    console.print(table)
    for row in counts.reasons[:5]:
        words = result.rules[row.code].fault[lang]
        console.print(f"  {row.students:>5}  {row.code}  {words}", highlight=False)
    for fault in result.booth:
        first, last = map(presentation.shown_path, (fault.first, fault.last))
        said = booth_line(fault, visible(first), visible(last))[lang]
        console.print(f"  {fault.name}  {said}", highlight=False, markup=False, soft_wrap=True)
    if counts.borderline.findings:
        console.print(borderline_text(counts.borderline)[lang], highlight=False, soft_wrap=True)
    console.print(faces_text(result.faces)[lang], highlight=False, soft_wrap=True)
    for head in result.header_lines:
        console.print(Line(visible(head[lang])), soft_wrap=True)
    if counts.cards:
        cards = Text(f"码牌 {counts.cards} 张", f"{counts.cards} code cards")
        console.print(cards[lang], highlight=False)
    strays = [strays_text(counts.strays)] if counts.strays else []
    for line in (*strays, *asides(counts.set_aside, counts.unopened), *_next_steps(counts, out)):
        console.print(line[lang], highlight=False, markup=False, soft_wrap=True)
    console.print(f"{out / OutputFile.PAGE}", highlight=False, soft_wrap=True)


def _next_steps(counts: Summary, out: Path) -> Iterator[Text]:
    """Say what is to be done with the results, and where it lies."""
    if names := ", ".join(outdated(out)):
        yield Text(
            f"已过时、不要上交的打包：{names}；请重新打包",
            f"packages that no longer fit, not to be handed over: {names}; pack again",
        )
    if sum(counts.students.values()) > counts.students[Verdict.PASS]:
        file = out / OutputFile.WORKBOOK
        yield Text(
            f"补拍、异常和未采集名单：{file}", f"who has to come again, or is missing: {file}"
        )
    if counts.uploads:
        pack = f"gradphoto pack {shlex.quote(str(out))}"
        yield Text(
            f"成品照片 {counts.uploads} 张，打包上交：{pack}",
            f"{counts.uploads} registration files, to be handed over by: {pack}",
        )
