"""FL005: what the program itself could not do; no check finds it."""

from pipeline.core.rules import Remedy, Rule, Text

FL005 = Rule(
    "FL005",
    Remedy.STAFF,
    fault=Text("程序未能检查此照片", "could not be examined"),
    student=Text(
        "老师会查看这张照片，请等通知", "staff will look at this one; please wait to hear from them"
    ),
    photographer=Text(
        "请人工查看，并告知软件维护者", "have a person look, and tell the maintainers"
    ),
    quantity=Text("", ""),
    unit="",
    source="standard.md §7.3 (P) 「What the program could not examine」",
)
