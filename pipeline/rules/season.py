"""SN: what only a season knows of a photo: its rounds, its deadline, and what a person decided."""

from pipeline.core.rules import Remedy, Rule, Text

SN001 = Rule(
    "SN001",
    Remedy.STAFF,
    fault=Text("超过允许的提交次数", "handed in more often than is allowed"),
    hint=Text(
        "请老师决定是否再给一次机会", "staff: decide whether the student may have another try"
    ),
    quantity=Text("提交次数", "attempts"),
    unit="次",
    source="standard.md §5.4 (U) 「At most 3 submissions」; S45 S39",
)
SN002 = Rule(
    "SN002",
    Remedy.NOTE,
    fault=Text("已过截止日期", "arrived after the deadline"),
    hint=Text("请老师确认能否补交", "staff: say whether it can still be taken"),
    quantity=Text("逾期天数", "days late"),
    unit="天",
    source="standard.md §1.6 (U); S0 S70; §8 LATE",
)
SN003 = Rule(
    "SN003",
    Remedy.RETAKE,
    fault=Text("人工审核未通过", "rejected by a person"),
    hint=Text("按老师的说明重拍", "retake as staff explain"),
    quantity=Text("", ""),
    unit="",
    source="standard.md §1.3 (H) 「machine check → human check」; S13 S41; §8 REVIEW",
)
SEASON_RULES: tuple[Rule, ...] = (SN001, SN002, SN003)
