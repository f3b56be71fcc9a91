"""``make demo``: run the season flow on the small shoot and say where the report is."""

import os
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from pipeline.core.output_files import OutputFile


def main(folder: Path) -> None:
    """Check both inboxes of the demo shoot that ``fixtures.build`` made in ``folder``."""
    # The demo's own Prefect database: it neither needs nor touches the user's.
    os.environ.setdefault("PREFECT_HOME", str((folder / "prefect").resolve()))
    os.umask(0o077)  # as `gradphoto flow`
    from flows.shoot_flow import shoot_flow  # noqa: PLC0415 - after PREFECT_HOME is set

    console = Console()
    for inbox in ("inbox", "final_inbox"):
        out = folder / f"report-{inbox.removesuffix('inbox').strip('_') or 'source'}"
        # The raw frames are compared with the photos on record: two students are swapped.
        raw = inbox == "inbox"
        counts = shoot_flow(
            str(folder / inbox),
            str(folder / "roster.xlsx"),
            str(out),
            identity=raw,
            references=str(folder / "references") if raw else None,
        )
        shown = "  ".join(f"{verdict} {count}" for verdict, count in counts.items())
        console.print(f"[bold]{inbox}[/bold]  {shown}\n  {out / OutputFile.PAGE}", soft_wrap=True)
    season = folder / "season"
    if season.exists():  # by whatever rules an earlier version had
        shutil.rmtree(season)
    begin_season(folder, season)
    console.print(
        f"[bold]审核台 / the desk[/bold]  gradphoto desk {season} --new-admin 姓名   然后 / then   "
        f"gradphoto desk {season}",
        soft_wrap=True,
    )


def begin_season(folder: Path, season: Path) -> None:
    """Run last week's shoot and its make-ups: the desk opens with something to decide."""
    from flows.season.steps import ingest, init  # noqa: PLC0415 - as above

    roster, references = folder / "roster.xlsx", folder / "references"
    today = datetime.now(UTC)
    year = today.year + 1
    init(season, roster, "chsi_graduate", class_of=year, identity=True, references=references)
    ingest(season, folder / "inbox", now=today - timedelta(7))
    ingest(season, folder / "make_up_inbox", now=today)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/demo"))
