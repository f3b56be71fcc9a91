"""A file named by 姓名 in a folder named by 班级: whose it may be, where one student fits.

It is proposed only: people share names, and a class may have somebody whom the roster lacks.
"""

from collections.abc import Mapping, Sequence

from pipeline.core.records import Student
from pipeline.intake.file_name_tokens import chinese_runs, folded, name_form, tokens_of
from pipeline.intake.identifiers import comparable_name
from pipeline.intake.written_paths import stem

Places = tuple[int, ...]  # students, as places in the roster, in ascending order
Members = Mapping[str, Mapping[str, Places]]  # by class, by name


def members_of(students: Sequence[Student]) -> Members:
    """Return who is in each class, by name."""
    members: dict[str, dict[str, Places]] = {}
    for at, student in enumerate(students):
        if (form := _class_form(student.class_name)) and comparable_name(student.name):
            named = members.setdefault(form, {})
            name = name_form(student.name)
            named[name] = (*named.get(name, ()), at)
    return members


def sole_member(photo: str, members: Members) -> Places:
    """Return the one student of that name in that class; nobody where two fit."""
    *folders, file = photo.split("/")
    classes = [members[form] for form in map(_class_form, folders) if form in members]
    if not classes:
        return ()
    names = chinese_runs(tokens_of(stem(file)))
    found = {at for named in classes for name in names for at in named.get(name, ())}
    return tuple(found) if len(found) == 1 else ()


def _class_form(text: str) -> str:
    """软件2301班, 软件 2301, 软件2301.zip: one class."""
    return "".join(folded(text).split()).removesuffix(".ZIP").removesuffix("班")
