"""What `pack` and `verify` show, and the table of every row that `verify --out` writes."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text as Line

from pipeline.core.private_files import make_private_folder, replacing, writing_to
from pipeline.core.rules import Lang, Text
from pipeline.handover.incoming import Package
from pipeline.handover.package import Packed
from pipeline.handover.verify import PROBLEMS, Problem, Row, Verification
from reports.masking import Presentation
from reports.safe_text import csv_text, visible
from reports.shared_words import reason

VERIFY = ("photo", "listed_as", "student_id", "name", "problems", "codes", "reasons")
_GOOD = ("√ 合格 GOOD", "bold green")
_INCOMPLETE = ("! 不齐 INCOMPLETE", "bold yellow")
_BAD = ("× 不合格 BAD", "bold red")
_MOST_SHOWN = 30  # rows; all of them are in verify.csv
_MB = 1 << 20
# Said by the codes beside them.
_SAID_BY_CODES = {Problem.UNREADABLE, Problem.BREAKS_RULES, Problem.NOT_IN_ROSTER}


def print_packed(packed: Sequence[Packed], lists: Sequence[Path], lang: Lang) -> None:
    """Show each archive with its photos, its size and its checksum, for whoever receives it."""
    console = Console(highlight=False)
    for one, beside in zip(packed, lists, strict=True):
        words = Text(f"{one.photos} 张照片", f"{one.photos} photos")[lang]
        console.print(f"{one.path}  {words}  {one.bytes / _MB:.1f} MB", soft_wrap=True)
        console.print(f"  sha256 {one.sha256}", style="dim", soft_wrap=True)
        console.print(f"  {Text('清单', 'list')[lang]} {beside.name}", style="dim", soft_wrap=True)
    if len(packed) > 1:
        photos = sum(one.photos for one in packed)
        total = Text(
            f"共 {len(packed)} 个压缩包，{photos} 张照片", f"{len(packed)} zips, {photos} photos"
        )
        console.print(total[lang])


def print_verification(
    verification: Verification, package: Package, presentation: Presentation
) -> None:
    """Show what the package comes to, in the first line; the accounts; the rows with a problem."""
    lang = presentation.lang
    console = Console(highlight=False)
    if not verification.sound:
        words, style = _BAD
    else:
        words, style = _GOOD if verification.complete else _INCOMPLETE
    console.print(Line(f"{words}  {visible(package.name)}", style=style), soft_wrap=True)
    for line in _accounts(verification, package):
        console.print(Line(f"  {line[lang]}"), soft_wrap=True)
    wrong = [row for row in verification.rows if row.problems]
    for problem in Problem:
        if number := verification.counts[problem]:
            console.print(f"  {number:>5}  {PROBLEMS[problem][lang]}")
    groups = frozenset(
        group for s in package.students or () for group in (s.college, s.major, s.class_name)
    )
    for row in wrong[:_MOST_SHOWN]:
        console.print(_shown(row, groups, presentation), soft_wrap=True)
    if (more := len(wrong) - _MOST_SHOWN) > 0:
        rest = Text(f"另有 {more} 行，见 --out 的 verify.csv", f"{more} more: --out lists all")
        console.print(rest[lang], style="dim")


def write_verification(verification: Verification, out: Path, presentation: Presentation) -> None:
    """Write verify.csv: a row for each file, each row of the list and each student; 0600.

    Raises
    ------
    UsageError
        ``out`` cannot be written.
    """
    with writing_to(out):
        make_private_folder(out)
        with (
            replacing(out / "verify.csv") as stream,
            io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text,
        ):
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(VERIFY)
            for row in sorted(verification.rows, key=_place):
                cells = _cells(row, verification, presentation)
                writer.writerow(map(csv_text, cells))


def _accounts(verification: Verification, package: Package) -> Iterable[Text]:
    """Each side of the comparison in one line: how many there are, how many meet."""
    rows = verification.rows
    files = [row for row in rows if row.photo is not None]
    good = sum(not row.problems for row in files)
    yield Text(
        f"包内 {len(files)} 个文件：{good} 个无问题，{len(files) - good} 个有问题",
        f"{len(files)} files in the package: {good} without a problem, {len(files) - good} with",
    )
    if verification.listed is None:
        yield Text(
            "没有清单：无法知道是否缺少或改动", "no list: what is missing or changed cannot be told"
        )
    else:
        missing = verification.counts[Problem.MISSING]
        there, lists = verification.listed - missing, ", ".join(package.lists)
        yield Text(
            f"清单 {verification.listed} 行：包内有 {there}，缺 {missing}（{lists}）",
            f"{verification.listed} rows in the list: {there} present, {missing} not ({lists})",
        )
    if verification.students is None:
        yield Text(
            "没有名单：无法知道是否每名学生都有照片",
            "no roster: whose the photos are, and whose is missing, cannot be told",
        )
    else:
        without = verification.counts[Problem.NO_PHOTO]
        yield Text(
            f"名单 {verification.students} 人：{verification.students - without} 人有照片，"
            f"{without} 人没有",
            f"{verification.students} students: {verification.students - without} with a photo, "
            f"{without} without",
        )


def _shown(row: Row, groups: Iterable[str], presentation: Presentation) -> Line:
    """One line, never folded, so that it can be searched: file, student, what is wrong, codes."""
    lang = presentation.lang
    path = presentation.shown_path(row.photo or (row.listed.file if row.listed else ""), groups)
    whose = presentation.shown_number(row.student_id or "")
    said = [visible(path), "" if whose in path else visible(whose)]
    said.append(visible(presentation.shown_name(row.name)))
    line = Line("  ".join(text for text in said if text) + "  ")
    problems = Text("、", ", ")[lang].join(PROBLEMS[problem][lang] for problem in row.problems)
    line.append(problems, style="yellow" if row.photo is None else "red")
    codes = " ".join(finding.code for finding in row.findings)
    return line.append(f"  {codes}" if codes else "", style="dim")


def _cells(row: Row, verification: Verification, presentation: Presentation) -> tuple[str, ...]:
    lang = presentation.lang
    said = [PROBLEMS[p][lang] for p in row.problems if p not in _SAID_BY_CODES or not row.findings]
    said += [reason(f, verification.rules[f.code], lang) for f in row.findings]
    return (
        row.photo or "",
        row.listed.file if row.listed else "",
        row.student_id or "",
        presentation.shown_name(row.name),
        ";".join(row.problems),
        ";".join(finding.code for finding in row.findings),
        ";".join(text.replace(";", ",") for text in said),
    )


def _place(row: Row) -> tuple[bool, str, str]:
    """Files by their paths, then what is not there."""
    name = row.photo or (row.listed.file if row.listed else "")
    return row.photo is None, name, row.student_id or ""
