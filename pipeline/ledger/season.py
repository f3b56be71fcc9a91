"""A season: made once from a roster and a specification, opened by every command."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, func, insert, or_, select, update

from pipeline.core.batched import batched
from pipeline.core.errors import SpecError, UsageError
from pipeline.core.records import Student
from pipeline.core.rules import Text
from pipeline.ledger.column_types import damaged, only_row
from pipeline.ledger.tables import STREAM, deadlines, runs, season, specs, students, submissions
from pipeline.spec.school import School
from pipeline.spec.spec import Spec, spec_of

SEASONS = Text("季", "seasons")  # of which there may be one
ZONE = ZoneInfo("Asia/Shanghai")  # in which days are counted and shown
_AT_ONCE = 500  # records
_FIELDS = tuple(f.name for f in fields(Student) if f.compare)  # not where it stood in a file


@dataclass(frozen=True)
class Season:
    """An open season; cheap to hold, nothing is read ahead."""

    folder: Path
    engine: Engine
    spec: Spec
    spec_sha256: str
    document: Mapping[str, Any]  # the spec as merged
    roster_sha256: str
    last: date | None  # the last collection must be in
    make_up: date | None  # individual make-ups must be taken
    key_file: str | None  # of kept templates; None: they are kept nowhere
    key_check: str | None
    carry: tuple[str, ...] = ()  # heads of the roster's columns that are taken over
    school: School | None = None
    locked: bool = False  # whether this process may write


def document_sha256(document: Mapping[str, Any]) -> str:
    """Hash a merged spec: the same values in any order, the same hash."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def refuse_second(engine: Engine) -> None:
    """See that no season has begun here.

    Raises
    ------
    UsageError
        When the database holds one already.
    """
    with engine.connect() as connection:
        if connection.scalar(select(season.c.id)) is not None:
            raise UsageError(
                Text(
                    "这里已有采集季；`season roster` 可以换名单",
                    "there is a season here already; `season roster` gives it a new list",
                )
            )


def begin_season(
    engine: Engine,
    *,
    spec_id: str,
    document: Mapping[str, Any],
    roster: Sequence[Student],
    roster_sha256: str,
    last: date,
    make_up: date,
    now: datetime,
    make_key: Callable[[], tuple[str, str]] | None = None,
    carry: Sequence[str] = (),
    school: School | None = None,
) -> None:
    """Write down a new season, whole or not at all.

    ``make_key`` gives path and check value of the key under which templates are kept; it is
    called when nothing stands against the season any more (see `refuse_second`).
    """
    sha256 = document_sha256(document)
    with engine.begin() as connection:
        keep_spec(connection, spec_id, document)
        key_file, key_check = (None, None) if make_key is None else make_key()
        connection.execute(
            insert(season).values(
                id=1,
                created_at=now,
                spec_sha256=sha256,
                roster_sha256=roster_sha256,
                key_file=key_file,
                key_check=key_check,
                carry=list(carry),
                school=None if school is None else school.model_dump(mode="json"),
            )
        )
        days = [{"kind": "last", "day": last}, {"kind": "make_up", "day": make_up}]
        connection.execute(insert(deadlines), days)
        set_students(connection, roster)


def read_season(
    folder: Path, engine: Engine, checks: Iterable[Any], spec: Spec | None = None
) -> Season:
    """Read what was decided when the season began, and since.

    ``spec`` stands in for the season's own, where that is about to be replaced.

    Raises
    ------
    UsageError
        There is none, it was purged, or its specification no longer fits the program.
    """
    with engine.connect() as connection:
        joined = select(season, specs.c.document).join(
            specs, specs.c.sha256 == season.c.spec_sha256
        )
        row = only_row(connection.execute(joined), SEASONS)
        days = {d.kind: d.day for d in connection.execute(select(deadlines))}
    if row is None:
        raise UsageError(
            Text(
                f"{folder}：里面没有采集季；`season init` 可以建立",
                f"{folder}: holds no season; `season init` makes one",
            )
        )
    if row.purged_at is not None:
        raise UsageError(
            Text(
                f"{folder.name or folder}：这一季已清除，只剩计数",
                f"{folder.name or folder}: the season was purged; only counts are left",
            )
        )
    try:
        spec = spec or spec_of(row.document, checks, "the season's spec")
    except SpecError as error:
        raise UsageError(
            Text(
                f"{error.why.zh}；这一版程序要求更多：请运行 `season rejudge --spec … --apply`",
                f"{error.why.en}; this version of the program asks for more: "
                "give it by `season rejudge --spec … --apply`",
            )
        ) from error
    return Season(
        folder,
        engine,
        spec,
        row.spec_sha256,
        row.document,
        row.roster_sha256,
        days.get("last"),
        days.get("make_up"),
        row.key_file,
        row.key_check,
        tuple(row.carry or ()),
        None if row.school is None else School.model_validate(row.school),
    )


