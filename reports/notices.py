"""Notices: a page a student, as HTML and PDF, and merge.csv for messages.

Chinese and English stand on one page: who reads which is not known. The drawing over the photo
is that of the report; the one of how it should look is drawn once, of nobody.
"""

import io
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import segno

from pipeline.core.private_files import make_private_folder, write_private
from pipeline.core.rules import Lang, Text, Verdict
from reports import make_up
from reports.markup import raw, render
from reports.overlay import overlay_svg
from reports.people import People, Person, preview_file
from reports.safe_text import visible
from reports.tables import write_rows
from reports.typeset import printable, typeset

_MESSAGE = 70  # characters: one message of a telephone
_PHONES = ("联系电话", "手机", "手机号", "手机号码", "电话", "phone", "mobile")
_TITLES = {
    Verdict.RETAKE: Text("毕业照补拍通知", "Your graduation photo must be taken again"),
    Verdict.FAIL: Text("毕业照核对通知", "Your graduation photo needs to be looked at"),
    Verdict.MISSING: Text("毕业照采集通知", "Your graduation photo is missing"),
}
_WORDS = {
    "what": Text("怎么做", "What to do"),
    "when": Text("时间地点", "Where and when"),
    "bring": Text("带什么", "What to bring"),
    "yours": Text("你交的照片", "The photo you sent"),
    "right": Text("应当是这样", "How it should look"),
    "school": Text("院校代码", "School code"),
    "number": Text("学号", "Student no."),
    "exam": Text("考生号", "Exam no."),
    "office": Text("咨询", "Questions to"),
    "check": Text("扫码自查照片", "Try a photo yourself"),
    "own": Text(
        "扫码看自己的照片，只限本人，有效期至 {until}", "Your own photo, yours alone, until {until}"
    ),
    "until": Text("最后期限", "Deadline"),
}
MERGE = ("学号", "姓名", "电话", "短信", "考生号", "院校代码", "时间地点", "最后期限", "带什么")
LINKED = ("链接", "链接有效期至")


@dataclass(frozen=True)
class OwnLink:
    """The address that leads one student, and nobody else, to the own photo."""

    address: str
    until: str  # its last day


Links = Mapping[str, OwnLink]  # by student
_NO_LINKS: Links = MappingProxyType({})


@dataclass(frozen=True)
class Notices:
    """What was written."""

    count: int
    html: Path
    pdf: Path
    merge: Path


def asked(people: People) -> list[Person]:
    """Return who is to be told: all who did not pass."""
    return [one for one in people.persons if one.verdict in _TITLES]


def write_notices(
    people: People, to: Path, today: date | None, links: Links = _NO_LINKS
) -> Notices:
    """Write the notices of all who did not pass, into one HTML, one PDF and merge.csv.

    Parameters
    ----------
    links
        Where given, a notice has the code of the student's own link, and merge.csv the link.
    """
    make_private_folder(to)
    pages = [_page(number, one, people, today, links) for number, one in enumerate(asked(people))]
    found = Notices(len(pages), to / "notices.html", to / "notices.pdf", to / "merge.csv")
    css = raw("notice.css")
    html = render("notices.html", pages=pages, css=css, right=raw("right.svg"))
    write_private(found.html, html.encode())
    write_private(found.pdf, _pdf(pages))
    write_merge(people, found.merge, today, links)
    return found


def write_merge(people: People, path: Path, today: date | None, links: Links = _NO_LINKS) -> None:
    """Write what is merged into messages, a row for each who did not pass."""
    write_rows(path, (*MERGE, *(LINKED if links else ())), _merge(people, today, links))


def message(person: Person, people: People, today: date | None) -> str:
    """Return what a telephone's message says: at most 70 characters, whole sentences first."""
    title = {Verdict.RETAKE: "需补拍", Verdict.FAIL: "需核对", Verdict.MISSING: "尚未采集"}
    advice = "；".join(person.advice("zh"))
    if person.verdict is Verdict.MISSING:
        advice = make_up.in_short(people, "zh") or advice
    text = f"【毕业照】{title[person.verdict]}：{advice}"
    if len(text) > _MESSAGE:
        return f"{text[: _MESSAGE - 1]}…"
    last = make_up.until(people, "zh")
    for more in (_when(person, people, today), last and f"最晚 {last}"):
        if more and len(text) + len(more) + 1 <= _MESSAGE:
            text = f"{text}。{more}"
    return text


