"""What the operating system and the reader of TOML say of a failure, in both languages."""

import errno
import re

from pipeline.core.rules import Text

# The usual ones; the others stay as the system words them.
_CHINESE = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "系统不允许",
    errno.EISDIR: "这是文件夹",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "超出磁盘配额",
    errno.EROFS: "只读，不能写入",
    errno.ENAMETOOLONG: "名称太长",
    errno.EIO: "读写出错",
    errno.EBUSY: "正被占用",
    errno.ELOOP: "链接成环",
}
_TOML_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


def words_of(error: OSError) -> Text:
    """Say why the system refused; without the file's name, which may hold a student's number."""
    en = error.strerror or type(error).__name__
    return Text(_CHINESE.get(error.errno or 0, en), en)


def toml_fault(error: Exception) -> Text:
    """Say where a text is no TOML."""
    en = " ".join(str(error).split())
    place = _TOML_PLACE.search(en)
    if place is None:
        zh = "结尾处不完整" if "end of document" in en else "编码不是 UTF-8，或嵌套太深"
        return Text(zh, en)
    return Text(f"第 {place[1]} 行第 {place[2]} 列写法有误", en)
