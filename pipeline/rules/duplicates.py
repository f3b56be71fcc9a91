"""DU001 and DU006: one picture under two students, and a refused picture that comes again."""

from pipeline.core.rules import Remedy, Rule, Text

DU001 = Rule(
    "DU001",
    Remedy.STAFF,
    fault=Text("同一张照片出现在两名学生名下", "the same file or picture under two students"),
    hint=Text("由老师核对照片归属", "staff must decide whose picture it is"),
    quantity=Text("相似度", "likeness"),
    unit="",
    source="standard.md §5.1 (P); §8 DUP",
    decimals=3,
)
DU006 = Rule(
    "DU006",
    Remedy.RETAKE,
    fault=Text("被驳回的照片再次提交", "a rejected picture handed in again"),
    hint=Text(
        "请重新拍摄，不要修改后再提交同一张照片",
        "take a new picture; altering this one does not help",
    ),
    quantity=Text("相似度", "likeness"),
    unit="",
    source="standard.md §5.4 (U) 「never the same one again」; S49; §7.3; §8 DUP",
    decimals=3,
)
DUPLICATE_RULES: tuple[Rule, ...] = (DU001, DU006)
