"""Examinations: what was measured on each content, under which spec and by which models.

A content is examined once under a specification, a mode and a set of models, whatever its
files are called and however often it comes.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from sys import intern
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, func, insert, select

from pipeline.core.errors import UsageError
from pipeline.core.records import (
    Examination,
    FileKind,
    Submission,
    UploadFile,
    decode_fingerprint,
    encode_fingerprint,
)
from pipeline.core.rules import Finding, Mode, Outcome, Text
from pipeline.ledger import codec
from pipeline.ledger.column_types import damaged
from pipeline.ledger.provenance import keep_provenance, provenance_sha256, versions
from pipeline.ledger.season import Run, Season
from pipeline.ledger.store import original_path
from pipeline.ledger.tables import STREAM, examinations, instruments, runs, submissions

# Plain values that checks of all photos read (when it was taken): kept whatever they are.
# Templates of faces are none of them (see `pipeline.ledger.templates`).
_OWN_COLUMNS = {
    "photo", "sha256", "mode", "findings", "width_px", "height_px", "fingerprint", "upload",
    "thumbnail", "seconds", "face", "causes", "marks",
}  # fmt: skip
_MORE = tuple(f.name for f in fields(Examination) if f.name not in _OWN_COLUMNS)
_SHARED = ("spec_sha256", "instruments_sha256")


def pending(
    season: Season, connection: Connection, run: Run, tools: Mapping[str, str]
) -> list[str]:
    """Contents of a round that still need an examination, in the order of their hashes."""
    wanted = (
        select(submissions.c.sha256, submissions.c.unreadable)
        .outerjoin(
            examinations,
            and_(
                examinations.c.sha256 == submissions.c.sha256,
                examinations.c.mode == run.mode,
                examinations.c.spec_sha256 == season.spec_sha256,
                examinations.c.instruments_sha256 == provenance_sha256(tools),
            ),
        )
        .where(
            submissions.c.run_id == run.id,
            submissions.c.sha256 != "",
            examinations.c.id.is_(None),
        )
    )
    # Of a file that is no photo there is nothing to examine.
    return sorted({r.sha256 for r in connection.execute(wanted) if r.unreadable is None})


def job(folder: Path, sha256: str) -> Submission:
    """A content for a worker: its hash is its name, nothing tells whose it is."""
    return Submission(sha256, original_path(folder, sha256))


def keep(
    connection: Connection, spec_sha256: str, done: Sequence[Examination], tools: Mapping[str, str]
) -> None:
    """Write down examinations of `job`; one that is there stays as it is.

    Raises
    ------
    UsageError
        When an original is not what arrived: someone has been at the store.
    """
    tools_sha256 = keep_provenance(connection, tools)
    program, libraries = versions()
    rows: list[dict[str, object]] = []
    for one in done:
        lost = any(f.code == "FL005" and f.outcome is Outcome.BROKEN for f in one.findings)
        if one.sha256 != one.photo and not lost:
            raise UsageError(
                Text(
                    "这一季存放的照片缺失或被改动",
                    "a picture of the season's store is missing or was changed",
                )
            )
        upload = one.upload
        rows.append(
            {
                "sha256": one.photo,
                "mode": one.mode.value,
                "spec_sha256": spec_sha256,
                "instruments_sha256": tools_sha256,
                "program": program,
                "libraries": libraries,
                "findings": codec.encode_findings(one.findings),
                "width_px": one.width_px,
                "height_px": one.height_px,
                "more": {name: getattr(one, name) for name in _MORE}
                | {
                    "causes": codec.encode_causes(one.causes),
                    "marks": codec.encode_marks(one.marks),
                },
                "fingerprint": None
                if one.fingerprint is None
                else encode_fingerprint(one.fingerprint),
                "thumbnail": one.thumbnail,
                "upload_sha256": None if upload is None else upload.sha256,
                "upload_bytes": None if upload is None else upload.bytes,
                "upload_quality": None if upload is None else upload.quality,
            }
        )
    add_rows(connection, rows)


def add_rows(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    """Insert examinations that are not there yet; all under one spec and one set of models.

    One that measured nothing (a worker died on the photo) gives way to another try.
    """
    if not rows:
        return
    same = [examinations.c[name] == rows[0][name] for name in _SHARED]
    same.append(examinations.c.sha256.in_([row["sha256"] for row in rows]))
    connection.execute(delete(examinations).where(*same, examinations.c.width_px.is_(None)))
    there = select(examinations.c.sha256, examinations.c.mode)
    known = set(connection.execute(there.where(*same)).tuples())
    new = {(row["sha256"], row["mode"]): row for row in rows}
    fresh = [row for key, row in new.items() if key not in known]
    if fresh:
        connection.execute(insert(examinations), fresh)


def newest(spec_sha256: str) -> Select[tuple[object, ...]]:
    """Ask for the newest examination of every content and mode under a spec."""
    last = (
        select(func.max(examinations.c.id))
        .where(examinations.c.spec_sha256 == spec_sha256)
        .group_by(examinations.c.sha256, examinations.c.mode)
    )
    return select(examinations).where(examinations.c.id.in_(last)).order_by(examinations.c.id)


@dataclass(frozen=True, slots=True)
class StoredExamination:
    """One examination as it was kept."""

    id: int
    sha256: str
    mode: Mode
    instruments_sha256: str
    findings: tuple[Finding, ...]
    width_px: int | None
    height_px: int | None
    fingerprint: bytes | None  # packed
    thumbnail: bytes | None
    upload: tuple[str, int, int | None] | None  # hash, bytes, quality
    more: Mapping[str, Any]

    def examination(self, photo: str, season: Season) -> Examination:
        """Return it under the name that a list shows."""
        return Examination(
            photo=photo,
            sha256=self.sha256,
            mode=self.mode,
            findings=self.findings,
            width_px=self.width_px,
            height_px=self.height_px,
            fingerprint=None if self.fingerprint is None else decode_fingerprint(self.fingerprint),
            upload=self._upload(season),
            thumbnail=self.thumbnail,
            **{
                **self.more,
                "kind": FileKind(self.more.get("kind", FileKind.PHOTO)),
                "causes": codec.decode_causes(self.more.get("causes", ())),
                "marks": codec.decode_marks(self.more.get("marks")),
            },
        )

    @property
    def content(self) -> "Content":
        """What was examined, and as what."""
        return self.sha256, self.mode

    def _upload(self, season: Season) -> UploadFile | None:
        """The registration file: made of a source, or the student's own."""
        if not season.spec.output.is_exact or self.width_px is None:
            return None
        if self.upload is not None:
            sha256, size, quality = self.upload
            return UploadFile(sha256, size, quality)
        if self.mode is Mode.FINAL:
            size = original_path(season.folder, self.sha256).stat().st_size
            return UploadFile(self.sha256, size, None)
        return None


