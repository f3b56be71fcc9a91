"""What is asked of one shoot: where it lies and how it is judged."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.core.rules import Choose, Judge


@dataclass(frozen=True)
class Request:
    """One call of `check`, before anything is read.

    Faces are compared where ``identity`` or the spec says so; ``references`` alone turns
    nothing on. Output folders of ``earlier`` runs tell which pictures were refused, and who
    was accepted: those serve as reference photos for students who have none. ``repair`` has
    wrong backgrounds replaced. ``sheets`` are those of the roster that count, and
    ``columns`` what some of its heads mean, see `read_roster`.
    ``choose`` says which of several photos of a student speaks. Whose a photo is its name tells,
    or the ``manifest``, or code ``cards`` photographed before it, or a list of ``scans``.
    ``school`` is the 院校代码 that the manifest gives.
    With ``all_previews`` report.html has a large picture of those who passed, too; with
    ``thumbnails`` report.xlsx has small ones. ``carry`` are columns of the roster that lists
    for people take over.
    """

    inbox: Path
    roster: Path
    spec: str
    judge_as: Judge = "auto"
    manifest: Path | None = None
    references: Path | None = None
    earlier: tuple[Path, ...] = ()
    identity: bool = False
    repair: bool = False
    sheets: tuple[str, ...] = ()
    choose: Choose = "ask"
    all_previews: bool = False
    carry: tuple[str, ...] = ()
    thumbnails: bool = False
    cards: bool = False
    scans: Path | None = None
    columns: tuple[str, ...] = ()
    school: str = ""

    @property
    def tables(self) -> tuple[Path, ...]:
        """Tables that may lie in the inbox, and are no submissions."""
        return tuple(path for path in (self.roster, self.manifest, self.scans) if path is not None)

    @property
    def given(self) -> tuple[Path, ...]:
        """All paths that are read."""
        named = (self.manifest, self.scans, self.references, *self.earlier)
        return (self.inbox, self.roster, *(path for path in named if path is not None))
