"""Whose photo is it, as far as names tell: never a guess.

The roster's file column or a manifest decides; else the numbers in the file name, else those
in the names of its folders. A number that letters touch, or that is parted, is one where it
stands whole; else it is proposed, and a person decides. So is whoever alone has the name of a
file and the class of its folder. Every lookup is a dictionary's, so
that 100,000 photos against 100,000 students take seconds.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.core.errors import RosterError
from pipeline.core.records import FileKind, Match, Student
from pipeline.core.rules import Finding, Text
from pipeline.intake.class_folders import Members, Places, members_of, sole_member
from pipeline.intake.contenders import (
    NO_CONTENDER,
    Choice,
    Standing,
    choose,
    pictures_beside,
    standing,
)
from pipeline.intake.file_name_tokens import (
    chinese_runs,
    name_form,
    number_forms,
    runs,
    spans_of,
    tokens_of,
)
from pipeline.intake.headers import ID_KEY, KEYS, find_table, records
from pipeline.intake.identifiers import clean_number, comparable_name, upgrade_id
from pipeline.intake.tables.cells import EMPTY, MEND
from pipeline.intake.written_paths import find_written, stem
from pipeline.rules.roster import RC001, RC003, RC004, RC005

_NO_MATCH = Text("没有对应的学生", "no student for the file")
_UNDECIDED = Text("无法确定是哪名学生", "it is undecided whose file it is")
_UNLISTED = Text("清单指定的学号不在名单中", "the manifest's number is not in the roster")
_OTHERS_NUMBER = Text("文件名中的号码是另一名学生的", "the file name has another student's number")
_OTHERS_NAME = Text("文件名中的姓名是另一名学生的", "the file name has another student's name")
_DECIDED = Text("人工改归此生", "a person gave it to this student")
_LEFT = Text(
    "人工改归的学生不在名单中", "the student to whom a person gave it is not in the roster"
)
_NO_NAME = Text("名单中没有姓名", "the roster has no name")
_UNREADABLE_NAME = Text(
    "姓名含生僻字，名单中为“??”或拼音，无法比对",
    "the roster's name has lost characters or is in pinyin, so it cannot be compared",
)
_SEE_PROPOSALS = Text(
    "可能是某名学生的，见调整建议", "its name suggests a student: see the proposals"
)
# Shorter ones are counters of cameras and classes: with letters around they are anybody's.
_LEAST_DIGITS, _LEAST_PROPOSED = 8, 6

# Outcomes that nearly all photos have; one object for all of them.
_IN_ROSTER, _ONE_OWNER = RC001.passed(), RC005.passed(1)
_AGREES = RC004.passed()


@dataclass(frozen=True)
class _Index:
    """What is looked up in file names."""

    numbers: Mapping[str, Places]
    names: frozenset[str]
    longest: int  # tokens in the longest number
    most_characters: int  # in it
    classes: Members


@dataclass(frozen=True, slots=True)
class _Claim:
    """Whom a file may belong to, and what else its name holds."""

    owners: Places
    named: bool  # by the roster or the manifest
    hits: Places  # students whose numbers are in the name
    names: frozenset[str]  # names of students that are in the name
    proposed: Places = ()  # students whose number, or name and class, it may have
    decided: bool = False  # a person said whose it is


def match(
    photos: Sequence[str],
    students: Sequence[Student],
    manifest: Mapping[str, str] | None = None,
    *,
    sha256: Mapping[str, str] | None = None,
    kinds: Mapping[str, FileKind] | None = None,
    decided: Mapping[str, str] | None = None,
) -> tuple[Match, ...]:
    """Match files to students by names and numbers.

    Parameters
    ----------
    photos
        Paths relative to the inbox; each once.
    students
        The roster.
    manifest
        Number of the student by photo, as `read_manifest` gives it.
    sha256
        Hash of the bytes by photo: files of one student with the same bytes count as one,
        and the first by name is the preferred one.
    kinds
        What the files are that are no photos, by photo: those are set aside where there is one.
    decided
        Key of the student by photo, where a person said whose it is: nothing else counts then.

    Returns
    -------
    tuple of Match
        One for each photo, in their order, with findings for RC001, RC003, RC004, RC005.
    """
    index = _index(students)
    kinds = kinds or {}
    standings = [standing(photo, kinds.get(photo, FileKind.PHOTO)) for photo in photos]
    lesser = [at for at, mine in enumerate(standings) if mine is not Standing.CONTENDER]
    pictures = pictures_beside(photos, lesser)
    named = _named(photos, students, manifest or {}, index)
    for at in [at for at in lesser if at in named]:  # the list names the RAW of a picture
        for other in pictures[at]:
            named.setdefault(other, named[at])
    claims = [_claim(photo, named.get(at), index) for at, photo in enumerate(photos)]
    for at, claim in _decided(photos, students, decided or {}).items():
        claims[at] = claim
    for at in lesser:  # IMG_0012.MOV is whose IMG_0012.JPG is
        if len(others := pictures[at]) == 1:
            picture = claims[others[0]]
            if picture.decided or not claims[at].owners:
                claims[at] = replace(claims[at], owners=picture.owners, proposed=())
    sole: dict[int, list[int]] = defaultdict(list)
    for at, claim in enumerate(claims):
        if len(claim.owners) == 1:
            sole[claim.owners[0]].append(at)
    choices: dict[int, Choice] = {}
    by_list = [claim.named for claim in claims]
    for mine in sole.values():
        choices |= choose(mine, photos, standings, by_list, sha256 or {})
    return tuple(
        _match(photo, claim, choices.get(at), students)
        for at, (photo, claim) in enumerate(zip(photos, claims, strict=True))
    )


def read_manifest(path: Path) -> Mapping[str, str]:
    """Read a list of photos and the numbers of their students.

    Parameters
    ----------
    path
        CSV (or XLSX, DBF) with a column for the file (file, photo, 文件名) and one for the
        student (student_id, 学号, 采集码, 考生号, 证件号), as `pipeline.intake.column_names`.

    Raises
    ------
    RosterError
        A column is missing, a row is incomplete, or a file is listed for two students.
    """
    keys = (*KEYS, ID_KEY)
    table, header = find_table(
        path,
        lambda columns: "file" in columns and any(k in columns for k in keys),
        Text("photo（或 file）和 student_id", "photo (or file) with student_id"),
    )
    key = next(k for k in keys if k in header.columns)
    listed: dict[str, str] = {}
    rows: dict[str, int] = {}
    for row, cells in records(table, header):
        photo, number = (cells.get(header.columns[field], EMPTY) for field in ("file", key))
        if not (photo.text or number.text):
            continue
        if not (photo.text and number.text):
            raise RosterError(
                Text(
                    f"{path.name}：第 {row} 行缺少 photo 或 student_id",
                    f"{path.name}: row {row} lacks its photo or its student_id",
                )
            )
        if number.damage:
            raise RosterError(
                Text(
                    f"{path.name}：第 {row} 行：student_id 是{number.damage.zh}；{MEND.zh}",
                    f"{path.name}: row {row}: the student_id is {number.damage.en}; {MEND.en}",
                )
            )
        value = clean_number(number.text)
        if listed.setdefault(photo.text, value) != value:
            raise RosterError(
                Text(
                    f"{path.name}：第 {rows[photo.text]} 行和第 {row} 行把一张照片给了两个学生",
                    f"{path.name}: rows {rows[photo.text]} and {row} give one photo to two "
                    "students",
                )
            )
        rows.setdefault(photo.text, row)
    return listed


def _index(students: Sequence[Student]) -> _Index:
    numbers: dict[str, Places] = {}
    longest = 1
    names = set()
    for at, student in enumerate(students):
        own = (student.key, student.student_no, student.exam_no, student.capture_code)
        for number in {*own, student.id_no, upgrade_id(student.id_no)}:
            for form in number_forms(number):
                if at not in (others := numbers.get(form, ())):
                    numbers[form] = (*others, at)
                longest = max(longest, form.count(" ") + 1)
        if comparable_name(student.name):
            names.add(name_form(student.name))
    return _Index(
        numbers, frozenset(names), longest, max(map(len, numbers), default=0), members_of(students)
    )


def _named(
    photos: Sequence[str], students: Sequence[Student], manifest: Mapping[str, str], index: _Index
) -> dict[int, Places]:
    """Find the photos that the roster or the manifest names, and for whom.

    None of them: the manifest's number is nobody's.
    """
    keys = {student.key: at for at, student in enumerate(students)}
    entries: list[tuple[str, Places]] = [(s.file, (at,)) for at, s in enumerate(students) if s.file]
    for photo, number in manifest.items():
        owner = keys.get(number)
        form = " ".join(tokens_of(number))
        found = index.numbers.get(form, ()) if owner is None else (owner,)
        entries.append((photo, found))
    named: dict[int, Places] = {}
    found_files = find_written([file for file, _ in entries], photos)
    for (_, owners), files in zip(entries, found_files, strict=True):
        for at in files:
            named[at] = _both(named.get(at, ()), owners)
    return named


def _claim(photo: str, named: Places | None, index: _Index) -> _Claim:
    *folders, file = photo.split("/")
    tokens = tokens_of(stem(file))
    hits = _hits(tokens, index)
    proposed: Places = ()
    if named is None and not hits:
        for part in (stem(file), *reversed(folders)):
            mine = tokens_of(part)
            hits = _hits(mine, index)
            if not hits:
                hits, maybe = _looked_closer(part, index)
                proposed = proposed or maybe
            if hits:
                tokens += ("", *mine)
                break
        proposed = () if hits else proposed or sole_member(photo, index.classes)
    return _Claim(
        owners=hits if named is None else named,
        named=named is not None,
        hits=hits,
        names=index.names & chinese_runs(tokens),
        proposed=proposed,
    )


def _decided(
    photos: Sequence[str], students: Sequence[Student], decided: Mapping[str, str]
) -> dict[int, _Claim]:
    """Claims of the photos of which a person said whose they are, by their places."""
    if not decided:
        return {}
    places = {student.key: (at,) for at, student in enumerate(students)}
    return {
        at: _Claim(
            places.get(decided[photo], ()),
            named=True,
            hits=(),
            names=frozenset(),
            decided=True,
        )
        for at, photo in enumerate(photos)
        if photo in decided
    }


def _hits(tokens: Sequence[str], index: _Index) -> Places:
    """Find whose numbers are among tokens; a number inside a longer one's run is none."""
    found: Places = ()
    spans: list[tuple[int, int]] = []
    for start, end, text in runs(tokens, index.longest):
        owners = index.numbers.get(text)
        if owners and not any(a <= start and end <= b for a, b in spans):
            found = _both(found, owners)
            spans.append((start, end))
    return found


