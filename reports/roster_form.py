"""An empty roster to fill in, as Excel and WPS open it."""

from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from pipeline.core.private_files import replacing
from pipeline.intake.column_names import NAMES

_WIDE = 20  # characters
_TEXT = "@"  # the format under which a number keeps its zeros and its end


def write_form(file: Path) -> None:
    """Write the heads that a roster may have, one a column; every column holds text."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "名单"
    for at, labels in enumerate(NAMES.values(), start=1):
        cell = sheet.cell(1, at, labels[0])
        cell.font = Font(bold=True)
        column = sheet.column_dimensions[get_column_letter(at)]
        column.width, column.number_format = _WIDE, _TEXT
    sheet.freeze_panes = "A2"
    with replacing(file) as stream:
        book.save(stream)
