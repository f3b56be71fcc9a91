"""report.xlsx: one sheet a list that offices hand on."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from pipeline.batch.rounds import STUDENT_STATES, StudentState
from pipeline.core.batched import batched
from pipeline.core.records import PhotoRow, Result, Student, StudentRow, carried_heads
from pipeline.core.rules import Lang, Text, Verdict
from reports.beside import Line
from reports.masking import Presentation
from reports.safe_text import visible
from reports.shared_words import (
    MODES,
    VERDICTS,
    asides,
    borderline_text,
    faces_text,
    proposal_cause,
)
from reports.sheets import Book, Column, Row, workbook
from reports.summary import state_counts, summary
from reports.told import Told, booth_line

STUDENT = Column(Text("学号", "Student no."), 18)
NAME = Column(Text("姓名", "Name"), 10)
COLLEGE = Column(Text("学院", "College"), 20)
MAJOR = Column(Text("专业", "Major"), 20)
CLASS = Column(Text("班级", "Class"), 18)
FILE = Column(Text("照片文件", "Photo"), 28)
STATE = Column(Text("状态", "State"), 12)
VERDICT = Column(Text("结论", "Verdict"), 10)
PICTURE = Column(Text("照片", "Picture"), 9, "picture")
CODES = Column(Text("代码", "Codes"), 9, "wrap")
REASONS = Column(Text("原因", "Reasons"), 58, "wrap")
ADVICE = Column(Text("学生怎么做", "For the student"), 34, "wrap")
MOVES = Column(Text("摄影师、老师怎么做", "For photographer and staff"), 42, "wrap")

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

_AT_ONCE = 100  # photos read at a time
RECORD_TITLE = Text("判定依据", "Record")
PROPOSALS_TITLE = Text("调整建议", "Proposals")
PROPOSALS = (
    Column(Text("起因", "Cause"), 10),
    FILE,
    Column(Text("现属学号", "Stands under"), 18),
    Column(Text("建议学号", "Proposed"), 18),
    REASONS,
)


def write_workbook(
    result: Result,
    path: Path,
    presentation: Presentation,
    *,
    thumbnails: bool = False,
    record: Iterable[Line] = (),
    states: Mapping[str, StudentState] = MappingProxyType({}),
) -> None:
    """Write the workbook: a summary, a list for each verdict, and a row for every file.

    Parameters
    ----------
    states
        Where each student of a season stands.
    """
    lang, page, carried = presentation.lang, result.spec_title, _carried_columns(result)
    with workbook(path) as book:
        _add_summary(book, result, lang, states)
        for verdict, columns in LISTS.items():
            heads, rows = (*columns, *carried), _list(result, verdict, presentation)
            if states:
                heads, rows = (*heads, STATE), _with_states(rows, states, lang)
            if thumbnails and verdict is not Verdict.MISSING:
                heads, rows = (*heads, PICTURE), _with_pictures(rows, result)
            book.add_list(VERDICTS[verdict][lang], heads, rows, lang, page)
        book.add_list(FILES_TITLE[lang], FILES, _files(result, presentation), lang, page)
        if result.proposals:
            moves = _proposals(result, lang)
            book.add_list(PROPOSALS_TITLE[lang], PROPOSALS, moves, lang, page)
        if lines := [((what[lang], said[lang]), "wrap") for what, said in record]:
            book.add_page(RECORD_TITLE[lang], (24, 110), lines, page)


def write_list(
    path: Path, title: str, columns: tuple[Column, ...], rows: Iterable[Row], lang: Lang
) -> None:
    """Write a workbook of one list."""
    with workbook(path) as book:
        book.add_list(title, columns, rows, lang, title)


def _with_pictures(rows: Iterable[Row], result: Result) -> Iterator[Row]:
    """Add each photo's thumbnail to its row, a hundred read at a time."""
    at = len(WHO)  # where the photo stands
    for some in batched(rows, _AT_ONCE):
        photos = [str(row[at]) for row in some]
        details = result.details(photo for photo in photos if photo)
        for row, photo in zip(some, photos, strict=True):
            yield *row, next(details).thumbnail if photo else None


def _with_states(
    rows: Iterable[Row], states: Mapping[str, StudentState], lang: Lang
) -> Iterator[Row]:
    for row in rows:
        state = states.get(str(row[0]))
        yield *row, "" if state is None else STUDENT_STATES[state][lang]


