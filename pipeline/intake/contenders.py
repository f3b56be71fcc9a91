"""Which of a student's files may speak for the student, and which are set aside.

Cameras, phones and retouchers write more than pictures: a RAW beside the JPEG, the video of a
live photo, a record of edits. None of these competes with a picture.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from pipeline.core.records import FileKind
from pipeline.core.rules import Finding, Text
from pipeline.intake.written_paths import folded_path, has_picture_suffix, stem
from pipeline.rules.roster import RC003

NO_CONTENDER = Text("不采用：不是可检查的照片", "set aside: not a photo that can be checked")
_SUPERSEDED = Text(
    "不采用：名单或清单指定了另一个文件", "superseded by the file that the roster names"
)
_SAME_BYTES = Text("不采用：与另一个文件完全相同", "superseded by a file with the same bytes")
_ONLY_PHOTO = RC003.passed(1)  # nearly all photos have it; one object for all of them
# Pictures that stand for others: a camera's of its video, a network drive's of its files.
_THUMBNAIL = re.compile(r"\.thm(?:#[0-9]+)?$|(?:^|/)@eaDir/", re.IGNORECASE)


class Standing(IntEnum):
    """What a file may do for its student."""

    CONTENDER = 0  # a picture
    RESORT = 1  # no picture that can be judged, but meant for one: speaks where none does
    NEVER = 2  # something else that lies beside


@dataclass(frozen=True, slots=True)
class Choice:
    """What became of a file among its student's others."""

    finding: Finding  # RC003
    preferred: bool = False
    set_aside: bool = False


def standing(photo: str, kind: FileKind) -> Standing:
    """Say what a file may do for its student, by what it is and what it is called.

    The content decides what a file is. The name tells what else was meant by it: a PDF called
    ``.jpg`` was handed in as the photo, a ``.mov`` was not.
    """
    if kind is FileKind.CARD or _THUMBNAIL.search(photo):
        return Standing.NEVER
    if kind is FileKind.PHOTO:
        return Standing.CONTENDER
    if kind is FileKind.MASTER:
        return Standing.RESORT
    if not has_picture_suffix(photo):
        return Standing.NEVER
    return Standing.CONTENDER if kind is FileKind.UNKNOWN else Standing.RESORT


def pictures_beside(photos: Sequence[str], lesser: Sequence[int]) -> dict[int, list[int]]:
    """Find the pictures beside the files ``lesser``: of one path, but for the extension.

    A file may also be called after all of the picture's name: ``1.jpg.xmp``.
    """
    if not lesser:
        return {}
    others = set(lesser)
    pictures: dict[str, list[int]] = defaultdict(list)
    for at, photo in enumerate(photos):
        if at not in others:
            path = folded_path(photo)
            for name in {path, stem(path)}:
                pictures[name].append(at)
    return {at: pictures.get(stem(folded_path(photos[at])), []) for at in lesser}


def choose(
    mine: Sequence[int],
    photos: Sequence[str],
    standings: Sequence[Standing],
    named: Sequence[bool],
    sha256: Mapping[str, str],
) -> dict[int, Choice]:
    """Judge the files of one student against one another: which speak, and RC003.

    Parameters
    ----------
    mine
        The student's files, as places in the next three.
    named
        Whether the roster or a manifest names it.
    sha256
        Hash of the bytes by photo: files with the same bytes count as one.
    """
    best = min(standings[at] for at in mine)
    contenders = [at for at in mine if standings[at] is best is not Standing.NEVER]
    if best is Standing.RESORT:  # none can be judged: one of them tells what to do
        contenders = [min(contenders, key=lambda at: (not named[at], photos[at]))]
    chosen = _choose(contenders, photos, named, sha256) if contenders else {}
    aside = Choice(RC003.passed(len(contenders), NO_CONTENDER), set_aside=True)
    return dict.fromkeys(mine, aside) | chosen


def _choose(
    mine: Sequence[int], photos: Sequence[str], named: Sequence[bool], sha256: Mapping[str, str]
) -> dict[int, Choice]:
    if len(mine) == 1:
        return {mine[0]: Choice(_ONLY_PHOTO, named[mine[0]])}
    contents = {at: sha256.get(photos[at]) or photos[at] for at in mine}
    contenders = [at for at in mine if named[at]] or list(mine)
    count = len(set(contents.values()))
    if len({contents[at] for at in contenders}) > 1:
        return {
            at: Choice(RC003.broken(count), named[at])
            if at in set(contenders)
            else Choice(RC003.passed(count, _SUPERSEDED))
            for at in mine
        }
    first = min(contenders, key=lambda at: photos[at])
    chosen = {}
    for at in mine:
        note = _SAME_BYTES if contents[at] == contents[first] else _SUPERSEDED
        finding = RC003.passed(count, None if at == first else note)
        chosen[at] = Choice(finding, named[at] or at == first)
    return chosen
