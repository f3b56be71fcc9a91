"""Names that every file system takes: of registration files, packages and archives.

Windows, macOS and Linux each refuse or change something else; a name that is fit for all of
them survives whoever unpacks it.
"""

import re
import unicodedata
from collections.abc import Sequence

from pipeline.core.errors import RosterError
from pipeline.core.records import Student
from pipeline.core.rules import Text
from pipeline.spec.spec import Spec

MOST_BYTES = 220  # in UTF-8: file systems allow 255, and a number and an extension must fit too
_REPLACED = "_"
_ENDS = " .\u3000\xa0"
# What Windows refuses, controls, lone surrogates, and the marks of direction and joining that
# let one name look like another.
_UNFIT = re.compile(
    r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\ud800-\udfff\ufffd-\uffff'
    "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
# Devices, with any extension or none (Microsoft, "Naming Files, Paths, and Namespaces").
_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\..*)?",
    re.IGNORECASE | re.DOTALL,
)


def portable_name(text: str) -> str:
    """Return ``text`` as the name of a file, without its extension, that every system takes.

    NFC; unfit characters become ``_``; no space or dot at either end, so neither a hidden file
    nor a way up; at most 220 bytes of UTF-8; not the name of a device. A name that is fit
    already comes back as it is.
    """
    name = _cut(_UNFIT.sub(_REPLACED, unicodedata.normalize("NFC", text)).strip(_ENDS))
    if not name or _DEVICE.fullmatch(name):
        name = _cut(_REPLACED + name)
    return name


def is_portable(name: str) -> bool:
    """Whether a file's name stands on every system as it is."""
    return portable_name(name) == unicodedata.normalize("NFC", name)


def folded_name(name: str) -> str:
    """Return what two names share that some file system takes for one: case and accents."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def upload_names(students: Sequence[Student], spec: Spec) -> dict[str, str]:
    """Return the name of each student's registration file, by key, as the spec names it.

    Raises
    ------
    RosterError
        When a number is missing, cannot be a file name on every system (no path, no
        device of Windows, nothing unseen), or two names are one to some system; the
        message names the rows.
    """
    names: dict[str, str] = {}
    taken: dict[str, Student] = {}
    for student in students:
        stem = getattr(student, spec.naming) or ("" if spec.naming == "id_no" else student.key)
        if not is_portable(stem):
            raise RosterError(
                Text(
                    f"名单{student.place.zh}：{spec.naming} 不能用作上传文件名",
                    f"{student.place.en}: its {spec.naming} cannot be the name of the upload file",
                )
            )
        other = taken.setdefault(folded_name(stem), student)
        if other is not student:
            both = Text(
                f"{other.place.zh}和{student.place.zh}",
                f"{other.place.en} and {student.place.en}"
                if student.sheet
                else f"rows {other.row} and {student.row}",
            )
            raise RosterError(
                Text(
                    f"名单{both.zh}：两个上传文件同名（{spec.naming}）",
                    f"{both.en}: the same name for two upload files ({spec.naming})",
                )
            )
        names[student.key] = f"{stem}.jpg"
    return names


def _cut(name: str) -> str:
    """Shorten a name to whole characters within the bytes that it may have."""
    return name.encode()[:MOST_BYTES].decode(errors="ignore").rstrip(_ENDS)
