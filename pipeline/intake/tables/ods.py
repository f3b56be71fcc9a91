"""OpenDocument spreadsheets, zipped (.ods) or flat (.fods).

The text that a cell shows is in the file beside its value, so that 0023001 keeps its zeros;
python-calamine gives the value alone.
"""

from collections.abc import Callable, Collection, Iterator

from pipeline.intake.tables.cells import (
    A_DATE,
    MOST_COLUMNS,
    MOST_ROWS,
    Book,
    Cell,
    Table,
    Wanted,
    number_cell,
    text_cell,
)
from pipeline.intake.tables.xml_stream import Node

_NUMBERS = {"float", "currency", "percentage"}

# Gives the elements of ``content.xml``, as `xml_stream.nodes` does.
Nodes = Callable[[Collection[str], Collection[str]], Iterator[Node]]


def read_ods(file: str, content: Nodes, wanted: Wanted) -> tuple[Table, ...]:
    """Read the wanted sheets of a document; the others are named without rows.

    Raises
    ------
    RosterError
        A sheet is beyond the limits.
    ValueError
        The document is damaged.
    """
    book = Book(file)
    unseen: set[str] = set()  # styles of hidden sheets
    reading, row = False, 1
    for node in content({"style", "table-row"}, {"table"}):
        if node.name == "style":
            if any(inner.get("display") == "false" for inner in node.elements()):
                unseen.add(node.get("name"))
        elif node.name == "table":
            visible = node.get("style-name") not in unseen
            book.begin(node.get("name"), visible=visible)
            reading, row = wanted(node.get("name"), visible), 1
        elif reading:
            repeat = node.number("number-rows-repeated", 1)
            _put_rows(book, row, repeat, node)
            row += repeat
    return book.tables()


def _put_rows(book: Book, first: int, repeat: int, node: Node) -> None:
    """Keep a row as often as it is repeated; an empty one is not, to the end of the sheet."""
    filled: list[tuple[int, Cell]] = []
    column = 0
    for inner in node.elements():
        if inner.name not in {"table-cell", "covered-table-cell"}:
            continue
        repeated = inner.number("number-columns-repeated", 1)
        cell = _cell(inner)
        if cell.text and inner.name == "table-cell":
            spanned = inner.number("number-rows-spanned", 1)
            book.merge(first, min(first + spanned - 1, MOST_ROWS), column)
            filled += ((at, cell) for at in range(column, min(column + repeated, _BEYOND)))
        column += repeated
    for row in range(first, first + repeat) if filled else ():
        for at, cell in filled:
            book.put(row, at, cell)
        if node.get("visibility", "visible") != "visible":
            book.hide(row)


_BEYOND = MOST_COLUMNS + 1  # one is put beyond the limit, and refused there


def _cell(node: Node) -> Cell:
    shown = "\n".join(map(_line, _paragraphs(node))).strip()
    kind = node.get("value-type", "string")
    if kind in _NUMBERS and node.get("value"):
        zeros = shown if shown.isdecimal() and shown.isascii() else ""
        return number_cell(node.get("value"), "0" * len(zeros))
    if kind in {"date", "time"}:
        return Cell(shown, A_DATE)
    return text_cell(shown)


def _paragraphs(node: Node) -> Iterator[Node]:
    """Yield the lines of a cell; a comment on it (annotation) is no part of it."""
    return (inner for inner in node.elements() if inner.name == "p")


def _line(node: Node) -> str:
    """Return the text of a line; blanks are elements of their own."""
    return "".join(
        child
        if isinstance(child, str)
        else " "
        if child.name in {"s", "tab", "line-break"}
        else ""
        if child.name == "annotation"
        else _line(child)
        for child in node.children
    )
