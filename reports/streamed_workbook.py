"""A workbook whose sheets are streamed into private files beside it, and that holds no clock.

By itself openpyxl streams into the system's temporary folder, where a run that is killed would
leave numbers of students; and it dates the document and each entry of its archive, so that the
same result would not give the same bytes.
"""

import shutil
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import NamedStyle
from openpyxl.worksheet import _writer
from openpyxl.writer.excel import ExcelWriter

from pipeline.core.private_files import replacing, scratch_in
from pipeline.core.undated_zip import LONG_AGO, undated_entry

Sheet = Any  # openpyxl's write-only sheet; its stubs name only the ordinary one
_MOMENT = datetime(*LONG_AGO)  # noqa: DTZ001 - openpyxl takes it without a zone


@dataclass(frozen=True)
class Book:
    """A workbook being written, and the folder in which its sheets wait."""

    workbook: Workbook
    folder: Path


@contextmanager
def streamed_workbook(path: Path, styles: Iterable[NamedStyle]) -> Iterator[Book]:
    """Give an empty workbook; it becomes ``path`` when the block ends well."""
    workbook = Workbook(write_only=True)
    properties = workbook.properties
    properties.creator, properties.created, properties.modified = "gradphoto", _MOMENT, _MOMENT
    for style in styles:
        workbook.add_named_style(style)
    yield Book(workbook, path.parent)
    with replacing(path) as stream, _Undated(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        ExcelWriter(workbook, archive).write_data()  # `Workbook.save` would set the clock


def stream_rows(sheet: Sheet, folder: Path) -> None:
    """Begin the rows of a sheet, which wait in ``folder``; its columns are set before."""
    scratch = str(scratch_in(folder))
    _writer.ALL_TEMP_FILES.append(scratch)  # openpyxl deletes it when it was copied, or at exit
    sheet._writer = _writer.WorksheetWriter(sheet, scratch)  # noqa: SLF001 - no other way in 3.1
    sheet._writer.write_top()  # noqa: SLF001


class _Undated(zipfile.ZipFile):
    """An archive whose entries do not tell the time; openpyxl calls these two of its methods."""

    def writestr(self, name: Any, data: Any, *_how: Any) -> None:  # noqa: ANN401 - as its base
        super().writestr(undated_entry(name, self.compression), data)

    def write(self, file: Any, name: Any = None, *_how: Any) -> None:  # noqa: ANN401 - as its base
        entry = undated_entry(name, self.compression)
        entry.file_size = Path(file).stat().st_size  # over 4 GB it needs Zip64
        with Path(file).open("rb") as source, self.open(entry, "w") as target:
            shutil.copyfileobj(source, target)