Content = tuple[str, Mode]
# Gives examinations of a few hundred contents; one that was never examined is not among them.
Reader = Callable[[Collection[Content]], Mapping[Content, StoredExamination]]
AT_ONCE = 200  # examinations read at a time: 4 MB


def read_stored(connection: Connection, spec_sha256: str) -> Iterator[StoredExamination]:
    """Read the newest examinations under a spec, one at a time."""
    decode = codec.findings_decoder()
    for row in connection.execute(newest(spec_sha256), execution_options=STREAM):
        yield _stored_row(row, decode)


def examined_by(
    connection: Connection, spec_sha256: str, mode: Mode, tools: Mapping[str, str]
) -> Iterator[StoredExamination]:
    """Read what was examined under a spec, in a mode, by models and rules of today."""
    today = provenance_sha256(tools)
    for one in read_stored(connection, spec_sha256):
        if one.mode is mode and one.instruments_sha256 == today:
            yield one


def latest(connection: Connection, season: Season, count: int) -> list[StoredExamination]:
    """Read the newest examinations under a season's spec, in the order in which they were made."""
    decode = codec.findings_decoder()
    asked = select(examinations).where(examinations.c.spec_sha256 == season.spec_sha256)
    rows = connection.execute(asked.order_by(examinations.c.id.desc()).limit(count)).all()
    return [_stored_row(row, decode) for row in reversed(rows)]


