"""Writers of the result: CSV, XLSX, HTML, the overlay, the terminal.

They get a `Result` and write it down; they judge nothing. They may import `pipeline`, and neither
`checks` nor `flows`. The columns are described in ``docs/outputs.md``.

- ``write``: all reports of a run
- ``tables``: students, photos, findings, pairs, proposals, manifest: the CSV files
- ``rules_page``: docs/rules.md, written from the rules and a spec
- ``workbook``: report.xlsx
- ``streamed_workbook``: a workbook that is written row by row, without a clock
- ``page``: report.html, with ``page.html``, ``page.css`` and ``page.js``
- ``watch_page``: what a watched shoot shows in a browser, with ``watch_page.html``
- ``page_pictures``: its thumbnails
- ``page_phrases``: the words of report.html
- ``told``: each cause once, in three texts, and what the booth is at fault in
- ``season_lists``: attempts, states and 图像信息异常登记表
- ``summary``: a run in counts
- ``masking``: the language, and names in full or masked
- ``shared_words``: words that all reports share
- ``safe_text``: text from outside, made fit to be written
- ``rule_states``: how each rule stands on one photo, and its colour
- ``overlay``: one photo with all that was measured drawn on it
- ``overlay_picture``: what the models saw, drawn into the picture
- ``overlay_strip``: the strip beside it: verdict, reasons, measures
- ``drawing``: fonts, wrapping, colours
- ``terminal``: what is printed
"""
