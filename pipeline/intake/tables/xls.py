"""Workbooks of Excel 97 to 2003 (.xls), and those of WPS (.et), through xlrd.

xlrd rather than python-calamine: it knows number formats, so that 0023001 keeps its zeros, and
hidden rows; and it holds to the limits of the format, where calamine takes room for
100,000,000 cells before it refuses.
"""

import io

import xlrd

from pipeline.intake.tables.cells import (
    A_DATE,
    EMPTY,
    FORMULA_ERROR,
    Book,
    Cell,
    Table,
    Wanted,
    number_cell,
    text_cell,
)

MOST_BYTES = 64 << 20  # 65,536 rows with 60 columns


def read_xls(file: str, content: bytes, wanted: Wanted) -> tuple[Table, ...]:
    """Read the wanted sheets of a workbook; the others are named without rows.

    Raises
    ------
    RosterError
        A sheet is beyond the limits.
    xlrd.XLRDError, ValueError, AssertionError, …
        The workbook is damaged, or not of this kind.
    """
    opened = xlrd.open_workbook(
        file_contents=content,
        formatting_info=True,  # number formats and hidden rows
        ragged_rows=True,
        on_demand=True,
        logfile=io.StringIO(),  # it prints warnings
    )
    book = Book(file)
    for at, name in enumerate(opened.sheet_names()):
        visible = opened._sheet_visibility[at] == 0  # type: ignore[attr-defined]  # noqa: SLF001 - known before a sheet is read
        book.begin(name, visible=visible)
        if not wanted(name, visible):
            continue
        sheet = opened.sheet_by_index(at)
        for row in range(sheet.nrows):
            for column, cell in enumerate(sheet.row(row)):
                book.put(row + 1, column, _cell(opened, cell))
        for row, info in sheet.rowinfo_map.items():
            if info.hidden:
                book.hide(row + 1)
        for first, end, column, _ in sheet.merged_cells:
            book.merge(first + 1, end, column)
        opened.unload_sheet(at)
    return book.tables()


def _cell(opened: xlrd.Book, cell: xlrd.sheet.Cell) -> Cell:
    value = str(cell.value)
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return text_cell(value)
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        key = opened.xf_list[cell.xf_index or 0].format_key
        return number_cell(value, opened.format_map[key].format_str)
    if cell.ctype == xlrd.XL_CELL_DATE:
        return Cell(_date(float(value), opened.datemode), A_DATE)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return Cell("TRUE" if cell.value else "FALSE")
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return Cell("#ERROR", FORMULA_ERROR)
    return EMPTY


def _date(value: float, first_day: int) -> str:
    try:
        return str(xlrd.xldate_as_datetime(value, 1 if first_day else 0))
    except (xlrd.XLDateError, OverflowError):
        return str(value)
