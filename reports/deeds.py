"""What the audit list says was done: written down in Chinese, shown in either language."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Literal

from pipeline.core.rules import Lang, Text
from reports.people import By

Names = Literal["full", "masked"]

BY: Mapping[By, Text] = {
    "class": Text("班级", "class"),
    "college": Text("学院", "college"),
    "major": Text("专业", "major"),
    "counsellor": Text("辅导员", "counsellor"),
}
NAMES: Mapping[Names, Text] = {
    "full": Text("全名", "names in full"),
    "masked": Text("隐去姓名", "names masked"),
}

SIGN_IN = Text("登录", "signed in")
SIGN_IN_FAILED = Text("登录失败", "failed to sign in")
PASSWORD = Text("更改密码", "changed the password")
FIRST_ADMIN = Text("由命令新建管理员", "made an admin by command")
NEW_ACCOUNT = Text("新建账号", "made an account")
RESET = Text("重设密码", "reset a password")
CLOSE = Text("停用账号", "closed an account")
FULL_NUMBER = Text("查看完整证件号", "looked at a full ID number")
LINK = Text("生成一次性链接", "made a one-time link")
REVOKE = Text("撤销一次性链接", "revoked a one-time link")
LISTS = Text("导出名单（按{}，{} 个，{}）", "took lists (by {}, files: {}, {})")
AUDIT = Text("导出毕业审核（{}）", "took the audit for graduation ({})")
NOTICES = Text("导出补拍通知（{} 人，含链接）", "took notices (students: {}, with links)")
NOTICE = Text("补拍通知（含链接）", "took a notice (with the link)")
REMINDERS = Text("导出校对提醒（{} 人，含链接）", "took reminders (students: {}, with links)")
ASSIGN = Text("改归 {}", "re-assigned to {}")
KEEP = Text("不改归 {}", "did not re-assign to {}")
TAKE_BACK = Text("撤销改归", "took a re-assignment back")

_DEEDS = (
    SIGN_IN, SIGN_IN_FAILED, PASSWORD, FIRST_ADMIN, NEW_ACCOUNT, RESET, CLOSE, FULL_NUMBER, LINK,
    REVOKE, LISTS, AUDIT, NOTICES, NOTICE, REMINDERS, ASSIGN, KEEP, TAKE_BACK,
)  # fmt: skip


def said_of_deed(what: str, lang: Lang) -> str:
    """Say an entry of the audit list in a language; one of another version stays as it is."""
    if lang == "zh":
        return what
    for deed in _DEEDS:
        if found := _pattern(deed).fullmatch(what):
            return deed.en.format(*(_english(value) for value in found.groups()))
    return what


@cache
def _pattern(deed: Text) -> re.Pattern[str]:
    return re.compile("(.+)".join(map(re.escape, deed.zh.split("{}"))))


def _english(value: str) -> str:
    words = {word.zh: word.en for word in (*BY.values(), *NAMES.values())}
    return words.get(value, value)
