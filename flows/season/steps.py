"""A season from its first list to its reports: plain functions, no Prefect.

`take_in` copies what arrived and writes it down, `examine_pending` runs the models on what
has not been examined, `publish` compares and judges all of the season and writes its lists.
Each can be killed at any moment and called again: what is done is not done twice, and the
lists come out the same. `ingest` calls the three.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from checks import CHECKS
from flows.season.faces import keep_references, key_of, new_key, outside
from flows.season.intake import CHUNK, Taken, every_file, take_in
from flows.season.judging import OTHER_RULES, header_lines, judge_season, write_season
from flows.shoot.progress import CHECKING, COMPARING, LISTING, LOADING, Tell, silent
from flows.shoot.steps import UNUSED_REFERENCES
from flows.shoot.worker import PoolOf, default_workers, worker_pool
from pipeline.batch.rounds import deadline_of_class, months_before, next_deadline
from pipeline.core.batched import batched
from pipeline.core.errors import UsageError
from pipeline.core.output_files import OutputFile
from pipeline.core.records import Examination, Result, Submission
from pipeline.core.rules import Choose, Judge, Mode, Text
from pipeline.examine.setting import Setting
from pipeline.face.model_manifest import model_path
from pipeline.intake.file_names import upload_names
from pipeline.intake.roster import Roster, read_roster
from pipeline.ledger import examinations as kept
from pipeline.ledger.database import locked, open_database
from pipeline.ledger.provenance import provenance_of
from pipeline.ledger.season import (
    ROUND,
    ZONE,
    Season,
    begin_run,
    begin_season,
    droppings,
    end_run,
    open_run,
    read_season,
    refuse_second,
)
from pipeline.ledger.store import REPORTS, staging_folder, sweep
from pipeline.ledger.verdicts_and_reviews import add_verdicts, count_verdicts, set_student_states
from pipeline.rules import photo_rules
from pipeline.spec.files import merge, read_files
from pipeline.spec.school import School
from pipeline.spec.spec import Spec, load_spec
from reports.masking import Presentation
from reports.summary import summary

_CLASS = re.compile(r"(?<![0-9])20[0-9]{2}(?![0-9])")  # in the name of a season's folder


@dataclass(frozen=True)
class Ingested:
    """What a round came to: counts only, so that it may be shown and kept anywhere."""

    taken: Taken
    examined: int
    students: dict[str, int]  # by verdict
    header_lines: tuple[Text, ...]  # the deadlines, in words
    set_aside: int = 0  # files beside photos, of those that the lists show


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
    choose: Choose | None = None,
    carry: Sequence[str] = (),
    school: School | None = None,
) -> Roster:
    """Begin a season in ``folder``; the next deadline of the spec, where none is given.

    That of the class of a year, where ``class_of`` or the folder's name has one: 2027届.

    With ``identity``, or where the spec says so, faces are compared in every round, with the
    photos on record that are copied now. With ``template_key``, a file that is made where there
    is none, each face is described once and its template kept under that key. ``sheets`` are
    those of the roster that count, see `read_roster`. ``choose`` says which of several photos
    of one round speaks, where that is not left to the spec. ``carry`` are columns of the roster
    for lists that people act on; ``school`` is the season's.

    Raises
    ------
    UsageError
        Roster or spec cannot be used, or there is a season already.
    """
    moment = now or datetime.now(UTC)
    spec = load_spec(spec_name, CHECKS)
    carried = spec.season.carried(carry)
    read = read_roster(roster, sheets, by_id=spec.naming == "id_no", carry=carried)
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
            carry=carried,
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


@contextmanager
def open_season(
    folder: Path, ledger: str | None = None, *, writing: bool = True, spec: Spec | None = None
) -> Iterator[Season]:
    """Open a season; for ``writing`` it is locked, and what a killed run left is tidied.

    Raises
    ------
    UsageError
        There is none, or another run is at work on it.
    """
    engine = open_database(folder, ledger, create=False)
    try:
        if not writing:
            yield read_season(folder, engine, CHECKS, spec)
            return
        with locked(folder, engine):
            sweep(folder)
            season = replace(read_season(folder, engine, CHECKS, spec), locked=True)
            key_of(season)  # before anything is done that could not be completed
            yield season
    finally:
        engine.dispose()


def ingest(
    folder: Path,
    inbox: Path,
    *,
    ledger: str | None = None,
    workers: int = 0,
    judge_as: Judge = "auto",
    manifest: Path | None = None,
    presentation: Presentation = Presentation(),
    now: datetime | None = None,
    ready: Callable[[Submission], bool] = every_file,
    pool: PoolOf = worker_pool,
    progress: Tell = silent,
) -> Ingested:
    """Take in what arrived, examine it, and write the lists of the whole season.

    Raises
    ------
    UsageError
        Season, inbox or manifest cannot be used.
    """
    with open_season(folder, ledger) as season:
        finish_interrupted(season, presentation)
        with season.engine.connect() as connection:
            if kept.by_other_rules(connection, season.spec_sha256, provenance()):
                raise UsageError(OTHER_RULES)
        progress(LISTING)
        taken = take_in(season, inbox, judge_as=judge_as, manifest=manifest, now=now, ready=ready)
        examined = examine_pending(season, workers, pool=pool, progress=progress)
        with season.engine.begin() as connection:
            run = open_run(connection)
            written = (folder / REPORTS / OutputFile.PAGE).is_file()
            if run is None and not written:
                run = begin_run(
                    connection,
                    "report",
                    now=now or datetime.now(UTC),
                    spec_sha256=season.spec_sha256,
                )
        set_aside = 0
        if run is not None:
            progress(COMPARING)
            set_aside = summary(publish(season, presentation, now=now)).set_aside
        with season.engine.connect() as connection:
            counts = count_verdicts(connection)
        return Ingested(taken, examined, counts, header_lines(season), set_aside)


def finish_interrupted(season: Season, presentation: Presentation) -> None:
    """Write the lists that a killed review, roster or rejudgement did not come to write."""
    with season.engine.connect() as connection:
        run = open_run(connection)
    if run is not None and run.kind != ROUND:
        publish(season, presentation)


def pending(season: Season) -> tuple[Submission, ...]:
    """What the round under way has still to have examined: contents, named by their hashes."""
    with season.engine.connect() as connection:
        run = open_run(connection)
        if run is None or run.kind != ROUND:
            return ()
        contents = kept.pending(season, connection, run, provenance())
    return tuple(kept.job(season.folder, sha256) for sha256 in contents)


def provenance() -> dict[str, str]:
    """Say by what photos are examined now: models and rules."""
    return provenance_of(photo_rules(CHECKS))


def setting_of_season(season: Season, mode: Mode | None = None) -> Setting:
    """Return what the workers need to know; the mode of the round under way where none is given."""
    if mode is None:
        with season.engine.connect() as connection:
            run = open_run(connection)
        if run is None or run.mode is None:
            raise UsageError(Text("没有正在进行的轮次", "no round is under way"))
        mode = Mode(run.mode)
    return Setting(season.spec, mode, staging_folder(season.folder), stage_all=True)


def keep(season: Season, done: Sequence[Examination]) -> None:
    """Write down a chunk of examinations, all or none of them."""
    with season.engine.begin() as connection:
        kept.keep(connection, season.spec_sha256, done, provenance())


def examine_pending(
    season: Season,
    workers: int = 0,
    *,
    pool: PoolOf = worker_pool,
    progress: Tell = silent,
) -> int:
    """Examine what the round under way still needs, and give how many photos that was."""
    jobs = pending(season)
    if not jobs:
        return 0
    return examine_jobs(
        season, jobs, setting_of_season(season), workers, pool=pool, progress=progress
    )


def examine_jobs(
    season: Season,
    jobs: Sequence[Submission],
    setting: Setting,
    workers: int,
    *,
    pool: PoolOf = worker_pool,
    progress: Tell = silent,
) -> int:
    """Examine contents under one setting, a transaction every `CHUNK`."""
    done = 0
    progress(LOADING)
    with pool(setting, workers or default_workers()) as opened:
        for chunk in batched(opened.run(jobs), CHUNK):
            keep(season, chunk)
            done += len(chunk)
            progress(CHECKING, done, len(jobs))
    return done


def publish(
    season: Season, presentation: Presentation = Presentation(), now: datetime | None = None
) -> Result:
    """Judge all of the season, write its lists, and close the run under way.

    Raises
    ------
    UsageError
        No run is under way, a photo still waits for its examination, or the folder of the
        reports cannot be written.
    """
    with season.engine.connect() as connection:
        run = open_run(connection)
        if run is None:
            raise UsageError(
                Text(
                    "没有正在进行的运行：没有可以发布的内容",
                    "no run is under way: there is nothing to publish",
                )
            )
        judged = judge_season(season, connection, droppings(connection))
        write_season(season, judged, presentation)
    result = judged.result
    with season.engine.begin() as connection:
        add_verdicts(connection, run, {judged.ids[row.photo]: row for row in result.photos})
        uploads = {u.student_key: u.upload.sha256 for u in result.uploads}
        set_student_states(connection, result.students, judged.ids, uploads)
        counts = {str(v): n for v, n in summary(result).students.items()}
        end_run(connection, run, now or datetime.now(UTC), counts)
    return result
