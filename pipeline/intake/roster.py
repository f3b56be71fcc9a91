"""The roster 名单: student records from whatever an office sends.

Columns are found by their headers, Chinese or English, in any order, below title rows. A
roster that is wrong in any row is refused as a whole, with the rows named: a record silently
left out would be a student without a certificate. What is no student is left out and told.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.core.errors import RosterError
from pipeline.core.records import Student
from pipeline.core.rules import Finding, Text
from pipeline.intake.column_names import is_head, named_columns
from pipeline.intake.headers import (
    ID_KEY,
    KEYS,
    NUMBERS,
    Header,
    faulty_rows,
    find_tables,
    records,
    several_sheets,
)
from pipeline.intake.identifiers import IdState, id_state, name_key, upgrade_id, zeroed_by_excel
from pipeline.intake.roster_notes import rows_note, sheets_note
from pipeline.intake.roster_rows import Fault, LeftOut, Record, label, read_row
from pipeline.intake.tables.cells import Row, Table
from pipeline.rules.roster import RC002

# What nearly every record comes to is one object for all.
_NO_ID = RC002.not_applicable(Text("名单中没有证件号", "the roster has no ID number"))
_NO_CHECK_DIGIT = RC002.not_applicable(
    Text("不是身份证号，没有校验位", "another document: it has no check digit")
)
_VALID_ID = RC002.passed()
_SHOWN_ERRORS = 5
_SHOWN_RANGES = 10
_LEFT_OUT = Text(
    "名单第{rows}行不是学生（合计、签字、说明等），共{count}行，未计入",
    "roster: left out as no students (totals, signatures, notes): row {rows}; {count} in all",
)
_BLANK = Text(
    "名单第{rows}行用“无”“/”“0”等代替号码，按空白处理，共{count}行",
    "roster: a word for a number (无, /, 0) read as empty: row {rows}; {count} in all",
)
_HIDDEN = Text(
    "名单第{rows}行被隐藏或筛选掉，仍按学生计入，共{count}行",
    "roster: hidden, and read as students all the same: row {rows}; {count} in all",
)
_TWO_RECORDS = Text(
    "名单第{rows}行与前面一行姓名、证件号相同，号码不同，按两条记录处理，共{count}行",
    "roster: name and ID number of an earlier row under another number, kept as records of "
    "their own: row {rows}; {count} in all",
)
_BY_ID = Text(
    "名单第{rows}行没有学号等号码，以证件号为准，各清单将写出证件号全号，共{count}行",
    "roster: no other number than the 证件号, which the lists therefore show in full: "
    "row {rows}; {count} in all",
)
_NEEDED = Text("学号、采集码 或 考生号", "学号, 采集码 or 考生号")
_NEEDED_BY_ID = Text("学号、采集码、考生号 或 证件号", "学号, 采集码, 考生号 or 证件号")
_STUDENTS = Text("学生", "students")
_CHOOSE = Text(
    "请用 --sheet 名称 指明算数的工作表，或用 --all-sheets",
    "give --sheet NAME for each that counts, or --all-sheets",
)
_NAME_IT = Text(
    "用 --column 学号=列名 指明哪一列是学号", "--column 学号=HEAD says which column holds the 学号"
)


@dataclass(frozen=True)
class Roster:
    """The students of a file, in its order, and what is to be said of how it was read.

    Attributes
    ----------
    source
        Which sheets gave how many students; None where the file has no sheets.
    notes
        What was left out, read as empty or is to be known: rows and sheets, nobody's values.
    """

    students: tuple[Student, ...]
    source: Text | None
    notes: tuple[Text, ...]

    @property
    def told(self) -> tuple[Text, ...]:
        """What a terminal is told: the sheet, too, where there is only one."""
        first = () if self.source is None or self.source in self.notes else (self.source,)
        return (*first, *self.notes)


@dataclass(frozen=True)
class _Read:
    """What one table came to; ``sheet`` is its name where several may be read."""

    table: Table
    sheet: str
    header: Header
    students: tuple[Student, ...]
    faults: tuple[tuple[int, Text], ...]
    left_out: tuple[int, ...]  # rows
    blank: tuple[int, ...]  # rows with a placeholder for a number


def read_roster(
    path: Path,
    sheets: Collection[str] = (),
    *,
    by_id: bool = False,
    carry: Collection[str] = (),
    columns: Collection[str] = (),
) -> Roster:
    """Read the student records of a season.

    Parameters
    ----------
    path
        XLSX, XLS, ODS, CSV (UTF-8, GB18030, UTF-16 or Big5), DBF, or an export of these.
    sheets
        The sheets of a workbook that count; `ALL_SHEETS`: all visible ones whose header fits.
    by_id
        Whether the 证件号 is the key of who has no other: files are named by it.
    carry
        Heads of columns that the program does not know, and takes over: 联系电话.
    columns
        What columns mean, where their heads do not tell: 学号=编号.

    Raises
    ------
    RosterError
        No key column, or none that was named or is to be carried; several sheets with students,
        none of them chosen; or rows that cannot be used: up to five are named.
    """
    keys = (*KEYS, ID_KEY) if by_id else KEYS
    needed = _NEEDED_BY_ID if by_id else _NEEDED
    named = named_columns(columns)
    found = find_tables(
        path, sheets, lambda at: any(k in at for k in keys), needed, named, _NAME_IT
    )
    read = [
        _read(table, header, table.name if sheets else "", by_id=by_id, carry=carry)
        for table, header in found.tables
    ]
    if lost := [head for head in (*carry, *named) if not any(_place(o.header, head) for o in read)]:
        there = ", ".join(read[0].header.labels.values())
        sought = ", ".join(lost)
        raise RosterError(
            Text(
                f"{path.name}：没有这一列：{sought}；找到的列：{there}",
                f"{path.name}: has no column {sought}; columns found: {there}",
            )
        )
    filled = [one for one in read if one.students or one.faults]
    if len(filled) > 1 and not sheets:
        counts = {one.table.name: len(one.students) + len(one.faults) for one in filled}
        raise several_sheets(path, counts, _STUDENTS, _CHOOSE)
    students = tuple(student for one in filled for student in one.students)
    faults = [(one.sheet, row, why) for one in filled for row, why in one.faults]
    faults += _doubles(students)
    if faults:
        raise _refusal(path.name, faults, [one.sheet for one in filled])
    if not students:
        raise RosterError(
            Text(
                f"{path.name}：第 {read[0].header.row} 行是表头，但没有学生",
                f"{path.name}: has a header in row {read[0].header.row}, but no students",
            )
        )
    others = _not_read(found.others, read)
    source = sheets_note({o.table.name: len(o.students) for o in filled if o.table.name}, others)
    notes = list(_notes(filled))
    if source is not None and len(filled) + len(others) > 1:
        notes.insert(0, source)
    return Roster(students, source, tuple(notes))


def id_finding(student: Student) -> Finding:
    """Hold a student's ID number against RC002 (GB 11643; standard.md §4.1)."""
    state = id_state(student.id_no)
    if state is IdState.ABSENT:
        return _NO_ID
    if state is IdState.OTHER_DOCUMENT:
        return _NO_CHECK_DIGIT
    if state is IdState.VALID:
        return _VALID_ID
    if zeroed_by_excel(student.id_no):
        return RC002.broken(
            detail=Text("末三位为000，疑似被Excel改写", "ends in 000: Excel seems to have cut it")
        )
    if state is IdState.BAD_BIRTH_DATE:
        return RC002.broken(detail=Text("出生日期不可能", "its birth date cannot be"))
    return RC002.broken()


