"""One shoot from inbox and roster to reports, in plain functions without Prefect.

- ``steps``: prepare, examine, finish
- ``worker``: what a worker process keeps and does
- ``examine_all``: an inbox without a roster
- ``output``: where results go, and what is never replaced
- ``progress``: the bar
"""
