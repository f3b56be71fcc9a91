"""Where chunks of photos are examined: this machine's processes, a Dask or a Ray cluster.

The work is the same everywhere: `flows.shoot.worker.examine_one` in a process that holds
the models. `GRADPHOTO_RUNNER` chooses (local, dask, ray), `GRADPHOTO_CLUSTER` is the address of
a running cluster; without one, Dask and Ray start their own on this machine. Workers need to
see the season's folder under the same path.
"""

import atexit
import os
import shutil
import tempfile
from typing import Any, Literal, cast, get_args

from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.shoot.worker import default_workers
from pipeline.core.errors import UsageError
from pipeline.core.rules import Text

Runner = Literal["local", "dask", "ray"]
RUNNER_VARIABLE, CLUSTER_VARIABLE = "GRADPHOTO_RUNNER", "GRADPHOTO_CLUSTER"

# Two threads keep the shared pool of processes busy across the border of two chunks.
_THREADS = 2


def chosen_runner() -> Runner:
    """Return the runner that the environment names; ``local`` where it names none.

    Raises
    ------
    UsageError
        When it names one that there is not.
    """
    named = os.environ.get(RUNNER_VARIABLE, "local")
    if named not in get_args(Runner):
        raise UsageError(
            Text(
                f"{RUNNER_VARIABLE} 的值是 {named}：须是 local、dask 或 ray",
                f"{RUNNER_VARIABLE} is {named}: local, dask or ray",
            )
        )
    return cast("Runner", named)


def _private_folder() -> str:
    """Make the place of Ray's own logs and sockets: for this user alone, and gone at the end."""
    folder = tempfile.mkdtemp(prefix="ray-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def task_runner(runner: Runner, workers: int = 0) -> TaskRunner[Any]:
    """Make Prefect's task runner.

    Parameters
    ----------
    workers
        Processes of a cluster that is started here; 0: one a core.

    Raises
    ------
    UsageError
        When the package for the runner is not installed.
    """
    if runner == "local":
        return cast("TaskRunner[Any]", ThreadPoolTaskRunner(max_workers=_THREADS))
    address = os.environ.get(CLUSTER_VARIABLE)
    count = workers or default_workers()
    made: TaskRunner[Any]
    try:
        if runner == "dask":
            from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415 - an extra

            # One thread a process: a process holds one set of models. The page of the cluster
            # is for this machine alone.
            own: dict[str, object] = {
                "n_workers": count,
                "threads_per_worker": 1,
                "processes": True,
                "dashboard_address": "127.0.0.1:0",
            }
            made = DaskTaskRunner(address=address, cluster_kwargs=None if address else own)
        else:
            os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing leaves the machine
            from prefect_ray.task_runners import RayTaskRunner  # noqa: PLC0415 - an extra

            own = {"num_cpus": count, "include_dashboard": False, "_temp_dir": _private_folder()}
            made = RayTaskRunner(address=address, init_kwargs={} if address else own)
    except ImportError as error:
        raise UsageError(
            Text(
                f"{RUNNER_VARIABLE}={runner} 还缺一个包：pip install 'gradphoto[{runner}]'",
                f"{RUNNER_VARIABLE}={runner} needs a package: pip install 'gradphoto[{runner}]'",
            )
        ) from error
    return made
