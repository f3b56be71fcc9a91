"""A package that someone else made, against its list, the roster and the rules.

Three accounts of the same thing are laid side by side: the files that are there, the files that
the list names, the students of the roster. Each file, each row of the list and each student is
in the result, so what is missing on any side shows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pipeline.batch.compare import compare
from pipeline.batch.judge import judge
from pipeline.batch.match import match
from pipeline.core.records import Examination, Match, Student
from pipeline.core.rules import Finding, Mode, Outcome, Rule, Text, Verdict
from pipeline.core.run_photos import Matched, in_memory
from pipeline.core.verdict import counting, remedies
from pipeline.duplicates.pairs import duplicate_findings, find_pairs
from pipeline.handover.manifest import Listed
from pipeline.handover.path_pairs import pair_up, risky_names, well_named
from pipeline.intake.file_names import upload_names
from pipeline.spec.spec import Spec


class Problem(StrEnum):
    """What is wrong with a file, a row of the list, or a student of the roster."""

    MISSING = "missing"
    UNLISTED = "unlisted"
    CHANGED = "changed"
    SWAPPED = "swapped"
    UNSAFE_NAME = "unsafe_name"
    WRONG_NAME = "wrong_name"
    UNREADABLE = "unreadable"
    BREAKS_RULES = "breaks_rules"
    NOT_IN_ROSTER = "not_in_roster"
    NO_PHOTO = "no_photo"


PROBLEMS: Mapping[Problem, Text] = {
    Problem.MISSING: Text("包中缺少", "listed, but not in the package"),
    Problem.UNLISTED: Text("清单中没有", "not in the list"),
    Problem.CHANGED: Text("内容与清单不符", "not the content that is listed"),
    Problem.SWAPPED: Text("内容是清单中另一文件的", "holds what is listed for another file"),
    Problem.UNSAFE_NAME: Text("文件名不安全", "a name that is not safe to unpack"),
    Problem.WRONG_NAME: Text("文件名不符合规定", "not named by the rule"),
    Problem.UNREADABLE: Text("无法打开", "cannot be read"),
    Problem.BREAKS_RULES: Text("不符合照片规范", "breaks rules of the specification"),
    Problem.NOT_IN_ROSTER: Text("名单中没有此学生", "of nobody in the roster"),
    Problem.NO_PHOTO: Text("没有照片", "without a photo"),
}


@dataclass(frozen=True)
class Row:
    """A file of the package, a row of the list, a student of the roster, as far as they meet.

    ``student_id`` is the roster's, else the list's. A student with two files has two rows.
    """

    photo: str | None
    listed: Listed | None
    student_id: str | None
    name: str
    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...] = ()  # that count, sorted by code; RC001 and FL001 too


@dataclass(frozen=True)
class Verification:
    """The rows, and what there was to compare with."""

    rows: tuple[Row, ...]
    rules: Mapping[str, Rule]
    files: int
    listed: int | None  # None: no list
    students: int | None  # None: no roster

    @property
    def counts(self) -> Mapping[Problem, int]:
        """How many rows have each problem."""
        return Counter(problem for row in self.rows for problem in row.problems)

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong with what is there, and all that is listed is there."""
        return not set(self.counts) - {Problem.NO_PHOTO}

    @property
    def complete(self) -> bool:
        """Whether every student of the roster, where there is one, has a photo."""
        return not self.counts[Problem.NO_PHOTO]


