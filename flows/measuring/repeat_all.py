"""A seeded sample of a folder's photos, each measured again and again in worker processes."""

import random
from functools import partial
from pathlib import Path

from rich.console import Console

from checks import CHECKS
from flows.measuring.evaluate import strict
from flows.measuring.repeatability import Repeated, repeat
from flows.shoot.progress import progress_bar
from flows.shoot.worker import default_workers, start
from pipeline.core.errors import InboxError
from pipeline.core.pool import WorkerPool
from pipeline.core.records import Submission
from pipeline.core.rules import Mode, Text
from pipeline.examine.setting import Setting
from pipeline.face.models import load_models
from pipeline.intake.inbox import list_submissions
from pipeline.spec.spec import Spec, load_spec

_SEED = 14
_CPU_SECONDS = 900.0  # a photo is examined a dozen times


def repeat_all(inbox: Path, spec_name: str, most: int, workers: int) -> list[Repeated]:
    """Measure ``most`` photos (0: all) that can be measured; ``workers`` 0: one a core.

    Raises
    ------
    UsageError
        A spec or inbox that cannot be used, or no photo in it that can be measured.
    """
    spec = strict(load_spec(spec_name, CHECKS))
    submissions = list(list_submissions(inbox)[0])
    random.Random(_SEED).shuffle(submissions)  # noqa: S311 - a sample, no secret
    pool = WorkerPool(
        partial(_repeat, spec=spec),
        _lost,
        workers=workers or default_workers(),
        initializer=start,
        initargs=(Setting(spec, Mode.SOURCE),),
        cpu_seconds=_CPU_SECONDS,
    )
    found: list[Repeated] = []
    progress = progress_bar(Console(stderr=True))
    with pool, progress:
        task = progress.add_task(spec.id, total=most or len(submissions))
        for one in pool.run(submissions):
            if one is not None:
                found.append(one)
                progress.advance(task)
            if most and len(found) >= most:
                break
    if not found:
        raise InboxError(
            Text(
                f"{inbox.name}：没有一张照片的人脸像素够多",
                f"{inbox.name}: no photo in it has a face of enough pixels",
            )
        )
    return found


def _repeat(submission: Submission, spec: Spec) -> Repeated | None:
    return repeat(submission, spec, CHECKS, load_models())


def _lost(_submission: Submission) -> None:
    return None
