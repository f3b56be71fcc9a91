"""Downloads: the files of `lists` and `notices`, links for many students; each is written down.

They hold names and telephones, so they are for who registers. An account of a college gets its
own students' alone.
"""

import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from flows.desk.access import Registering, TheDesk
from flows.desk.answering import download, page
from flows.desk.desk_state import Desk
from flows.desk.proof_routes import unanswered
from flows.desk.student_links import VALID, address_of, last_day, links_for
from flows.desk.student_routes import person_of
from flows.season.audit import write_audit
from flows.season.people import gather
from pipeline.core.errors import UsageError
from pipeline.core.rules import Text
from pipeline.core.undated_zip import undated_entry
from pipeline.ledger.accounts import Account, note_look
from reports import deeds
from reports.lists import write_lists
from reports.masking import Presentation
from reports.notices import Links, OwnLink, asked, write_merge, write_notices
from reports.people import By, People
from reports.tables import write_rows

router = APIRouter()
Names = Annotated[deeds.Names, Form()]
Class = Annotated[str, Form(max_length=200)]  # its name; empty: all classes
_CSV, _PDF, _ZIP = "text/csv; charset=utf-8", "application/pdf", "application/zip"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_REMINDED = ("学号", "姓名", "学院", "班级", "联系电话", "链接", "有效期至")
_PIECE = 1 << 18
_MOST_NOTICES = 1000  # at once, each with its pictures: some hundred MB, some minutes


@router.get("/exports")
def exports(request: Request, desk: TheDesk, account: Registering) -> Response:
    """Show what can be downloaded."""
    with desk.engine.connect() as connection:
        people = [one for one in desk.board(connection).people if account.sees(one.college)]
    classes = sorted({one.class_name for one in people if one.class_name})
    return page(request, "exports.html", by=deeds.BY, classes=classes, days=VALID.days)


@router.post("/exports/lists")
def lists(
    desk: TheDesk, account: Registering, by: Annotated[By, Form()], names: Names, unit: Class = ""
) -> Response:
    """Give the workbooks of `lists`; one of a class as it is, several as a zip."""
    people = _people(desk, account, Presentation("zh", names == "full"))
    if unit:
        people = replace(people, persons=tuple(p for p in people.persons if p.unit(by) == unit))
    _refuse_nobody(people.persons)
    with tempfile.TemporaryDirectory(prefix="gradphoto-") as folder:
        written = write_lists(people, by, Path(folder), desk.today())
        said = deeds.LISTS.zh.format(deeds.BY[by].zh, len(written), deeds.NAMES[names].zh)
        _note(desk, account, said, unit)
        if unit:
            return download(written[0].name, _XLSX, written[0].read_bytes())
        return download("名单.zip", _ZIP, _zipped(written))


@router.post("/exports/audit")
def audit(desk: TheDesk, account: Registering, names: Names) -> Response:
    """Give the workbook of `lists --audit`."""
    shown = Presentation("zh", names == "full")
    with tempfile.TemporaryDirectory(prefix="gradphoto-") as folder:
        path = write_audit(
            desk.folder, Path(folder), shown, ledger=desk.ledger, college=account.college
        )
        _note(desk, account, deeds.AUDIT.zh.format(deeds.NAMES[names].zh))
        return download(path.name, _XLSX, path.read_bytes())


@router.post("/exports/notices")
def notices(
    desk: TheDesk,
    account: Registering,
    what: Annotated[Literal["notices", "merge"], Form()],
    unit: Class = "",
) -> Response:
    """Give the files of `notices`, each student with a link; or the CSV for messages alone."""
    people = _people(desk, account, Presentation("zh", full_names=True))
    due = tuple(p for p in asked(people) if unit in {"", p.student.class_name})
    people = replace(people, persons=due)
    _refuse_nobody(people.persons)
    if what == "notices" and len(due) > _MOST_NOTICES:
        raise UsageError(
            Text(
                f"通知有 {len(due)} 份，一次最多 {_MOST_NOTICES} 份：请按班级下载",
                f"{len(due)} notices, at most {_MOST_NOTICES} at once: take a class",
            )
        )
    links = _links(desk, account, people, deeds.NOTICES.zh.format(len(due)), unit)
    with tempfile.TemporaryDirectory(prefix="gradphoto-") as folder:
        if what == "merge":
            path = Path(folder) / "merge.csv"
            write_merge(people, path, desk.today(), links)
            return download("通知短信.csv", _CSV, path.read_bytes())
        made = write_notices(people, Path(folder), desk.today(), links)
        return download("补拍通知.zip", _ZIP, _zipped((made.html, made.pdf, made.merge)))


