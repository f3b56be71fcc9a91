"""The season's flow on a schedule, in one process: `gradphoto flow serve`."""

import flows.prefect_glue.settings  # isort: skip  # noqa: F401 - before prefect reads its settings

from collections.abc import Mapping, Sequence
from typing import Any

from prefect.client.schemas.objects import (
    ConcurrencyLimitConfig,
    ConcurrencyLimitStrategy,
)
from prefect.schedules import Cron, Schedule
from prefect.types.entrypoint import EntrypointType

from flows.season.looks import MONTHS
from flows.season_flow import season_flow

ZONE = "Asia/Shanghai"


def yearly(minutes: int) -> list[Schedule]:
    """Every so many minutes of each hour, in the months of collection."""
    return [
        Cron(f"*/{minutes} * * {first}-{last} *", timezone=ZONE, slug=slug)
        for slug, (first, last) in MONTHS.items()
    ]


def serve_season(parameters: Mapping[str, Any], schedules: Sequence[Schedule]) -> None:
    """Serve the flow until the process is stopped; a look that falls into another is left out."""
    season_flow.serve(
        name="season",
        parameters=dict(parameters),
        schedules=list(schedules),
        global_limit=ConcurrencyLimitConfig(
            limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW
        ),
        # A file's path would be relative to wherever the runner happens to work.
        entrypoint_type=EntrypointType.MODULE_PATH,
        print_starting_message=False,
    )
