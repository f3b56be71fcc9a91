"""The season's pictures on disk: what arrived, and the registration files made of it.

What arrives is copied, named by its SHA-256. An inbox is a place that is emptied, written
over and unplugged in the months that a season lasts; from the copy a photo can be examined
again under another specification or by newer models, a killed run can go on, a person can
look at what was judged, and `purge` can remove every picture because it knows them all. The
same bytes under ten names take the room of one. The price is the room of the originals.
"""

import shutil
from pathlib import Path

from pipeline.core.output_files import LISTS, NOTICES
from pipeline.core.private_files import make_private_folder, write_private, writing_to
from pipeline.core.records import UploadFile

PHOTOS = "photos"  # originals
STORE = "store"  # registration files
REPORTS = "reports"
REFERENCES = "references"  # photos on record, in a folder a student
HANDED_IN = "handed_in"  # what students handed in and no round has taken yet


def original_path(folder: Path, sha256: str) -> Path:
    """Where the original of this content lies."""
    return folder / PHOTOS / sha256[:2] / sha256


def registration_path(folder: Path, upload: UploadFile) -> Path:
    """Where a registration file lies: made by the program, or the student's own."""
    made = upload.path(folder / STORE)
    return made if made.is_file() else original_path(folder, upload.sha256)


def keep_original(folder: Path, sha256: str, data: bytes) -> None:
    """Keep what arrived, once; whole or not at all.

    Raises
    ------
    UsageError
        When the folder cannot be written.
    """
    path = original_path(folder, sha256)
    if not (path.is_file() and path.stat().st_size == len(data)):
        with writing_to(folder):
            write_private(path, data)


def staging_folder(folder: Path) -> Path:
    """The folder in which registration files wait, and stay, named by their own SHA-256."""
    return make_private_folder(folder / STORE)


def sweep(folder: Path) -> None:
    """Delete what a killed run left half written."""
    for part in (PHOTOS, STORE, REPORTS, REFERENCES):  # uploads are at work beside a run
        for path in (folder / part).rglob(".*.part"):
            path.unlink(missing_ok=True)


def remove_pictures(folder: Path) -> None:
    """Delete originals, registration files, and every list, notice and report.

    Raises
    ------
    UsageError
        When something cannot be deleted.
    """
    with writing_to(folder):
        for part in (PHOTOS, STORE, REPORTS, REFERENCES, HANDED_IN, LISTS, NOTICES):
            path = folder / part
            if path.exists():
                shutil.rmtree(path)
