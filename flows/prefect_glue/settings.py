"""Prefect's settings for this project; import before `prefect`. All can be overridden.

- A server started for one process needs more than the default 20 s on a busy machine.
- Nothing leaves the machine: no analytics.
- At INFO every task writes a line to the server; counts are in the artifact.
"""

import os

SETTINGS = {
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_LEVEL": "WARNING",
}

for _name, _value in SETTINGS.items():
    os.environ.setdefault(_name, _value)