def _read(
    table: Table, header: Header, sheet: str, *, by_id: bool, carry: Collection[str]
) -> _Read:
    students: list[Student] = []
    faults, left_out, blank = [], [], []
    for row, cells in records(table, header):
        read = read_row(table, row, cells, header, by_id=by_id, above=students)
        if isinstance(read, Record):
            student = replace(read.student, sheet=sheet) if sheet else read.student
            students.append(_with_carried(student, cells, header, carry) if carry else student)
            if read.blank:
                blank.append(row)
        elif isinstance(read, Fault):
            faults.append((row, read.why))
        elif isinstance(read, LeftOut):
            left_out.append(row)
    return _Read(
        table, sheet, header, tuple(students), tuple(faults), tuple(left_out), tuple(blank)
    )


def _with_carried(student: Student, cells: Row, header: Header, carry: Collection[str]) -> Student:
    """Take over what some columns hold, as it is written."""
    places = ((head, _place(header, head)) for head in carry)
    texts = (
        (head, cells[at[0]].text.strip() if at and at[0] in cells else "") for head, at in places
    )
    return replace(student, carried=tuple(texts))


def _place(header: Header, head: str) -> tuple[int, ...]:
    """Where a column of this head is: once, or nowhere."""
    return tuple(at for at, label in header.labels.items() if is_head(label, head))[:1]


