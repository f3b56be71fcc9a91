"""RC: the roster record behind a file. The rules of what names and numbers alone can tell."""

from pipeline.core.rules import Remedy, Rule, Text

RC001 = Rule(
    "RC001",
    Remedy.STAFF,
    fault=Text("名单中没有此学号/证件号", "no student record for the file"),
    hint=Text(
        "请老师核对文件名或名单，文件名应为学号",
        "staff: check the file name against the roster; a file is named by its student number",
    ),
    quantity=Text("", ""),
    unit="",
    source="standard.md §1.5 (U); S12 S25 S51; §8 ID_NOT_IN_ROSTER",
)
RC002 = Rule(
    "RC002",
    Remedy.STAFF,
    fault=Text("身份证号校验不通过", "the ID number fails its check digit"),
    hint=Text("请老师核对证件号，注意末位X", "staff: check the ID number, the last X too"),
    quantity=Text("", ""),
    unit="",
    source="standard.md §4.1 (O~); S103 (GB 11643-1999); §8 ID_BAD",
)
RC003 = Rule(
    "RC003",
    Remedy.STAFF,
    fault=Text("一名学生有多张照片，未指定采用哪张", "several photos for one student"),
    hint=Text(
        "请老师选定一张，或在名单的文件名一栏写明",
        "staff: choose one, or name it in the roster's file column",
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
    hint=Text(
        "请老师核对照片是谁的(空格、间隔号“·”、生僻字)",
        "staff: check whose photo it is (spaces, the middle dot, rare characters)",
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
    hint=Text(
        "请老师核对文件名，只保留本人的学号",
        "staff: check the file name; keep only the student's own number",
    ),
    quantity=Text("学生数", "students"),
    unit="名",
    source="standard.md §7.3 (P) 「one file that fits several students」; §5.1",
)

ROSTER_RULES: tuple[Rule, ...] = (RC001, RC002, RC003, RC004, RC005)
