"""What the page of one photo shows, a hundred photos to a file, read when one is opened.

Photos go by in their order, and of all of them only what is small is held.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.core.records import Detail, PhotoRow, Result
from pipeline.core.rules import Verdict
from reports.masking import Presentation
from reports.overlay import frame_svg, overlay_svg
from reports.page_kinds import Json, Kinds, as_json, slim
from reports.page_pictures import A_SHEET, PageFiles
from reports.rule_states import states_of
from reports.safe_text import visible
from reports.told import Told


@dataclass(frozen=True)
class Shown:
    """Which pictures there are beside the page, by the places of their photos."""

    thumbnails: frozenset[int]
    previews: Mapping[int, str]
    records: Mapping[int, str]
    measures: Mapping[int, tuple[float | None, float | None]]  # ΔE of the background, eye line


def write_details(
    result: Result, files: PageFiles, presentation: Presentation, *, all_previews: bool
) -> Shown:
    """Write the files of all photos, and their pictures."""
    told = Told(result)
    in_pairs = {photo for pair in result.pairs for photo in (pair.photo_a, pair.photo_b)}
    thumbnails: set[int] = set()
    previews: dict[int, str] = {}
    records: dict[int, str] = {}
    measures: dict[int, tuple[float | None, float | None]] = {}
    details = result.details(row.photo for row in result.photos)
    for first in range(0, len(result.photos), A_SHEET):
        some = result.photos[first : first + A_SHEET]
        kinds = Kinds(result.rules, presentation.lang)
        sheet: dict[int, bytes] = {}
        rows: list[Json] = []
        for place, (row, detail) in enumerate(zip(some, details, strict=False), first):
            if detail.thumbnail is not None:
                sheet[place - first] = detail.thumbnail
                thumbnails.add(place)
            if all_previews or row.verdict is not Verdict.PASS or row.photo in in_pairs:
                if name := files.preview(place, detail.picture):
                    previews[place] = name
                compared = result.faces is not None and row.student_key is not None
                if compared and (name := files.on_record(place, row.student_key or "")):
                    records[place] = name
            value = {f.code: f.measured for f in detail.findings}
            measures[place] = value.get("BG001"), value.get("FC005")
            shown = previews.get(place)
            rows.append(_detail(result, row, detail, place, shown, kinds, told, presentation))
        if sheet:
            files.sheet(first // A_SHEET, sheet)
        data = as_json({"kinds": list(kinds.table), "rows": rows})
        name = f"details-{first // A_SHEET:04}.js"
        files.write(name, b"gradphoto(%d," % (first // A_SHEET) + data + b");\n")
    return Shown(frozenset(thumbnails), previews, records, measures)


def _detail(
    result: Result,
    row: PhotoRow,
    detail: Detail,
    place: int,
    preview: str | None,
    kinds: Kinds,
    told: Told,
    presentation: Presentation,
) -> Json:
    lang, marks = presentation.lang, detail.marks
    drawn = frame = None
    if preview is not None and marks is not None:
        states = states_of(detail.findings, result.rules)
        drawn = overlay_svg(marks, states, f"report_files/{preview}", lang, f"o{place}")
        frame = frame_svg(marks, lang)
    return slim(
        f=[number for f in detail.findings for number in kinds.pair(f)],
        r=[visible(cause.record[lang]) for cause in told.causes(row)],
        o=drawn,
        q=frame,
    )
