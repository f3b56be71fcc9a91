"""report.xlsx: one sheet a list that offices hand on, streamed row by row.

Text is written as text: numbers of students keep their digits, and nothing is run
as a formula. openpyxl lets a cell be used again for the next row, so each column has
one styled cell; a hundred thousand rows then cost no more than their values.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill
from openpyxl.utils import get_column_letter

from pipeline.core.private_files import replacing
from pipeline.core.records import Result, Student, StudentRow
from pipeline.core.rules import Finding, Lang, Text, Verdict
from reports.phrases import (
    MISSING_HINT,
    MODES,
    VERDICTS,
    borderline_text,
    faces_text,
    hint,
    reason,
)
from reports.presentation import Presentation
from reports.sanitise import visible
from reports.summary import summary

Row = tuple[str | int, ...]
Sheet = Any  # openpyxl's write-only sheet; its stubs name only the ordinary one
A4 = 9  # ECMA-376 18.18.43: paper sizes


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its head, its width in characters and its cells' style."""

    head: Text
    width: float
    style: str = "gp text"


STUDENT = Column(Text("学号", "Student no."), 18)
NAME = Column(Text("姓名", "Name"), 10)
COLLEGE = Column(Text("学院", "College"), 20)
MAJOR = Column(Text("专业", "Major"), 20)
CLASS = Column(Text("班级", "Class"), 18)
FILE = Column(Text("照片文件", "Photo"), 28)
VERDICT = Column(Text("结论", "Verdict"), 10)
CODES = Column(Text("代码", "Codes"), 9, "gp wrap")
REASONS = Column(Text("原因", "Reasons"), 58, "gp wrap")
HINTS = Column(Text("处理办法", "What to do"), 42, "gp wrap")

WHO = (STUDENT, NAME, COLLEGE, MAJOR, CLASS)
WHY = (CODES, REASONS, HINTS)
LISTS = {
    Verdict.PASS: (*WHO, FILE),
    Verdict.RETAKE: (*WHO, FILE, *WHY),
    Verdict.FAIL: (*WHO, FILE, *WHY),
    Verdict.MISSING: (*WHO, HINTS),
}
SUMMARY_TITLE = Text("汇总", "Summary")
FILES_TITLE = Text("明细", "Files")
FILES = (FILE, STUDENT, NAME, VERDICT, *WHY)

PROPOSALS_TITLE = Text("调整建议", "Proposals")
PROPOSALS = (
    Column(Text("起因", "Cause"), 10),
    FILE,
    Column(Text("现属学号", "Stands under"), 18),
    Column(Text("建议学号", "Proposed"), 18),
    REASONS,
)


def write_workbook(result: Result, path: Path, presentation: Presentation) -> None:
    """Write the workbook: a summary, a list for each verdict, and a row for every file."""
    lang = presentation.lang
    book = Workbook(write_only=True)
    book.properties.creator = "gradphoto"
    for style in _styles():
        book.add_named_style(style)
    _add_summary(book, result, lang)
    for verdict, columns in LISTS.items():
        rows = _list(result, verdict, presentation)
        _add_sheet(book, VERDICTS[verdict][lang], columns, rows, lang)
    files = _files(result, presentation)
    _add_sheet(book, FILES_TITLE[lang], FILES, files, lang)
    if result.proposals:
        moves = _proposals(result, lang)
        _add_sheet(book, PROPOSALS_TITLE[lang], PROPOSALS, moves, lang)
    with replacing(path) as stream:
        book.save(stream)


def write_list(
    path: Path, title: str, columns: tuple[Column, ...], rows: Iterable[Row], lang: Lang
) -> None:
    """Write a workbook of one list."""
    book = Workbook(write_only=True)
    book.properties.creator = "gradphoto"
    for style in _styles():
        book.add_named_style(style)
    _add_sheet(book, title, columns, rows, lang)
    with replacing(path) as stream:
        book.save(stream)


def _list(result: Result, verdict: Verdict, presentation: Presentation) -> Iterator[Row]:
    """Yield the students of a verdict; files of no student stand at the end of fail."""
    lang = presentation.lang
    for row in result.students:
        if row.verdict is verdict:
            who = _who(row.student, presentation)
            yield *who, *_what(row, result, lang)
    if verdict is Verdict.FAIL:
        for photo in result.photos:
            if photo.student_key is None:
                why = _why(photo.codes, photo.findings, result, lang)
                yield *("",) * len(WHO), photo.photo, *why


def _who(student: Student, presentation: Presentation) -> Row:
    name = presentation.shown_name(student.name)
    return student.key, name, student.college, student.major, student.class_name


def _what(row: StudentRow, result: Result, lang: Lang) -> Row:
    if row.verdict is Verdict.MISSING:
        return (MISSING_HINT[lang],)
    if row.verdict is Verdict.PASS:
        return (row.photo or "",)
    return row.photo or "", *_why(row.codes, row.findings, result, lang)


