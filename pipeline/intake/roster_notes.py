"""What is said of how a roster was read: sheets and rows, nobody's values."""

from collections.abc import Mapping, Sequence

from pipeline.core.rules import Text

_SHOWN = 10  # runs of rows
_WHY = {
    "hidden": Text("隐藏", "hidden"),
    "no such columns": Text("没有学号等列", "no column of numbers"),
    "not asked for": Text("未指定", "not asked for"),
    "empty": Text("没有学生", "no students"),
}


def sheets_note(read: Mapping[str, int], others: Mapping[str, str]) -> Text | None:
    """Say which sheets were read and which not; None where the file has no sheets."""
    if not read:
        return None
    zh = "、".join(f"“{name}”（{count}人）" for name, count in read.items())
    en = ", ".join(f"{name!r} ({count})" for name, count in read.items())
    zh, en = f"名单读取工作表{zh}", f"roster: sheets read (students): {en}"
    if others:
        zh += "；未读" + "、".join(f"“{name}”（{_WHY[why].zh}）" for name, why in others.items())
        en += "; not read: " + ", ".join(
            f"{name!r} ({_WHY[why].en})" for name, why in others.items()
        )
    return Text(zh, en)


def rows_note(what: Text, sheets: Sequence[str], rows: Sequence[Sequence[int]]) -> Text | None:
    """Say what holds of some rows of each sheet; None where there are none.

    ``what`` has places for the rows and for their count: ``{rows}``, ``{count}``.
    """
    if not any(rows):
        return None
    filled = [(sheet, some) for sheet, some in zip(sheets, rows, strict=True) if some]
    zh = "、".join((f"“{sheet}”" if sheet else "") + _runs(some, "、") for sheet, some in filled)
    en = ", ".join((f"{sheet!r} " if sheet else "") + _runs(some, ", ") for sheet, some in filled)
    count = sum(map(len, rows))
    return Text(what.zh.format(rows=zh, count=count), what.en.format(rows=en, count=count))


def _runs(rows: Sequence[int], between: str) -> str:
    """Return rows in few words: 5, 7-9."""
    runs: list[list[int]] = []
    for row in sorted(rows):
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    shown = [str(a) if a == b else f"{a}-{b}" for a, b in runs[:_SHOWN]]
    return between.join(shown) + (f"{between}…" if len(runs) > _SHOWN else "")
