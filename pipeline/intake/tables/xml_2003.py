"""XML spreadsheets of Excel 2003, which office systems export under the name .xls."""

import io

from pipeline.intake.tables.cells import (
    A_DATE,
    FORMULA_ERROR,
    MOST_ROWS,
    Book,
    Cell,
    Table,
    Wanted,
    number_cell,
    text_cell,
)
from pipeline.intake.tables.xml_stream import Node, nodes

NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet"


def read_xml_2003(file: str, text: str, wanted: Wanted) -> tuple[Table, ...]:
    """Read the wanted sheets; the others are named without rows.

    Raises
    ------
    RosterError
        A sheet is beyond the limits.
    ValueError
        The file is damaged.
    """
    content = text.encode()
    unseen, sheet = set(), ""
    for node in nodes(io.BytesIO(content), {"Visible"}, {"Worksheet"}, "utf-8"):
        if node.name == "Worksheet":
            sheet = node.get("Name")
        elif node.text().strip() in {"SheetHidden", "SheetVeryHidden"}:
            unseen.add(sheet)  # said behind its rows
    book = Book(file)
    formats: dict[str, str] = {}
    reading, row = False, 0
    for node in nodes(io.BytesIO(content), {"Style", "Row"}, {"Worksheet"}, "utf-8"):
        if node.name == "Style":
            for inner in node.elements():
                formats[node.get("ID")] = inner.get("Format") or formats.get(node.get("ID"), "")
        elif node.name == "Worksheet":
            visible = node.get("Name") not in unseen
            book.begin(node.get("Name"), visible=visible)
            reading, row = wanted(node.get("Name"), visible), 0
        elif reading:
            row = node.number("Index", row + 1)
            _put_row(book, row, node, formats)
            row += node.number("Span", 0)
    return book.tables()


def _put_row(book: Book, row: int, node: Node, formats: dict[str, str]) -> None:
    if node.get("Hidden") == "1":
        book.hide(row)
    column = 0
    for cell in node.elements():
        column = cell.number("Index", column + 1)
        book.merge(row, min(row + cell.number("MergeDown", 0), MOST_ROWS), column - 1)
        for data in cell.elements():
            if data.name == "Data":
                book.put(row, column - 1, _cell(data, formats.get(cell.get("StyleID"), "")))
        column += cell.number("MergeAcross", 0)


def _cell(data: Node, number_format: str) -> Cell:
    kind, text = data.get("Type", "String"), data.text().strip()
    if kind == "Number":
        return number_cell(text, number_format)
    if kind == "DateTime":
        return Cell(text, A_DATE)
    if kind == "Error":
        return Cell(text, FORMULA_ERROR)
    return text_cell(text)
