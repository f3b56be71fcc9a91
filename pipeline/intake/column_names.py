"""What offices call the columns of a list, in Chinese and English, and what each means.

A label is understood as it stands, or without what offices put around it: numbers, brackets,
asterisks, 必填, a translation, a second word for the same thing. Two meanings are none.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping

from pipeline.core.errors import RosterError
from pipeline.core.rules import Text
from pipeline.intake.identifiers import CJK

ALL_SHEETS = "*"  # for a list of sheets: every one whose header fits; no sheet is called so

# The codes are those of the CHSI tables (standard.md §1.5); labels are folded by `_plain`.
NAMES: Mapping[str, tuple[str, ...]] = {
    "student_no": ("学号", "学生学号", "xh", "studentno", "studentid", "studentnumber"),
    "exam_no": ("考生号", "ksh", "examno"),
    "id_no": (
        "证件号", "证件号码", "身份证号", "身份证号码", "身份证件号", "身份证件号码", "身份证",
        "sfzh", "zjhm", "idno", "idnumber",
    ),
    "capture_code": ("采集码", "采集码编号", "capturecode"),
    "name": ("姓名", "学生姓名", "xm", "name", "studentname"),
    "college": ("学院", "院系", "学院名称", "院系名称", "college", "xy", "fy", "xsh"),
    "major": ("专业", "专业名称", "major", "zymc"),
    "class_name": ("班级", "班级名称", "class", "classname", "bh"),
    "file": ("文件名", "照片文件名", "照片", "file", "filename", "photo"),
    "reference": ("参考照片", "录取照片", "reference"),
}  # fmt: skip
# Less usual words: where a column of the first kind is there too, that one counts.
_ALSO: Mapping[str, tuple[str, ...]] = {
    "student_no": ("学工号", "学籍学号", "stuno", "stuid", "sno", "studentcode", "xuehao"),
    "exam_no": ("高考考生号", "candidateno", "candidatenumber", "examnumber", "examineeno"),
    "id_no": (
        "身份证编号", "身份证字号", "身分证", "身分证号", "身分证号码", "身分证字号", "证件编号",
        "公民身份号码", "居民身份证", "居民身份证号", "居民身份证号码", "有效证件号",
        "有效证件号码", "护照号", "护照号码", "sfz", "sfzhm", "sfzjh", "zjh", "idcard", "idcardno",
        "idcardnumber", "identityno", "identitynumber", "identitycard", "identitycardno",
        "identitycardnumber", "identificationnumber", "passportno", "passportnumber",
    ),
    "capture_code": ("图像采集码", "采集号", "采集编号", "cjm"),
    "name": ("中文姓名", "姓名中文", "名字", "fullname", "chinesename", "studentsname", "xingming"),
    "college": (
        "系", "系所", "系别", "系部", "院系部", "院别", "二级学院", "分院", "department", "faculty",
        "school", "institute",
    ),
    "major": ("专业全称", "programme", "program", "speciality", "specialty"),
    "class_name": ("班", "班别", "行政班", "行政班级", "教学班", "班名"),
    "file": ("照片名", "照片名称", "图片", "相片", "相片文件名", "picture", "image", "photofile"),
}  # fmt: skip
_FIELD_OF = {label: field for field, labels in NAMES.items() for label in labels}
_ALSO_OF = _FIELD_OF | {label: field for field, labels in _ALSO.items() for label in labels}

# The traditional characters of such words; whole names are compared nowhere by them.
SIMPLIFIED = str.maketrans(
    "專學號證業級碼採編輯參錄檔護圖畢應屆無備註總計製審覈覆簽蓋頁說單時間"
    "員師導負責聯絡電話爲為據數認領處辦經務係暫沒請對項欄條個裝",
    "专学号证业级码采编辑参录档护图毕应届无备注总计制审核复签盖页说单时间"
    "员师导负责联络电话为为据数认领处办经务系暂没请对项栏条个装",
)
_BRACKETS = re.compile(r"[(\[{<【〔〖《「『]([^)\]}>】〕〗》」』]*)(?:[)\]}>】〕〗》」』]|$)")
_NUMBERED = re.compile(
    r"^\s*(?:(?:[0-9]+|[a-z]|[一二三四五六七八九十]+)\s*[.、:),)-]|[0-9]+(?=\D))\s*"
)
# What a form says of how to fill in a column, at either end of its name.
_ADVICE = (
    "必填项|必填|选填|可填|非空|必须|不可为空|不能为空|请填写|请输入|填写|输入|文本型|文本格式|文本|"
    "字符型|字符串|字符|数字|格式|单元格|[0-9]+(?:位|字|个字符|字符|digits?|chars?)数?|主键|唯一|"
    "required|mandatory|optional|string|varchar|char|text"
)
_BEFORE = re.compile(
    rf"^(?:{_ADVICE}|毕业生|应届生|学生|学员|考生|本人|个人|所在|所属|所学|就读|现)"
)
_BEHIND = re.compile(rf"(?:{_ADVICE})$")
_OR = re.compile(r"[/、\\]|或|\bor\b")
_NOT_CHINESE, _NOT_LATIN = re.compile(rf"[^{CJK}]"), re.compile(r"[^a-z]")
# What stands beside a known name as a second word for it: 学号/工号. Not 学号/备注.
_KIND_OF_NUMBER = re.compile(r"|.{0,6}(?:号|号码|证|码|编号|id|no|number|code|name)")
_GENERIC = frozenset(("", "编号", "代码", "号码", "号", "id", "no", "number", "code"))
_LONGEST = 40  # characters; more is a sentence
_NUMBER = re.compile(r"[0-9]{4}")  # stands in records


def exact_field(label: str) -> str | None:
    """Return what a label means as it stands; 学号（必填）*, Student_No: ``student_no``."""
    return _FIELD_OF.get(_plain(_BRACKETS.sub("", folded(label))))


def field_of(label: str) -> str | None:
    """Return what a label means, as far as it means one thing.

    学号/工号, 学号 Student ID, 學號, 1.学号, 学号必填, [学号]: ``student_no``.
    """
    exact = exact_field(label)
    if exact is not None or len(label) > _LONGEST or _NUMBER.search(label):
        return exact
    text = _NUMBERED.sub("", folded(label))
    outside = _BRACKETS.sub(" ", text)
    if _plain(outside) in _GENERIC:  # [学号], 编号(学号)
        outside = " ".join(_BRACKETS.findall(text))
    parts = [_plain(part) for part in _OR.split(outside)]
    known = {part: meaning for part in parts if (meaning := _meaning(part)) is not None}
    rest = [part for part in parts if part not in known]
    if len(set(known.values())) == 1 and all(map(_KIND_OF_NUMBER.fullmatch, rest)):
        return next(iter(known.values()))
    return None if known else _meaning(_plain(text))  # 院(系)


def named_columns(given: Collection[str]) -> Mapping[str, str]:
    """Read what a person says of columns, 学号=编号: by the head as it is written, its meaning.

    Raises
    ------
    RosterError
        There is no such meaning, or no head.
    """
    named = {}
    for one in given:
        meant, _, head = (part.strip() for part in one.partition("="))
        field = field_of(meant)
        if field is None or not head:
            known = ", ".join(labels[0] for labels in NAMES.values())
            raise RosterError(
                Text(
                    f"--column {one}：写成 学号=编号，左边是 {known} 之一，右边是名单里的列名",
                    f"--column {one}: write 学号=编号; at the left one of {known}, at the right "
                    "the column's head in the roster",
                )
            )
        named[head] = field
    return named


def is_head(label: str, head: str) -> bool:
    """Whether a column's label is a head that a person wrote down."""
    return folded(label).strip() == folded(head).strip()


def folded(text: str) -> str:
    """Return text for comparison with words: half-width, small, simplified."""
    return unicodedata.normalize("NFKC", text).lower().translate(SIMPLIFIED)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def _meaning(word: str) -> str | None:
    """Return what one word means, or the Chinese of a word and its translation."""
    if (found := _without_advice(word)) is not None:
        return found
    chinese, latin = _NOT_CHINESE.sub("", word), _NOT_LATIN.sub("", word)
    if not (chinese and latin):
        return None
    meanings = {_without_advice(chinese), _without_advice(latin)} - {None}
    return _without_advice(chinese) if len(meanings) == 1 else None


def _without_advice(word: str) -> str | None:
    while word:
        if word in _ALSO_OF:
            return _ALSO_OF[word]
        shorter = _BEHIND.sub("", word, count=1)
        shorter = _BEFORE.sub("", word, count=1) if shorter == word else shorter
        if shorter == word:
            return None
        word = shorter
    return None
