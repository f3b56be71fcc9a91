"""Where the overlays of `inspect` go: one file, or a folder for several photos."""

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from pipeline.core.errors import UsageError
from pipeline.core.places import real
from pipeline.core.private_files import make_private_folder
from pipeline.core.records import Submission
from pipeline.core.rules import Text
from pipeline.core.system_words import words_of
from pipeline.intake.archives import distinct

_PICTURES = (".png", ".jpg", ".jpeg")


def overlay_files(submissions: Sequence[Submission], where: Path) -> tuple[Path, ...]:
    """Name the overlay of each photo: ``where`` itself, or a PNG of its name in that folder.

    Raises
    ------
    UsageError
        Several photos and one file; neither a folder nor a PNG or JPEG; or an overlay would
        replace a photo that is looked at, or lie where photos are taken from; or nothing can
        be written there.
    """
    picture = where.suffix.lower() in _PICTURES and not where.is_dir()
    if picture and len(submissions) > 1:
        raise UsageError(
            Text(
                f"--overlay {where.name}：照片不止一张，请给一个文件夹",
                f"--overlay {where.name}: give a folder, for there are several photos",
            )
        )
    if not picture and (where.is_file() or (where.suffix and not where.exists())):
        raise UsageError(
            Text(
                f"--overlay {where.name}：请给文件夹，或 .png、.jpg 文件",
                f"--overlay {where.name}: give a folder, or a .png or .jpg file",
            )
        )
    if picture:
        files = [where]
    else:
        names = distinct(PurePosixPath(s.photo).name for s in submissions)
        files = [where / f"{name}.png" for name in names]
    taken = {real(s.path) for s in submissions}
    if not taken.isdisjoint(real(file) for file in files):
        raise UsageError(
            Text(
                f"--overlay {where.name}：会覆盖照片，请换个位置",
                f"--overlay {where.name}: would replace a photo; choose another place",
            )
        )
    if not picture and any(file.parent == real(where) for file in taken):
        raise UsageError(
            Text(
                f"--overlay {where.name}：照片就在里面，请换一个文件夹",
                f"--overlay {where.name}: the photos are in there; choose another folder",
            )
        )
    folder = files[0].parent
    try:
        make_private_folder(folder)
    except OSError as error:
        raise UsageError(
            Text(
                f"--overlay {where.name}：无法写入（{words_of(error).zh}）",
                f"--overlay {where.name}: cannot be written ({words_of(error).en})",
            )
        ) from error
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise UsageError(
            Text(
                f"--overlay {where.name}：无法写入",
                f"--overlay {where.name}: cannot be written there",
            )
        )
    return tuple(files)
