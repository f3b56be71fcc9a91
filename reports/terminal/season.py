"""A season on the terminal: counts, one student's history, what other limits would change."""

from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from pipeline.batch.rejudge import Rejudgement
from pipeline.batch.rounds import STATES, Place
from pipeline.core.rules import Lang, Text
from pipeline.intake.identifiers import mask_name
from pipeline.ledger.proofs import Imported
from pipeline.ledger.season import ZONE
from pipeline.ledger.views import History, Status
from reports.sanitise import visible
from reports.terminal.findings import verdict_name

_PLACES = {
    Place.CURRENT: Text("采用", "counts"),
    Place.SUPERSEDED: Text("已被后来的照片取代", "superseded"),
    Place.NOT_TAKEN: Text("不采用：此前已合格", "not taken: passed before"),
}
_SHOWN = 50  # students whose verdict changes


def _rows(rows: list[tuple[str, str]]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Line(name), Line(value))
    return table


def print_status(status: Status, lang: Lang) -> None:
    """Show where a season stands, its days first."""

    def say(zh: str, en: str) -> str:
        return zh if lang == "zh" else en

    days = []
    for name, day in (
        (say("最后截止", "deadline"), status.last),
        (say("个人补拍截止", "individual make-ups until"), status.make_up),
    ):
        if day is not None:
            left = (day - status.today).days
            rest = say(f"还有 {left} 天", f"{left} days left")
            if left < 0:
                rest = say(f"已过 {-left} 天", f"{-left} days ago")
            days.append((name, f"{day}  {rest}"))
    counts = [(STATES[state][lang], str(count)) for state, count in status.students.items()]
    rest_rows = [
        (say("规范", "specification"), status.spec_id),
        (say("轮次", "rounds"), str(status.rounds)),
        (say("收到文件", "files"), str(status.submissions)),
        (say("逾期文件", "late files"), str(status.late)),
        (say("无对应学生的文件", "files of no student"), str(status.strays)),
        (say("超过提交次数的学生", "students with too many attempts"), str(status.beyond_attempts)),
        (say("检查次数", "examinations"), str(status.examinations)),
    ]
    if status.templates is not None:
        kept = say("加密保存的人脸模板", "sealed face templates")
        rest_rows.append((kept, str(status.templates)))
    if status.interrupted:
        rest_rows.append(
            (
                say("未完成", "incomplete"),
                say("上一轮未完成，请再次运行 season ingest", "run `season ingest` again"),
            )
        )
    Console().print(_rows([*days, *counts, *rest_rows]))


def print_history(history: History, lang: Lang, *, full_names: bool) -> None:
    """Show all that is known of one student."""
    student = history.student
    name = student.name if full_names else mask_name(student.name)
    where = " · ".join(filter(None, (student.college, student.major, student.class_name)))
    console = Console()
    console.print(Line(visible(f"{student.key}  {name}  {where}")), soft_wrap=True)
    console.print(Line(STATES[history.state][lang], style="bold"))
    table = Table(box=None, pad_edge=False, show_header=False)
    for one in history.tries:
        late = ("逾期" if lang == "zh" else "late") if one.late else ""
        said = " → ".join(
            f"{verdict_name(verdict, lang)} {' '.join(codes)}".strip()
            for verdict, codes in one.verdicts
        )
        cells = (
            str(one.number),
            one.day.strftime("%Y-%m-%d"),
            visible(one.photo),
            _PLACES[one.place][lang],
            said,
            late,
            visible(one.review),
        )
        table.add_row(*map(Line, cells))
    console.print(table)
    if history.proof is not None:
        proof = history.proof
        word = (Text("校对正确", "confirmed") if proof.right else Text("校对有误", "disputed"))[
            lang
        ]
        day = proof.at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
        console.print(Line(visible(f"{word}  {day}  {proof.why}")))


def print_rejudgement(done: Rejudgement, lang: Lang) -> None:
    """Show whose verdict changes or would change; keys only."""
    console = Console()
    table = Table(box=None, pad_edge=False, show_header=False)
    for one in done.changed[:_SHOWN]:
        before, after = (verdict_name(v, lang) for v in (one.before, one.after))
        table.add_row(*map(Line, (one.student_key, f"{before} → {after}", " ".join(one.codes))))
    console.print(table)
    more = len(done.changed) - _SHOWN
    if more > 0:
        console.print(Line(f"… +{more}"))
    rows = [
        (_word(lang, "结论改变的学生", "students whose verdict changes"), str(len(done.changed))),
        (_word(lang, "按已存数据重判的照片", "photos judged by what was kept"), str(done.judged)),
    ]
    for key, count in done.needs.items():
        words = _word(lang, "须重新检查的照片", "photos that need a new examination")
        rows.append((words, f"{count}  ({key})"))
    if done.undecided:
        rows.append(
            (_word(lang, "结论待定的学生", "students undecided until then"), str(done.undecided))
        )
    if not done.applied:
        rows.append(
            ("", _word(lang, "未作改动；加 --apply 执行", "nothing changed; --apply does it"))
        )
    console.print(_rows(rows))


def print_imported(done: Imported, lang: Lang) -> None:
    """Show what an import of proofs came to, and whose answer was final."""
    rows = [
        (_word(lang, "新增", "new"), str(done.new)),
        (_word(lang, "更改", "changed within 24 hours"), str(done.replaced)),
        (_word(lang, "已有", "known"), str(done.known)),
        (_word(lang, "名单外", "of nobody on the list"), str(done.strangers)),
        (
            _word(lang, "超过 24 小时，不予更改", "refused: final after 24 hours"),
            str(len(done.refused)),
        ),
    ]
    rows += [("", key) for key in done.refused]
    Console().print(_rows(rows))


def _word(lang: Lang, zh: str, en: str) -> str:
    return zh if lang == "zh" else en
