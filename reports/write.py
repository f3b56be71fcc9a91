"""All reports of a run, from one result."""

from pathlib import Path

from pipeline.core.records import Result
from reports.page import write_page
from reports.presentation import Presentation
from reports.tables import write_tables
from reports.workbook import write_workbook

# All that a run writes in its output folder. The two folders hold pictures only.
WRITTEN = (
    "students.csv",
    "photos.csv",
    "findings.csv",
    "pairs.csv",
    "proposals.csv",
    "fingerprints.npz",
    "report.xlsx",
    "report.html",
    "report_files",
    "attempts.csv",
    "states.csv",
    "图像信息异常登记表.csv",
    "图像信息异常登记表.xlsx",
    "upload",
)


def write_all(result: Result, out: Path, presentation: Presentation) -> None:
    """Write the CSV files, report.xlsx and report.html (with report_files/) under ``out``."""
    write_tables(result, out, presentation)
    write_workbook(result, out / "report.xlsx", presentation)
    write_page(result, out / "report.html", presentation)
