"""report.html: complete, small, offline, and deaf to what file names try to say."""

import html
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fixtures.example_result import example_result
from pipeline.batch.rounds import Disposition, StudentState
from pipeline.core.marks import Layer, Mark, Marks
from pipeline.core.records import FacesNote, Pictures, Result
from pipeline.core.rules import Text
from reports.beside import Attempt, Beside, SeasonView
from reports.markup import HERE
from reports.masking import Presentation
from reports.page import write_page
from reports.page_phrases import WORDS

HOSTILE = (
    "<img src=x onerror=document.title='HACKED'>",
    "</script><script>document.title='HACKED'</script>",
    "<img src=http://tracker.invalid/a.png>\"'&",
    "<!--<script>",
    "photo\u202egpj.exe",
    "长" * 200,
    "\udcd5\udcd5.jpg",
    "a\u2028b\u2029c",
)


def page(result: Result, out: Path, lang="zh", *, full_names=False) -> Path:
    path = out / "report.html"
    write_page(result, path, Presentation(lang, full_names))
    return path


def data(path: Path) -> dict:
    text = path.read_bytes().decode("utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    return json.loads(found[1])


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> tuple[Result, Path]:
    result = example_result(150, HOSTILE)
    return result, page(result, tmp_path_factory.mktemp("page"), full_names=True)


# What is in the file


def test_a_telephone_is_on_the_page_with_full_names_alone(tmp_path):
    result = example_result(3)
    students = [
        replace(row, student=replace(row.student, carried=(("联系电话", "13800001111"),)))
        for row in result.students
    ]
    carrying = replace(result, students=students)
    masked, full = (
        page(carrying, tmp_path, full_names=full).read_bytes() for full in (False, True)
    )
    assert b"13800001111" not in masked
    assert "联系电话".encode() not in masked
    assert full.count(b"13800001111") == 3


def test_every_student_and_every_photo_has_one_row(hostile):
    result, path = hostile
    rows = data(path)["rows"]
    students = [row["s"] for row in rows if row["g"] != "other"]
    assert students == [row.student.key for row in result.students]
    assert len([row for row in rows if "p" in row]) == len(result.photos)
    assert len([row for row in rows if row["g"] == "other"]) == 2 + len(HOSTILE)


def detailed(result):
    photos = [row.photo for row in result.photos]
    return dict(zip(photos, result.details(photos), strict=True))


def beside(path: Path, number: int) -> dict:
    """The data of a hundred photos."""
    text = (path.parent / f"report_files/details-{number:04}.js").read_text("utf-8")
    return json.loads(re.fullmatch(rf"gradphoto\({number},(.*)\);\n", text, re.DOTALL)[1])


def test_every_finding_is_there_with_its_value(hostile):
    result, path = hostile
    rules = data(path)["rest"]["rules"]
    details = detailed(result)
    for place, row in enumerate(result.photos):
        part = beside(path, place // 100)
        kinds, found = part["kinds"], part["rows"][place % 100]["f"]
        shown = [
            (rules[kinds[kind][0]][0], kinds[kind][1], value)
            for kind, value in zip(found[::2], found[1::2], strict=True)
        ]
        assert shown == [
            (
                f.code,
                f.outcome,
                None if f.measured is None else round(f.measured, result.rules[f.code].decimals),
            )
            for f in details[row.photo].findings
        ]


def test_without_a_roster_each_file_stands_under_its_verdict(tmp_path):
    rows = data(page(example_result(0), tmp_path))["rows"]
    assert [row["g"] for row in rows] == ["fail", "retake"]


def test_the_page_of_10_000_students_is_at_most_5_mb(tmp_path):
    students, result = 10_000, example_result(500)
    size = page(result, tmp_path).stat().st_size
    fixed = page(example_result(1), tmp_path / "one").stat().st_size
    assert fixed + (size - fixed) * students / 500 <= 5 * 1024**2


def test_same_result_gives_the_same_bytes(tmp_path):
    a, b = (page(example_result(20), tmp_path / name) for name in "ab")
    assert a.read_bytes() == b.read_bytes()


def test_files_beside_the_page_are_few_and_old_ones_go(tmp_path):
    page(example_result(150), tmp_path)
    result = example_result(4)
    page(result, tmp_path)
    kept = sorted(path.name for path in (tmp_path / "report_files").iterdir())
    assert kept == ["details-0000.js", "thumbs-0000.jpg"]
    with Image.open(tmp_path / "report_files/thumbs-0000.jpg") as sheet:
        assert sheet.size == (1200, 1600)
    thumbnails = {row["i"] for row in data(tmp_path / "report.html")["rows"] if row.get("m")}
    details = detailed(result)
    assert thumbnails == {
        place for place, row in enumerate(result.photos) if details[row.photo].thumbnail
    }


def pictured(result: Result) -> Result:
    """The same with a larger picture and marks of every photo."""
    marks = Marks(480, 640, (Mark(Layer.LINES, "FC005", "M-14 244L480 244"),))

    def details(photos):
        for one in result.details(photos):
            yield replace(one, picture="large", marks=marks)

    return replace(result, details=details)


@pytest.fixture
def pictures(tmp_path) -> Pictures:
    large = tmp_path / "large.jpg"
    noise = np.random.default_rng(1).integers(0, 90, (1280, 960, 3), np.uint8)
    Image.fromarray(noise).save(large, quality=95)
    return Pictures(lambda _: large, lambda student: large.read_bytes())


@pytest.mark.parametrize("every", [False, True])
def test_who_did_not_pass_has_a_large_picture_and_on_request_all(tmp_path, pictures, every):
    result = pictured(example_result(20))
    path = tmp_path / "out/report.html"
    write_page(result, path, Presentation(), Beside(pictures, all_previews=every))
    in_pairs = {photo for pair in result.pairs for photo in (pair.photo_a, pair.photo_b)}
    due = {
        place
        for place, row in enumerate(result.photos)
        if every or row.verdict != "pass" or row.photo in in_pairs
    }
    files = sorted((path.parent / "report_files").glob("p*.jpg"))
    assert [file.name for file in files] == [f"p{place:06}.jpg" for place in sorted(due)]
    with Image.open(files[0]) as image:
        assert image.size == (480, 640)
    assert files[0].stat().st_size <= 40 * 1024
    assert "<svg" in beside(path, 0)["rows"][min(due)]["o"]
    assert not list((path.parent / "report_files").glob("r*")), "faces were not compared"


def test_where_faces_are_compared_the_photo_on_record_stands_beside(tmp_path, pictures):
    faces = FacesNote(20, 20, 0.4, 0.5, 0.5, 0.4, Text("", ""))
    result = replace(pictured(example_result(20)), faces=faces)
    write_page(result, tmp_path / "out/report.html", Presentation(), Beside(pictures))
    rows = data(tmp_path / "out/report.html")["rows"]
    with_record = {row["s"] for row in rows if "w" in row}
    wrong = {row.student.key for row in result.students if row.verdict in {"retake", "fail"}}
    assert with_record >= wrong


def test_names_are_masked_and_titles_escaped(tmp_path):
    result = example_result(5, HOSTILE[:1])
    path = page(result, tmp_path)
    assert "晓明" not in path.read_text("utf-8")
    assert "<img" not in path.read_text("utf-8")


def test_nothing_is_fetched_and_only_the_pages_own_script_may_run(hostile):
    text = hostile[1].read_text("utf-8")
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1])
    assert policy.startswith("default-src 'none'; img-src 'self' file:; ")
    assert "unsafe" not in policy
    assert policy.count("'strict-dynamic'") == 1
    assert not re.search(r"<(link|iframe|object)|@import|url\(|style=", text)
    assert "innerHTML" not in text


