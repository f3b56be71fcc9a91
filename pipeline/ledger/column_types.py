"""Types of columns that hold what they say, or end in one line.

A ledger lives for months, and hands other than the program's come to it: SQLite keeps a word
in a column of days without a murmur. What is read is checked here, once for all tables; what
is written must be text that a database can hold.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sql
from sqlalchemy import Dialect, Result, Row, TypeDecorator
from sqlalchemy.exc import MultipleResultsFound

from pipeline.core.errors import UsageError
from pipeline.core.rules import Text as Words


def damaged(what: Words) -> UsageError:
    """Say that the ledger holds something that this program did not write."""
    return UsageError(
        Words(
            f"台账已损坏，或被手工改动：{what.zh}；请换回它的备份",
            f"the ledger is damaged, or was changed by hand: {what.en}; "
            "put a copy of it in its place",
        )
    )


def only_row(found: Result[Any], what: Words) -> Row[Any] | None:
    """Return the one row that there may be; None where there is none."""
    try:
        return found.one_or_none()
    except MultipleResultsFound:
        raise damaged(Words(f"不止一个{what.zh}", f"several {what.en}")) from None


class _Checked(TypeDecorator[Any]):
    """A type whose values are ``kind`` when they are read, or null."""

    kind: type
    fault: Words  # for whoever reads the message

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.cache_ok = True  # SQLAlchemy asks each class for its own

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        convert = super().result_processor(dialect, coltype)

        def read(value: object) -> object:
            try:
                found = value if convert is None else convert(value)
            except (ValueError, TypeError, OverflowError, RecursionError):
                raise damaged(self.fault) from None
            if found is None or isinstance(found, self.kind):
                return found
            raise damaged(self.fault)

        return read


class Integer(_Checked):
    """A whole number."""

    impl = sql.Integer
    kind, fault = int, Words("数不成数", "a number that is none")


class BigInteger(Integer):
    """A whole number over 2^31."""

    impl = sql.BigInteger


class Boolean(_Checked):
    """Yes or no."""

    impl = sql.Boolean
    kind, fault = bool, Words("是否之值两者皆非", "a yes or no that is neither")


class LargeBinary(_Checked):
    """Bytes."""

    impl = sql.LargeBinary
    kind, fault = bytes, Words("打包的值不成立", "packed values that are none")


class Date(_Checked):
    """A day."""

    impl = sql.Date
    kind, fault = date, Words("日期不成立", "a day that is none")


class String(_Checked):
    """Text. Bytes of a call or a name that are no UTF-8 have no place in a database."""

    impl = sql.String
    kind, fault = str, Words("文字不成立", "a text that is none")

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Refuse what the driver would end on."""
        if value is not None and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise UsageError(
                    Words(
                        "输入的文字不是 UTF-8：请用 UTF-8 输入",
                        "a text of the call is not UTF-8: give it in UTF-8",
                    )
                ) from None
        return value


class Text(String):
    """A long text."""

    impl = sql.Text


class OneOf(_Checked):
    """A word of a vocabulary."""

    impl = sql.String
    fault = Words("没有这个词", "a word that is none of those there are")

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_result_value(self, value: str | None, _dialect: Dialect) -> StrEnum | None:
        """Return the word."""
        return None if value is None else self.kind(value)


class Json(_Checked):
    """A document, of which the outermost kind is known."""

    impl = sql.JSON
    fault = Words("文档不成立", "a document that is none")

    def __init__(self, kind: type) -> None:
        super().__init__()
        self.kind = kind


class Utc(_Checked):
    """A moment in UTC; SQLite, which knows no zones, keeps it without one."""

    impl = sql.DateTime(timezone=True)
    kind, fault = datetime, Words("时间不成立", "a moment that is none")

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the database UTC; a time without a zone is a mistake of the program."""
        if value is None:
            return None
        assert value.tzinfo is not None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the program UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)
