"""What only a season can tell the office: `lists --audit`, and the fallback files it mails."""

import hashlib
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from PIL import Image
from sqlalchemy import Connection

from checks import CHECKS
from flows.season.steps import open_season
from pipeline.core.errors import UsageError
from pipeline.core.private_files import make_private_folder, write_private, writing_to
from pipeline.core.records import Student, UploadFile
from pipeline.core.rules import Text, Verdict
from pipeline.image.encode import KB, encode_best
from pipeline.intake.file_names import upload_names
from pipeline.intake.roster import read_roster
from pipeline.ledger.arrivals import read_submissions
from pipeline.ledger.proofs import last_proofs
from pipeline.ledger.season import ZONE, Season, read_students
from pipeline.ledger.store import REPORTS, registration_path
from pipeline.ledger.verdicts import handed_over, standings
from pipeline.spec.spec import load_spec
from reports.masking import Presentation
from reports.shared_words import SAYS, VERDICTS
from reports.sheets import Column, Row, workbook
from reports.workbook import CLASS, COLLEGE, MAJOR, NAME, STUDENT

AUDIT, FALLBACK = "毕业审核", "fallback"
FALLBACK_SPEC = "scu_fallback_16k"
_NO_PHOTO = ("无照片", "没有照片", "未上传", "缺照片", "no photo")
_EXAM_NO = Column(Text("考生号", "Exam no."), 18)
_DAYS = tuple(
    Column(text, 12)
    for text in (
        Text("采集", "Collected"),
        Text("检查结论", "Checked"),
        Text("上交", "Handed over"),
        Text("校对", "Proof"),
        Text("校对日期", "Proof, day"),
    )
)
_LISTED = (
    STUDENT,
    NAME,
    MAJOR,
    CLASS,
    Column(Text("文件", "File"), 26),
    Column(Text("KB", "KB"), 8),
)


@dataclass(frozen=True)
class Fallback:
    """What was made, and how many students have no accepted picture to make it of."""

    made: int
    without: int
    folder: Path


def write_audit(
    folder: Path,
    to: Path | None,
    presentation: Presentation,
    *,
    ledger: str | None = None,
    college: str = "",
) -> Path:
    """Write a row a student: collected, checked, handed over, 校对, with days.

    Parameters
    ----------
    college
        Whose students alone; empty: all.

    Raises
    ------
    UsageError
        There is no season, or it cannot be written.
    """
    path = (to or folder / REPORTS) / f"{AUDIT}.xlsx"
    columns = (STUDENT, _EXAM_NO, NAME, COLLEGE, MAJOR, CLASS, *_DAYS)
    with (
        open_season(folder, ledger, writing=False) as season,
        season.engine.connect() as connection,
        writing_to(path.parent),
        workbook(path, lined=True) as book,
    ):
        school = season.school
        page = "" if school is None else f"{school.code} {school.name}"
        rows = _audit(connection, presentation, college)
        book.add_list(AUDIT, columns, rows, presentation.lang, page)
    return path


def _audit(connection: Connection, presentation: Presentation, college: str) -> Iterator[Row]:
    lang = presentation.lang
    arrived = {row.id: row.arrived_at for row in read_submissions(connection)}
    handed, proofs = handed_over(connection), last_proofs(connection)
    known = standings(connection)
    for student in read_students(connection):
        if college and student.college != college:
            continue
        row, proof = known[student.key], proofs.get(student.key)
        verdict = row.verdict or Verdict.MISSING
        yield (
            student.key,
            student.exam_no,
            presentation.shown_name(student.name),
            student.college,
            student.major,
            student.class_name,
            _day(arrived.get(row.submission or 0)),
            VERDICTS[verdict][lang],
            _day(handed.get((student.key, row.upload_sha256 or ""))),
            "" if proof is None else SAYS[proof.right][lang],
            "" if proof is None else _day(proof.at),
        )


def make_fallback(
    folder: Path,
    listed: Path | None,
    presentation: Presentation,
    *,
    ledger: str | None = None,
) -> Fallback:
    """Make the file that is mailed where the platform shows no photo: at most 16 KB.

    It is made of the very picture that was accepted (与纸质照片同版), and goes into a folder of
    its own with a list a college; the registration files stay as they are.

    Parameters
    ----------
    listed
        A list of students; None: those whose 校对 says that there is no photo.

    Raises
    ------
    UsageError
        There is no season, the list cannot be used, or names nobody of the season.
    """
    output = load_spec(FALLBACK_SPEC, CHECKS).output
    where = make_private_folder(folder / REPORTS / FALLBACK)
    with (
        open_season(folder, ledger, writing=False) as season,
        season.engine.connect() as connection,
    ):
        roster = read_students(connection)
        asked = _asked(connection, listed)
        due = [student for student in roster if student.key in asked]
        if not due:
            raise UsageError(
                Text(
                    "没有一名学生需要：见 --students",
                    "no student of the season is asked for: see --students",
                )
            )
        files = dict(_accepted(season, connection))
        names = upload_names(roster, season.spec)
        rows: dict[str, list[Row]] = defaultdict(list)
        for student in due:
            if student.key not in files:
                continue
            with Image.open(io.BytesIO(files[student.key].read_bytes())) as image:
                pixels = np.asarray(image.convert("RGB"), np.uint8)
            made = encode_best(pixels, output)
            if output.kb is not None and not output.kb.allows(len(made.data) / KB):
                continue  # the quality floor does not let it be so small
            with writing_to(where):
                write_private(where / names[student.key], made.data)
            rows[student.college].append(_listed(student, names, made.data, presentation))
        for college, some in sorted(rows.items()):
            digest = hashlib.sha256(college.encode()).hexdigest()[:6]
            name = "".join(c for c in college if c.isalnum()) or digest
            with workbook(where / f"{name}.xlsx", lined=True) as book:
                book.add_list(FALLBACK, _LISTED, some, presentation.lang, college)
    made_of = sum(map(len, rows.values()))
    return Fallback(made_of, len(due) - made_of, where)


def _asked(connection: Connection, listed: Path | None) -> set[str]:
    """Whom the fallback is for."""
    if listed is not None:
        return {student.key for student in read_roster(listed).students}
    proofs = last_proofs(connection)
    return {
        key
        for key, proof in proofs.items()
        if not proof.right and any(word in proof.why for word in _NO_PHOTO)
    }


def _accepted(season: Season, connection: Connection) -> Iterator[tuple[str, Path]]:
    """The registration file of each student who passed."""
    for key, one in standings(connection).items():
        if one.verdict is Verdict.PASS and one.upload_sha256:
            yield key, registration_path(season.folder, UploadFile(one.upload_sha256, 0, None))


def _listed(
    student: Student, names: Mapping[str, str], data: bytes, presentation: Presentation
) -> Row:
    name = presentation.shown_name(student.name)
    kb = f"{len(data) / KB:.1f}"
    return student.key, name, student.major, student.class_name, names[student.key], kb


def _day(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(ZONE).date().isoformat()
