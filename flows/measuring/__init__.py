"""How good and how fast the program is: evaluation, calibration, `make bench`.

A run never calls it; only the command line and make do. Results are in ``docs/accuracy.md`` and
``docs/performance.md``.

Rules on labelled photos:

- ``evaluation``: the table of `gradphoto evaluate`
- ``evaluate``: the counts behind it
- ``labels``: what the labels say of each rule
- ``intervals``: Wilson intervals, folds that do not leak
- ``fitting``: limits and weights that are fitted on the other folds
- ``fit_weights``: writes ``checks/learned.toml`` anew
- ``calibrate``: what other limits would cost, `gradphoto calibrate`
- ``repeatability``: one photo measured again and again where nothing changed for an inspector
- ``repeat_all``: a sample of photos so, `gradphoto calibrate --repeatability`
- ``spreads``: from such values to the uncertainties of limits, and their table

People and pictures, `gradphoto evaluate --identity`:

- ``evaluate_identity``: the command
- ``identity_faces``: how well faces are told apart
- ``identity_templates``: templates of labelled photographs
- ``identity_swaps``: planted swaps, shifts and strangers, counted
- ``planted``: shoots with planted mistakes
- ``identity_pictures``: the same picture, altered; different people on one wall
- ``alterations``: the seeded alterations
- ``pair_rates``: shares of pairs found, with their intervals
- ``tails``: how likely a score is that was never seen

Speed and files:

- ``bench_photos``: a check against the bare cost of its models
- ``bench_watch``: a watched shoot: from a frame's last byte to its answer
- ``code_cards``: drawn code cards that are read
- ``bench_page``: a report of 10,000 students in Chromium
- ``bench_desk_pages``: pages of the desk with 20,000 students
- ``bench_desk_uploads``: students who try and hand in at once, and the queue drained
- ``bench_search``: the search among many
- ``bench_season``: a season as it grows
- ``marks``: what ED002 sees of drawn dates, watermarks and badges
- ``upload_files``: what the registration file is worth
"""