def _looked_closer(part: str, index: _Index) -> tuple[Places, Places]:
    """Find whose numbers stand whole among letters and separators, and whose may be there."""
    found: Places = ()
    maybe: Places = ()
    spans: list[tuple[int, int]] = []
    for span in spans_of(part, index.most_characters):
        owners = index.numbers.get(span.text)
        if not owners or any(a <= span.start and span.end <= b for a, b in spans):
            continue
        spans.append((span.start, span.end))
        if span.whole and span.digits >= _LEAST_DIGITS:
            found = _both(found, owners)
        elif span.digits >= _LEAST_PROPOSED:
            maybe = _both(maybe, owners)
    return found, maybe


def _both(some: Places, others: Places) -> Places:
    return tuple(sorted({*some, *others})) if some else others


def _match(
    photo: str,
    claim: _Claim,
    choice: Choice | None,
    students: Sequence[Student],
) -> Match:
    count = len(claim.owners)
    if choice is None:
        unknown, cause = (_UNDECIDED, RC005) if count else (_NO_MATCH, RC001)
        rest = [rule.skipped(unknown, caused_by=cause.code) for rule in (RC003, RC004)]
        detail = _UNLISTED if claim.named else _SEE_PROPOSALS if claim.proposed else None
        detail = _LEFT if claim.decided else detail
        first = RC001.passed() if count else RC001.broken(detail=detail)
        last = RC005.broken(count) if count else RC005.passed(count)
        proposed = tuple(students[at].key for at in claim.proposed)
        named = claim.named and count > 0
        return Match(photo, None, named, (first, *rest, last), proposed=proposed)
    (owner,) = claim.owners
    rc004 = _contradiction(claim, owner, students[owner])
    if choice.set_aside:
        rc004 = RC004.not_applicable(NO_CONTENDER)
    findings = (_IN_ROSTER, choice.finding, rc004, _ONE_OWNER)
    return Match(photo, students[owner].key, choice.preferred, findings, choice.set_aside)


def _contradiction(claim: _Claim, owner: int, student: Student) -> Finding:
    if claim.decided:
        return RC004.passed(note=_DECIDED)
    if claim.hits and owner not in claim.hits:
        return RC004.broken(detail=_OTHERS_NUMBER)
    if not student.name:
        return RC004.not_applicable(_NO_NAME)
    if not claim.names or name_form(student.name) in claim.names:
        return _AGREES
    if not comparable_name(student.name):
        return RC004.skipped(_UNREADABLE_NAME)
    return RC004.broken(detail=_OTHERS_NAME)
