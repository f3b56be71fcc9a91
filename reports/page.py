"""report.html: one page that opens offline and asks for nothing but the files beside it.

The rows are JSON in the page, drawn by ``page.js`` as they are scrolled to; what the page of one
photo shows lies beside it in ``report_files``, a hundred photos to a file. Text from outside
reaches the document as text only: here it is JSON or escaped, there it is ``textContent``.
"""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path

from markupsafe import Markup

from pipeline.batch.rounds import STUDENT_STATES
from pipeline.core.output_files import OutputFile
from pipeline.core.private_files import replacing
from pipeline.core.records import Result
from pipeline.core.rules import Lang
from reports.beside import Beside
from reports.markup import raw, render
from reports.masking import Presentation
from reports.page_details import write_details
from reports.page_kinds import as_json
from reports.page_phrases import WORDS
from reports.page_pictures import PageFiles
from reports.page_rows import newest_day, page_data
from reports.plots import plots
from reports.safe_text import visible
from reports.shared_words import MODES, borderline_text, faces_text
from reports.summary import state_counts, summary

_SCRIPTS = ("page.js", "page_photo.js")


def write_page(
    result: Result, path: Path, presentation: Presentation, beside: Beside | None = None
) -> None:
    """Write the page, and ``report_files/`` beside it."""
    beside = beside or Beside()
    files = PageFiles(path.parent / OutputFile.PAGE_PICTURES, beside.pictures)
    shown = write_details(result, files, presentation, all_previews=beside.all_previews)
    data = as_json(page_data(result, shown, presentation, beside)).decode()
    drawn = plots(result, shown, beside.season, presentation.lang)
    css, script = raw("page.css"), Markup("\n").join(map(raw, _SCRIPTS))
    words = {key: text[presentation.lang] for key, text in WORDS.items()}
    page = render(
        "page.html",
        words=words,
        html_lang={"zh": "zh-CN", "en": "en"}[presentation.lang],
        policy=_policy(css, script),
        css=css,
        script=script,
        spec=visible(result.spec_title),
        kind=words["shoot" if beside.season is None else "season"],
        counts=_counts(result, words, presentation.lang),
        states=[]
        if beside.season is None
        else [
            (STUDENT_STATES[state][presentation.lang], count)
            for state, count in state_counts(beside.season.states)
        ],
        faces=faces_text(result.faces)[presentation.lang],
        mode=MODES[result.mode][presentation.lang],
        plots=drawn,
        record=[[visible(t[presentation.lang]) for t in line] for line in beside.record],
        data=Markup(data),  # noqa: S704 - JSON that cannot end its script element
    )
    with replacing(path) as stream:
        stream.write(page.encode())
    files.drop_others()


def _policy(css: str, script: str) -> str:
    """Let run only what is in the page, and the files that its own script asks for."""
    return (
        f"default-src 'none'; img-src 'self' file:; style-src '{_digest(css)}'; "
        f"script-src '{_digest(script)}' 'strict-dynamic'; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _counts(result: Result, words: Mapping[str, str], lang: Lang) -> str:
    counts = words["counts"].format(
        photos=len(result.photos), uploads=len(result.uploads), droppings=result.droppings
    )
    parts = [head[lang] for head in result.header_lines]
    if day := newest_day(result):
        parts.append(words["newest"].format(day=day))
    if (near := summary(result).borderline).findings:
        counts = f"{counts} · {borderline_text(near)[lang]}"
    return visible(" · ".join([*parts, counts]))
