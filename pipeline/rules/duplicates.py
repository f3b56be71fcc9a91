"""DU001 and DU006: one picture under two students, and a refused picture that comes again."""

from pipeline.core.rules import Remedy, Rule, Text

DU001 = Rule(
    "DU001",
    Remedy.STAFF,
    fault=Text("同一张照片出现在两名学生名下", "the same file or picture under two students"),
    student=Text(
        "老师会核对这张照片是谁的，请等通知",
        "staff will find out whose this is; please wait to hear from them",
    ),
    photographer=Text("核对照片归属", "decide whose picture it is"),
    quantity=Text("相似度", "likeness"),
    unit="",
    source="standard.md §5.1 (P); §8 DUP",
    decimals=3,
)
DU006 = Rule(
    "DU006",
    Remedy.RETAKE,
    fault=Text("被驳回的照片再次提交", "a rejected picture handed in again"),
    student=Text(
        "请重新拍一张，不要再交同一张照片",
        "have a new picture taken; the same one does not help, altered or not",
    ),
    photographer=Text(
        "这张已被驳回过，请安排重拍", "this one was refused before: arrange a new picture"
    ),
    quantity=Text("相似度", "likeness"),
    unit="",
    source="standard.md §5.4 (U) 「never the same one again」; S49; §7.3; §8 DUP",
    decimals=3,
)
DUPLICATE_RULES: tuple[Rule, ...] = (DU001, DU006)
