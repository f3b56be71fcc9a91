"""What is said of make-ups: where and when, until when, what to bring, how a file must be.

The words for who missed the shoot are those of the universities' notices (standard.md §1.6):
散拍, one shot at the vendor's; 自主上传, a picture of one's own; the fallback file where the
platform still shows no photo.
"""

from collections.abc import Iterator
from datetime import date

from pipeline.core.rules import Lang, Text
from pipeline.spec.school import School
from reports.people import People

_BETWEEN = Text("；", "; ")


def where_and_when(people: People, today: date | None, between: str = " ") -> str:
    """Say where and when the next make-up is; empty where the school names none to come.

    Parameters
    ----------
    today
        The next one from this day on; None: the first of all.
    """
    found = None if people.school is None else people.school.next_make_up(today)
    if found is None:
        return ""
    when = " ".join(filter(None, (found.day.isoformat(), found.hours)))
    return between.join((when, found.place))


def until(people: People, lang: Lang) -> str:
    """Say by when at the latest: the school's last day, else the season's deadlines."""
    school = people.school
    if school is not None and school.until is not None:
        return school.until.isoformat()
    return _BETWEEN[lang].join(line[lang] for line in people.head.deadlines)


def bring(people: People, lang: Lang) -> str:
    """Say what to bring."""
    return "" if people.school is None else Text("、", ", ")[lang].join(people.school.bring)


def in_short(people: People, lang: Lang) -> str:
    """Say in one line what who missed the shoot can do; empty without a school."""
    school = people.school
    if school is None:
        return ""
    return Text(
        f"带{bring(people, 'zh')}散拍，或自主上传，院校代码 {school.code}",
        f"bring {bring(people, 'en')} to a single shot 散拍, or upload a photo 自主上传; "
        f"school code {school.code}",
    )[lang]


def ways(people: People, lang: Lang, today: date | None) -> tuple[tuple[str, str], ...]:
    """Tell who missed the shoot each way that is left: what it is called, and what it asks."""
    school = people.school
    return () if school is None else tuple(_ways(school, people, lang, today))


def _ways(
    school: School, people: People, lang: Lang, today: date | None
) -> Iterator[tuple[str, str]]:
    exam = any(one.student.exam_no for one in people.persons)
    numbers = Text("学号、考生号" if exam else "学号", "student number" + " and 考生号" * exam)
    when = where_and_when(people, today)
    yield (
        Text("散拍", "Single shot 散拍")[lang],
        Text(
            f"带{bring(people, 'zh')}，报院校代码 {school.code}、{numbers.zh}",
            f"bring {bring(people, 'en')}; give school code {school.code} and your {numbers.en}",
        )[lang]
        + (f"{_BETWEEN[lang]}{when}" if when else ""),
    )
    where = Text(
        school.self_upload or "按老师通知的入口上传",
        school.self_upload or "where your teacher says",
    )
    yield (
        Text("自主上传", "Upload 自主上传")[lang],
        Text(
            f"{where.zh}，填院校代码 {school.code}、{numbers.zh}",
            f"{where.en}; enter school code {school.code} and your {numbers.en}",
        )[lang],
    )
    if (form := _fallback_form(people)) is not None:
        last = until(people, lang)
        office = " ".join(filter(None, (school.office, school.contact)))
        yield (
            Text("备用照片", "Fallback file 备用照片")[lang],
            Text(
                f"到期（{last}）平台上仍没有照片的，把备用照片发给{office}：{form.zh}",
                f"where the platform shows none by then ({last}), mail it to {office}: {form.en}",
            )[lang]
            if last
            else Text(
                f"平台上一直没有照片的，把备用照片发给{office}：{form.zh}",
                f"where the platform shows none, mail it to {office}: {form.en}",
            )[lang],
        )


def _fallback_form(people: People) -> Text | None:
    """How the fallback file must be, by its specification."""
    output = people.fallback
    if output is None or output.kb is None:
        return None
    size, most = f"{output.width_px}×{output.height_px}", max(output.kb.ends)
    return Text(
        f"竖版 JPG，{size} 像素，不超过 {most:g} KB",
        f"upright JPEG, {size} px, at most {most:g} KB",
    )
