"""Options that several commands share, and what their values mean."""

from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from flows.settings import LANG, LISTS_LANG, SETTINGS, told
from pipeline.core.errors import UsageError
from pipeline.core.rules import Choose, Judge, Lang, Text
from pipeline.intake.column_names import ALL_SHEETS
from pipeline.spec.school import School, read_school
from reports.masking import Presentation, mask_name

SeasonArgument = Annotated[
    Path, typer.Argument(metavar="DIR", help=told("采集季的文件夹", "the season's folder"))
]
SeasonsArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="DIR",
        help=told("采集季的文件夹，可以有几个", "seasons' folders, one or several"),
    ),
]
LedgerOption = Annotated[
    str | None,
    typer.Option(
        "--ledger",
        envvar="GRADPHOTO_LEDGER",
        show_envvar=True,
        help=told(
            "独用的 postgresql://…；不给则是 DIR 里的文件",
            "postgresql://… of its own; else a file in DIR",
        ),
    ),
]
SpecOption = Annotated[
    str,
    typer.Option(
        "--spec",
        help=told("规范：自带的名称，或 .toml 文件", "a shipped spec by name, or a .toml file"),
    ),
]
AsOption = Annotated[
    str,
    typer.Option(
        "--as",
        help=told(
            "source 原片、final 成品，或 auto：整批自动判断",
            "source 原片, final 成品, or auto: decided for the whole inbox",
        ),
    ),
]
LangOption = Annotated[
    str | None, typer.Option("--lang", help=told("zh 中文，或 en 英文", "zh or en"))
]
ROSTER_HELP = told("名单：XLSX、XLS、ODS、CSV 或 DBF", "名单: XLSX, XLS, ODS, CSV or DBF")
RosterOption = Annotated[Path, typer.Option("--roster", help=ROSTER_HELP)]
SheetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--sheet",
        help=told(
            "名单中算数的工作表；可以多次给出",
            "a sheet of the roster 工作表 that counts; may be repeated",
        ),
    ),
]
AllSheetsOption = Annotated[
    bool,
    typer.Option(
        "--all-sheets",
        help=told(
            "名单中可见且有表头的工作表都算数", "all visible sheets of the roster that fit count"
        ),
    ),
]
ColumnOption = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="学号=编号",
        help=told(
            "名单中“编号”一列是学号；可以多次给出",
            "the roster's column 编号 holds the 学号; may be repeated",
        ),
    ),
]
OutOption = Annotated[
    Path, typer.Option("--out", help=told("结果写到哪个文件夹", "where the lists go"))
]
AgainOption = Annotated[
    bool,
    typer.Option(
        "--again",
        help=told(
            "--out 里是另一批照片的结果时，写到它旁边的新文件夹",
            "where --out holds the results of another shoot: write into a folder beside it",
        ),
    ),
]
ManifestOption = Annotated[
    Path | None,
    typer.Option(
        "--manifest",
        help=told("列出 photo、student_id 的 CSV", "CSV with columns photo, student_id"),
    ),
]
ReferencesOption = Annotated[
    Path | None,
    typer.Option(
        "--references",
        help=told(
            "录取照片的文件夹或 zip；须同时给出 --identity",
            "photos on record 录取照片: folder or zip; needs --identity",
        ),
    ),
]
IdentityOption = Annotated[
    bool,
    typer.Option(
        "--identity",
        help=told("做人脸比对；默认不做", "compare faces 人脸比对; off unless asked for"),
    ),
]
ChooseOption = Annotated[
    str,
    typer.Option(
        "--choose",
        help=told(
            "一名学生有多张时采用哪张：best 最好的、last 最后的，或 ask 由人选定（RC003）",
            "of several photos of a student: the best, the last, or ask a person (RC003)",
        ),
    ),
]
CardsOption = Annotated[
    bool,
    typer.Option(
        "--cards",
        help=told(
            "每人之前先拍一张码牌（二维码：学号或采集码），之后的照片归他",
            "a code card (QR: 学号 or 采集码) is photographed before each student's frames",
        ),
    ),
]
ScansOption = Annotated[
    Path | None,
    typer.Option(
        "--scans",
        help=told(
            "扫码记录：学号和时间两列，照片按拍摄时间归最近一次扫码的人",
            "list of scans 学号, 时间: a frame is of whoever was scanned last before it",
        ),
    ),
]
WorkersOption = Annotated[
    int,
    typer.Option("--workers", min=0, help=told("检查进程数；0：每个核心一个", "0: one a core")),
]
CarryOption = Annotated[
    list[str] | None,
    typer.Option(
        "--carry",
        help=told(
            "名单中要带到清单里的列，如 联系电话；可以多次给出",
            "a column of the roster for the lists, 联系电话; may be repeated",
        ),
    ),
]
SchoolOption = Annotated[
    Path | None,
    typer.Option(
        "--school",
        help=told(
            "学校资料的 TOML 文件：院校代码、办公室、补拍日期；不给则看 gradphoto.toml 的 [school]",
            "TOML: 院校代码, offices, make-up days; else the table [school] of gradphoto.toml",
        ),
    ),
]
NamesOption = Annotated[
    bool,
    typer.Option(
        "--full-names",
        help=told(
            f"写出全名，不写成 {mask_name('张三')}", f"names in full, not {mask_name('张三')}"
        ),
    ),
]


