"""Where a watched shoot stands: who has passed, who has to come again, who has not come."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flows.watch.booth import Booth
from pipeline.batch.booth_table import CameraRow
from pipeline.core.records import Answer, Student
from pipeline.core.rules import Choose, Verdict


@dataclass(frozen=True)
class Standing:
    """Counts of students, and who is left, for the foot of the field; and the booth."""

    students: int
    came: int
    passed: int
    classes: tuple[tuple[str, int, int], ...]  # name, came, all
    again: tuple[Student, ...]  # their frames do not pass; in the order in which they came
    missing: tuple[Student, ...]  # in the order of the roster
    booth: tuple[CameraRow, ...] = ()  # what the latest frames of each camera measure


@dataclass
class Board:
    """What the answers so far come to. ``choose`` says which of several frames counts."""

    students: Sequence[Student]
    choose: Choose
    booth: Booth = field(default_factory=lambda: Booth({}))
    _verdicts: dict[str, Verdict] = field(default_factory=dict)

    def note(self, answers: Iterable[Answer]) -> None:
        """Take further answers; a student who passes leaves those who come again."""
        for answer in answers:
            if answer.student is None or answer.is_card:
                continue
            key, before = answer.student.key, self._verdicts.get(answer.student.key)
            if before is not Verdict.PASS or self.choose == "last":
                self._verdicts[key] = answer.verdict

    @property
    def standing(self) -> Standing:
        """Where the shoot stands now."""
        verdicts: Mapping[str, Verdict] = self._verdicts
        by_key = {student.key: student for student in self.students}
        whole = Counter(student.class_name for student in self.students)
        came = Counter(by_key[key].class_name for key in verdicts)
        return Standing(
            students=len(self.students),
            came=len(verdicts),
            passed=sum(verdict is Verdict.PASS for verdict in verdicts.values()),
            classes=tuple((name, came[name], count) for name, count in sorted(whole.items())),
            again=tuple(by_key[key] for key, v in verdicts.items() if v is not Verdict.PASS),
            missing=tuple(student for student in self.students if student.key not in verdicts),
            booth=self.booth.table,
        )
