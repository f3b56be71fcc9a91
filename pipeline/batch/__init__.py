"""All photos of a run and the roster together: every file one row, every student one row.

No database, no clock, no file: what a season adds comes in as values.

- ``assemble``: photos, roster, duplicates and identity to one result
- ``reviews``: what a person decided, and a season's own rules
- ``rounds``: which of a student's submissions counts, and the student's state
- ``rejudge``: other limits on stored findings, without the photo
"""
