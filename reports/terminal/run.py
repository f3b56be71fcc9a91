"""A run on the terminal: what was handed in, and what it came to, in counts."""

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from pipeline.core.output_files import OutputFile
from pipeline.core.records import Result
from pipeline.core.rules import Lang, Mode, Verdict
from pipeline.intake.references import References
from pipeline.spec.spec import Spec
from reports.phrases import borderline_text, faces_text
from reports.summary import summary
from reports.terminal.findings import COLOURS, verdict_name


def print_given(
    files: int,
    students: int,
    spec: Spec,
    mode: Mode,
    references: References | None,
    *,
    unused: bool,
) -> None:
    """Say what will be checked and how, before it begins; counts only.

    ``unused``: photos on record were given, and faces are not compared.
    """
    console = Console(stderr=True)
    console.print(
        f"{files} files, {students} students, spec {spec.id}, judged as {mode}",
        highlight=False,
    )
    if references is not None:
        console.print(
            f"faces are compared 人脸比对: {len(references.found)} photos on record, "
            f"{references.unmatched} of no student, {references.missing} named and not there",
            highlight=False,
        )
    elif unused:
        console.print(
            "--references is not used: faces are compared only with --identity, or where the "
            "spec says so",
            style="yellow",
            highlight=False,
        )


def print_summary(result: Result, out: Path, lang: Lang) -> None:
    """Show how many students came to what, the commonest reasons, and where the report is."""
    counts = summary(result)
    console = Console()
    table = Table(box=None, pad_edge=False, show_header=False)
    for verdict in Verdict:
        name = Line(verdict_name(verdict, lang), style=f"bold {COLOURS[verdict]}")
        table.add_row(name, str(counts.students[verdict]))
    console.print(table)
    for row in counts.reasons[:5]:
        fault = result.rules[row.code].fault[lang]
        console.print(f"  {row.students:>5}  {row.code}  {fault}", highlight=False)
    if counts.borderline.findings:
        console.print(borderline_text(counts.borderline)[lang], highlight=False, soft_wrap=True)
    console.print(faces_text(result.faces)[lang], highlight=False, soft_wrap=True)
    console.print(f"{out / OutputFile.PAGE}", highlight=False, soft_wrap=True)
