"""Templates of labelled photographs, for shoots in which mistakes are planted."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from flows.measuring.labels import read_rows
from pipeline.core.errors import PhotoError
from pipeline.core.rules import Mode
from pipeline.examine.embedding import centred, embedding
from pipeline.examine.measure import facts_of
from pipeline.face.models import load_models, load_recogniser
from pipeline.spec.spec import Spec

# People as they are on a registration photo or a snapshot; not those behind masks and glasses.
_GROUPS = {"identity", "idstyle", "portrait", "hat", "pose"}
_RIVAL = 0.5  # of the main face's width: with another face as large it is not known who is meant

Templates = Mapping[str, NDArray[np.float32]]


def templates_of(labels: Path, spec: Spec) -> tuple[Templates, Mapping[str, str]]:
    """Return the template and the person of each labelled photograph with one large face.

    Parameters
    ----------
    labels
        CSV with columns path, group, identity and component. A photograph without an
        identity is the person of its component.

    Returns
    -------
    templates, identity_of
        (128,) float32 of length 1, centred as a batch, and a name of the person, by path.

    Raises
    ------
    UsageError
        When the file cannot be read or lacks a column.
    """
    identity_of = {
        row["path"]: row["identity"] or row["component"]
        for row in read_rows(labels, "path", "group", "identity", "component")
        if row["group"] in _GROUPS
    }
    found = {path: _template(labels.parent / path, spec) for path in identity_of}
    seen = {path: template for path, template in found.items() if template is not None}
    if not seen:
        return {}, identity_of
    return dict(zip(seen, centred(np.stack(list(seen.values()))), strict=True)), identity_of


def _template(path: Path, spec: Spec) -> NDArray[np.float32] | None:
    try:
        data = path.read_bytes()
        facts = facts_of(data, Mode.SOURCE, spec, load_models())
        if len(facts.faces) > 1 and facts.faces[1].width >= _RIVAL * facts.faces[0].width:
            return None
        found = embedding(facts, load_recogniser(), least_eyes_px=spec.identity.least_eyes_px)
    except (OSError, PhotoError):
        return None
    return found if isinstance(found, np.ndarray) else None