@router.post("/exports/reminders")
def reminders(desk: TheDesk, account: Registering, unit: Class = "") -> Response:
    """Give a link of everybody who has a photo to confirm and has not answered, as a CSV."""
    with desk.engine.connect() as connection:
        people = [
            one
            for one in unanswered(desk.board(connection).people)
            if account.sees(one.college) and unit in {"", one.class_name}
        ]
    _refuse_nobody(people)
    with desk.engine.begin() as connection:
        links = links_for(desk, connection, [one.key for one in people], account.name)
        what = deeds.REMINDERS.zh.format(len(people))
        note_look(connection, account.name, what, unit, desk.clock())
    rows = (
        (one.key, one.name, one.college, one.class_name, one.telephone,
         address_of(desk, links[one.key]), last_day(links[one.key]))
        for one in people
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="gradphoto-") as folder:
        path = Path(folder) / "reminders.csv"
        write_rows(path, _REMINDED, rows)
        return download("校对提醒.csv", _CSV, path.read_bytes())


@router.post("/student/{place}/notice")
def notice(desk: TheDesk, account: Registering, place: int) -> Response:
    """Give the notice of one student, with the code of a link."""
    with desk.engine.connect() as connection:
        key = person_of(desk, connection, account, place).key
    people = _people(desk, account, Presentation("zh", full_names=True))
    people = replace(people, persons=tuple(p for p in asked(people) if p.student.key == key))
    _refuse_nobody(people.persons)
    links = _links(desk, account, people, deeds.NOTICE.zh, key)
    with tempfile.TemporaryDirectory(prefix="gradphoto-") as folder:
        made = write_notices(people, Path(folder), desk.today(), links)
        return download("补拍通知.pdf", _PDF, made.pdf.read_bytes())


def _people(desk: Desk, account: Account, shown: Presentation) -> People:
    """Read who is on the lists, of those whom an account may see."""
    people = gather(desk.folder, shown, ledger=desk.ledger)
    seen = tuple(one for one in people.persons if account.sees(one.student.college))
    return replace(people, persons=seen)


def _refuse_nobody(some: Sequence[object]) -> None:
    """Say the same of a class that does not exist and of one that an account may not see."""
    if not some:
        raise UsageError(Text("没有符合条件的学生", "no student is meant"))


def _links(desk: Desk, account: Account, people: People, what: str, of_whom: str) -> Links:
    """Make a link of each student, and write down that it was handed out."""
    keys = [one.student.key for one in people.persons]
    with desk.engine.begin() as connection:
        links = links_for(desk, connection, keys, account.name)
        note_look(connection, account.name, what, of_whom, desk.clock())
    return {key: OwnLink(address_of(desk, link), last_day(link)) for key, link in links.items()}


def _note(desk: Desk, account: Account, what: str, of_whom: str = "") -> None:
    with desk.engine.begin() as connection:
        note_look(connection, account.name, what, of_whom, desk.clock())


def _zipped(paths: Iterable[Path]) -> Iterator[bytes]:
    """Pack files, into one without a name that ends with the answer."""
    packed = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the answer has ended
    with zipfile.ZipFile(packed, "w") as archive:
        for path in paths:
            archive.writestr(undated_entry(path.name), path.read_bytes())
    packed.seek(0)

    def pieces() -> Iterator[bytes]:
        with packed:
            yield from iter(lambda: packed.read(_PIECE), b"")

    return pieces()
