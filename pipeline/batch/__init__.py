"""All photos of a run and the roster together: every file one row, every student one row.

No database, no clock, no file: what a season adds comes in as values.

The three steps of a run are match, compare, judge.

- ``match``: whose each photo is
- ``sequence``: whose frames are, by code cards or a list of scans
- ``choose``: which of several photos of a student speaks
- ``compare``: each photo against the others and against references
- ``sightings``: who is in the photos that are in doubt, the surest first
- ``booth``: causes that most frames of a run share
- ``booth_setup``: what a test frame of the booth comes to, before the first student
- ``booth_table``: what the latest frames of a camera measure, and where it drifts
- ``judge``: a verdict for every file and every student: the result
- ``reviews``: what a person decided, and a season's own rules
- ``rounds``: which of a student's submissions counts, and the student's state
- ``rejudge``: other limits on stored findings, without the photo
"""