def as_language(lang: str | None) -> Lang:
    """Take the value of --lang: the language of what is told; `UsageError` for another."""
    return _language(lang) or LANG


def _language(lang: str | None) -> Lang | None:
    if lang is not None and lang not in get_args(Lang):
        raise UsageError(Text(f"--lang {lang}：须是 zh 或 en", f"--lang {lang}: zh or en"))
    return cast("Lang | None", lang)


def as_sheets(sheet: list[str] | None, all_sheets: bool) -> tuple[str, ...]:  # noqa: FBT001 - as below
    """Take the values of --sheet and --all-sheets; `UsageError` for both."""
    if sheet and all_sheets:
        raise UsageError(
            Text("--sheet 与 --all-sheets 只能用一个", "--sheet and --all-sheets: give one of them")
        )
    return (ALL_SHEETS,) if all_sheets else tuple(sheet or ())


def as_columns(column: list[str] | None) -> tuple[str, ...]:
    """Take the values of --column, else those of the settings file."""
    return tuple(column or SETTINGS.columns)


def as_presentation(lang: str | None, full_names: bool) -> Presentation:  # noqa: FBT001 - as above
    """Take the values of --lang and --full-names, for the lists."""
    return Presentation(_language(lang) or LISTS_LANG, full_names)


def as_told(lang: str | None, full_names: bool) -> Presentation:  # noqa: FBT001 - as above
    """Take the values of --lang and --full-names, for what the terminal is told."""
    return Presentation(as_language(lang), full_names)


def as_choose(choose: str) -> Choose:
    """Take the value of --choose; `UsageError` for another."""
    if choose not in get_args(Choose):
        raise UsageError(
            Text(
                f"--choose {choose}：须是 best、last 或 ask",
                f"--choose {choose}: best, last or ask",
            )
        )
    return cast("Choose", choose)


def as_school(file: Path | None) -> School | None:
    """Read the file of --school; else the school of the settings, where they have one."""
    return SETTINGS.school if file is None else read_school(file)


def as_school_code(file: Path | None) -> str:
    """Give the 院校代码 of `as_school`; empty where no school is known."""
    school = as_school(file)
    return "" if school is None else school.code


def as_previews(previews: str) -> bool:
    """Take the value of --previews: whether all photos get one; `UsageError` for another."""
    if previews not in {"failed", "all"}:
        raise UsageError(
            Text(
                f"--previews {previews}：须是 failed 或 all",
                f"--previews {previews}: failed or all",
            )
        )
    return previews == "all"


def as_judge(judge_as: str) -> Judge:
    """Take the value of --as; `UsageError` for another."""
    if judge_as not in get_args(Judge):
        raise UsageError(
            Text(
                f"--as {judge_as}：须是 source（原片）、final（成品）或 auto",
                f"--as {judge_as}: source, final or auto",
            )
        )
    return cast("Judge", judge_as)
