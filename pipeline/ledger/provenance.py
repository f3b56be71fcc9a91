"""By what photos were examined: models, rules, the layout of what is compared, versions."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import cache
from importlib.metadata import version

from sqlalchemy import Connection, insert, select

from pipeline.core.records import FINGERPRINT_LAYOUT, Fingerprint
from pipeline.core.rules import Rule
from pipeline.face.model_manifest import MODELS
from pipeline.ledger.tables import instruments

_LIBRARIES = (
    "ai-edge-litert",
    "mediapipe",
    "numpy",
    "opencv-python-headless",
    "pillow",
    "scikit-image",
)


def model_hashes(names: Iterable[str] | None = None) -> dict[str, str]:
    """SHA-256 of the models that examine, by name; those that always run where none is named."""
    chosen = names or [name for name, entry in MODELS.items() if entry.when == "always"]
    return {name: MODELS[name].sha256 for name in sorted(chosen)}


def provenance_of(rules: Iterable[Rule], models: Iterable[str] | None = None) -> dict[str, str]:
    """Say what two examinations must have in common to stand side by side.

    The models, the rules that were looked at, and the layout of what is compared.
    """
    codes = " ".join(sorted(rule.code for rule in rules))
    layout = " ".join([str(FINGERPRINT_LAYOUT), *(f.name for f in fields(Fingerprint))])
    return {**model_hashes(models), "rules": codes, "fingerprint": layout}


def provenance_sha256(tools: Mapping[str, str]) -> str:
    """Hash what `provenance_of` says."""
    return hashlib.sha256(json.dumps(dict(tools), sort_keys=True).encode()).hexdigest()


@cache
def versions() -> tuple[str, str]:
    """Version of the program, and of the libraries that measure."""
    libraries = " ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return version("gradphoto"), libraries


def keep_provenance(connection: Connection, tools: Mapping[str, str]) -> str:
    """Write down what `provenance_of` says, once, and give its hash."""
    sha256 = provenance_sha256(tools)
    known = select(instruments.c.sha256).where(instruments.c.sha256 == sha256)
    if connection.scalar(known) is None:
        connection.execute(insert(instruments).values(sha256=sha256, tools=dict(tools)))
    return sha256