def _carried_columns(result: Result) -> tuple[Column, ...]:
    heads = carried_heads(row.student for row in result.students)
    return tuple(Column(Text(head, head), 16) for head in heads)


def _carried(student: Student, columns: tuple[Column, ...]) -> Row:
    values = dict(student.carried)
    return tuple(values.get(column.head.zh, "") for column in columns)


def _list(result: Result, verdict: Verdict, presentation: Presentation) -> Iterator[Row]:
    """Yield the students of a verdict; files of no student stand at the end of fail."""
    lang, told, carried = presentation.lang, Told(result), _carried_columns(result)
    for row in result.students:
        if row.verdict is verdict:
            own = _carried(row.student, carried)
            yield *_who(row.student, presentation), *_what(row, told, lang), *own
    if verdict is Verdict.FAIL:
        for photo in result.photos:
            if photo.student_key is None:
                nobody, none = ("",) * len(WHO), ("",) * len(carried)
                yield *nobody, photo.photo, *_why(photo, told, lang), *none


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
        cause = proposal_cause(move.run)[lang]
        yield cause, move.photo, move.student, move.proposed, move.because[lang]


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


def _add_summary(
    book: Book, result: Result, lang: Lang, states: Mapping[str, StudentState]
) -> None:
    widths, lines = (16, 44, 12, 12, 12, 12, 12), _summary_lines(result, lang, states)
    book.add_page(SUMMARY_TITLE[lang], widths, lines, result.spec_title)


def _summary_lines(
    result: Result, lang: Lang, states: Mapping[str, StudentState]
) -> Iterator[tuple[Row, str]]:
    counts = summary(result)
    yield (result.spec_title,), "title"
    yield (Text("检查方式", "Mode")[lang], MODES[result.mode][lang]), "text"
    for head in result.header_lines:
        yield (head[lang],), "text"
    yield (Text("不是照片的系统文件", "System files, left out")[lang], counts.droppings), "text"
    for aside in asides(counts.set_aside, counts.unopened):
        yield (aside[lang],), "text"
    yield (Text("生成上传文件", "Upload files")[lang], counts.uploads), "text"
    near = borderline_text(counts.borderline)[lang]
    yield (Text("测量不确定度之内", "Near limits")[lang], near), "text"
    yield (Text("人脸比对", "Faces")[lang], faces_text(result.faces)[lang]), "text"
    yield (), "text"
    students, files = Text("学生", "Students")[lang], Text("文件", "Files")[lang]
    yield (Text("结论", "Verdict")[lang], "", students, files), "head"
    for verdict, number in counts.students.items():
        yield (VERDICTS[verdict][lang], "", number, counts.photos.get(verdict, 0)), "text"
    total = Text("合计", "Total")[lang]
    yield (total, "", sum(counts.students.values()), sum(counts.photos.values())), "text"
    yield (), "text"
    if states:
        yield (STATE.head[lang], "", students), "head"
        for state, number in state_counts(states):
            yield (STUDENT_STATES[state][lang], "", number), "text"
        yield (), "text"
    for fault in result.booth:
        said = booth_line(fault, visible(fault.first), visible(fault.last))
        yield (fault.name, said[lang]), "text"
    if result.booth:
        yield (), "text"
    yield (CODES.head[lang], REASONS.head[lang], students, files), "head"
    for item in counts.reasons:
        yield (item.code, result.rules[item.code].fault[lang], item.students, item.photos), "text"
    yield (), "text"
    yield from by_class(((r.student, r.verdict) for r in result.students), lang)


def by_class(students: Iterable[tuple[Student, Verdict]], lang: Lang) -> Iterator[tuple[Row, str]]:
    """Count students by class and verdict, as lines of a summary."""
    found: dict[tuple[str, str], Counter[Verdict]] = {}
    for student, verdict in students:
        unit = (student.class_name, " · ".join(filter(None, (student.college, student.major))))
        found.setdefault(unit, Counter())[verdict] += 1
    if not found:
        return
    heads = (CLASS.head, COLLEGE.head, Text("学生", "Students"), *VERDICTS.values())
    yield tuple(head[lang] for head in heads), "head"
    for unit, counts in sorted(found.items()):
        yield (*unit, counts.total(), *(counts[verdict] for verdict in VERDICTS)), "text"
