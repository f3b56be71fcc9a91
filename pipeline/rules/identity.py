"""DU002-DU005: the rules of who is in the picture, and what is told of each.

A sentence names students by their numbers only. It holds no score: that is in the finding's
measured value, in the files that staff ask for, and in no log.
"""

from pipeline.core.rules import Remedy, Rule, Text

DU002 = Rule(
    "DU002",
    Remedy.STAFF,
    fault=Text("两名学生的照片疑似同一人", "the same person under two students"),
    student=Text(
        "老师会核对照片，请等通知", "staff will compare the photos; please wait to hear from them"
    ),
    photographer=Text(
        "核对两名学生的照片；双胞胎或长相相近的，确认后可通过",
        "compare the photos of both students; twins and look-alikes may pass once confirmed",
    ),
    # No similarity of named people stands in a finding: pairs.csv alone holds it.
    quantity=Text("", ""),
    unit="",
    source="standard.md §5.1 (P); §7.3 「The same person under two students」",
)
DU003 = Rule(
    "DU003",
    Remedy.STAFF,
    fault=Text("疑似与他人互换照片", "seems to be exchanged with another student's photo"),
    student=Text(
        "老师会核对照片，请等通知", "staff will compare the photos; please wait to hear from them"
    ),
    photographer=Text(
        "核对两人照片，确认后按调整建议更正",
        "compare the photos, and correct them as proposed if it is so",
    ),
    quantity=Text("相似度", "likeness"),
    unit="",
    source="standard.md §5.1 (U) 「跟其他同学互换了」; S0 S120; §8 SWAP",
    decimals=3,
)
DU004 = Rule(
    "DU004",
    Remedy.STAFF,
    fault=Text("整组错位", "part of a run that slipped"),
    student=Text(
        "老师会核对照片，请等通知", "staff will compare the photos; please wait to hear from them"
    ),
    photographer=Text(
        "核对整组照片的起止，确认后按调整建议更正",
        "check where the run begins and ends, and correct it as proposed if it is so",
    ),
    quantity=Text("相似度", "likeness"),
    unit="",
    source=(
        "standard.md §5.1 (U) 「按读取信息的顺序进行拍摄，不能随意更改顺序」; S30 S31 S34; §8 SWAP"
    ),
    decimals=3,
)
DU005 = Rule(
    "DU005",
    Remedy.STAFF,
    fault=Text(
        "照片与本人（录取照）不一致，需身份复核",
        "not the person on record: identity must be reviewed",
    ),
    student=Text("请带证件找老师核对身份", "show an ID document to staff"),
    photographer=Text(
        "请本人带证件来，与录取照核对",
        "ask the student to come with an ID document, and compare with the photo on record",
    ),
    quantity=Text("相似度", "likeness"),
    unit="",
    source="standard.md §5.3 (O~); S122; §8 NOT_SELF",
    decimals=3,
)
REFERENCE_RULES = (DU003, DU004, DU005)
IDENTITY_RULES: tuple[Rule, ...] = (DU002, *REFERENCE_RULES)

NOT_COMPARED = Text("未开启人脸比对", "faces are not compared in this run")
NO_REFERENCE = Text("没有参考照片", "no photo on record")
NO_ORDER = Text("拍摄顺序未知", "the shooting order is not known")
UNSURE = Text(
    "与参考照片是否同一人无法确定，需人工核对",
    "it cannot be said whether this is the person on record: staff must look",
)
BOTH = Text(
    "处于错位的一组之中，与本人和错位后学生的参考照片都相符",
    "within a slipped run, and like both the student's own record and the one it slipped to",
)


def see(code: str) -> Text:
    """Say that another rule tells the cause."""
    return Text(f"原因见 {code}", f"see {code} for the cause")


def run_text(first: str, last: str, photos: int, shift: int, missing: int) -> Text:
    """Say from whom to whom a run goes, how many photos it has, how far it slipped, and why.

    ``missing`` file numbers were skipped at its ends.
    """
    places = abs(shift)
    zh = f"按拍摄顺序从【{first}】到【{last}】共 {photos} 张，照片应属其"
    en = f"in shooting order from {first} to {last}, {photos} photos that belong to the student "
    if shift > 0:
        zh += f"后第 {places} 位学生（可能有人扫码后未拍）"
        en += f"{places} after (perhaps someone was scanned and not shot)"
    else:
        zh += f"前第 {places} 位学生（可能有人拍了两次）"
        en += f"{places} before (perhaps someone was shot twice)"
    if missing:
        zh += f"，起止处缺 {missing} 个文件编号"
        en += f"; {missing} file numbers are missing at its ends"
    return Text(zh, en)


def swapped_with(other: str) -> Text:
    """Of two who have each other's photo."""
    return Text(f"与【{other}】互换", f"with {other}")


def belongs_to(student: str, own_under: str | None) -> Text:
    """Say whose picture it is, and under whom the student's own stands."""
    if own_under is None:
        return Text(
            f"照片应属【{student}】，未找到本人照片",
            f"the picture is that of {student}; the student's own was not found",
        )
    return Text(
        f"照片应属【{student}】，本人照片在【{own_under}】名下",
        f"the picture is that of {student}; the student's own stands under {own_under}",
    )


def like_record_of(student: str) -> Text:
    """Say that it fits the record of somebody who has a photo of their own."""
    return Text(f"与【{student}】的参考照片相符", f"it is like the photo on record of {student}")


FITS_NOBODY = Text(
    "与名单中其他人的参考照片也不相符", "nor is it like anyone else's photo on record"
)


def own_stands_under(text: Text, other: str) -> Text:
    """Add under whom the student's own photo was found."""
    return Text(
        f"{text.zh}；本人照片疑似在【{other}】名下",
        f"{text.en}; the student's own seems to stand under {other}",
    )


def twice_in_a_row(first: str, second: str, numbers: int, absent: int) -> Text:
    """Two photos of one person, one after the other, under two students."""
    zh = f"【{first}】与【{second}】连续两张为同一人，可能从此处起错位"
    en = (
        f"two photos of one person in a row, under {first} and {second}:"
        " the order may have slipped from here"
    )
    if numbers:
        zh, en = (
            f"{zh}，附近缺 {numbers} 个文件编号",
            f"{en}; {numbers} file numbers are missing near",
        )
    if absent:
        zh, en = (
            f"{zh}，附近有 {absent} 名学生没有照片",
            f"{en}; {absent} students near have no photo",
        )
    return Text(zh, en)


def of_run(run: Text, student: str | None) -> Text:
    """Say of one photo what run it is in, and whose it is."""
    if student is None:
        return Text(f"{run.zh}；此张属谁需人工核对", f"{run.en}; staff must say whose this one is")
    return Text(f"{run.zh}；此张应属【{student}】", f"{run.en}; this one is that of {student}")
