"""What can go wrong, as types. Each message says what, where, and what to do.

GradphotoError
├── UsageError        the call cannot be carried out; exit 2 with one line
│   ├── SpecError     a specification is missing or wrong (file, key)
│   ├── RosterError   the roster cannot be used (file, row, column)
│   ├── InboxError    the inbox is not a folder or archive that can be read
│   ├── PackageError  the registration files or their list cannot be used
│   └── ModelError    the weights are missing or have the wrong bytes
├── PhotoError        one photo cannot be read: becomes FL001, the run goes on
│   └── NotPhotoError  it is no photo, or one that has to be exported first
└── CheckError        a check broke its contract: a bug, never a verdict

Messages hold no personal data: rows and columns, never a name or a number.
"""

from pipeline.core.records import FileKind
from pipeline.core.rules import Text


class GradphotoError(Exception):
    """Base of all errors that this program raises on purpose: why, in both languages."""

    def __init__(self, why: Text) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        """Return the English words."""
        return self.why.en


class UsageError(GradphotoError):
    """The call cannot be carried out as it stands."""


class SpecError(UsageError):
    """A specification is missing or wrong."""


class RosterError(UsageError):
    """The roster cannot be used."""


class InboxError(UsageError):
    """The inbox cannot be read."""


class PackageError(UsageError):
    """The registration files, or the list of them, cannot be used."""


class ModelError(UsageError):
    """A model file is missing or has the wrong bytes."""


class PhotoError(GradphotoError):
    """One photo cannot be read."""


class NotPhotoError(PhotoError):
    """A file that is no photo, as far as its content tells; it says what it is instead."""

    def __init__(self, why: Text, kind: FileKind = FileKind.OTHER) -> None:
        super().__init__(why)
        self.kind = kind

    def __reduce__(self) -> tuple[type["NotPhotoError"], tuple[Text, FileKind]]:
        """Keep what it is when crossing a process border."""
        return (NotPhotoError, (self.why, self.kind))


class CheckError(GradphotoError):
    """A check broke its contract."""
