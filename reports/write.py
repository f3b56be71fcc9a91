"""All reports of a run, from one result."""

from pathlib import Path

from pipeline.core.output_files import OutputFile
from pipeline.core.records import Result
from reports.beside import Beside
from reports.entries import write_entries
from reports.masking import Presentation
from reports.page import write_page
from reports.tables import write_tables
from reports.workbook import write_workbook


def write_all(
    result: Result, out: Path, presentation: Presentation, beside: Beside | None = None
) -> None:
    """Write the CSV files, report.xlsx and report.html (with report_files/) under ``out``."""
    beside = beside or Beside()
    write_tables(result, out, presentation, beside.school)
    write_workbook(
        result,
        out / OutputFile.WORKBOOK,
        presentation,
        thumbnails=beside.thumbnails,
        record=beside.record,
        states={} if beside.season is None else beside.season.states,
    )
    write_page(result, out / OutputFile.PAGE, presentation, beside)
    write_entries(result, out / OutputFile.ENTRIES, beside)
