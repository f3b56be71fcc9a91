"""What a worker process does: it keeps the models and the spec, and takes submissions."""

import logging
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from checks import CHECKS
from pipeline.examine import examine, unexamined
from pipeline.models import load_models
from pipeline.pool import WorkerPool
from pipeline.records import Examination, Submission
from pipeline.spec import Spec
from pipeline.words import Mode


@dataclass(frozen=True)
class Setting:
    """What is the same for every photo of a run; for ``stage_all`` see `examine`."""

    spec: Spec
    mode: Mode
    staging: Path | None
    stage_all: bool = False


_setting: Setting | None = None


def start(setting: Setting) -> None:
    """Prepare this process: called once in each worker."""
    global _setting  # noqa: PLW0603 - a process is the scope that loaded models live in
    # The parent decides when to stop; a Ctrl-C reaches every process of the terminal.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.getLogger().setLevel(logging.WARNING)
    _setting = setting
    load_models()


def examine_one(submission: Submission) -> Examination:
    """Examine one submission in a process that `start` prepared."""
    assert _setting is not None
    return examine_here(_setting, [submission])[0]


def examine_here(setting: Setting, submissions: Sequence[Submission]) -> list[Examination]:
    """Examine submissions in this process: the worker of a cluster, which loads models once."""
    models = load_models()
    return [
        examine(
            submission,
            spec=setting.spec,
            mode=setting.mode,
            checks=CHECKS,
            models=models,
            staging=setting.staging,
            stage_all=setting.stage_all,
        )
        for submission in submissions
    ]


def worker_pool(setting: Setting, workers: int) -> WorkerPool[Submission, Examination]:
    """Open a pool of processes that examine submissions under one setting."""
    return WorkerPool(
        examine_one,
        partial(unexamined, mode=setting.mode, checks=CHECKS),
        workers=workers,
        initializer=start,
        initargs=(setting,),
    )


def default_workers() -> int:
    """One worker a core that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
