"""What the flows need of Prefect. Besides the flows and `flows.serving`, only this imports it.

Not called ``prefect``: a folder of that name would hide Prefect itself.

- ``settings``: Prefect's settings for this project; imported before Prefect
- ``home``: a Prefect home with a secret, and a server for one season
- ``task_pool``: photos handed out in chunks, a task each
- ``runners``: this machine, a Dask or a Ray cluster
- ``dead_runs``: runs whose process was killed, marked as crashed
"""
