"""What operating systems leave in folders: told by its content, for a name proves nothing.

A photo in ``__MACOSX`` or called ``._1.jpg`` is a photo, and a program is none of these.
"""

import codecs
from collections.abc import Callable
from pathlib import PurePosixPath

_APPLE_DOUBLE = b"\0\5\x16\7"  # RFC 1740
_MOST_APPLE_DOUBLE = 1 << 20  # bytes: it may hold an icon or a preview
_MAGIC = {".ds_store": b"\0\0\0\1Bud1", "thumbs.db": b"\xd0\xcf\x11\xe0"}
_INI, _MOST_INI = "desktop.ini", 1 << 16
_INI_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def is_called_dropping(path: str) -> bool:
    """Whether a file has the name of a dropping, whatever it is."""
    *folders, name = PurePosixPath(path).parts
    known = name.lower() in {*_MAGIC, _INI}
    return known or name.startswith("._") or "__MACOSX" in folders


def is_dropping(path: str, head: Callable[[int], bytes]) -> bool:
    """Whether a file is a dropping of an operating system: by its name, and by its content too.

    Parameters
    ----------
    head
        Gives as many of the file's first bytes as it is asked for. It is called only where
        the name is that of a dropping.
    """
    if not is_called_dropping(path):
        return False
    name = PurePosixPath(path).name.lower()
    if name in _MAGIC:
        return head(len(_MAGIC[name])).startswith(_MAGIC[name])
    if name == _INI:
        return _is_ini(head(_MOST_INI + 1))
    content = head(_MOST_APPLE_DOUBLE + 1)
    return content.startswith(_APPLE_DOUBLE) and len(content) <= _MOST_APPLE_DOUBLE


def _is_ini(content: bytes) -> bool:
    """Whether it is what Explorer writes: a small text that begins with a ``[section]``."""
    marked = content.startswith(_INI_MARKS)
    for mark in _INI_MARKS:
        content = content.removeprefix(mark)
    text = content.replace(b"\0", b"") if marked else content
    return (
        len(content) <= _MOST_INI and b"\0" not in text and text.lstrip().startswith((b"[", b";"))
    )
