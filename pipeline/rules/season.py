"""SN: what only a season knows of a photo: its rounds, its deadline, and what a person decided."""

from pipeline.core.rules import Remedy, Rule, Text

SN001 = Rule(
    "SN001",
    Remedy.STAFF,
    fault=Text("超过允许的提交次数", "handed in more often than is allowed"),
    student=Text("请联系老师，由老师决定能否再交", "ask staff whether you may hand in another"),
    photographer=Text("决定是否再给一次机会", "decide whether the student may have another try"),
    quantity=Text("提交次数", "attempts"),
    unit="次",
    source="standard.md §5.4 (U) 「At most 3 submissions」; S45 S39",
)
SN002 = Rule(
    "SN002",
    Remedy.NOTE,
    fault=Text("已过截止日期", "arrived after the deadline"),
    student=Text("请联系老师，确认能否补交", "ask staff whether it can still be taken"),
    photographer=Text("确认能否补交", "say whether it can still be taken"),
    quantity=Text("逾期天数", "days late"),
    unit="天",
    source="standard.md §1.6 (U); S0 S70; §8 LATE",
)
SN003 = Rule(
    "SN003",
    Remedy.RETAKE,
    fault=Text("人工审核未通过", "rejected by a person"),
    student=Text("请按老师的说明重拍", "have it taken again as staff explain"),
    photographer=Text("按审核意见重拍", "take it again as the reviewer asks"),
    quantity=Text("", ""),
    unit="",
    source="standard.md §1.3 (H) 「machine check → human check」; S13 S41; §8 REVIEW",
    words_of_a_person=True,
)
SEASON_RULES: tuple[Rule, ...] = (SN001, SN002, SN003)
