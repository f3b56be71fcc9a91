"""Lists to act on: a workbook a class, college, major or counsellor, as offices name them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from pipeline.batch.rounds import STUDENT_STATES, StudentState
from pipeline.core.private_files import make_private_folder
from pipeline.core.rules import Lang, Text, Verdict
from reports import make_up
from reports.people import By, People, Person, thumbnails
from reports.shared_words import SAYS
from reports.sheets import Column, Row, workbook
from reports.workbook import CLASS, COLLEGE, MAJOR, NAME, PICTURE, STATE, STUDENT, by_class

# The offices' own names, which they are asked for by.
SHEETS = {
    Verdict.MISSING: Text("未采集图像名单", "Not collected"),
    Verdict.RETAKE: Text("需补拍名单", "Retakes"),
    Verdict.FAIL: Text("图像信息异常登记表", "Irregular pictures"),
    Verdict.PASS: Text("合格名单", "Passed"),
}
SUMMARY = Text("汇总", "Summary")
NO_UNIT = Text("未分班", "no unit")
FULL_NAME = replace(NAME, width=14, style="wrap")  # 阿依古丽·买买提
EXAM_NO = Column(Text("考生号", "Exam no."), 18)
DO = Column(Text("学生怎么做", "What to do"), 40, "wrap")
REASONS = Column(Text("原因", "Reasons"), 46, "wrap")
SAID = Column(Text("校对结果", "Proof"), 10)
ERRATUM = Column(Text("勘误原因", "Erratum"), 18, "wrap")
PROOF = (SAID, ERRATUM)
WHEN = Column(Text("补拍时间地点", "Make-up"), 24, "wrap")
SIGN = Column(Text("签字", "Signature"), 12, "empty")
_FOR_A_FILE = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')
_LONGEST_NAME = 80  # characters


def write_lists(people: People, by: By, to: Path, today: date | None) -> tuple[Path, ...]:
    """Write a workbook a unit; give their paths.

    Parameters
    ----------
    today
        The make-up shown is the next one from this day on; None: the first of all.
    """
    units: dict[str, list[Person]] = {}
    for person in people.persons:
        units.setdefault(person.unit(by), []).append(person)
    make_private_folder(to)
    lang = people.presentation.lang
    written, names = [], set[str]()
    for unit, persons in sorted(units.items()):
        name = _file_name(unit or NO_UNIT[lang], names)
        names.add(name.casefold())
        path = to / f"{name}.xlsx"
        _write_unit(path, unit or NO_UNIT[lang], persons, people, today)
        written.append(path)
    return tuple(written)


def _write_unit(
    path: Path, unit: str, persons: Sequence[Person], people: People, today: date | None
) -> None:
    lang, pictures = people.presentation.lang, thumbnails(people.pictures, persons)
    school = people.school
    page = " ".join(filter(None, (f"{school.code} {school.name}" if school else None, unit)))
    with workbook(path, lined=True) as book:
        book.add_page(
            SUMMARY[lang], (20, 30, 9, 9, 9, 9, 9), _summary(unit, persons, people, today), page
        )
        for verdict, title in SHEETS.items():
            columns = _columns(verdict, persons, people)
            rows = (
                _row(person, columns, pictures.get(person.entry.key), people, today)
                for person in persons
                if person.verdict is verdict
            )
            book.add_list(title[lang], columns, rows, lang, page)


def _columns(verdict: Verdict, persons: Sequence[Person], people: People) -> tuple[Column, ...]:
    """What a list has: whom to call, why, what to do, and where to sign.

    What is one for all of a unit stands in its summary and not in each row, which would make
    the print too small to read.
    """
    carried = tuple(Column(Text(head, head), 15) for head in people.carried)
    students = [person.student for person in persons]
    units = (
        (EXAM_NO, any(s.exam_no for s in students)),
        (COLLEGE, len({s.college for s in students}) > 1),
        (MAJOR, len({s.major for s in students}) > 1),
        (CLASS, len({s.class_name for s in students}) > 1),
    )
    exam, *where = ((column,) if shown else () for column, shown in units)
    who = (STUDENT, *exam, FULL_NAME, *(c for some in where for c in some), *carried)
    state = (STATE,) if any(person.entry.state for person in people.persons) else ()
    if any(person.proof for person in persons if person.verdict is verdict):
        state = (*state, *PROOF)
    if verdict is Verdict.PASS:
        return (*who, PICTURE, *state, SIGN)
    if verdict is Verdict.MISSING:
        return (*who, *state, DO, WHEN, SIGN)
    if verdict is Verdict.FAIL:
        return (*who, PICTURE, *state, DO, REASONS, SIGN)
    return (*who, PICTURE, *state, DO, WHEN, SIGN)


def _row(
    person: Person,
    columns: tuple[Column, ...],
    picture: bytes | None,
    people: People,
    today: date | None,
) -> Row:
    lang, student, entry = people.presentation.lang, person.student, person.entry
    advice, proof = person.advice(lang), person.proof
    missing = person.verdict is Verdict.MISSING
    if missing and (short := make_up.in_short(people, lang)):
        advice = (short,)
    values = {
        STUDENT: student.key,
        EXAM_NO: student.exam_no,
        FULL_NAME: person.name,
        COLLEGE: student.college,
        MAJOR: student.major,
        CLASS: student.class_name,
        PICTURE: picture,
        STATE: STUDENT_STATES[StudentState(entry.state)][lang] if entry.state else "",
        DO: "\n".join(advice if len(advice) < 2 else map("{}. {}".format, range(1, 99), advice)),
        SAID: "" if proof is None else SAYS[proof.right][lang],
        ERRATUM: "" if proof is None else proof.why,
        REASONS: entry.reason(lang),
        WHEN: _when(people, lang, today),
        SIGN: None,
    }
    carried = dict(student.carried)
    return tuple(values[c] if c in values else carried.get(c.head.zh, "") for c in columns)


def _when(people: People, lang: Lang, today: date | None) -> str:
    """Where and when the next make-up is, and by when at the latest."""
    last = make_up.until(people, lang)
    if last and people.school is not None and people.school.until is not None:
        last = Text(f"最晚 {last}", f"at the latest {last}")[lang]
    return "\n".join(filter(None, (make_up.where_and_when(people, today, "\n"), last)))


def _summary(
    unit: str, persons: Sequence[Person], people: People, today: date | None
) -> Iterator[tuple[Row, str]]:
    lang, school = people.presentation.lang, people.school
    yield (unit,), "title"
    yield (people.head.spec,), "text"
    if school is not None:
        yield (Text("院校代码", "School code")[lang], f"{school.code} {school.name}"), "text"
        yield (Text("办理部门", "Office")[lang], f"{school.office} {school.contact}"), "text"
    for line in people.head.header_lines:
        yield (line[lang],), "text"
    if people.head.newest:
        yield (Text("最新照片", "Newest photo")[lang], people.head.newest), "text"
    yield (), "text"
    yield from by_class(((person.student, person.verdict) for person in persons), lang)
    told = make_up.ways(people, lang, today)
    if told and any(person.verdict is Verdict.MISSING for person in persons):
        yield (), "text"
        yield (Text("未采集的学生可以", "Who was not collected can")[lang],), "title"
        for way in told:
            yield way, "across"


def _file_name(unit: str, taken: set[str]) -> str:
    """Make a file's name of a unit's that every system takes, and that is not taken yet."""
    name = _FOR_A_FILE.sub("_", unit).strip(" .")[:_LONGEST_NAME] or "_"
    number, chosen = 1, name
    while chosen.casefold() in taken:
        number += 1
        chosen = f"{name} {number}"
    return chosen
