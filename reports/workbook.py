"""report.xlsx: one sheet a list that offices hand on, streamed row by row.

Text is written as text: numbers of students keep their digits, and nothing is run
as a formula. openpyxl lets a cell be used again for the next row, so each column has
one styled cell; a hundred thousand rows then cost no more than their values.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill
from openpyxl.utils import get_column_letter

from pipeline.core.records import PhotoRow, Result, Student, StudentRow
from pipeline.core.rules import Lang, Text, Verdict
from reports.masking import Presentation
from reports.safe_text import visible
from reports.shared_words import (
    MODES,
    VERDICTS,
    asides,
    borderline_text,
    faces_text,
)
from reports.streamed_workbook import Book, Sheet, stream_rows, streamed_workbook
from reports.summary import summary
from reports.told import Told, booth_line

Row = tuple[str | int, ...]
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
ADVICE = Column(Text("学生怎么做", "For the student"), 34, "gp wrap")
MOVES = Column(Text("摄影师、老师怎么做", "For photographer and staff"), 42, "gp wrap")

WHO = (STUDENT, NAME, COLLEGE, MAJOR, CLASS)
WHY = (CODES, REASONS, ADVICE, MOVES)
LISTS = {
    Verdict.PASS: (*WHO, FILE),
    Verdict.RETAKE: (*WHO, FILE, *WHY),
    Verdict.FAIL: (*WHO, FILE, *WHY),
    Verdict.MISSING: (*WHO, ADVICE),
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
    with streamed_workbook(path, _styles()) as book:
        _add_summary(book, result, lang)
        for verdict, columns in LISTS.items():
            rows = _list(result, verdict, presentation)
            _add_sheet(book, VERDICTS[verdict][lang], columns, rows, lang)
        files = _files(result, presentation)
        _add_sheet(book, FILES_TITLE[lang], FILES, files, lang)
        if result.proposals:
            moves = _proposals(result, lang)
            _add_sheet(book, PROPOSALS_TITLE[lang], PROPOSALS, moves, lang)


def write_list(
    path: Path, title: str, columns: tuple[Column, ...], rows: Iterable[Row], lang: Lang
) -> None:
    """Write a workbook of one list."""
    with streamed_workbook(path, _styles()) as book:
        _add_sheet(book, title, columns, rows, lang)


def _list(result: Result, verdict: Verdict, presentation: Presentation) -> Iterator[Row]:
    """Yield the students of a verdict; files of no student stand at the end of fail."""
    lang, told = presentation.lang, Told(result)
    for row in result.students:
        if row.verdict is verdict:
            who = _who(row.student, presentation)
            yield *who, *_what(row, told, lang)
    if verdict is Verdict.FAIL:
        for photo in result.photos:
            if photo.student_key is None:
                yield *("",) * len(WHO), photo.photo, *_why(photo, told, lang)


def _who(student: Student, presentation: Presentation) -> Row:
    name = presentation.shown_name(student.name)
    return student.key, name, student.college, student.major, student.class_name


def _what(row: StudentRow, told: Told, lang: Lang) -> Row:
    if row.verdict is Verdict.MISSING:
        return (told.advice(row, lang),)
    if row.verdict is Verdict.PASS:
        return (row.photo or "",)
    return row.photo or "", *_why(row, told, lang)


def _files(result: Result, presentation: Presentation) -> Iterator[Row]:
    lang, told = presentation.lang, Told(result)
    names = {row.student.key: presentation.shown_name(row.student.name) for row in result.students}
    for row in result.photos:
        key = row.student_key or ""
        verdict = VERDICTS[row.verdict][lang]
        yield row.photo, key, names.get(key, ""), verdict, *_why(row, told, lang)


def _proposals(result: Result, lang: Lang) -> Iterator[Row]:
    for move in sorted(result.proposals, key=lambda move: (move.run, move.photo)):
        yield move.run, move.photo, move.student, move.proposed, move.because[lang]


def _why(row: PhotoRow | StudentRow, told: Told, lang: Lang) -> Row:
    causes = told.causes(row)
    advice, moves = (
        _numbered(list(dict.fromkeys(text[lang] for text in texts)))
        for texts in ([c.student for c in causes], [c.photographer for c in causes])
    )
    return "\n".join(row.codes), _numbered(told.reasons(row, lang)), advice, moves


def _numbered(lines: list[str]) -> str:
    if len(lines) < 2:
        return "".join(map(visible, lines))
    return "\n".join(f"{n}. {visible(line)}" for n, line in enumerate(lines, 1))


def _add_sheet(
    book: Book, title: str, columns: tuple[Column, ...], rows: Iterable[Row], lang: Lang
) -> None:
    sheet: Sheet = book.workbook.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    for index, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(index)].width = column.width
    stream_rows(sheet, book.folder)
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


def _add_summary(book: Book, result: Result, lang: Lang) -> None:
    counts = summary(result)
    sheet: Sheet = book.workbook.create_sheet(SUMMARY_TITLE[lang])
    for letter, width in zip("ABCDE", (16, 44, 12, 12, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    stream_rows(sheet, book.folder)

    def line(*values: str | int, style: str = "gp wrap") -> None:
        _append(sheet, values, (style,) * len(values))

    line(visible(result.spec_title), style="gp title")
    line(Text("检查方式", "Mode")[lang], MODES[result.mode][lang])
    for head in result.header_lines:
        line(visible(head[lang]))
    line(Text("不是照片的系统文件", "System files, left out")[lang], counts.droppings)
    for aside in asides(counts.set_aside, counts.unopened):
        line(visible(aside[lang]))
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
    for fault in result.booth:
        said = booth_line(fault, visible(fault.first), visible(fault.last))
        line(fault.name, said[lang])
    if result.booth:
        line()
    why = CODES.head, REASONS.head, *heads[2:], MOVES.head
    line(*(head[lang] for head in why), style="gp head")
    for item in counts.reasons:
        rule = result.rules[item.code]
        line(item.code, rule.fault[lang], item.students, item.photos, rule.photographer[lang])


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
