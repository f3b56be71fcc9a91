"""What the commands of a season say they did, in counts."""

from collections.abc import Iterator, Mapping
from typing import Any

from flows.season.steps import Ingested
from pipeline.batch.reviews import DecisionKind
from pipeline.batch.rounds import STUDENT_STATES
from pipeline.core.rules import Text, Verdict
from pipeline.ledger.views import Status
from reports.shared_words import asides, students_line


def said_of_round(done: Ingested) -> Iterator[Text]:
    """Say what a round took in, and where the season's students stand after it."""
    heads = done.header_lines
    yield Text("  ".join(h.zh for h in heads), "  ".join(h.en for h in heads))
    taken = done.taken
    yield Text(
        f"新收 {taken.new}  已有 {taken.known}  等待 {taken.waiting}  "
        f"系统文件 {taken.droppings}  检查 {done.examined}",
        f"new {taken.new}  known {taken.known}  waiting {taken.waiting}  "
        f"system files {taken.droppings}  examined {done.examined}",
    )
    yield students_line(done.students)
    yield from asides(done.set_aside, taken.unopened)


def students_now(status: Status) -> Text:
    """Say in one line where the students stand, those states that occur."""
    said = [(STUDENT_STATES[state], count) for state, count in status.students.items() if count]
    return Text(
        "  ".join(f"{word.zh} {count}" for word, count in said),
        "  ".join(f"{word.en} {count}" for word, count in said),
    )


def said_of_review(by: str, *, accepted: bool) -> Text:
    """Say what was decided, and by whom."""
    if accepted:
        return Text(f"已记下：{by} 让这张照片通过", f"noted: {by} accepted this photo")
    return Text(f"已记下：{by} 退回这张照片", f"noted: {by} rejected this photo")


def said_of_reassignment(kind: DecisionKind, count: int) -> Text:
    """Say how many photos were given to another student, left, or given back."""
    if kind is DecisionKind.UNDO:
        return Text(f"已撤销：{count} 张照片", f"undone: of {count} photos")
    if kind is DecisionKind.KEEP:
        return Text(
            f"已记下：{count} 张照片不改归属", f"noted: {count} photos stay where they stand"
        )
    return Text(f"已改归：{count} 张照片", f"given to another student: {count} photos")


def said_of_hand_over(count: int) -> Text:
    """Say how many files were handed over."""
    return Text(
        f"已记下：新上交 {count} 名学生的成品照片",
        f"noted: registration files handed over now: {count}",
    )


def said_of_roster(count: int) -> Text:
    """Say how many students a new roster has."""
    return Text(f"名单已更换：学生 {count} 人", f"the roster is in place: {count} students")


def asked_before_purge(status: Status, name: str) -> Text:
    """Say what a purge would remove, and ask for the folder's name."""
    students, files = sum(status.students.values()), status.submissions
    return Text(
        f"将删除 {students} 名学生的姓名和号码、{files} 个文件的照片和全部检查记录，不能恢复；"
        f"只留计数。确认请输入文件夹名称“{name}”",
        f"this removes the names and numbers of {students} students, the pictures of {files} "
        "files and all findings, for ever; counts stay. To do it, type the folder's name, "
        f"{name!r}",
    )


def said_of_purge(done: tuple[Mapping[str, Any], str | None]) -> Iterator[Text]:
    """Say what a purge removed, and what of it is left."""
    counts, key_file = done
    students, files = counts["students"], counts["submissions"]
    yield Text(
        f"已删除 {students} 名学生的姓名和号码、{files} 个文件的照片和全部检查记录；计数留下。",
        f"removed: the names and numbers of {students} students, the pictures of {files} files "
        "and all findings; the counts stay.",
    )
    verdicts = {v: n for v, n in counts["verdicts of students"].items() if v in set(Verdict)}
    if verdicts:
        yield students_line(verdicts)
    if key_file is not None:
        yield _key_left(key_file)


def said_of_forgetting(done: tuple[int, str | None]) -> Iterator[Text]:
    """Say how many templates were removed."""
    count, key_file = done
    yield Text(
        f"已删除 {count} 个人脸模板；今后不再保存。",
        f"removed: {count} templates of faces; none is kept from now on.",
    )
    if key_file is not None:
        yield _key_left(key_file)


def _key_left(key_file: str) -> Text:
    return Text(f"密钥文件由您删除：{key_file}", f"the key file is yours to delete: {key_file}")
