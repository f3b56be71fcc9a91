"""The stages of a flow run: each a task of Prefect, with a log line of counts when it is done."""

import flows.prefect_glue.settings  # isort: skip  # noqa: F401 - before prefect reads its settings

import logging
from collections.abc import Callable
from typing import TypeVar, cast

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger
from prefect.logging.loggers import PrefectLogAdapter

from flows.shoot.stages import Stage
from pipeline.core.rules import Lang, Text

_Done = TypeVar("_Done")


def stages_of(lang: Lang) -> Stage:
    """Have each stage done as a task that is named and told of in one language."""

    def stage(name: Text, work: Callable[[], _Done], counts: Callable[[_Done], Text]) -> _Done:
        kept: list[_Done] = []

        @task(name=name.en, task_run_name=name[lang], persist_result=False, cache_policy=NO_CACHE)
        def run() -> None:  # gives nothing: of a list, Prefect would remember every part
            kept.append(work())
            log(counts(kept[0])[lang])

        run()
        return kept[0]

    return stage


def log(line: str) -> None:
    """Write a line of counts to the log of the task or flow under way, and not to the terminal.

    Prefect's own lines stay at its level: at INFO each task would write one more.
    """
    of_run = cast("PrefectLogAdapter", get_run_logger()).getChild("counts")
    logger = of_run.logger
    parent = logger.parent
    if parent is not None:
        logger.setLevel(logging.INFO)
        logger.handlers, logger.propagate = parent.handlers, False
    of_run.info(line)