def keep_spec(connection: Connection, spec_id: str, document: Mapping[str, Any]) -> str:
    """Keep a specification, once, and give its hash."""
    sha256 = document_sha256(document)
    if connection.scalar(select(specs.c.sha256).where(specs.c.sha256 == sha256)) is None:
        values = {"sha256": sha256, "id": spec_id, "document": dict(document)}
        connection.execute(insert(specs).values(values))
    return sha256


def set_students(connection: Connection, roster: Sequence[Student]) -> None:
    """Put a roster in place of the one before; a record that is gone is kept, but not listed."""
    known = set(connection.scalars(select(students.c.key)))
    connection.execute(update(students).values(present=False))
    for some in batched(enumerate(roster), _AT_ONCE):
        new = []
        for place, student in some:
            values = {name: getattr(student, name) for name in _FIELDS}
            values["carried"] = [list(pair) for pair in student.carried]
            values |= {"place": place, "present": True}
            if student.key in known:
                found = students.c.key == student.key
                connection.execute(update(students).where(found).values(values))
            else:
                new.append(values)
        if new:
            connection.execute(insert(students), new)


def set_roster(connection: Connection, roster: Sequence[Student], sha256: str) -> None:
    """Put another list in place of the season's, with its file's SHA-256."""
    set_students(connection, roster)
    connection.execute(update(season).values(roster_sha256=sha256))


def read_students(connection: Connection, number: str | None = None) -> tuple[Student, ...]:
    """Read the roster, in its own order; with ``number`` those whom it names.

    学号, 考生号 or 采集码.
    """
    columns = [students.c[name] for name in _FIELDS]
    asked = select(*columns).where(students.c.present).order_by(students.c.place)
    if number is not None:
        names = (students.c.key, students.c.exam_no, students.c.capture_code)
        asked = asked.where(or_(*(name == number for name in names)))
    rows = connection.execute(asked, execution_options=STREAM).mappings()
    words: dict[Any, Any] = {}  # classes and colleges recur: equal words are one object
    plain = ({**row, "carried": _as_pairs(row["carried"])} for row in rows)
    shared = ({k: words.setdefault(v, v) for k, v in row.items()} for row in plain)
    return tuple(Student(**values) for values in shared)


def _as_pairs(kept: list[Any] | None) -> tuple[tuple[str, str], ...]:
    """Read carried columns back."""
    try:
        return tuple((str(head), str(text)) for head, text in kept or ())
    except (TypeError, ValueError):
        raise damaged(Text("名单中带来的列不成立", "carried columns that are none")) from None


@dataclass(frozen=True)
class Run:
    """One pass over the season; a round when something arrived in it."""

    id: int
    kind: str
    mode: str | None


ROUND = "ingest"  # the kind of run in which photos arrive


def open_run(connection: Connection) -> Run | None:
    """The run that is under way, or was when its process died; there is never a second."""
    under_way = select(runs).where(runs.c.closed_at.is_(None))
    row = only_row(connection.execute(under_way), Text("正在进行的运行", "runs under way"))
    return None if row is None else Run(row.id, row.kind, row.mode)


def rounds(connection: Connection) -> list[Run]:
    """All rounds, in their order."""
    rows = connection.execute(select(runs).where(runs.c.kind == ROUND).order_by(runs.c.id))
    return [Run(row.id, row.kind, row.mode) for row in rows]


def set_spec(connection: Connection, spec_id: str, document: Mapping[str, Any]) -> None:
    """Put a specification in place of the season's."""
    sha256 = keep_spec(connection, spec_id, document)
    connection.execute(update(season).values(spec_sha256=sha256))


def begin_run(
    connection: Connection,
    kind: str,
    *,
    now: datetime,
    spec_sha256: str,
    mode: str | None = None,
    droppings: int = 0,
) -> Run:
    """Write down that a run begins."""
    values = {
        "kind": kind,
        "mode": mode,
        "opened_at": now,
        "spec_sha256": spec_sha256,
        "droppings": droppings,
    }
    done = connection.execute(insert(runs).values(values))
    assert done.inserted_primary_key is not None
    return Run(done.inserted_primary_key[0], kind, mode)


def end_run(connection: Connection, run: Run, now: datetime, counts: Mapping[str, int]) -> None:
    """Write down that a run is complete, and what students came to."""
    found = runs.c.id == run.id
    connection.execute(update(runs).where(found).values(closed_at=now, counts=dict(counts)))


def droppings(connection: Connection) -> int:
    """Droppings of operating systems that the latest round met."""
    last = select(runs.c.droppings).where(runs.c.kind == ROUND).order_by(runs.c.id.desc())
    return connection.scalar(last.limit(1)) or 0


def modes(connection: Connection) -> dict[str, int]:
    """How many submissions were judged in which mode."""
    rows = connection.execute(
        select(runs.c.mode, func.count())
        .join(submissions, submissions.c.run_id == runs.c.id)
        .group_by(runs.c.mode)
    )
    return {mode: count for mode, count in rows if mode is not None}
