"""What Typer says of its own in help and in mistakes of a call, in Chinese."""

import importlib
import re
from collections.abc import Callable
from typing import Any

import typer
from rich.text import Text as Line

# Mistakes as Typer words them; what is not here stays English.
_MISTAKES = tuple(
    (re.compile(english), chinese)
    for english, chinese in (
        (r"Missing option (.+)\.", r"缺少选项 \1"),
        (r"Missing argument (.+)\.", r"缺少参数 \1"),
        (r"Missing command\.", r"缺少命令"),
        (r"No such option: (\S+) \(Possible options: (.+)\)", r"没有选项 \1；是不是 \2？"),
        (r"No such option: (\S+)(?: Did you mean (.+)\?)", r"没有选项 \1；是不是 \2？"),
        (r"No such option: (.+)", r"没有选项 \1"),
        (r"No such command (.+)\. Did you mean (.+)\?", r"没有命令 \1；是不是 \2？"),
        (r"No such command (.+)\.", r"没有命令 \1"),
        (r"Got unexpected extra arguments? (.+)", r"多出的参数 \1"),
        (r"Option (.+) requires an argument\.", r"选项 \1 需要一个值"),
        (r"Option (.+) does not take a value\.", r"选项 \1 不带值"),
        (
            r"Invalid value for (.+): (?i:file|path|dir|directory) (.+) does not exist\.",
            r"\1：\2 不存在",
        ),
        (r"Invalid value for (.+): .* greater than or equal to (\d+)", r"\1：须不小于 \2"),
        (r"Invalid value for (.+): .* less than or equal to (\d+)", r"\1：须不大于 \2"),
        (r"Invalid value for (.+): (.+) is not one of (.+)\.", r"\1：\2 不是 \3 之一"),
        (r"Invalid value for (.+): .*valid integer.*", r"\1：须是整数"),
        (r"Invalid value for (.+): (.+)", r"\1：值不可用：\2"),
    )
)


def chinese_message(message: str) -> str:
    """Say in Chinese what Typer says of a mistake."""
    for pattern, chinese in _MISTAKES:
        if found := pattern.fullmatch(message):
            return found.expand(chinese)
    return message


def speak_chinese(command: Any) -> None:  # noqa: ANN401 - Typer's own kind is private
    """Have the help of a command, and of those below it, in Chinese where Typer words it."""
    words: Any = importlib.import_module("typer.rich_utils")  # not before it is needed
    words.ARGUMENTS_PANEL_TITLE = "参数"
    words.OPTIONS_PANEL_TITLE = "选项"
    words.COMMANDS_PANEL_TITLE = "命令"
    words.DEFAULT_STRING = "[默认：{}]"
    words.ENVVAR_STRING = "[环境变量：{}]"
    words.REQUIRED_LONG_STRING = "[必填]"
    words.highlighter = _folded(words.highlighter)
    _help_option(command)


def _folded(highlight: Callable[[Line | str], Line]) -> Callable[[Line | str], Line]:
    """Have words that find no room go on in the next line: Chinese has no blanks to break at.

    The one word of Typer's that nothing else changes is changed here.
    """

    def highlighted(text: Line | str) -> Line:
        shown = highlight(text.replace("Usage:", "用法：") if isinstance(text, str) else text)
        shown.overflow = "fold"
        return shown

    return highlighted


def _help_option(command: Any) -> None:  # noqa: ANN401 - as above
    command.get_help_option(typer.Context(command)).help = "显示这份帮助"
    for one in getattr(command, "commands", {}).values():
        _help_option(one)
