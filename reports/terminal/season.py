"""A season on the terminal: counts, one student's history, what other limits would change."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from pipeline.batch.rejudge import Rejudgement
from pipeline.batch.rounds import STUDENT_STATES, Disposition
from pipeline.core.rules import Lang, Text
from pipeline.ledger.decisions import Decision
from pipeline.ledger.proofs import Imported
from pipeline.ledger.season import ZONE
from pipeline.ledger.views import History, Status
from reports.masking import Presentation
from reports.safe_text import visible
from reports.shared_words import DECISIONS
from reports.terminal.findings import verdict_name

_PLACES = {
    Disposition.CURRENT: Text("采用", "counts"),
    Disposition.SUPERSEDED: Text("已被后来的照片取代", "superseded"),
    Disposition.NOT_TAKEN: Text("不采用：此前已合格", "not taken: passed before"),
}
_NO_NAME = Text("", "")  # of a row
_TO_EXAMINE = Text("须重新检查的照片", "photos that need a new examination")
_EXAMINED = Text("已重新检查的照片", "photos that were examined anew")
_SHOWN = 50  # students whose verdict changes


def _rows(rows: Iterable[tuple[Text, str]], lang: Lang) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Line(name[lang]), Line(value))
    return table


def print_status(status: Status, lang: Lang) -> None:
    """Show where a season stands, its days first."""
    days = []
    for name, day in (
        (Text("最后截止", "deadline"), status.last),
        (Text("个人补拍截止", "individual make-ups until"), status.make_up),
    ):
        if day is not None:
            left = (day - status.today).days
            rest = Text(f"还有 {left} 天", f"{left} days left")
            if left < 0:
                rest = Text(f"已过 {-left} 天", f"{-left} days ago")
            days.append((name, f"{day}  {rest[lang]}"))
    counts = [(STUDENT_STATES[state], str(count)) for state, count in status.students.items()]
    rest_rows = [
        (Text("规范", "specification"), status.spec_id),
        (Text("轮次", "rounds"), str(status.rounds)),
        (Text("收到文件", "files"), str(status.submissions)),
        (Text("逾期文件", "late files"), str(status.late)),
        (Text("无对应学生的文件", "files of no student"), str(status.strays)),
        (
            Text("超过提交次数的学生", "students with too many attempts"),
            str(status.beyond_attempts),
        ),
        (Text("检查次数", "examinations"), str(status.examinations)),
    ]
    if status.templates is not None:
        kept = Text("加密保存的人脸模板", "sealed face templates")
        rest_rows.append((kept, str(status.templates)))
    if status.interrupted:
        rest_rows.append(
            (
                Text("未完成", "incomplete"),
                Text("上一轮未完成，请再次运行 season ingest", "run `season ingest` again")[lang],
            )
        )
    Console().print(_rows([*days, *counts, *rest_rows], lang))


def print_history(history: History, presentation: Presentation) -> None:
    """Show all that is known of one student."""
    lang = presentation.lang
    student = history.student
    name = presentation.shown_name(student.name)
    where = " · ".join(filter(None, (student.college, student.major, student.class_name)))
    console = Console()
    console.print(Line(visible(f"{student.key}  {name}  {where}")), soft_wrap=True)
    console.print(Line(STUDENT_STATES[history.state][lang], style="bold"))
    for one in history.tries:
        said = " → ".join(
            f"{verdict_name(verdict, lang)} {' '.join(codes)}".strip()
            for verdict, codes in one.verdicts
        )
        late = Text("逾期", "late")[lang] if one.late else ""
        head = (f"{one.number}", one.day.strftime("%Y-%m-%d"), _PLACES[one.place][lang], said, late)
        below = (one.photo, _decided(one.decision, lang))
        for line in ("  ".join(filter(None, head)), *(f"   {text}" for text in below if text)):
            console.print(Line(visible(line)), soft_wrap=True)
    if history.proof is not None:
        proof = history.proof
        word = (Text("校对正确", "confirmed") if proof.right else Text("校对有误", "disputed"))[
            lang
        ]
        day = proof.at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
        console.print(Line(visible(f"{word}  {day}  {proof.why}")))


def _decided(decision: Decision | None, lang: Lang) -> str:
    """Say who decided what, when and why."""
    if decision is None:
        return ""
    word = DECISIONS[decision.kind]
    day = decision.at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
    return f"{decision.who} {day} {word[lang]}: {decision.why}"


def print_rejudgement(done: Rejudgement, lang: Lang) -> None:
    """Show whose verdict changes or would change; keys only."""
    console = Console()
    table = Table(box=None, pad_edge=False, show_header=False)
    for one in done.changed[:_SHOWN]:
        before, after = (verdict_name(v, lang) for v in (one.before, one.after))
        table.add_row(*map(Line, (one.student_key, f"{before} → {after}", " ".join(one.codes))))
    if done.changed:
        console.print(table)
    more = len(done.changed) - _SHOWN
    if more > 0:
        console.print(Line(f"… +{more}"))
    rows = [
        (Text("结论改变的学生", "students whose verdict changes"), str(len(done.changed))),
        (Text("按已存数据重判的照片", "photos judged by what was kept"), str(done.judged)),
    ]
    for key, count in done.needs.items():
        words = _EXAMINED if done.applied else _TO_EXAMINE
        rows.append((words, f"{count}  ({key})"))
    if done.undecided:
        rows.append((Text("结论待定的学生", "students undecided until then"), str(done.undecided)))
    console.print(_rows(rows, lang))
    end = Text("未作改动；加 --apply 执行", "nothing changed; --apply does it")
    if done.applied:
        end = Text("已按此改判，清单已重写", "judged so from now on; the lists are written anew")
    console.print(Line(end[lang]))


def print_imported(done: Imported, lang: Lang) -> None:
    """Show what an import of proofs came to, and whose answer was final."""
    rows = [
        (Text("新增", "new"), str(done.new)),
        (Text("更改", "changed within 24 hours"), str(done.replaced)),
        (Text("已有", "known"), str(done.known)),
        (Text("名单外", "of nobody on the list"), str(done.strangers)),
        (
            Text("超过 24 小时，不予更改", "refused: final after 24 hours"),
            str(len(done.refused)),
        ),
    ]
    rows += [(_NO_NAME, key) for key in done.refused]
    Console().print(_rows(rows, lang))