def test_english(tmp_path):
    path = page(example_result(5), tmp_path, "en")
    assert '<html lang="en">' in path.read_text("utf-8")
    rest = data(path)["rest"]
    assert rest["verdicts"]["retake"] == "Retake"
    assert not re.search("[\u4e00-\u9fff]", json.dumps(rest["words"], ensure_ascii=False))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_contrast_of_text_is_at_least_4_5(scheme):
    block = re.findall(r":root \{(.*?)\}", (HERE / "page.css").read_text("utf-8"), re.DOTALL)[
        scheme
    ]
    colours = dict(re.findall(r"--([\w-]+): (#\w+)", block))

    def luminance(name: str) -> float:
        digits = colours[name][1:]
        digits = "".join(2 * d for d in digits) if len(digits) == 3 else digits
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(a: str, b: str) -> float:
        low, high = sorted((luminance(a), luminance(b)))
        return (high + 0.05) / (low + 0.05)

    texts = [(t, ground) for t in ("text", "muted", "accent") for ground in ("page", "card")]
    for verdict in ("pass", "retake", "fail", "missing", "other"):
        texts += [(verdict, "card"), (verdict, f"{verdict}-bg")]
    texts += [("card", "accent")]
    assert {pair: round(contrast(*pair), 2) for pair in texts if contrast(*pair) < 4.5} == {}


# What a browser makes of it (tests/test_page_browser.py has more)


def test_charts_print_without_a_style_or_a_script(tmp_path):
    text = page(example_result(60), tmp_path).read_text("utf-8")
    drawn = re.findall(r'<svg role="img".*?</svg>', text, re.DOTALL)
    assert len(drawn) == 2, "reasons and classes"
    assert "<style" not in "".join(drawn)


def test_charts_by_hour_and_camera_and_of_arrivals(tmp_path):
    result = example_result(60)
    photos = tuple(
        replace(row, captured=f"2026:06:01 {9 + n % 4:02}:00:00", camera=f"Camera {n % 2}")
        for n, row in enumerate(result.photos)
    )
    result = replace(result, photos=photos)
    attempts = tuple(
        Attempt(f"{n}", 1, "", "", Disposition.CURRENT, None, False, "", date(2026, 6, 1 + n % 5))
        for n in range(30)
    )
    states = {row.student.key: StudentState.UPLOADED for row in result.students}
    states[result.students[0].student.key] = StudentState.DISPUTED
    season = SeasonView(attempts, states, date(2026, 6, 10))
    path = tmp_path / "report.html"
    write_page(result, path, Presentation(), Beside(season=season))
    text = path.read_text("utf-8")
    for key in ("plot_background", "plot_eyes", "plot_retakes", "plot_arrivals"):
        assert WORDS[key].zh in text
    assert {row["t"] for row in data(path)["rows"] if "t" in row} == {"uploaded", "disputed"}
    assert "已上传 <b>59</b> · 校对有误 <b>1</b>" in text
    assert "最新照片 2026-06-01" in text
