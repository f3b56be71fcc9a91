"""How photos are examined, and by what: one value each for all photos of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.rules import Mode
from pipeline.examine.check import Check
from pipeline.face.models import Models, Recogniser
from pipeline.spec.spec import Spec


@dataclass(frozen=True)
class Setting:
    """What is the same for every photo of a run; it goes to each worker process.

    Registration files are written to ``staging``; None writes nothing. With ``stage_all`` a
    file is written wherever it can be made of a source: a person, or other limits, may let the
    photo pass later. With ``compare_faces`` a worker loads what `Tools.recogniser` needs. With
    ``repair`` a source whose background is its only fault gets a file with another one. With
    ``cards``, which give the students of a roster by their numbers (`numbers_of`), a frame whose
    code holds one of them is a code card, and is not examined further.
    """

    spec: Spec
    mode: Mode
    staging: Path | None = None
    stage_all: bool = False
    compare_faces: bool = False
    repair: bool = False
    cards: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Tools:
    """What examines in one process; with a ``recogniser`` the face is described, to be compared."""

    checks: Sequence[Check]
    models: Models
    recogniser: Recogniser | None = None
