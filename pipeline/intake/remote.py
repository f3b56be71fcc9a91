"""Inboxes and reports that lie elsewhere, by fsspec URL: ``s3://``, ``memory://``, ``file://``.

Everything else works on local files: what has newly arrived at a URL is brought into a local
folder before a round, and the reports are sent after it.
"""

import json
from pathlib import Path

import fsspec
from fsspec import AbstractFileSystem

from pipeline.core.errors import InboxError, UsageError
from pipeline.core.places import lies_in
from pipeline.core.private_files import make_private_folder, write_private
from pipeline.core.rules import Text

_CHANGED = ("ETag", "mtime", "LastModified", "created")  # as the kinds of storage call it


def is_url(place: str) -> bool:
    """Whether a place is an fsspec URL and not a path of this machine."""
    return "://" in place


def bring(url: str, into: Path) -> int:
    """Copy every file below ``url`` that is new or has changed into ``into``; count them.

    A file's size and its tag or time tell whether it has changed. What has gone at the URL
    stays here: a submission is never unmade.

    Raises
    ------
    InboxError
        When the place cannot be reached or listed; the message holds no file's name.
    UsageError
        When there is no such kind of storage, or its package is not installed.
    """
    storage, root = _open(url)
    make_private_folder(into)
    record = into.with_name(f"{into.name}.seen.json")  # what each was when it came
    seen = _read_record(record)
    count = 0
    try:
        listed = storage.find(root, detail=True)
        for name, about in sorted(listed.items()):
            relative = name.removeprefix(root).lstrip("/")
            changed = next((about[key] for key in _CHANGED if about.get(key)), None)
            state = repr([about.get("size"), str(changed)])
            if seen.get(relative) == state or not _is_inside(into, relative):
                continue
            write_private(into / relative, storage.cat_file(name))
            seen[relative] = state
            count += 1
    except OSError as error:
        raise InboxError(
            Text(
                f"网址上的收件夹无法读取（{type(error).__name__}）",
                f"the inbox at its URL cannot be read ({type(error).__name__})",
            )
        ) from None
    finally:
        write_private(record, json.dumps(seen, sort_keys=True).encode())
    return count


def _read_record(path: Path) -> dict[str, str]:
    """Read what was brought before; where that cannot be told, all is brought again."""
    try:
        seen = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return seen if isinstance(seen, dict) else {}


def send(folder: Path, url: str) -> int:
    """Copy every file below ``folder`` to ``url``, files that must be whole last; count them.

    Raises
    ------
    UsageError
        When the place cannot be written.
    """
    storage, root = _open(url)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    try:
        for path in files:
            place = f"{root}/{path.relative_to(folder).as_posix()}"
            storage.makedirs(place.rpartition("/")[0], exist_ok=True)
            storage.pipe_file(place, path.read_bytes())
    except OSError as error:
        raise UsageError(
            Text(
                f"写清单的网址无法写入（{type(error).__name__}）",
                f"the reports' URL cannot be written ({type(error).__name__})",
            )
        ) from None
    return len(files)


def _open(url: str) -> tuple[AbstractFileSystem, str]:
    try:
        storage, root = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        # The URL may hold a key: only its kind is named.
        kind = url.partition("://")[0]
        raise UsageError(
            Text(
                f"存储 {kind}://：{type(error).__name__}",
                f"storage {kind}://: {type(error).__name__}",
            )
        ) from None
    return storage, str(root).rstrip("/")


def _is_inside(folder: Path, relative: str) -> bool:
    return lies_in(folder / relative, folder)
