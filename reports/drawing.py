"""Drawing with words: a font that has Chinese where one is installed, wrapping, colours.

Nothing here fails for lack of a font: without one that has Chinese the caller writes
English (`lettering`), and without any font at all Pillow's own is used.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import ImageFont

from pipeline.core.rules import Lang

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
Colour = tuple[int, int, int]

INK: Colour = (32, 35, 40)
QUIET: Colour = (112, 118, 128)
PAPER: Colour = (250, 250, 248)
KEPT: Colour = (24, 150, 74)
NOTED: Colour = (222, 138, 0)
BROKEN: Colour = (214, 40, 40)

_HOME = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home fails for who has none
FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    _HOME / ".local/share/fonts",
    _HOME / ".fonts",
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
# File names that hold simplified Chinese, best first; a collection's face is looked for.
_CHINESE = (
    "NotoSansCJK-Regular", "NotoSansCJKsc-Regular", "NotoSansSC", "SourceHanSansCN-Regular",
    "SourceHanSansSC-Regular", "wqy-microhei", "wqy-zenhei", "msyh", "PingFang",
    "Hiragino Sans GB", "STHeiti Light", "simhei", "DroidSansFallback", "NotoSerifCJK-Regular",
)  # fmt: skip
_LATIN = ("DejaVuSans", "LiberationSans-Regular", "NotoSans-Regular", "Arial", "Helvetica")
_SUFFIXES = {".ttf", ".ttc", ".otf"}
_FACES_OF_A_COLLECTION = 10


@dataclass(frozen=True)
class Lettering:
    """The language that can be written, and the file and face that writes it."""

    lang: Lang
    file: Path | None  # None: Pillow's own
    face: int = 0


@cache
def lettering(lang: Lang) -> Lettering:
    """Choose a font: for Chinese one that has it, or else English."""
    if lang == "zh" and (file := _find(_CHINESE)) is not None:
        return Lettering("zh", file, _simplified(file))
    file = _find((_CHINESE[0], *_LATIN))
    return Lettering("en", file, 0 if file is None else _simplified(file))


@cache
def font(letters: Lettering, size: int) -> Font:
    """Load the font in a size in pixels; a damaged file gives Pillow's own."""
    if letters.file is not None:
        try:
            return ImageFont.truetype(letters.file, size, index=letters.face)
        except OSError:
            pass
    return ImageFont.load_default(size)


def wrapped(text: str, face: Font, width: float) -> Iterator[str]:
    """Break a text into lines of at most ``width`` pixels: between words or Chinese letters."""
    line = ""
    for part in re.findall(r"[\x21-\x7e°–×²Δ]+|\s+|.", text):
        if line and face.getlength(line + part.rstrip()) > width:
            yield line.rstrip()
            line = part.lstrip()
        else:
            line += part
    if line.strip():
        yield line.rstrip()


def _find(names: tuple[str, ...]) -> Path | None:
    found = {
        path.stem: path
        for folder in reversed(FOLDERS)
        if folder.is_dir()
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in _SUFFIXES
    }
    by_name = (found.get(name) or _beginning(found, name) for name in names)
    return next((path for path in by_name if path is not None), None)


def _beginning(found: Mapping[str, Path], name: str) -> Path | None:
    """A variant of a name (NotoSansSC-VF), but no bold or slanted face."""
    stems = [s for s in found if s.startswith(name) and not re.search("(?i)bold|bd$|ital|obl", s)]
    return found[min(stems)] if stems else None


def _simplified(file: Path) -> int:
    """Index of the face for simplified Chinese in a collection; 0 where none is named so."""
    if file.suffix.lower() != ".ttc":
        return 0
    for index in range(_FACES_OF_A_COLLECTION):
        try:
            family, _ = ImageFont.truetype(file, 12, index=index).getname()
        except OSError:
            break
        if family and family.endswith(" SC"):
            return index
    return 0
