"""What the flows need of Prefect. Besides the flows and `flows.serving`, only this imports it.

Not called ``prefect``: a folder of that name would hide Prefect itself.

- ``settings``: Prefect's settings for this project; imported before Prefect
- ``home``: a Prefect home with a secret, and a server for one season
- ``stages``: the stages of a run as tasks, with a log line of counts
- ``messages``: mail and chat through Apprise, in counts, where somebody asked for it
- ``artifacts``: what a run leaves to be looked at: counts, and where the report lies
- ``task_pool``: photos handed out in chunks, a task each
- ``runners``: this machine, a Dask or a Ray cluster
- ``dead_runs``: runs whose process was killed, marked as crashed
"""
