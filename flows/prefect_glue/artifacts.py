"""What a run leaves to be looked at in Prefect: counts, and where the report lies. Nobody's name.

The report is a path to open: a browser follows no ``file://`` link from a page of a server.
"""

import flows.prefect_glue.settings  # isort: skip  # noqa: F401 - before prefect reads its settings

from collections.abc import Mapping, Sequence
from pathlib import Path

from prefect.artifacts import create_table_artifact

from pipeline.core.places import real
from pipeline.core.rules import Lang, Text
from reports.families import STATES, FamilyCounts

_COUNTS = Text("只有计数。报告：`{}`", "Counts only. The report: `{}`")
_CHECKS = Text(
    "各项检查，按先后顺序：每张照片在每一行计一次。报告：`{}`",
    "The checks in sequence: each photo counts once in each row. The report: `{}`",
)


def leave_counts(key: str, counts: Mapping[str, int], report: Path, lang: Lang) -> None:
    """Leave a table of counts."""
    create_table_artifact(
        key=key,
        description=_COUNTS[lang].format(real(report)),
        table=[{"what": what, "count": count} for what, count in counts.items()],
    )


def leave_checks(key: str, families: Sequence[FamilyCounts], report: Path, lang: Lang) -> None:
    """Leave a table with a row a family of checks, in the order in which they are made."""
    passed, borderline, broken, not_measurable = (state[lang] for state in STATES)
    create_table_artifact(
        key=key,
        description=_CHECKS[lang].format(real(report)),
        table=[
            {
                Text("检查", "check")[lang]: one.family[lang],
                passed: one.passed,
                borderline: one.borderline,
                broken: one.broken,
                not_measurable: one.not_measurable,
            }
            for one in families
        ],
    )
