"""Notices: one page a student who must act, and messages of at most 70 characters."""

import csv
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from checks import CHECKS
from fixtures.example_result import example_result
from pipeline.core.marks import Layer, Mark, Marks
from pipeline.core.records import Pictures
from pipeline.core.rules import Verdict
from pipeline.spec.school import School
from pipeline.spec.spec import load_spec
from reports.beside import Beside
from reports.entries import read_entries
from reports.masking import Presentation
from reports.notices import message, write_notices
from reports.people import people_of
from reports.write import write_all

RARE = ("王𬱖", "龑明", "阿依古丽·买买提", "<b>x</b>")


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    result, out = example_result(12), tmp_path_factory.mktemp("run")
    large = out / "large.jpg"
    Image.fromarray(np.full((640, 480, 3), 128, np.uint8)).save(large)
    marks = Marks(480, 640, (Mark(Layer.LINES, "FC005", "M-14 244L480 244"),))

    def details(photos):
        for one in result.details(photos):
            yield replace(one, picture="large", marks=marks)

    pictures = Pictures(lambda _: large, lambda _: None)
    write_all(replace(result, details=details), out, Presentation(), Beside(pictures))
    head, entries = read_entries(out / "entries.jsonl.gz")
    students = [
        replace(row.student, name=RARE[n % 4], carried=(("联系电话", f"1380000{n:04}"),))
        for n, row in enumerate(result.students)
    ]
    school = School(code="10610", name="示例大学", self_check="https://zp.example.edu.cn/check")
    fallback = load_spec("scu_fallback_16k", CHECKS).output
    shown = Presentation("zh", full_names=True)
    return result, people_of(students, entries, head, school, out, shown, fallback=fallback)


def test_a_page_for_each_who_must_act_in_two_languages(ran, tmp_path):
    result, people = ran
    found = write_notices(people, tmp_path, None)
    due = [row for row in result.students if row.verdict is not Verdict.PASS]
    html = found.html.read_text("utf-8")
    assert found.count == len(due) == html.count("<article>")
    assert "毕业照补拍通知" in html
    assert "Your graduation photo must be taken again" in html
    assert "10610 示例大学" in html
    assert (
        html.count('class="overlay"')
        >= sum(row.verdict == "retake" and bool(row.photo) for row in due) - 1
    )
    assert "王𬱖" in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert not re.search(r"<script|https?://(?!www\.w3\.org)", html)


def test_who_missed_the_shoot_reads_how_to_be_photographed_yet(ran, tmp_path):
    _, people = ran
    (one, *_) = [p for p in people.persons if p.verdict is Verdict.MISSING]
    html = write_notices(replace(people, persons=(one,)), tmp_path, None).html.read_text("utf-8")
    assert "散拍：带二代身份证，报院校代码 10610、学号" in html
    assert "自主上传：" in html
    assert "不超过 16 KB" in html
    assert "Single shot 散拍: bring 二代身份证" in html


def test_a_pdf_has_its_fonts_and_the_same_bytes(ran, tmp_path):
    _, people = ran
    a, b = (write_notices(people, tmp_path / name, None) for name in "ab")
    data = a.pdf.read_bytes()
    assert data == b.pdf.read_bytes()
    assert data.startswith(b"%PDF")
    assert data.count(b"/FontFile") >= 1
    assert a.merge.read_bytes() == b.merge.read_bytes()


def test_nobody_to_write_to_is_an_empty_set(ran, tmp_path):
    _, people = ran
    found = write_notices(replace(people, persons=()), tmp_path, None)
    assert found.count == 0
    assert found.pdf.read_bytes().startswith(b"%PDF")


def test_messages_have_at_most_70_characters_and_a_telephone(ran, tmp_path):
    _, people = ran
    found = write_notices(people, tmp_path, None)
    with found.merge.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0])[:4] == ["学号", "姓名", "电话", "短信"]
    assert list(rows[0])[4:] == ["考生号", "院校代码", "时间地点", "最后期限", "带什么"]
    assert {row["院校代码"] for row in rows} == {"10610"}
    assert {row["带什么"] for row in rows if "需核对" not in row["短信"]} == {"二代身份证"}
    assert {row["带什么"] for row in rows if "需核对" in row["短信"]} == {""}, "not to come yet"
    said = next(row["短信"] for row in rows if "尚未采集" in row["短信"])
    assert "带二代身份证散拍，或自主上传，院校代码 10610" in said
    assert all(len(row["短信"]) <= 70 for row in rows)
    assert all(row["电话"].startswith("1380000") for row in rows)
    one = next(p for p in people.persons if p.entry.verdict is Verdict.RETAKE)
    many = replace(one, entry=replace(one.entry, advice=one.entry.advice * 40))
    assert len(message(many, people, None)) <= 70