def verify(
    examined: Sequence[Examination],
    listed: Sequence[Listed] | None,
    students: Sequence[Student] | None,
    *,
    spec: Spec,
    rules: Iterable[Rule],
    unsafe: frozenset[str],
) -> Verification:
    """Lay a package, its list and the roster side by side.

    Parameters
    ----------
    examined
        Every file of the package, examined as *final*.
    listed, students
        None: there is none, and what it alone could tell is not asked.
    rules
        The rules that the examinations hold findings for.
    unsafe
        Photos whose stored names are tricks, from `pipeline.intake.archives.unsafe_members`.

    Raises
    ------
    RosterError
        The roster cannot name files by the spec's rule (`upload_names`).
    """
    pairs = pair_up({e.photo: e.sha256 for e in examined}, listed or ())
    judged = _judge(examined, pairs, students, spec, rules)
    due = upload_names(students or (), spec)
    contents = {row.sha256 for row in listed or ()}
    names = {student.key: student.name for student in students or ()}
    unsafe |= risky_names([e.photo for e in examined])
    rows = []
    for e in examined:
        row, owner, counted = pairs.get(e.photo), judged.owner[e.photo], judged.findings[e.photo]
        codes = {finding.code for finding in counted if finding.outcome is Outcome.BROKEN}
        # Of what could not be read, or is listed without one, there is no checksum.
        said = row.sha256 if row else ""
        differs = "" not in {said, e.sha256} and said != e.sha256
        wrong = {
            Problem.UNLISTED: listed is not None and row is None,
            Problem.CHANGED: differs and e.sha256 not in contents,
            Problem.SWAPPED: differs and e.sha256 in contents,
            Problem.UNSAFE_NAME: e.photo in unsafe,
            Problem.WRONG_NAME: not well_named(e.photo, row, due.get(owner or "")),
            Problem.UNREADABLE: "FL001" in codes,
            Problem.NOT_IN_ROSTER: "RC001" in codes,
            Problem.BREAKS_RULES: any(f.code not in {"FL001", "RC001"} for f in counted),
        }
        problems = tuple(problem for problem, is_so in wrong.items() if is_so)
        whose = owner or (row.student_id if row else None)
        rows.append(Row(e.photo, row, whose, names.get(owner or "", ""), problems, counted))
    rows += _absent(set(pairs.values()), listed or (), students, judged.missing)
    return Verification(
        rows=tuple(rows),
        rules=judged.rules,
        files=len(examined),
        listed=None if listed is None else len(listed),
        students=None if students is None else len(students),
    )


@dataclass(frozen=True)
class _Examined:
    """What the rules say: by photo the findings that count and whose it is."""

    findings: Mapping[str, tuple[Finding, ...]]
    owner: Mapping[str, str | None]
    missing: frozenset[str]  # keys of students without a photo
    rules: Mapping[str, Rule]


def _judge(
    examined: Sequence[Examination],
    pairs: Mapping[str, Listed],
    students: Sequence[Student] | None,
    spec: Spec,
    rules: Iterable[Rule],
) -> _Examined:
    """Judge the photos as a run does, the list being what says whose they are."""
    photos = in_memory(examined)
    if students is not None:
        whose = {photo: row.student_id for photo, row in pairs.items() if row.student_id}
        matched = match(photos, students, whose)
        result = judge(compare(matched, spec.identity), spec, rules, Mode.FINAL)
        return _Examined(
            {row.photo: row.findings for row in result.photos},
            {row.photo: row.student_key for row in result.photos},
            frozenset(r.student.key for r in result.students if r.verdict is Verdict.MISSING),
            result.rules,
        )
    # Nobody says who the students are, but two files are two students.
    owners = {e.photo: getattr(pairs.get(e.photo), "student_id", "") or e.photo for e in examined}
    named = {p: Match(p, owner, preferred=False, findings=()) for p, owner in owners.items()}
    duplicates = duplicate_findings(find_pairs(Matched(photos, (), named)), owners)
    every = {rule.code: rule for rule in rules}
    remedy = remedies(every.values(), spec.remedies)
    return _Examined(
        {e.photo: counting((*e.findings, duplicates[e.photo]), remedy) for e in examined},
        dict.fromkeys(owners),
        frozenset(),
        every,
    )


def _absent(
    found: set[Listed],
    listed: Sequence[Listed],
    students: Sequence[Student] | None,
    missing: frozenset[str],
) -> list[Row]:
    """The rows of what is not there: files that the list names, students of the roster."""
    of_number = {
        number: student
        for student in reversed(students or ())
        for number in (student.capture_code, student.exam_no, student.student_no, student.key)
        if number
    }
    rows: list[Row] = []
    told: set[str] = set()
    for row in listed:
        if row in found:
            continue
        student = of_number.get(row.student_id)
        key = student.key if student else row.student_id or None
        problems = [Problem.MISSING]
        if students is not None and row.student_id and student is None:
            problems.append(Problem.NOT_IN_ROSTER)
        if key and key in missing - told:
            problems.append(Problem.NO_PHOTO)
            told.add(key)
        rows.append(Row(None, row, key, student.name if student else "", tuple(problems)))
    return rows + [
        Row(None, None, student.key, student.name, (Problem.NO_PHOTO,))
        for student in students or ()
        if student.key in missing - told
    ]