def _page(
    number: int, person: Person, people: People, today: date | None, links: Links
) -> dict[str, Any]:
    """What one notice says, in both languages."""
    entry, student, school = person.entry, person.student, people.school
    picture = preview_file(people.pictures, person)
    langs: tuple[Lang, Lang] = ("zh", "en")
    words = {key: [text[lang] for lang in langs] for key, text in _WORDS.items()}
    own = links.get(student.key)
    if own is not None:
        words["check"] = [text.format(until=own.until) for text in words["own"]]
    check = school.self_check if school is not None else None
    drawn = ""
    if picture is not None and entry.marks is not None:
        address = f"data:image/jpeg;base64,{b64encode(picture.read_bytes()).decode()}"
        drawn = overlay_svg(entry.marks, entry.states, address, "zh", f"n{number}")
    return {
        "number": number,
        "title": [_TITLES[person.verdict][lang] for lang in langs],
        "name": visible(person.name),
        "key": visible(student.key),
        "exam_no": visible(student.exam_no),
        "unit": visible(" ".join(filter(None, (student.college, student.class_name)))),
        "drawn": drawn,
        "advice": [_advice(person, people, lang, today) for lang in langs],
        "when": visible(_when(person, people, today)),
        "bring": visible(_bring(person, people)),
        "school": "" if school is None else f"{school.code} {visible(school.name)}",
        "office": "" if school is None else visible(f"{school.office} {school.contact}".strip()),
        "until": visible(make_up.until(people, "zh")),
        "qr": _qr(check if own is None else own.address),
        "words": words,
    }


def _advice(person: Person, people: People, lang: Lang, today: date | None) -> list[str]:
    """What to do: each cause, or for who missed the shoot each way that is left."""
    told = make_up.ways(people, lang, today) if person.verdict is Verdict.MISSING else ()
    colon = "：" if lang == "zh" else ": "
    said = map(colon.join, told) if told else person.advice(lang)
    return list(map(visible, said))


def _when(person: Person, people: People, today: date | None) -> str:
    """Where and when; nothing for whose photo a person looks at first."""
    return "" if person.verdict is Verdict.FAIL else make_up.where_and_when(people, today)


def _bring(person: Person, people: People) -> str:
    return "" if person.verdict is Verdict.FAIL else make_up.bring(people, "zh")


def _pdf(pages: list[dict[str, Any]]) -> bytes:
    """Typeset all pages; with one empty page where there is nobody."""
    files = {"right.svg": raw("right.svg").encode()}
    for page in pages:
        for name, kind in (("photo", "drawn"), ("qr", "qr")):
            if page[kind]:
                files[f"{name}{page['number']}.svg"] = page[kind].encode()
    plain = [page | {kind: bool(page[kind]) for kind in ("drawn", "qr")} for page in pages]
    return typeset("notices.typ", {"pages": plain, "chinese": printable("zh") == "zh"}, files)


@lru_cache(maxsize=1)  # one is most often that of all
def _qr(address: str | None) -> str:
    """Draw the code of an address; empty without one."""
    if address is None:
        return ""
    stream = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        stream, kind="svg", xmldecl=False, omitsize=True, border=2
    )
    return stream.getvalue().decode()


def _merge(people: People, today: date | None, links: Links) -> Iterator[tuple[str, ...]]:
    code = "" if people.school is None else people.school.code
    last = make_up.until(people, "zh")
    for person in asked(people):
        student = person.student
        carried: Mapping[str, str] = {h.lower(): v for h, v in student.carried}
        phone = next((carried[head] for head in _PHONES if head in carried), "")
        said = message(person, people, today)
        when, bring = _when(person, people, today), _bring(person, people)
        own = links.get(student.key, OwnLink("", ""))
        linked = (own.address, own.until) if links else ()
        known = (student.key, person.name, phone, said, student.exam_no, code, when, last, bring)
        yield *known, *linked
