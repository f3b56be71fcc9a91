"""XML read element by element: of a large file no more than one row is held.

openpyxl and `xml.etree` hold a whole row, or a whole list of strings, before they can be
stopped. Here the reading ends at the first element that is out of measure.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import IO
from xml.parsers import expat

from pipeline.core.rules import Text
from pipeline.intake.tables.cells import TooLargeError

MOST_ELEMENTS = 8_000_000  # of a part, 12 s; 3,000,000 filled cells have 6 million
_MOST_WITHIN = 300_000  # of a row, which has 16,384 cells, or of a list of styles
_MOST_TEXT = 8_000_000  # characters within one; a cell has 32,767 at most
_CHUNK = 1 << 16


class BadXmlError(ValueError):
    """The text is no XML, or declares a document type."""


class Node:
    """An element with all that is in it; names are without their prefixes."""

    __slots__ = ("attributes", "children", "name")

    def __init__(self, name: str, attributes: Mapping[str, str]) -> None:
        self.name = name
        if ":" in "".join(attributes):
            attributes = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        self.attributes = attributes
        self.children: list[Node | str] = []

    def get(self, attribute: str, default: str = "") -> str:
        """Return an attribute."""
        return self.attributes.get(attribute, default)

    def number(self, attribute: str, default: int) -> int:
        """Return an attribute that is a number."""
        return int(self.attributes.get(attribute, default))

    def elements(self) -> Iterator["Node"]:
        """Yield the elements directly within."""
        return (child for child in self.children if isinstance(child, Node))

    def text(self, *leave_out: str) -> str:
        """Return all text within, but not that of some elements."""
        if len(self.children) == 1 and isinstance(self.children[0], str):
            return self.children[0]
        return "".join(
            child if isinstance(child, str) else child.text(*leave_out)
            for child in self.children
            if isinstance(child, str) or child.name not in leave_out
        )


def nodes(
    stream: IO[bytes],
    whole: Collection[str],
    marks: Collection[str] = (),
    encoding: str | None = None,
) -> Iterator[Node]:
    """Yield the elements of some names, in the order of the file.

    Parameters
    ----------
    whole
        Yield these with all that is in them, the outermost where they are nested.
    marks
        Yield these as they begin, without what is in them.
    encoding
        In place of the one that the file declares.

    Raises
    ------
    BadXmlError, TooLargeError
        See there. No document type is accepted: that is where entity bombs are declared.
    """
    collector = _Collector(whole, marks)
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    parser.StartElementHandler = collector.open
    parser.EndElementHandler = collector.close
    parser.CharacterDataHandler = collector.text
    parser.StartDoctypeDeclHandler = _refuse_type
    chunk = b"-"
    while chunk:
        chunk = stream.read(_CHUNK)
        try:
            parser.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            raise BadXmlError(str(error)) from error
        if collector.count > MOST_ELEMENTS:
            raise TooLargeError(
                Text(
                    f"一个部分超过 {MOST_ELEMENTS} 个元素",
                    f"a part has more than {MOST_ELEMENTS} elements",
                )
            )
        yield from collector.done
        collector.done.clear()


class _Collector:
    """What the parser calls; keeps the elements that are asked for."""

    def __init__(self, whole: Collection[str], marks: Collection[str]) -> None:
        self.done: list[Node] = []
        self.count = 0
        self._whole, self._marks = whole, marks
        self._open: list[Node] = []  # the element under way and those within it
        self._inside = self._text = 0

    def open(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        name = name.rpartition(":")[2]
        if self._open:
            self._inside += 1
            if self._inside > _MOST_WITHIN:
                raise TooLargeError(
                    Text(
                        f"一个 {self._open[0].name} 里内容太多",
                        f"too much within one {self._open[0].name}",
                    )
                )
            node = Node(name, attributes)
            self._open[-1].children.append(node)
            self._open.append(node)
        elif name in self._whole:
            self._inside = self._text = 0
            self._open.append(Node(name, attributes))
        elif name in self._marks:
            self.done.append(Node(name, attributes))

    def close(self, _: str) -> None:
        if self._open:
            node = self._open.pop()
            if not self._open:
                self.done.append(node)

    def text(self, data: str) -> None:
        if self._open:
            self._text += len(data)
            if self._text > _MOST_TEXT:
                raise TooLargeError(
                    Text(
                        f"一个 {self._open[0].name} 里文字太多",
                        f"too much text within one {self._open[0].name}",
                    )
                )
            self._open[-1].children.append(data)


def _refuse_type(*_: object) -> None:
    raise BadXmlError("declares a document type")
