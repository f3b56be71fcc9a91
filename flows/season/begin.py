"""A season begun: its roster, its specification and its days are written down, plainly.

Dates that cannot be meant are refused here, before a folder is made.
"""

import hashlib
import re
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from checks import CHECKS
from flows.season.faces import keep_references, new_key, outside
from flows.shoot.reading import UNUSED_REFERENCES
from pipeline.batch.rounds import deadline_of_class, months_before, next_deadline
from pipeline.core.errors import UsageError
from pipeline.core.rules import Choose, Text
from pipeline.face.model_manifest import model_path
from pipeline.intake.file_names import upload_names
from pipeline.intake.roster import Roster, read_roster
from pipeline.ledger.database import locked, open_database
from pipeline.ledger.season import (
    ZONE,
    begin_season,
    refuse_second,
)
from pipeline.spec.files import merge, read_files
from pipeline.spec.school import School
from pipeline.spec.spec import Spec, load_spec

_CLASS = re.compile(r"(?<![0-9])20[0-9]{2}(?![0-9])")  # in the name of a season's folder


def init(
    folder: Path,
    roster: Path,
    spec_name: str,
    *,
    ledger: str | None = None,
    deadline: date | None = None,
    make_up: date | None = None,
    class_of: int | None = None,
    now: datetime | None = None,
    identity: bool = False,
    references: Path | None = None,
    template_key: Path | None = None,
    sheets: Collection[str] = (),
    columns: Collection[str] = (),
    choose: Choose | None = None,
    carry: Sequence[str] = (),
    school: School | None = None,
) -> Roster:
    """Begin a season in ``folder``; the next deadline of the spec, where none is given.

    That of the class of a year, where ``class_of`` or the folder's name has one: 2027届.

    With ``identity``, or where the spec says so, faces are compared in every round, with the
    photos on record that are copied now. With ``template_key``, a file that is made where there
    is none, each face is described once and its template kept under that key. ``sheets`` are
    those of the roster that count, ``columns`` what its heads mean, see `read_roster`.
    ``choose`` says which of several photos of one round speaks, where that is not left to the
    spec. ``carry`` are columns of the roster for lists that people act on, beside those of the
    spec; ``school`` is the season's.

    Raises
    ------
    UsageError
        Roster or spec cannot be used, or there is a season already.
    """
    moment = now or datetime.now(UTC)
    spec = load_spec(spec_name, CHECKS)
    carry = spec.season.carried(carry)
    read = read_roster(roster, sheets, by_id=spec.naming == "id_no", carry=carry, columns=columns)
    students = read.students
    upload_names(students, spec)
    today = moment.astimezone(ZONE).date()
    last = deadline or _deadline(folder, class_of, today, spec)
    begun = make_up or months_before(last, spec.season.make_up_months)
    if make_up is None and begun < today:
        raise UsageError(
            Text(
                f"截止 {last}（还有 {(last - today).days} 天），个人补拍截止 {begun} 已过 "
                f"{(today - begun).days} 天；确实如此请加 --make-up {begun}，"
                "否则用 --class-of 年份 或 --deadline 指明",
                f"the deadline is {last} ({(last - today).days} days left), and individual "
                f"make-ups ended on {begun}, {(today - begun).days} days ago; if that is meant, "
                f"repeat it by --make-up {begun}, else give --class-of YEAR or --deadline",
            )
        )
    compared = identity or spec.identity.compare
    if references is not None and not compared:
        raise UsageError(UNUSED_REFERENCES)
    document = season_document(spec_name, compared, choose)
    if template_key is not None and not compared:
        raise UsageError(
            Text(
                "--template-key：模板是人脸的，须同时给出 --identity",
                "--template-key: templates are of faces; it needs --identity",
            )
        )
    if template_key is not None:
        outside(template_key, folder)
    if compared:
        model_path("sface")
    engine = open_database(folder, ledger, create=True)
    with locked(folder, engine):
        refuse_second(engine)
        if compared:  # first: killed in between, there is no season yet that lacks some
            keep_references(folder, students, roster, references, spec.reading.max_bytes)
        begin_season(
            engine,
            spec_id=spec.id,
            document=document,
            roster=students,
            roster_sha256=hashlib.sha256(roster.read_bytes()).hexdigest(),
            last=last,
            make_up=begun,
            now=moment,
            carry=carry,
            school=school,
            make_key=None if template_key is None else partial(new_key, template_key, folder),
        )
    engine.dispose()
    return read


def season_document(
    spec_name: str,
    compared: bool,  # noqa: FBT001 - as the table has it
    choose: Choose | None,
) -> dict[str, Any]:
    """Return the specification as a season keeps it: with what was chosen when it began."""
    document = merge(read_files(spec_name))
    document["identity"] = {**document["identity"], "compare": compared}
    if choose is not None:
        document["season"] = {**document["season"], "choose": choose}
    return document


def _deadline(folder: Path, class_of: int | None, today: date, spec: Spec) -> date:
    """Find the day by which the class of a year must be in, or without a year the next one."""
    named = _CLASS.search(folder.name)
    year = class_of or (int(named[0]) if named else None)
    if year is None:
        return next_deadline(today, spec.season.days)
    found = deadline_of_class(year, today, spec.season.days)
    if found is None:
        raise UsageError(
            Text(
                f"{year} 届的截止日期都已过去；请用 --deadline 指明",
                f"all deadlines of the class of {year} are over; give --deadline",
            )
        )
    return found