def _files(result: Result, presentation: Presentation) -> Iterator[Row]:
    lang = presentation.lang
    names = {row.student.key: presentation.shown_name(row.student.name) for row in result.students}
    for row in result.photos:
        key = row.student_key or ""
        verdict = VERDICTS[row.verdict][lang]
        why = _why(row.codes, row.findings, result, lang)
        yield row.photo, key, names.get(key, ""), verdict, *why


def _proposals(result: Result, lang: Lang) -> Iterator[Row]:
    for move in sorted(result.proposals, key=lambda move: (move.run, move.photo)):
        yield move.run, move.photo, move.student, move.proposed, move.because[lang]


def _why(codes: tuple[str, ...], findings: tuple[Finding, ...], result: Result, lang: Lang) -> Row:
    told = [(f, result.rules[f.code]) for f in findings]
    reasons = [reason(f, rule, lang) for f, rule in told]
    # One mend may cure several faults: say it once.
    hints = list(dict.fromkeys(filter(None, (hint(f, rule, lang) for f, rule in told))))
    return "\n".join(codes), _numbered(reasons), _numbered(hints)


def _numbered(lines: list[str]) -> str:
    if len(lines) < 2:
        return "".join(map(visible, lines))
    return "\n".join(f"{n}. {visible(line)}" for n, line in enumerate(lines, 1))


def _add_sheet(
    book: Workbook, title: str, columns: tuple[Column, ...], rows: Iterable[Row], lang: Lang
) -> None:
    sheet: Sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    for index, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(index)].width = column.width
    _append(sheet, tuple(c.head[lang] for c in columns), ("gp head",) * len(columns))
    cells = [_cell(sheet, column.style) for column in columns]
    last = 1
    for row in rows:
        last += 1
        for cell, value, column in zip(cells, row, columns, strict=True):
            cell.value = value if column.style == "gp wrap" else visible(str(value))
            cell.data_type = "s"  # openpyxl takes a leading "=" for a formula
        sheet.append(cells)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"


def _add_summary(book: Workbook, result: Result, lang: Lang) -> None:
    counts = summary(result)
    sheet: Sheet = book.create_sheet(SUMMARY_TITLE[lang])
    for letter, width in zip("ABCDE", (16, 44, 12, 12, 60), strict=True):
        sheet.column_dimensions[letter].width = width

    def line(*values: str | int, style: str = "gp wrap") -> None:
        _append(sheet, values, (style,) * len(values))

    line(visible(result.spec_title), style="gp title")
    line(Text("检查方式", "Mode")[lang], MODES[result.mode][lang])
    for head in result.header_lines:
        line(visible(head[lang]))
    line(Text("不是照片的系统文件", "System files, left out")[lang], counts.droppings)
    line(Text("生成上传文件", "Upload files")[lang], counts.uploads)
    line(Text("测量不确定度之内", "Near limits")[lang], borderline_text(counts.borderline)[lang])
    line(Text("人脸比对", "Faces")[lang], faces_text(result.faces)[lang])
    line()
    heads = (
        Text("结论", "Verdict"),
        Text("", ""),
        Text("学生", "Students"),
        Text("文件", "Files"),
    )
    line(*(head[lang] for head in heads), style="gp head")
    for verdict, students in counts.students.items():
        line(VERDICTS[verdict][lang], "", students, counts.photos.get(verdict, 0))
    total = Text("合计", "Total")[lang]
    line(total, "", sum(counts.students.values()), sum(counts.photos.values()))
    line()
    why = CODES.head, REASONS.head, *heads[2:], HINTS.head
    line(*(head[lang] for head in why), style="gp head")
    for item in counts.reasons:
        rule = result.rules[item.code]
        line(item.code, rule.fault[lang], item.students, item.photos, rule.hint[lang])


def _append(sheet: Sheet, values: Iterable[str | int], styles: Iterable[str]) -> None:
    cells = []
    for value, style in zip(values, styles, strict=True):
        cell = _cell(sheet, style)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
        cells.append(cell)
    sheet.append(cells)


def _cell(sheet: Sheet, style: str) -> Any:  # noqa: ANN401 - as Sheet
    cell = WriteOnlyCell(sheet)
    cell.style = style
    return cell


def _styles() -> tuple[NamedStyle, ...]:
    top = Alignment(vertical="top")
    wrap = Alignment(vertical="top", wrap_text=True)
    head = PatternFill("solid", fgColor="FFE7EDF5")
    return (
        NamedStyle("gp title", font=Font(bold=True, size=14)),
        NamedStyle("gp head", font=Font(bold=True), fill=head, alignment=top),
        # "@" keeps a text a text when someone edits the cell. Reasons go without: old
        # spreadsheets show "@" cells of more than 255 characters as ####.
        NamedStyle("gp text", number_format="@", alignment=top),
        NamedStyle("gp wrap", alignment=wrap),
    )
