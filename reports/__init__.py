"""Writers of the result: CSV, XLSX, HTML, the overlay, the terminal.

They get a `Result` and write it down; they judge nothing. They may import `pipeline`, and neither
`checks` nor `flows`. The columns are described in ``docs/outputs.md``.

- ``write``: all reports of a run
- ``tables``: students, photos, findings, pairs, proposals, manifest: the CSV files
- ``rules_page``: docs/rules.md, written from the rules and a spec
- ``workbook``: report.xlsx
- ``sheets``: workbooks written row by row, with pictures, without a clock
- ``page``: report.html
- ``page_rows``: what its list shows
- ``page_details``: what its page of one photo shows, beside it
- ``page_kinds``: what many rows of its data share
- ``page_pictures``: its thumbnails and previews
- ``watch_page``: what a watched shoot shows in a browser
- ``booth_measures``: the booth in words: its measures, faults and drifts
- ``page_phrases``: the words of report.html
- ``plots``: charts, as inline SVG
- ``markup``: templates (``templates/``), the one place where markup is made
- ``typeset``: PDF and PNG by typst
- ``beside``: what reports show beside a result: larger pictures, a season's attempts
- ``told``: each cause once, in three texts, and what the booth is at fault in
- ``roster_form``: an empty roster to fill in
- ``season_lists``: attempts, states and 图像信息异常登记表
- ``entries``: what lists and notices need of a run, nobody's name
- ``people``: those entries beside the roster
- ``lists``: one workbook a class, under the offices' names
- ``make_up``: what is said of make-ups: where, until when, what to bring, the fallback file
- ``notices``: a page a student, and messages
- ``summary``: a run in counts
- ``families``: the checks in sequence, in counts of photos
- ``deeds``: what the audit list says was done
- ``masking``: the language, and names in full or masked
- ``shared_words``: words that all reports share
- ``safe_text``: text from outside, made fit to be written
- ``rule_states``: how each rule stands on one photo
- ``overlay``: one photo with all that was measured drawn over it, as SVG
- ``overlay_sheet``: the same as a picture, with verdict and measures: ``inspect --overlay``
- ``terminal``: what is printed
"""