def reader_of(connection: Connection, spec_sha256: str) -> Reader:
    """Return what reads the newest examinations of some contents under a spec."""
    decode = codec.findings_decoder()

    def read(contents: Collection[Content]) -> dict[Content, StoredExamination]:
        asked = (
            select(examinations)
            .where(
                examinations.c.spec_sha256 == spec_sha256,
                examinations.c.sha256.in_(sorted({sha256 for sha256, _ in contents})),
            )
            .order_by(examinations.c.id)
        )
        rows = (_stored_row(row, decode) for row in connection.execute(asked))
        found = {one.content: one for one in rows}
        return {content: found[content] for content in contents if content in found}

    return read


def _stored_row(row: Row[Any], decode: Callable[[bytes], tuple[Finding, ...]]) -> StoredExamination:
    if not row.more.keys() <= {*_MORE, "causes", "marks"}:
        raise damaged(Text("检查记录不成立", "an examination that is none"))
    made = (row.upload_sha256, row.upload_bytes, row.upload_quality)
    return StoredExamination(
        row.id,
        row.sha256,
        row.mode,
        intern(row.instruments_sha256),
        decode(row.findings),
        row.width_px,
        row.height_px,
        row.fingerprint,
        row.thumbnail,
        made if row.upload_sha256 is not None else None,
        row.more,
    )


def by_other_rules(connection: Connection, spec_sha256: str, tools: Mapping[str, str]) -> bool:
    """Whether photos were examined by other rules than there are now, or cannot be compared."""
    last = newest(spec_sha256).subquery()
    asked = select(instruments.c.tools).where(
        instruments.c.sha256.in_(select(last.c.instruments_sha256))
    )
    return any(
        kept.get(name) != tools[name]
        for kept in connection.scalars(asked)
        for name in ("rules", "fingerprint")
    )


def copy_judged(
    connection: Connection, spec_sha256: str, judged: Mapping[int, Sequence[Finding]]
) -> None:
    """Keep examinations, by id, under another spec with the findings that it comes to."""
    rows = connection.execute(select(examinations).where(examinations.c.id.in_(list(judged))))
    by_tools: dict[str, list[dict[str, object]]] = defaultdict(list)
    for row in rows.mappings():
        values = {name: value for name, value in row.items() if name != "id"}
        values |= {"spec_sha256": spec_sha256, "rejudged_from": row["id"]}
        values |= {"findings": codec.encode_findings(judged[row["id"]])}
        by_tools[row["instruments_sha256"]].append(values)
    for some in by_tools.values():
        add_rows(connection, some)


def contents_without(connection: Connection, spec_sha256: str) -> list[tuple[str, Mode]]:
    """Contents of closed rounds that no examination is kept of under a spec."""
    asked = (
        select(submissions.c.sha256, runs.c.mode)
        .join(runs, runs.c.id == submissions.c.run_id)
        .outerjoin(
            examinations,
            and_(
                examinations.c.sha256 == submissions.c.sha256,
                examinations.c.mode == runs.c.mode,
                examinations.c.spec_sha256 == spec_sha256,
            ),
        )
        .where(submissions.c.sha256 != "", examinations.c.id.is_(None))
    )
    rows = connection.execute(asked.distinct().order_by(submissions.c.sha256, runs.c.mode))
    return [(sha256, mode) for sha256, mode in rows]


def can_be_made(connection: Connection, submission: int, spec_sha256: str) -> bool:
    """Whether a registration file lies ready, or the photo is one."""
    row = connection.execute(
        select(examinations.c.upload_sha256, examinations.c.width_px, examinations.c.mode)
        .join(submissions, submissions.c.sha256 == examinations.c.sha256)
        .join(runs, (runs.c.id == submissions.c.run_id) & (runs.c.mode == examinations.c.mode))
        .where(submissions.c.id == submission, examinations.c.spec_sha256 == spec_sha256)
        .order_by(examinations.c.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return False
    return row.upload_sha256 is not None or (row.mode == Mode.FINAL and row.width_px is not None)