def _doubles(students: Sequence[Student]) -> Iterator[tuple[str, int, Text]]:
    """Name the rows whose key or number another row has already."""
    seen: dict[tuple[str, str], Student] = {}
    for student in students:
        for field in ("key", *NUMBERS):
            value = getattr(student, field)
            if not value or (field != "key" and value == student.key):
                continue
            first = seen.setdefault((field, _folded(value)), student)
            shared = field in {ID_KEY, "exam_no"} and _one_person(first, student)
            if first is not student and not shared:
                zh = f"的{label(field)}与{first.place.zh}相同"
                why = Text(zh, f"has the {label(field)} of {first.place.en}")
                yield student.sheet, student.row, why


def _one_person(one: Student, other: Student) -> bool:
    """Whether two records are of one person in two courses: one ID number and name, two keys."""
    return (
        "" not in {one.name, one.id_no}
        and name_key(one.name) == name_key(other.name)
        and _folded(one.id_no) == _folded(other.id_no)
        and _folded(one.key) != _folded(other.key)
    )


def _folded(number: str) -> str:
    return upgrade_id(number).upper()


def _refusal(
    name: str, faults: Sequence[tuple[str, int, Text]], sheets: Sequence[str]
) -> RosterError:
    ordered = sorted(faults, key=lambda fault: (sheets.index(fault[0]), fault[1]))
    told = [
        Text(
            f"{f'工作表“{sheet}”' if sheet else ''}第 {row} 行{why.zh}",
            f"{f'sheet {sheet!r} ' if sheet else ''}row {row} {why.en}",
        )
        for sheet, row, why in ordered
    ]
    return faulty_rows(name, told, _SHOWN_ERRORS)


def _not_read(others: Mapping[str, str], read: Sequence[_Read]) -> dict[str, str]:
    """The sheets that gave no student, with the reason."""
    empty = {one.table.name: "empty" for one in read if not (one.students or one.faults)}
    return {name: why for name, why in (dict(others) | empty).items() if name}


def _notes(read: Sequence[_Read]) -> Iterator[Text]:
    """What is to be known of the rows."""
    seen: set[str] = set()
    hidden, keyed = [], []
    again: list[list[int]] = []
    for one in read:
        hidden.append([s.row for s in one.students if s.row in one.table.hidden_rows])
        keyed.append([s.row for s in one.students if s.key == s.id_no])
        again.append([])
        for student in one.students:
            if student.id_no and _folded(student.id_no) in seen:
                again[-1].append(student.row)
            seen.add(_folded(student.id_no))
    names = [one.sheet for one in read]
    for note in (
        rows_note(_LEFT_OUT, names, [one.left_out for one in read]),
        rows_note(_BLANK, names, [one.blank for one in read]),
        rows_note(_HIDDEN, names, hidden),
        rows_note(_TWO_RECORDS, names, again),
        rows_note(_BY_ID, names, keyed),
    ):
        if note is not None:
            yield note
