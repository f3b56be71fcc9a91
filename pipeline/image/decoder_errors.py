"""What decoders raise and print on bad bytes: kept quiet, and refused in one place.

Everything becomes `PhotoError` without the decoder's own words: they may quote the file.
"""

import logging
import os
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from pipeline.core.errors import PhotoError
from pipeline.core.rules import Text

INCOMPLETE = Text("文件不完整（传输中断）", "the file is incomplete (its transfer was cut off)")
CORRUPT = Text(
    "文件已损坏，或编码方式不受支持", "the file is damaged, or coded in an unsupported way"
)
TOO_LARGE = Text("图片过大，无法安全打开", "the picture is too large to be opened safely")

# What Pillow and pillow-heif are known to raise on bad bytes; the fuzz test holds it.
BAD_BYTES = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    ZeroDivisionError,
    MemoryError,
    RuntimeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)

# catch_warnings and a muted stderr belong to the whole process, not to a thread.
_ONE_AT_A_TIME = threading.Lock()
_STDERR = 2
# Pillow logs the values of EXIF tags, which are personal data.
logging.getLogger("PIL").setLevel(logging.CRITICAL)


@contextmanager
def refusing_bad_bytes() -> Iterator[None]:
    """Turn what a decoder raises on bad bytes into `PhotoError`, and keep warnings quiet.

    Raises
    ------
    PhotoError
        With one of three reasons: incomplete, damaged, too large.
    """
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except (MemoryError, Image.DecompressionBombError):
            raise PhotoError(TOO_LARGE) from None
        except BAD_BYTES as error:
            cut = isinstance(error, EOFError) or "truncated" in str(error).lower()
            raise PhotoError(INCOMPLETE if cut else CORRUPT) from None


@contextmanager
def muted() -> Iterator[None]:
    """Keep native code from writing to stderr. Only within `refusing_bad_bytes`.

    libtiff prints its errors itself, and Pillow gives no way to its error handler.
    """
    kept, nowhere = os.dup(_STDERR), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STDERR)
    try:
        yield
    finally:
        os.dup2(kept, _STDERR)
        os.close(kept)
        os.close(nowhere)
