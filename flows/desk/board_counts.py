"""Where the students stand: by class, by day against the deadlines, and who waits for whom."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flows.desk.groups import Queue
from pipeline.batch.rounds import StudentState
from pipeline.core.rules import Text
from pipeline.ledger.board import Person

# How far students have come, in the order in which they do; names of `Since`.
STAGES = {
    "collected": Text("交过照片", "photo handed in"),
    "passed": Text("合格", "passed"),
    "uploaded": Text("已上传", "uploaded"),
    "confirmed": Text("校对正确", "confirmed"),
}
# What waits for whom, by the states of the students.
WAITS = {
    Text("教务", "the registry"): {
        Text("合格，待上传", "passed, to be uploaded"): {StudentState.PASSED},
        Text("校对有误，待核实", "called wrong, to be verified"): {StudentState.DISPUTED},
    },
    Text("学生", "students"): {
        Text("未采集", "no photo"): {StudentState.MISSING},
        Text("需补拍", "retake"): {StudentState.RETAKE},
        Text("未校对", "no answer to the proof"): {StudentState.PASSED, StudentState.UPLOADED},
    },
}
_WAITING = tuple(states for some in WAITS.values() for states in some.values())


@dataclass(frozen=True)
class Day:
    """One day on which something changed."""

    day: date
    counts: tuple[int, ...]  # students who have come so far by its end, a stage each


@dataclass(frozen=True)
class ClassLine:
    """One class of the board."""

    college: str
    name: str
    counts: Counter[StudentState]

    @property
    def all(self) -> int:
        """How many students it has."""
        return self.counts.total()


@dataclass(frozen=True)
class WaitLine:
    """What waits in one college."""

    college: str | None  # None: files of no student
    photos: int  # for a reviewer
    students: tuple[int, ...]  # for others, in the order of `WAITS`


def days_of(people: Iterable[Person]) -> tuple[Day, ...]:
    """Sum up by day how far the students have come.

    They are counted by where they stand now, so that the last day is what the board counts:
    a photo that was called wrong passed on no day.
    """
    came: dict[str, Counter[date]] = {stage: Counter() for stage in STAGES}
    for one in people:
        for stage, counter in came.items():
            if (day := getattr(one.since, stage)) is not None:
                counter[day] += 1
    sums, found = dict.fromkeys(STAGES, 0), []
    for day in sorted(set().union(*came.values())):
        for stage, counter in came.items():
            sums[stage] += counter[day]
        found.append(Day(day, tuple(sums.values())))
    return tuple(found)


def classes_of(people: Iterable[Person]) -> list[ClassLine]:
    """Count the states of each class."""
    found: dict[tuple[str, str], Counter[StudentState]] = defaultdict(Counter)
    counted = Counter((one.college, one.class_name, one.state) for one in people)
    for (college, name, state), count in counted.items():
        found[college, name][state] = count
    return [ClassLine(*key, counts) for key, counts in sorted(found.items())]


def waits_of(classes: Iterable[ClassLine], queue: Queue) -> list[WaitLine]:
    """Count what waits in each college; files of no student stand at the end."""
    photos = Counter(one.college for one in queue.photos)
    states: dict[str, Counter[StudentState]] = defaultdict(Counter)
    for line in classes:
        states[line.college] += line.counts
    lines = [
        WaitLine(
            college,
            photos[college],
            tuple(sum(counts[state] for state in which) for which in _WAITING),
        )
        for college, counts in sorted(states.items())
    ]
    if photos[None]:
        lines.append(WaitLine(None, photos[None], (0,) * len(_WAITING)))
    return lines
