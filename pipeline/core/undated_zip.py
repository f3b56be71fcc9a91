"""Zip entries that say nothing of when or where they were written: same content, same bytes."""

import stat
import zipfile

LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can hold
_UNIX = 3
_MODE = stat.S_IFREG | 0o600


def undated_entry(name: str, compression: int = zipfile.ZIP_STORED) -> zipfile.ZipInfo:
    """Describe a file of an archive: dated 1980, mode 0600, made on no system in particular."""
    entry = zipfile.ZipInfo(name, LONG_AGO)
    entry.compress_type = compression
    entry.create_system = _UNIX  # else it says on which system it was made
    entry.external_attr = _MODE << 16
    return entry
