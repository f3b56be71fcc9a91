"""The shoot as a Prefect flow: chunks of photos as tasks, the work unchanged.

Parameters are folders and settings only, artifacts are counts only: all of it lands in
Prefect's database in clear.
"""

import flows.prefect_glue.settings  # isort: skip  # noqa: F401 - before prefect reads its settings

from pathlib import Path

from prefect import flow

from flows.prefect_glue.artifacts import leave_checks, leave_counts
from flows.prefect_glue.runners import task_runner
from flows.prefect_glue.stages import stages_of
from flows.prefect_glue.task_pool import task_pool
from flows.settings import LANG
from flows.shoot.output import check_out, folder_of, staging_in
from flows.shoot.progress import READING
from flows.shoot.reading import prepare
from flows.shoot.request import Request
from flows.shoot.steps import describe_records, finish, setting_of
from flows.shoot.worker import default_workers
from pipeline.core.output_files import OutputFile
from pipeline.core.records import Result
from pipeline.core.rules import Choose, Judge, Lang, Text, Verdict
from reports.families import by_family
from reports.masking import Presentation
from reports.summary import summary

NAME = "gradphoto-shoot"


@flow(
    name=NAME,
    task_runner=task_runner("local"),
    persist_result=False,
    validate_parameters=True,
)
def shoot_flow(
    inbox: str,
    roster: str,
    out: str,
    spec: str = "chsi_graduate",
    judge_as: Judge = "auto",
    manifest: str | None = None,
    workers: int = 0,
    lang: Lang = "zh",
    full_names: bool = False,  # noqa: FBT001 - Prefect gives parameters by name
    references: str | None = None,
    earlier: tuple[str, ...] = (),
    identity: bool = False,  # noqa: FBT001
    repair: bool = False,  # noqa: FBT001
    sheets: tuple[str, ...] = (),
    choose: Choose = "ask",
    all_previews: bool = False,  # noqa: FBT001
    carry: tuple[str, ...] = (),
    thumbnails: bool = False,  # noqa: FBT001
    cards: bool = False,  # noqa: FBT001
    scans: str | None = None,
    columns: tuple[str, ...] = (),
    school: str = "",
) -> dict[str, int]:
    """Check one shoot; gives the counts of students by verdict."""
    request = Request(
        Path(inbox),
        Path(roster),
        spec,
        judge_as,
        None if manifest is None else Path(manifest),
        None if references is None else Path(references),
        tuple(map(Path, earlier)),
        identity,
        repair,
        sheets,
        choose,
        all_previews,
        carry,
        thumbnails,
        cards,
        None if scans is None else Path(scans),
        columns,
        school,
    )
    stage = stages_of(LANG)
    run_shoot = stage(
        READING,
        lambda: prepare(request),
        lambda read: Text(
            f"学生 {len(read.students)}，文件 {len(read.submissions)}",
            f"students {len(read.students)}, files {len(read.submissions)}",
        ),
    )
    check_out(Path(out), *request.given)
    folder_of(Path(out), request, again=False)
    with staging_in(Path(out)) as staging:
        setting, count = setting_of(run_shoot, staging), workers or default_workers()
        records = describe_records(run_shoot, setting, count)
        with task_pool(setting, count, LANG) as pool:
            examined = list(pool.run(run_shoot.submissions))
        result = finish(
            run_shoot,
            examined,
            Path(out),
            staging,
            Presentation(lang, full_names),
            records=records,
            stage=stage,
        )
    return _publish(result, Path(out) / OutputFile.PAGE)


def _publish(result: Result, report: Path) -> dict[str, int]:
    """Leave artifacts of counts, and give the students'."""
    counts = summary(result)
    students = {str(verdict): counts.students[verdict] for verdict in Verdict}
    shown = {f"students: {verdict}": count for verdict, count in students.items()} | {
        "photos": len(result.photos),
        "upload files": counts.uploads,
    }
    leave_counts(NAME, shown, report, LANG)
    leave_checks(f"{NAME}-checks", by_family(result), report, LANG)
    return students
