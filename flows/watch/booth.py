"""What a watched shoot knows of its booth: the latest frames of each camera, and what was told."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.batch.booth_table import MEASURED, CameraRow, Drift, camera_row, drifts
from pipeline.core.records import Examination
from pipeline.core.rules import Finding, Rule

LATEST = 50  # frames of a camera that are looked at together


@dataclass
class Booth:
    """The latest frames of each camera, in the order in which they were answered."""

    rules: Mapping[str, Rule]
    _frames: dict[str, deque[tuple[Finding, ...]]] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)  # frames of a camera so far
    _told: dict[tuple[str, str], int] = field(default_factory=dict)  # frame of the last sign

    def note(self, examined: Iterable[Examination]) -> None:
        """Take further frames; a code card, or what cannot be read, measures nothing."""
        for one in examined:
            measured = tuple(
                f for f in one.findings if f.code in MEASURED and f.measured is not None
            )
            if measured:
                self._frames.setdefault(one.camera, deque(maxlen=LATEST)).append(measured)
                self._seen[one.camera] = self._seen.get(one.camera, 0) + 1

    @property
    def table(self) -> tuple[CameraRow, ...]:
        """What the latest frames of each camera measure."""
        return tuple(
            camera_row(camera, tuple(frames), self.rules)
            for camera, frames in sorted(self._frames.items())
        )

    def new_drifts(self, camera: str) -> tuple[Drift, ...]:
        """Return what drifts and was not told while it did: a trend is told once."""
        frames, seen = tuple(self._frames.get(camera, ())), self._seen.get(camera, 0)
        new = []
        for drift in drifts(camera, frames, self.rules):
            key = (camera, drift.rule.code)
            if seen - self._told.get(key, -LATEST) >= LATEST:
                new.append(drift)
            self._told[key] = seen
        return tuple(new)
