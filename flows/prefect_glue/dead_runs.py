"""Flow runs whose process was killed: Prefect shows them RUNNING for ever, and this says so."""

import flows.prefect_glue.settings  # isort: skip  # noqa: F401 - before prefect reads its settings

from pathlib import Path
from typing import Any

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowFilter, FlowFilterName, FlowRunFilter
from prefect.client.schemas.objects import State, StateType
from prefect.states import Crashed

from flows.season.steps import open_season

_RUNNING = {"state": {"type": {"any_": [StateType.RUNNING]}}}


def mark_dead_runs(flow_name: str, folder: Path, own: str) -> int:
    """Mark a season's runs that were killed as crashed, and count them.

    Who has the season's lock knows that no other run is at work on it.

    Parameters
    ----------
    flow_name
        The flow whose runs are asked for.
    folder
        The season's, as runs have it among their parameters.
    own
        The id of the run under way.

    Raises
    ------
    UsageError
        There is no season, or another run is at work on it.
    """
    with open_season(folder), get_client(sync_client=True) as client:
        running = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[flow_name])),
            flow_run_filter=FlowRunFilter.model_validate(_RUNNING),
        )
        dead = [
            run
            for run in running
            if str(run.id) != own and run.parameters.get("folder") == str(folder)
        ]
        for run in dead:
            crashed: State[Any] = Crashed(message="killed; the next run went on with its work")
            client.set_flow_run_state(run.id, crashed, force=True)
    return len(dead)
