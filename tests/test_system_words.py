"""What the system and TOML say of a failure: in both languages, and never a file's name."""

import errno
import tomllib

import pytest

from pipeline.core.system_words import toml_fault, words_of


@pytest.mark.parametrize(
    ("number", "zh"),
    [
        (errno.ENOENT, "没有这个文件或文件夹"),
        (errno.EACCES, "没有权限"),
        (errno.ENOSPC, "磁盘已满"),
    ],
)
def test_what_the_system_says_is_said_in_both_languages(number, zh):
    words = words_of(OSError(number, "as the system says it", "/张三.jpg"))
    assert (words.zh, words.en) == (zh, "as the system says it")


def test_what_is_not_known_stays_as_the_system_says_it():
    assert words_of(OSError(errno.EPIPE, "Broken pipe")).zh == "Broken pipe"
    assert words_of(OSError("no number")).en == "OSError"


@pytest.mark.parametrize(
    ("text", "zh"),
    [
        ("a = 1\nb = [1,,2]\n", "第 2 行第 8 列写法有误"),
        ("a = [", "结尾处不完整"),
        ("a =", "结尾处不完整"),
    ],
)
def test_a_fault_of_toml_is_told_by_its_place(text, zh):
    with pytest.raises(tomllib.TOMLDecodeError) as refused:
        tomllib.loads(text)
    assert toml_fault(refused.value).zh == zh


def test_bytes_that_are_no_text_are_told():
    with pytest.raises(UnicodeDecodeError) as refused:
        b"\xff".decode("utf-8")
    assert "UTF-8" in toml_fault(refused.value).zh
