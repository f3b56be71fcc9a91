"""校对: what students say of their picture, at the desk and then on the national platform.

The platform's answers come as it exports them. A student may change the answer within 24 hours
of the first; then it is final (standard.md §5.5). What comes later is kept too, marked as not
taken, and told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, func, insert, select

from pipeline.core.errors import RosterError
from pipeline.core.records import Student
from pipeline.core.roles import AskedBy
from pipeline.core.rules import Text
from pipeline.intake.headers import KEEP_ONE, ROWS, faulty_rows, several_sheets
from pipeline.intake.identifiers import clean_number
from pipeline.intake.tables.cells import EMPTY, Row, Table
from pipeline.intake.tables.read import read_tables
from pipeline.ledger.season import ZONE
from pipeline.ledger.tables import proofs

FINAL_AFTER = timedelta(hours=24)
_KEYS = ("学号", "考生号", "student_id", "exam_no")
_RESULT = ("结果", "校对结果", "result")
_WHY = ("原因", "有误原因", "reason")
_AT = ("时间", "校对时间", "time")
_RIGHT: Mapping[str, bool] = {
    "正确": True, "校对正确": True, "right": True,
    "有误": False, "校对有误": False, "wrong": False,
}  # fmt: skip
_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M")
_HEADER_WITHIN = 10
_SHOWN = 5


@dataclass(frozen=True)
class Proof:
    """What a student said: ``why`` is the platform's reason, empty when all is right."""

    student_key: str
    right: bool
    why: str
    at: datetime


@dataclass(frozen=True)
class Imported:
    """What came of an import; ``refused`` are the students whose answer was final."""

    new: int
    replaced: int
    known: int
    refused: tuple[str, ...]
    strangers: int  # rows of students that the roster does not have


def read_proofs(
    path: Path, students: Sequence[Student], now: datetime
) -> tuple[tuple[Proof, ...], int]:
    """Read the platform's list; gives the proofs, and how many rows are of nobody here.

    Parameters
    ----------
    path
        CSV (or XLSX, DBF) with 学号 or 考生号, 结果 (正确, 有误), and if it has them 原因 and
        时间 (Asia/Shanghai); without a time an answer is as old as the import.

    Raises
    ------
    RosterError
        A column is missing, or a result is neither; rows are named, nobody is.
    """
    table, header, columns = _find(path)
    owners = {s.key: s.key for s in students}
    owners |= {s.exam_no: s.key for s in students if s.exam_no}
    read, faults, strangers = [], [], 0
    for row, cells in table.rows:
        if row <= header:
            continue

        def value(field: str, cells: Row = cells) -> str:
            return cells.get(columns.get(field, -1), EMPTY).text

        right = _RIGHT.get(value("result").lower())
        at = _moment(value("at"), now)
        if right is None or at is None:
            what = Text("结果", "result") if right is None else Text("时间", "time")
            faults.append(
                Text(f"第 {row} 行：{what.zh}无法识别", f"row {row}: {what.en} cannot be read")
            )
            continue
        owner = owners.get(clean_number(value("key")))
        if owner is None:
            strangers += 1
        else:
            read.append(Proof(owner, right, "" if right else value("why"), at))
    if faults:
        raise faulty_rows(path.name, faults, _SHOWN)
    return tuple(read), strangers


def add_proofs(
    connection: Connection,
    read: Sequence[Proof],
    strangers: int = 0,
    *,
    asked_by: AskedBy = AskedBy.PLATFORM,
) -> Imported:
    """Keep proofs under the rule of 24 hours; the same list twice changes nothing.

    An answer at the desk is one to another question than the platform's: each has its own hours.
    """
    first: dict[str, datetime] = {}
    last: dict[str, tuple[bool, str]] = {}
    refused_before = set()
    earlier = select(proofs).where(
        func.coalesce(proofs.c.asked_by, AskedBy.PLATFORM.value) == asked_by.value
    )
    for row in connection.execute(earlier.order_by(proofs.c.id)):
        if row.taken:
            first.setdefault(row.student_key, row.at)
            last[row.student_key] = (row.right, row.why)
        else:
            refused_before.add((row.student_key, row.right, row.why))
    new = replaced = known = 0
    refused, rows = [], []
    for proof in read:
        key, said = proof.student_key, (proof.right, proof.why)
        if last.get(key) == said:
            known += 1
            continue
        taken = key not in first or proof.at - first[key] < FINAL_AFTER
        if not taken:
            refused.append(key)
            if (key, *said) in refused_before:
                continue
        elif key in first:
            replaced += 1
        else:
            new += 1
        if taken:
            first.setdefault(key, proof.at)
            last[key] = said
        rows.append(
            {
                "student_key": key,
                "right": proof.right,
                "why": proof.why,
                "at": proof.at,
                "taken": taken,
                "asked_by": asked_by,
            }
        )
    if rows:
        connection.execute(insert(proofs), rows)
    return Imported(new, replaced, known, tuple(sorted(set(refused))), strangers)


def desk_answers(connection: Connection, student: str) -> tuple[Proof, ...]:
    """What a student answered at the desk and was taken, in the order of the answers."""
    asked = select(proofs).where(
        proofs.c.student_key == student, proofs.c.taken, proofs.c.asked_by == AskedBy.DESK
    )
    rows = connection.execute(asked.order_by(proofs.c.id))
    return tuple(Proof(r.student_key, r.right, r.why, r.at) for r in rows)


def last_proofs(connection: Connection) -> dict[str, Proof]:
    """The answer that counts, by student."""
    rows = connection.execute(select(proofs).where(proofs.c.taken).order_by(proofs.c.id))
    return {r.student_key: Proof(r.student_key, r.right, r.why, r.at) for r in rows}


def said_of(proof: Proof | None, arrived: datetime | None) -> bool | None:
    """Whether the present picture is right, by its student; None: nothing was said of it.

    What was said before the picture ``arrived`` was said of an earlier one.
    """
    if proof is None or (arrived is not None and proof.at < arrived):
        return None
    return proof.right


def _find(path: Path) -> tuple[Table, int, dict[str, int]]:
    """The table of the file that has the columns, its header's row, and their places."""
    for tables in read_tables(path):
        found = [one for table in tables if (one := _header(table)) is not None]
        if len(found) > 1:
            counts = {t.name: sum(row > head for row, _ in t.rows) for t, head, _ in found}
            raise several_sheets(path, counts, ROWS, KEEP_ONE)
        if found:
            return found[0]
    raise RosterError(
        Text(
            f"{path.name}：没有一行同时有列 学号（或考生号）和 结果",
            f"{path.name}: no row has the columns 学号 (or 考生号) and 结果",
        )
    )


def _header(table: Table) -> tuple[Table, int, dict[str, int]] | None:
    for row, cells in table.rows[:_HEADER_WITHIN]:
        places = {cell.text: at for at, cell in sorted(cells.items(), reverse=True)}
        columns = {
            field: places[name]
            for field, names in (("key", _KEYS), ("result", _RESULT), ("why", _WHY), ("at", _AT))
            for name in names[::-1]  # the first of them that is there stands
            if name in places
        }
        if {"key", "result"} <= columns.keys():
            return table, row, columns
    return None


def _moment(text: str, now: datetime) -> datetime | None:
    """A time of the list; one that is not given is now, one that cannot be read None."""
    if not text:
        return now
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=ZONE)
        except ValueError:
            continue
    return None
