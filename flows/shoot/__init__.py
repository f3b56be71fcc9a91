"""One shoot from inbox and roster to reports, in plain functions without Prefect.

- ``request``: what is asked of one shoot
- ``reading``: what was handed in, read before the first photo is examined
- ``steps``: examine, compare, judge, write
- ``worker``: what a worker process keeps and does
- ``examine_all``: an inbox without a roster
- ``hand_over``: packages: packed from a run, and verified
- ``output``: where results go, and what is never replaced
- ``record``: for the auditor: by what a run judged
- ``pictures``: where reports take larger pictures from
- ``stages``: the stages of a run, done plainly or by who asks for each
- ``progress``: the bar
"""
