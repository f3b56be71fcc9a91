"""The words of report.html, in Chinese and English."""

from collections.abc import Mapping

from pipeline.core.rules import Text
from reports.shared_words import NOTE, PHOTOGRAPHER

GROUP_OTHER = Text("其他文件", "Other files")

WORDS: Mapping[str, Text] = {
    "title": Text("毕业照检查结果", "Graduation photo check"),
    "noscript": Text(
        "本页需要 JavaScript 才能显示名单；也可以打开同一文件夹里的 report.xlsx。",
        "This page needs JavaScript to list the rows; report.xlsx beside it holds them too.",
    ),
    "all": Text("全部", "All"),
    "all_note": Text("名单与多出的文件", "roster and further files"),
    "counts": Text(
        "收到文件 {photos}，生成上传文件 {uploads}，略过系统文件 {droppings}",
        "{photos} files arrived, {uploads} upload files written, {droppings} system files left out",
    ),
    "other_note": Text("不在名单或多交的文件", "no student, or a further file of one"),
    "by_verdict": Text("按结论筛选", "Filter by verdict"),
    "by_reason": Text("按原因筛选", "Filter by reason"),
    "no_reasons": Text("没有问题", "No faults"),
    "search": Text("查找学号、姓名、班级或文件名", "Find number, name, class or file"),
    "list": Text("名单", "List"),
    "picture": Text("照片", "Photo"),
    "student": Text("学生", "Student"),
    "verdict": Text("结论", "Verdict"),
    "reasons": Text("原因与处理办法", "Reasons and what to do"),
    "details": Text("全部检查项", "All checks"),
    "fine": Text("各项检查通过", "every check passed"),
    "stray": Text("未找到对应学生", "no student found"),
    "second": Text("该生的另一份文件", "a further file of this student"),
    "photographer": PHOTOGRAPHER,
    "note": NOTE,
    "open": Text("其余 {n} 项无法判断", "{n} further rules could not be assessed"),
    "booth": Text("机位问题", "Faults of the booth"),
    "booth_note": Text(
        "一段连续的照片多数有同一个问题：调整机位即可，不是学生的原因（同 booth.csv）。",
        "Most frames of a run share one fault: mend the booth once; it is not the students'"
        " (booth.csv lists the same).",
    ),
    "none": Text("没有符合条件的记录", "Nothing matches"),
    "reset": Text("清除筛选", "Clear filters"),
    "span": Text("第 {a}–{b} 条，共 {n} 条", "{a}–{b} of {n}"),
    "previous": Text("上一页", "Previous"),
    "next": Text("下一页", "Next"),
    "pages": Text("翻页", "Pages"),
    "pairs": Text("照片之间的比对", "Photos compared"),
    "pairs_note": Text(
        "以下照片之间过于相似，或与本人不符，请由老师核对。",
        "These photos are too much alike, or not of the right person; a person must look.",
    ),
    "moves": Text("调整建议", "Proposed corrections"),
    "moves_note": Text(
        "程序不会自动改动归属；请由老师逐条核对后更正（proposals.csv 中有同样的内容）。",
        "Nothing is re-assigned by itself: staff must confirm each (proposals.csv lists the same).",
    ),
    "cause": Text("起因", "Cause"),
    "stands": Text("现属学号", "Stands under"),
    "proposed": Text("建议学号", "Proposed"),
    "kind": Text("情况", "Case"),
    "score": Text("分值", "Score"),
    "because": Text("说明", "Why"),
    "more": Text("再显示 100 条", "Show 100 more"),
    "rule": Text("检查的问题", "Fault looked for"),
    "outcome": Text("结果", "Outcome"),
    "measured": Text("测得", "Measured"),
    "limits": Text("要求", "Required"),
    "at_least": Text("不少于 ", "at least "),
    "at_most": Text("不超过 ", "at most "),
    "no_picture": Text("无图", "none"),
    "footer": Text(
        "本页含学生照片，只在有权查看的人之间传递。图片在旁边的 report_files 文件夹中。",
        "This page shows students' pictures: share it only with those entitled to see them. "
        "The pictures lie in report_files beside it.",
    ),
}
