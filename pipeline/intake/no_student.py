"""Rows of a list that are no student: totals, signatures, notes, dates, page numbers.

Told by their words, in the languages that offices use, and only where the row has no number:
a student called 合计X with a number is a student. And what people write for a number that
somebody does not have: 无, /, 0.
"""

import re

from pipeline.intake.column_names import folded

_SPACES = re.compile(r"\s+")
_ROLES = (
    "制表|填表|造表|制作|编制|经办|审核|复核|核对|审查|审定|审批|审阅|校对|批准|负责|主管|领导|班主任|辅导员|"
    "教学秘书|秘书|院长|系主任|校长|书记|打印|录入|统计|填报|上报|报送|联系|班长|学习委员|教务处|学生处|招生办"
)
# Each fits a whole cell, folded and without blanks.
_SIGNING = r"(?:签字|签名|签章|盖章|意见|日期|时间|电话|单位|\(.*\))*"
_TOTALS = "合计|小计|总计|共计|累计|汇总|总人数|人数|总数|总共|合共"
_OF_WHAT = "本页|本班|本校|本院|本系|本表|全校|全班|全院|全系|各班|男生?|女生?|以上|学生|毕业生"
_SIGNED_EN = "prepared|made|compiled|checked|verified|reviewed|approved|signed|printed|exported"
# Each fits a whole cell, folded and without blanks.
_PHRASES = re.compile(
    "|".join(
        (
            # totals
            rf"(?:{_OF_WHAT})?(?:{_TOTALS})(?:\W.*|[\d一二三四五六七八九十百千].*|人数.*|学生.*|)",
            r"(?:以上|本表|本页|本班|全班|总)?(?:共|计|共有|总共)\d+(?:人|名|位|条|行|页|个).*",
            # those who sign
            rf"(?:{_ROLES})(?:人|人员|者|员|老师|教师|单位|部门|学院|院系|领导)?{_SIGNING}(?:\W.*|)",
            r".*(?:签字|签名|签章|盖章|公章|印章)(?:\W.*|处|栏|人.*|日期.*|)",
            r"(?:学院|院系|系部|学校|单位|部门|院系部)(?:名称)?[:(].*",
            # notes
            r"(?:备注|附注|说明|注意|注意事项|提示|温馨提示|要求)(?:\W.*|\d.*|)",
            r"(?:填表|填写|填报)(?:说明|须知|要求)(?:\W.*|\d.*|)",
            r"注(?:[:.、,]|\d+[:.、,)]).*|注|(?:附|附件)\d*[:].*",
            r"\(?(?:以下|此行以下|以下为)(?:空白|无正文|无内容|为空).*|(?:此|本)(?:表|页|名单|行).*",
            r"请(?:各|将|在|按|认真|仔细|核对|确认|勿|务必).*",
            r"(?:联系)?(?:电话|方式|地址|邮箱)[:].*",
            # pages
            r"\W*第?\d+页?[/,]?共\d+页\W*|\W*第\d+页.*|共\d+页.*|页码.*|page:?\d+.*|\d+/\d+",
            # dates
            r"(?:制表|填表|打印|导出|统计|截止|生成|审核|上报)?(?:日期|时间|于|至)[:]?.*\d+.*",
            r"(?:日期|时间)\W*",
            # English
            r"(?:grand|sub|sub-)?totals?(?:\W.*|students.*|number.*|count.*|\d*)|(?:sum|count)\W*\d*",
            rf"(?:{_SIGNED_EN})(?:by|on|at|:).*|signatures?\W.*|signatures?|printdate.*",
            r"(?:notes?|remarks?|comments?|date|time)(?::.*|)|(?:\W*end)(?:of)?(?:list|report|table|\W+).*",
            # Korean, Uyghur, Tibetan, Mongolian
            r"(?:합계|총계|소계|작성자|확인자|서명|비고)(?:\W.*|)|جەمئىي.*|ئىمزا.*|བསྡོམས.*|нийт.*",
        )
    ),
    re.DOTALL,
)
_CHINESE_NUMBER = "〇零一二三四五六七八九十○"
_DATES = re.compile(
    rf"(?:\d{{4}}|[{_CHINESE_NUMBER}]{{4}})?\W*年\W*(?:\d{{1,2}}|[{_CHINESE_NUMBER}]{{1,3}})?\W*月\W*"
    rf"(?:\d{{1,2}}|[{_CHINESE_NUMBER}]{{1,3}})?\W*[日号]?.{{0,12}}"
    r"|\d{4}([-./])\d{1,2}(?:\1\d{1,2})?(?:\W*\d{1,2}:\d{2}.*)?|\d{1,2}([-./])\d{1,2}\2\d{4}"
)
_TOTAL = re.compile(r".*(?:合计|小计|总计|共计|累计|总数|人数|total|합계|총계)")
# The row of a form that shows how to fill it in.
_EXAMPLE = re.compile(
    r"\W*(?:示例|样例|范例|举例|例子|例如|例|填写示例|填表示例|example|sample)\W*"
)
# What the second line of a form says of its columns.
_FORM = re.compile(
    r"\W*(?:必填|选填|可填|非空|文本|文本格式|字符|字符型|数字|数值|required|optional|text|string)\W*"
)

_NOTHING = re.compile(
    r"0+|x{2,}|(?:无|没有|没|未有|暂无|暂缺|暂未|空|空白|缺|缺失|缺少|未知|不详|不明|不清楚|待定|待补|待补充|待填|"
    r"未填|未填写|未录入|未分配|未编|未取得|未办理|未提供|未注册|略|无此项|不适用|保密)"
    r"(?:学号|考生号|证件|证件号|证件号码|身份证|身份证号|身份证号码|采集码|号|号码|数据|信息|记录|值|照片|提供|填写)?"
    r"|none|null|nil|nan|na|nodata|notavailable|notapplicable|unknown|undefined|tbd|tba|blank|empty|missing"
)


_LONGEST = 200  # characters that are looked at; what follows changes nothing


def is_placeholder(text: str) -> bool:
    """Whether a text stands where a number is not known: 无, /, —, 0, N/A."""
    plain = re.sub(r"[\W_]+", "", folded(text[:_LONGEST]))
    return not plain or _NOTHING.fullmatch(plain) is not None


def is_note(text: str) -> bool:
    """Whether a text is that of a total, a signature, a note or a page number."""
    return _PHRASES.fullmatch(_closed_up(text)) is not None


def is_date(text: str) -> bool:
    """Whether a text is a day, as a list is dated: 2026年10月8日, 2026-10-08."""
    return _DATES.fullmatch(_closed_up(text)) is not None


def is_total(text: str) -> bool:
    """Whether a text is that of a total: 合计, 总人数."""
    return is_note(text) and _TOTAL.match(_closed_up(text)) is not None


def is_example(text: str) -> bool:
    """Whether a row is marked as an example: 示例, 例."""
    return _EXAMPLE.fullmatch(_closed_up(text)) is not None


def is_advice(text: str) -> bool:
    """Whether a text says how to fill in a column: 文本, 必填."""
    return _FORM.fullmatch(_closed_up(text)) is not None


def _closed_up(text: str) -> str:
    return _SPACES.sub("", folded(text[:_LONGEST]))
