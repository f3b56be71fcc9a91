"""What a worker process does: it keeps the models and the spec, and takes submissions."""

import hashlib
import logging
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Protocol

from checks import CHECKS
from pipeline.core.errors import PhotoError
from pipeline.core.pool import WorkerPool
from pipeline.core.records import Examination, FaceTemplate, Submission
from pipeline.core.rules import Text
from pipeline.examine.examine import examine, examine_record, unexamined
from pipeline.examine.setting import Setting, Tools
from pipeline.face.models import load_models, load_recogniser
from pipeline.identity.compare import OnRecord
from pipeline.intake.inbox import read_bytes

if TYPE_CHECKING:  # a worker reads no roster, which takes a quarter of a second to learn
    from pipeline.intake.references import Reference


class Pool(Protocol):
    """What examines submissions; `pipeline.core.pool.WorkerPool` is one."""

    def run(self, jobs: Iterable[Submission]) -> Iterator[Examination]:
        """Yield one examination for each submission."""
        ...


PoolOf = Callable[[Setting, int], AbstractContextManager[Pool]]


_NOT_DESCRIBED = Text("参考照片未能读取", "the photo on record could not be read")

_setting: Setting | None = None


def start(setting: Setting) -> None:
    """Prepare this process: called once in each worker."""
    global _setting  # noqa: PLW0603 - a process is the scope that loaded models live in
    # The parent decides when to stop; a Ctrl-C reaches every process of the terminal.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.getLogger().setLevel(logging.WARNING)
    _setting = setting
    load_models()
    if setting.compare_faces:
        load_recogniser()


def examine_one(submission: Submission) -> Examination:
    """Examine one submission in a process that `start` prepared."""
    assert _setting is not None
    return examine_here(_setting, [submission])[0]


def here() -> tuple[Setting, Tools]:
    """Return what `start` prepared in this process."""
    assert _setting is not None
    recogniser = load_recogniser() if _setting.compare_faces else None
    return _setting, Tools(CHECKS, load_models(), recogniser)


def examine_here(setting: Setting, submissions: Sequence[Submission]) -> list[Examination]:
    """Examine submissions in this process: the worker of a cluster, which loads models once."""
    recogniser = load_recogniser() if setting.compare_faces else None
    tools = Tools(CHECKS, load_models(), recogniser)
    return [examine(submission, setting, tools) for submission in submissions]


def describe_one(reference: "Reference") -> OnRecord:
    """Describe the face of a photo on record, in a process that `start` prepared."""
    assert _setting is not None
    spec = _setting.spec
    try:
        data = read_bytes(reference.submission, spec.reading.max_bytes)
    except PhotoError as error:
        return OnRecord(reference.student_key, FaceTemplate(None, error.why))
    face = examine_record(data, spec, load_models(), load_recogniser())
    return OnRecord(reference.student_key, face, hashlib.sha256(data).hexdigest())


def undescribed(reference: "Reference") -> OnRecord:
    """Return the record of a photo on which a worker died."""
    return OnRecord(reference.student_key, FaceTemplate(None, _NOT_DESCRIBED))


def worker_pool(setting: Setting, workers: int) -> WorkerPool[Submission, Examination]:
    """Open a pool of processes that examine submissions under one setting."""
    return WorkerPool(
        examine_one,
        partial(unexamined, mode=setting.mode, checks=CHECKS),
        workers=workers,
        initializer=start,
        initargs=(setting,),
    )


def record_pool(setting: Setting, workers: int) -> "WorkerPool[Reference, OnRecord]":
    """Open a pool of processes that describe the faces of photos on record."""
    return WorkerPool(
        describe_one, undescribed, workers=workers, initializer=start, initargs=(setting,)
    )


def default_workers() -> int:
    """One worker a core that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
