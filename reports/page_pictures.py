"""The pictures beside report.html: thumbnails, a hundred to a file, and previews.

All are named by the place of the photo in the list of photos, never by a student.
"""

import io
from pathlib import Path

from PIL import Image

from pipeline.core.private_files import make_private_folder, write_private
from pipeline.core.records import Pictures
from pipeline.image.preview import PREVIEW_BYTES, preview_of

CELL = (120, 160)  # px of a thumbnail at most
COLUMNS, ROWS = 10, 10
A_SHEET = COLUMNS * ROWS
_GROUND = (233, 236, 241)


class PageFiles:
    """Writes the files beside the page, and in the end deletes what an earlier run left."""

    def __init__(self, folder: Path, pictures: Pictures | None) -> None:
        self._folder = make_private_folder(folder)
        self._pictures = pictures
        self._written: set[str] = set()

    def write(self, name: str, data: bytes) -> str:
        """Write a file, and give its name."""
        write_private(self._folder / name, data)
        self._written.add(name)
        return name

    def sheet(self, number: int, thumbnails: dict[int, bytes]) -> None:
        """Write thumbnails, by their places in the sheet, into one picture."""
        sheet = Image.new("RGB", (COLUMNS * CELL[0], ROWS * CELL[1]), _GROUND)
        for place, thumbnail in thumbnails.items():
            with Image.open(io.BytesIO(thumbnail)) as image:
                image.thumbnail(CELL)
                row, column = divmod(place, COLUMNS)
                left = column * CELL[0] + (CELL[0] - image.width) // 2
                top = row * CELL[1] + (CELL[1] - image.height) // 2
                sheet.paste(image.convert("RGB"), (left, top))
        stream = io.BytesIO()
        sheet.save(stream, "JPEG", quality=78)
        self.write(f"thumbs-{number:04}.jpg", stream.getvalue())

    def preview(self, place: int, picture: str) -> str | None:
        """Write the large picture of a photo, and give its name; None where there is none."""
        if self._pictures is None or not picture:
            return None
        try:
            data = self._pictures.staged(picture).read_bytes()
        except OSError:
            return None  # of an old examination, which had none
        return self._small_enough(f"p{place:06}.jpg", data)

    def on_record(self, place: int, student: str) -> str | None:
        """Write the photo on record of a student beside a photo, and give its name."""
        data = None if self._pictures is None else self._pictures.on_record(student)
        return None if data is None else self._small_enough(f"r{place:06}.jpg", data)

    def drop_others(self) -> None:
        """Delete what an earlier run left."""
        for old in self._folder.iterdir():
            if old.name not in self._written and old.suffix in {".jpg", ".js"}:
                old.unlink()

    def _small_enough(self, name: str, data: bytes) -> str | None:
        if len(data) > PREVIEW_BYTES:
            try:
                with Image.open(io.BytesIO(data)) as image:
                    data = preview_of(image)
            except OSError:
                return None
        return self.write(name, data)
