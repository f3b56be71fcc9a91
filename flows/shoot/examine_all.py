"""An inbox without a roster, examined in worker processes."""

from collections.abc import Iterator
from pathlib import Path

from rich.progress import Progress

from checks import CHECKS
from flows.shoot.reading import find_mode
from flows.shoot.worker import default_workers, worker_pool
from pipeline.core.errors import InboxError
from pipeline.core.records import Examination
from pipeline.core.rules import Judge, Mode, Text
from pipeline.examine.setting import Setting
from pipeline.intake.inbox import list_submissions
from pipeline.spec.spec import load_spec


def examine_all(
    inbox: Path, spec_name: str, judge_as: Judge, workers: int, progress: Progress
) -> Iterator[Examination]:
    """Examine every file of an inbox, writing nothing; ``workers`` 0: one a core.

    Raises
    ------
    UsageError
        A spec or inbox that cannot be used.
    """
    spec = load_spec(spec_name, CHECKS)
    submissions, _ = list_submissions(inbox)
    if not submissions:
        raise InboxError(Text(f"{inbox.name}：里面没有文件", f"{inbox.name}: holds no files"))
    mode = find_mode(submissions, spec) if judge_as == "auto" else Mode(judge_as)
    pool = worker_pool(Setting(spec, mode), workers or default_workers())
    with pool, progress:
        task = progress.add_task(f"{spec.id}, {mode}", total=len(submissions))
        for examination in pool.run(submissions):
            yield examination
            progress.advance(task)
