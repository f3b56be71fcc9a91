"""The thumbnails beside report.html."""

from pathlib import Path

from pipeline.core.private_files import make_private_folder, write_private


class Pictures:
    """The thumbnails beside the page: ``000000.jpg`` … by the place of the photo."""

    def __init__(self, folder: Path) -> None:
        self._folder = make_private_folder(folder)
        self._written: set[int] = set()

    def write(self, place: int, picture: bytes | None) -> int | None:
        """Write one, and give its number; None where there is no picture."""
        if picture is None:
            return None
        write_private(self._folder / f"{place:06}.jpg", picture)
        self._written.add(place)
        return place

    def has(self, place: int | None) -> int | None:
        """Return the number of a picture that was written; None where it was not."""
        return place if place in self._written else None

    def drop_others(self) -> None:
        """Delete what an earlier run left."""
        for old in self._folder.glob("[0-9]" * 6 + ".jpg"):
            if int(old.stem) not in self._written:
                old.unlink()
