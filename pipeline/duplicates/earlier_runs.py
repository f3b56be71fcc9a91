"""What an earlier run left behind: pictures it refused, and registration files it accepted.

Read from the run's own output folder (``--earlier OUT``), so that a second round, or the next
year, needs nothing but what the first one wrote.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import UsageError
from pipeline.core.output_files import OutputFile
from pipeline.core.records import Fingerprint, Submission
from pipeline.core.rules import Text
from pipeline.duplicates.fingerprints import read_fingerprints
from pipeline.duplicates.resubmitted import Refused, Rejected, read_rejected
from pipeline.intake.references import Reference


@dataclass(frozen=True)
class Earlier:
    """What earlier runs refused, and what they accepted of whom."""

    refused: Refused
    accepted: tuple[Reference, ...]


def read_earlier(folders: Sequence[Path]) -> Earlier:
    """Read the output folders of earlier runs.

    Raises
    ------
    UsageError
        When one is no output folder, or cannot be read.
    """
    rejected: list[Rejected] = []
    prints: dict[str, Fingerprint] = {}
    accepted: list[Reference] = []
    for folder in folders:
        if not (folder / OutputFile.PHOTOS).is_file():
            raise UsageError(
                Text(
                    f"--earlier {folder.name or folder}：不是检查的结果文件夹",
                    f"--earlier {folder.name or folder}: no output folder of a run",
                )
            )
        prints_file = folder / OutputFile.FINGERPRINTS
        if not prints_file.is_file():  # reading a pipe would wait for ever
            raise UsageError(
                Text(
                    f"--earlier {folder.name or folder}：里面没有 {prints_file.name}",
                    f"--earlier {folder.name or folder}: holds no {prints_file.name}",
                )
            )
        own = read_fingerprints(prints_file)
        rejected += read_rejected(folder / OutputFile.PHOTOS, own)
        prints |= own
        accepted += _accepted(folder / OutputFile.UPLOAD)
    refused = Refused(tuple(rejected), lambda old: prints[old.sha256])
    return Earlier(refused, tuple(accepted))


def _accepted(upload: Path) -> list[Reference]:
    listed = upload / "manifest.csv"
    if not listed.is_file():
        return []  # a run that made no registration files
    try:
        with listed.open(encoding="utf-8-sig", newline="") as stream:
            rows = [(row["student_id"], row["file"]) for row in csv.DictReader(stream, restval="")]
    except (OSError, UnicodeDecodeError, csv.Error, KeyError) as error:
        raise UsageError(
            Text(
                f"{listed.name}：无法读取（{type(error).__name__}）",
                f"{listed.name}: cannot be read ({type(error).__name__})",
            )
        ) from None
    found = ((key.removeprefix("'"), upload / Path(name).name) for key, name in rows)
    return [
        Reference(key, Submission(f"{upload.parent.name}/{path.name}", path))
        for key, path in found
        if path.is_file()
    ]
