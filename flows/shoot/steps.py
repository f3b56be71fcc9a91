"""One shoot from inbox and roster to reports: plain functions, no Prefect.

`flows.shoot.reading.prepare` reads what was handed in, the pool examines, `finish` judges and
writes. The command line and the Prefect flow call the same three.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from checks import CHECKS
from flows.shoot.output import check_out, note_shoot, staging_in, write_out
from flows.shoot.pictures import pictures_of
from flows.shoot.progress import (
    CHECKING,
    COMPARING,
    DESCRIBING,
    JUDGING,
    LOADING,
    WRITING,
    Tell,
    counted,
    details_counted,
    silent,
)
from flows.shoot.reading import Shoot
from flows.shoot.record import run_record
from flows.shoot.stages import Stage, files_written, pairs_counted, plainly
from flows.shoot.worker import default_workers, record_pool, worker_pool
from pipeline.batch.choose import choose_among
from pipeline.batch.compare import Compared, compare
from pipeline.batch.judge import judge
from pipeline.batch.match import match
from pipeline.batch.sequence import Paired, by_cards, by_scans
from pipeline.core.counting import Counted, untold
from pipeline.core.output_files import OutputFile
from pipeline.core.private_files import writing_to
from pipeline.core.records import Examination, Result
from pipeline.core.rules import Rule
from pipeline.core.run_photos import Photos, PhotoSummary, in_memory
from pipeline.core.verdict import remedies
from pipeline.duplicates.fingerprints import write_fingerprints
from pipeline.examine.setting import Setting
from pipeline.identity.compare import OnRecord
from pipeline.intake.card_numbers import numbers_of
from pipeline.intake.scans import read_scans
from pipeline.rules import run_rules
from pipeline.spec.files import merge, read_files
from reports.beside import Beside
from reports.masking import Presentation
from reports.shared_words import students_line
from reports.summary import summary


def pair(
    shoot: Shoot,
    summaries: Sequence[PhotoSummary],
    scans: Sequence[tuple[datetime, str]] | None = None,
) -> Paired:
    """Say whose photos are where their names do not: cards, scans or the manifest.

    ``scans`` are those of the request's list where it has been read already.

    Raises
    ------
    RosterError
        The list of scans cannot be used.
    """
    request = shoot.request
    if request.cards:
        return by_cards(summaries, shoot.students)
    if request.scans is not None:
        read = read_scans(request.scans) if scans is None else scans
        return by_scans(summaries, read, shoot.students)
    return Paired(shoot.manifest or {}, {})


def setting_of(shoot: Shoot, staging: Path) -> Setting:
    """Return what the workers need to know."""
    compared = shoot.references is not None
    return Setting(
        shoot.spec,
        shoot.mode,
        staging,
        compare_faces=compared,
        repair=shoot.request.repair,
        cards=numbers_of(shoot.students) if shoot.request.cards else None,
    )


def describe_records(shoot: Shoot, setting: Setting, workers: int) -> list[OnRecord] | None:
    """Describe the faces on record of a shoot; None where faces are not compared."""
    if shoot.references is None:
        return None
    if not shoot.references.found:
        return []
    with record_pool(setting, workers) as pool:
        return list(pool.run(shoot.references.found))


def check_shoot(
    shoot: Shoot,
    out: Path,
    *,
    workers: int,
    presentation: Presentation,
    progress: Tell,
) -> Result:
    """Examine, compare, judge and write, without Prefect; ``progress`` is told how far it is.

    Raises
    ------
    UsageError
        When ``out`` cannot take the results.
    """
    with staging_in(out) as staging:
        setting, count = setting_of(shoot, staging), workers or default_workers()
        if shoot.references is not None:
            progress(DESCRIBING)
        records = describe_records(shoot, setting, count)
        examined = []
        progress(LOADING)
        with worker_pool(setting, count) as pool:
            for done, examination in enumerate(pool.run(shoot.submissions), start=1):
                examined.append(examination)
                progress(CHECKING, done, len(shoot.submissions))
        return finish(
            shoot, examined, out, staging, presentation, records=records, progress=progress
        )


def finish(
    shoot: Shoot,
    examined: Iterable[Examination],
    out: Path,
    staging: Path,
    presentation: Presentation,
    *,
    records: Sequence[OnRecord] | None = None,
    progress: Tell = silent,
    stage: Stage = plainly,
) -> Result:
    """Compare, judge, put the registration files in place and write every report."""
    done = tuple(examined)
    rules = run_rules(CHECKS)
    progress(COMPARING)
    compared = stage(
        COMPARING,
        lambda: compare_shoot(shoot, in_memory(done), rules, records, counted(progress, COMPARING)),
        pairs_counted,
    )
    progress(JUDGING)
    result = stage(
        JUDGING,
        lambda: judge(
            compared,
            shoot.spec,
            rules,
            shoot.mode,
            droppings=shoot.droppings,
            header_lines=shoot.roster.notes,
        ),
        lambda judged: students_line(summary(judged).students),
    )
    progress(WRITING)
    stage(
        WRITING,
        lambda: write_shoot(
            shoot,
            done,
            details_counted(result, counted(progress, WRITING)),
            out,
            staging,
            presentation,
        ),
        lambda _: files_written(result),
    )
    return result


def compare_shoot(
    shoot: Shoot,
    photos: Photos,
    rules: Sequence[Rule],
    records: Sequence[OnRecord] | None,
    tell: Counted = untold,
) -> Compared:
    """Find out whose each photo is, and compare them."""
    numbers = pair(shoot, photos.summaries).numbers
    matched = choose_among(
        match(photos, shoot.students, numbers),
        shoot.request.choose,
        remedies(rules, shoot.spec.remedies),
    )
    refused = None if shoot.earlier is None else shoot.earlier.refused
    return compare(matched, shoot.spec.identity, records=records, refused=refused, tell=tell)


def write_shoot(
    shoot: Shoot,
    done: Sequence[Examination],
    result: Result,
    out: Path,
    staging: Path,
    presentation: Presentation,
) -> None:
    """Put the registration files in place and write every report."""
    check_out(out, *shoot.request.given)
    with writing_to(out):
        note_shoot(out, shoot.request)
    references = () if shoot.references is None else shoot.references.found
    document = merge(read_files(shoot.request.spec))
    beside = Beside(
        pictures_of(staging.joinpath, references, shoot.spec),
        record=run_record(document, result, shoot.spec.off),
        all_previews=shoot.request.all_previews,
        thumbnails=shoot.request.thumbnails,
        school=shoot.request.school,
    )
    write_out(result, out, lambda upload: upload.path(staging), presentation, beside)
    prints = {e.sha256: e.fingerprint for e in done if e.fingerprint is not None}
    with writing_to(out):
        write_fingerprints(out / OutputFile.FINGERPRINTS, prints)
