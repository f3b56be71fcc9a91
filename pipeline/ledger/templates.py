"""Templates of faces, kept between rounds: sealed under a key that lies outside the season.

A template is biometric (standard.md §6): whoever holds a season's folder or its backup must not
hold its faces. So each is encrypted (AES-256-GCM, a fresh nonce each) under a key in a file of
the user's own, which the ledger knows by its path and a check value only. The photo's hash and
what described it are authenticated with it: rows cannot be exchanged. What a photo cannot be
compared for is kept too, sealed alike.
"""

import hashlib
import hmac
import json
import logging
import os
import secrets
import stat
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, func, insert, select

from pipeline.core.errors import UsageError
from pipeline.core.records import FaceTemplate
from pipeline.core.rules import Text
from pipeline.core.system_words import words_of
from pipeline.face.model_manifest import MODELS
from pipeline.ledger.codec import decode_text, encode_text
from pipeline.ledger.provenance import model_hashes
from pipeline.ledger.tables import templates
from pipeline.spec.spec import Spec

VARIABLE = "GRADPHOTO_TEMPLATE_KEY"
_log = logging.getLogger(__name__)
_HEAD = "gradphoto template key 1: "
_BYTES = 32
_NONCE = 12  # NIST SP 800-38D 8.2.2
_LAYOUT = 1  # raise it when `pipeline.examine.embedding` describes a face in another way


def make_key(path: Path) -> bytes:
    """Return the key of a file, which is made, 0600, where there is none.

    Raises
    ------
    UsageError
        It cannot be made, or what is there is no key or not the user's alone.
    """
    if path.exists():
        return read_key(path)
    key = secrets.token_bytes(_BYTES)
    text = f"{_HEAD}{b64encode(key).decode()}\n"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(handle)  # before the ledger knows of it
    except OSError as error:
        raise UsageError(
            Text(
                f"{path.name}：密钥文件无法建立（{words_of(error).zh}）",
                f"{path.name}: the key file cannot be made ({words_of(error).en})",
            )
        ) from None
    return key


def read_key(path: Path) -> bytes:
    """Read a key file.

    Raises
    ------
    UsageError
        It is not there, others may read it, or it holds no key.
    """
    try:
        mode, text = path.stat().st_mode, path.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        raise UsageError(
            Text(
                f"{path.name}：模板的密钥文件无法读取；请放回原处，或用 {VARIABLE} 指明；"
                "若已丢失，请运行 `season forget-templates`",
                f"{path.name}: the key file of the templates cannot be read; put it back, or "
                "name it "
                f"by {VARIABLE}; if it is lost, `season forget-templates`",
            )
        ) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(
            Text(
                f"{path.name}：别人可以读取这个密钥文件；请运行 chmod 600",
                f"{path.name}: others may read this key file; chmod 600 it",
            )
        )
    try:
        key = b64decode(text.strip().removeprefix(_HEAD), validate=True)
    except Base64Error:
        key = b""
    if not text.startswith(_HEAD) or len(key) != _BYTES:
        raise UsageError(
            Text(
                f"{path.name}：不是 gradphoto 的密钥文件",
                f"{path.name}: is no key file of gradphoto",
            )
        )
    return key


def check_of(key: bytes) -> str:
    """What tells a key from another one without telling the key."""
    return hmac.new(key, b"gradphoto template key", hashlib.sha256).hexdigest()


def described_by(spec: Spec) -> str:
    """Say by what faces are described under a spec: a template of another kind is none."""
    says = {
        "layout": _LAYOUT,
        "models": model_hashes(MODELS),
        "least_eyes_px": spec.identity.least_eyes_px,
        # A large frame is decoded no larger than the output needs: the face is seen so.
        "decoded for": [spec.output.width_px, spec.output.height_px],
        "reading": spec.reading.model_dump(mode="json"),
    }
    return hashlib.sha256(json.dumps(says, sort_keys=True).encode()).hexdigest()


def read_templates(
    connection: Connection, key: bytes, by: str, contents: Iterable[str]
) -> dict[str, FaceTemplate]:
    """Read the templates of a few hundred photos, by the hash of their bytes.

    One that does not open (a torn row, or one that was exchanged) is none: the photo is there
    to be described anew, and its lists come out the same. It is logged how many those were.
    """
    found = {}
    torn = 0
    asked = select(templates).where(
        templates.c.described_by == by, templates.c.sha256.in_(list(contents))
    )
    for row in connection.execute(asked):
        nonce, sealed = row.sealed[:_NONCE], row.sealed[_NONCE:]
        try:
            plain = AESGCM(key).decrypt(nonce, sealed, _bound_to(row.sha256, by))
        except (InvalidTag, ValueError):
            torn += 1
            continue
        found[row.sha256] = _decode(plain)
    if torn:
        _log.warning("%d kept templates do not open: they are described anew", torn)
    return found


def keep_templates(
    connection: Connection, key: bytes, by: str, faces: Mapping[str, FaceTemplate]
) -> None:
    """Keep templates by the hash of the photo's bytes, in the place of earlier ones."""
    if not faces:
        return
    connection.execute(
        delete(templates).where(templates.c.described_by == by, templates.c.sha256.in_(list(faces)))
    )
    rows = []
    for sha256, face in faces.items():
        nonce = secrets.token_bytes(_NONCE)
        sealed = AESGCM(key).encrypt(nonce, _encode(face), _bound_to(sha256, by))
        rows.append({"sha256": sha256, "described_by": by, "sealed": nonce + sealed})
    connection.execute(insert(templates), rows)


def forget_others(connection: Connection, by: str) -> None:
    """Delete what was described in another way: no round will read it, so it is not kept."""
    connection.execute(delete(templates).where(templates.c.described_by != by))


def count_templates(connection: Connection) -> int:
    """Count the photos whose templates are kept."""
    return connection.scalar(select(func.count(templates.c.sha256.distinct()))) or 0


def _bound_to(sha256: str, by: str) -> bytes:
    return f"{sha256} {by}".encode()


def _encode(face: FaceTemplate) -> bytes:
    if face.vector is not None:
        return b"\1" + face.vector
    why = None if face.why is None else encode_text(face.why)
    return b"\0" + json.dumps([why, face.caused_by], ensure_ascii=False).encode()


def _decode(plain: bytes) -> FaceTemplate:
    if plain[:1] == b"\1":
        return FaceTemplate(plain[1:])
    why, caused_by = json.loads(plain[1:])
    return FaceTemplate(None, None if why is None else decode_text(why), caused_by)
