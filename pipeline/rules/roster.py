"""RC: the roster record behind a file. The rules of what names and numbers alone can tell."""

from pipeline.core.rules import Remedy, Rule, Text

RC001 = Rule(
    "RC001",
    Remedy.STAFF,
    fault=Text("名单中没有此学号/证件号", "no student record for the file"),
    student=Text(
        "老师会核对这张照片是谁的，请等通知",
        "staff will find out whose this is; please wait to hear from them",
    ),
    photographer=Text(
        "核对文件名或名单，文件名应为学号",
        "check the file name against the roster; a file is named by its student number",
    ),
    quantity=Text("", ""),
    unit="",
    source="standard.md §1.5 (U); S12 S25 S51; §8 ID_NOT_IN_ROSTER",
)
RC002 = Rule(
    "RC002",
    Remedy.STAFF,
    fault=Text("身份证号校验不通过", "the ID number fails its check digit"),
    student=Text(
        "老师会核对你的证件号，请等通知",
        "staff will check your ID number; please wait to hear from them",
    ),
    photographer=Text("核对证件号，注意末位X", "check the ID number, the last X too"),
    quantity=Text("", ""),
    unit="",
    source="standard.md §4.1 (O~); S103 (GB 11643-1999); §8 ID_BAD",
)
RC003 = Rule(
    "RC003",
    Remedy.STAFF,
    fault=Text("一名学生有多张照片，未指定采用哪张", "several photos for one student"),
    student=Text(
        "老师会从你的照片中选定一张，请等通知",
        "staff will choose one of yours; please wait to hear from them",
    ),
    photographer=Text(
        "选定一张，或在名单的文件名一栏写明", "choose one, or name it in the roster's file column"
    ),
    quantity=Text("照片数", "photos"),
    unit="张",
    source=(
        "standard.md §7.3 (P) 「Several photographs of one student」; §5.1 「严禁重复提交」; S49"
    ),
)
RC004 = Rule(
    "RC004",
    Remedy.STAFF,
    fault=Text("姓名或学号与名单不一致", "name or number contradicts the roster"),
    student=Text(
        "老师会核对姓名和学号，请等通知",
        "staff will check name and number; please wait to hear from them",
    ),
    photographer=Text(
        "核对照片是谁的(空格、间隔号“·”、生僻字)",
        "check whose photo it is (spaces, the middle dot, rare characters)",
    ),
    quantity=Text("", ""),
    unit="",
    source=(
        "standard.md §5.1 (U) 「学号错了，毕业证相片会是另外一人」; S12; §4.4; §8 NAME_MISMATCH"
    ),
)
RC005 = Rule(
    "RC005",
    Remedy.STAFF,
    fault=Text("一个文件对应名单中的多名学生", "the file matches several students"),
    student=Text(
        "老师会核对这张照片是谁的，请等通知",
        "staff will find out whose this is; please wait to hear from them",
    ),
    photographer=Text(
        "核对文件名，只保留本人的学号", "check the file name; keep only the student's own number"
    ),
    quantity=Text("学生数", "students"),
    unit="名",
    source="standard.md §7.3 (P) 「one file that fits several students」; §5.1",
)

ROSTER_RULES: tuple[Rule, ...] = (RC001, RC002, RC003, RC004, RC005)
