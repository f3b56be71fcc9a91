"""The audit list: written in Chinese, read in either language."""

import pytest

from pipeline.core.rules import Text
from reports import deeds
from reports.deeds import said_of_deed

DEEDS = [(name, deed) for name, deed in vars(deeds).items() if isinstance(deed, Text)]


@pytest.mark.parametrize(("name", "deed"), DEEDS, ids=[name for name, _ in DEEDS])
def test_every_deed_is_read_back_whatever_it_says_of_whom(name, deed):
    values = [f"v{n}" for n in range(deed.zh.count("{}"))]
    written = deed.zh.format(*values)
    assert said_of_deed(written, "zh") == written
    assert said_of_deed(written, "en") == deed.en.format(*values)


def test_words_within_a_deed_are_said_in_english_too():
    written = deeds.LISTS.zh.format(deeds.BY["class"].zh, 3, deeds.NAMES["full"].zh)
    assert written == "导出名单（按班级，3 个，全名）"
    assert said_of_deed(written, "en") == "took lists (by class, files: 3, names in full)"


def test_what_another_version_wrote_stays_as_it_is():
    assert said_of_deed("做了别的", "en") == "做了别的"
