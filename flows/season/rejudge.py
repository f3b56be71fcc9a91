"""Other limits on a season: whose verdict would change, and, if wanted, the change itself."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from checks import CHECKS
from flows.season.examining import examine_jobs, provenance, setting_of_season
from flows.season.intake import CHUNK
from flows.season.judging import compare_season, judge_season
from flows.season.steps import open_season, publish
from flows.shoot.progress import Tell, silent
from flows.shoot.worker import PoolOf, worker_pool
from pipeline.batch.rejudge import Changed, Rejudgement, compare_specs, rejudge
from pipeline.core.batched import batched
from pipeline.core.records import decode_fingerprint
from pipeline.core.rules import Mode, Outcome, Verdict
from pipeline.ledger.examinations import (
    Content,
    StoredExamination,
    contents_without,
    copy_judged,
    job,
    read_stored,
    reader_of,
)
from pipeline.ledger.provenance import provenance_sha256
from pipeline.ledger.season import (
    Season,
    begin_run,
    document_sha256,
    droppings,
    keep_spec,
    open_run,
    set_spec,
)
from pipeline.ledger.verdicts import student_verdicts
from pipeline.rules import photo_rules
from pipeline.spec.files import merge, read_files
from pipeline.spec.spec import load_spec, spec_of
from reports.masking import Presentation


def rejudge_season(
    folder: Path,
    spec_name: str | None,
    *,
    apply: bool,
    ledger: str | None = None,
    workers: int = 0,
    presentation: Presentation = Presentation(),
    now: datetime | None = None,
    pool: PoolOf = worker_pool,
    progress: Tell = silent,
) -> Rejudgement:
    """Judge a season by another specification; without ``apply`` nothing is changed.

    A season that compares faces goes on doing so, whatever the other one says.

    Parameters
    ----------
    spec_name
        A shipped spec or a file; None: the season's own, for photos that need a new
        examination (by other models, or because none was possible).

    Raises
    ------
    UsageError
        Season or spec cannot be used; to show: a round was cut short.
    """
    moment = now or datetime.now(UTC)
    given = None if spec_name is None else load_spec(spec_name, CHECKS)
    with open_season(folder, ledger, writing=apply, spec=given) as season:
        document = dict(season.document) if spec_name is None else merge(read_files(spec_name))
        if season.document.get("identity", {}).get("compare"):  # none: an older version wrote it
            # Settled when the season began: other limits must not clear whoever is in doubt.
            document["identity"] = {**document["identity"], "compare": True}
        spec = spec_of(document, CHECKS, "the season's spec")
        target = replace(
            season, spec=spec, spec_sha256=document_sha256(document), document=document
        )
        plan = _plan(season, target)
        if not apply:
            return _preview(season, plan, target)
        with season.engine.begin() as connection:
            keep_spec(connection, spec.id, document)
        _write_judged(season, target, plan)
        _examine_anew(target, plan, workers, pool=pool, progress=progress)
        with season.engine.begin() as connection:
            set_spec(connection, spec.id, document)
            if open_run(connection) is None:  # else what was cut short ends with this
                begin_run(connection, "rejudge", now=moment, spec_sha256=target.spec_sha256)
        earlier = _verdicts_before(season)
        result = publish(target, presentation, now=moment)
        changed = tuple(
            Changed(row.student.key, earlier[row.student.key], row.verdict, row.codes)
            for row in result.students
            if earlier[row.student.key] is not row.verdict
        )
    return _rejudgement(plan, changed, undecided=0, applied=True)


@dataclass(frozen=True)
class _Plan:
    """What becomes of the examinations under the new spec.

    ``anew`` judges one of the old spec by the new one, and says what asks for a new
    examination of it.
    """

    anew: Callable[[StoredExamination], tuple[StoredExamination, tuple[str, ...]]]
    count: int
    needs: Mapping[Content, tuple[str, ...]]
    there: frozenset[Content]  # examined or judged under the new spec before: they stand


def _plan(season: Season, target: Season) -> _Plan:
    change = compare_specs(season.document, target.document, CHECKS)
    rules = {rule.code: rule for rule in photo_rules(CHECKS)}
    tools = provenance_sha256(provenance())

    def anew(kept: StoredExamination) -> tuple[StoredExamination, tuple[str, ...]]:
        known = tuple(f for f in kept.findings if f.code in rules)  # others are retired
        done = rejudge(known, kept.mode, change, rules)
        asks = (*done.needs, *_asks_of_its_own(kept, tools))
        return replace(kept, findings=done.findings), asks

    with season.engine.connect() as connection:
        there = set()
        if target.spec_sha256 != season.spec_sha256:
            stands = read_stored(connection, target.spec_sha256)
            there = {kept.content for kept in stands if not _asks_of_its_own(kept, tools)}
        count, needs = len(there), {}
        for kept in read_stored(connection, season.spec_sha256):
            if kept.content not in there:
                count += 1
                if asks := anew(kept)[1]:
                    needs[kept.content] = asks
    return _Plan(anew, count, needs, frozenset(there))


def _asks_of_its_own(kept: StoredExamination, tools: str) -> tuple[str, ...]:
    """Whether an examination is worth another, whatever the limits: other models, or none."""
    asks = []
    if any(f.code == "FL005" and f.outcome is Outcome.BROKEN for f in kept.findings):
        asks.append("FL005")
    old = kept.fingerprint is not None and decode_fingerprint(kept.fingerprint) is None
    if kept.instruments_sha256 != tools or old:
        asks.append("version")
    return tuple(asks)


def _verdicts_before(season: Season) -> dict[str, Verdict]:
    with season.engine.connect() as connection:
        return student_verdicts(connection)


def _preview(season: Season, plan: _Plan, target: Season) -> Rejudgement:
    """Judge without writing, and hold the students against where they stand."""
    earlier = _verdicts_before(season)
    with season.engine.connect() as connection:
        before = reader_of(connection, season.spec_sha256)
        now = reader_of(connection, target.spec_sha256)

        def kept(contents: Collection[Content]) -> dict[Content, StoredExamination]:
            judged = {content: plan.anew(one)[0] for content, one in before(contents).items()}
            return judged | dict(now([one for one in contents if one in plan.there]))

        judged = judge_season(
            target,
            connection,
            droppings(connection),
            compare_season(target, connection, kept),
        )
    waiting = {
        row.photo
        for row in judged.result.photos
        if any((row.sha256, mode) in plan.needs for mode in Mode)
    }
    changed, undecided = [], 0
    for row in judged.result.students:
        if row.photo in waiting:
            undecided += 1
        elif earlier[row.student.key] is not row.verdict:
            changed.append(
                Changed(row.student.key, earlier[row.student.key], row.verdict, row.codes)
            )
    return _rejudgement(plan, changed, undecided=undecided, applied=False)


def _rejudgement(
    plan: _Plan, changed: Sequence[Changed], *, undecided: int, applied: bool
) -> Rejudgement:
    counts = Counter(key for keys in plan.needs.values() for key in keys)
    return Rejudgement(
        tuple(changed),
        plan.count - len(plan.needs),
        dict(sorted(counts.items())),
        undecided,
        applied,
    )


def _write_judged(season: Season, target: Season, plan: _Plan) -> None:
    """Keep what was judged anew beside what it was judged from."""
    if target.spec_sha256 == season.spec_sha256:
        return
    skip = plan.needs.keys() | plan.there
    with season.engine.connect() as reading:
        stored = read_stored(reading, season.spec_sha256)
        anew = (plan.anew(kept)[0] for kept in stored if kept.content not in skip)
        for some in batched(anew, CHUNK):
            with season.engine.begin() as connection:
                copy_judged(
                    connection, target.spec_sha256, {kept.id: kept.findings for kept in some}
                )


def _examine_anew(
    target: Season,
    plan: _Plan,
    workers: int,
    *,
    pool: PoolOf,
    progress: Tell,
) -> None:
    """Run the models on what nothing else answers, mode by mode."""
    with target.engine.connect() as connection:
        without = contents_without(connection, target.spec_sha256)
    for mode in Mode:
        wanted = sorted({sha for sha, of in (*plan.needs, *without) if of is mode})
        if wanted:
            examine_jobs(
                target,
                [job(target.folder, sha256) for sha256 in wanted],
                setting_of_season(target, mode),
                workers,
                pool=pool,
                progress=progress,
            )
