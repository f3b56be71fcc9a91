"""The ledger: a season's memory, in SQLite beside its pictures or in PostgreSQL.

All SQL is here and nowhere else; ``tables`` is for this folder alone.

- ``tables``: the tables
- ``column_types``: what is read is what the column says, or one line
- ``database``: where the ledger lies, how it is opened and locked
- ``migrations``: how an older ledger is brought up to date
- ``season``: a season, its roster, its runs
- ``store``: the season's pictures on disk
- ``handed_in``: what students handed in by their links and no round has taken yet
- ``arrivals``: every file that arrived, in the order of arrival
- ``examinations``: what was measured on each content, by which spec and models
- ``provenance``: models, rules and versions that a photo was examined by
- ``codec``: findings, packed and unpacked
- ``templates``: face templates, sealed under a key that lies elsewhere
- ``verdicts``: what each photo and student came to, and what was handed over; never written over
- ``decisions``: what persons decided; never written over
- ``reassignments``: photos that a person gave to another student, and which photos count then
- ``sightings``: who is in the photos that are in doubt
- ``proofs``: 校对, what students said at the desk and on the national platform
- ``accounts``: who may sign in at the desk, and what was looked at
- ``board``: all students with where they stand, and what arrived on which day
- ``waiting``: what waits for a person at the desk, and one photo as it is shown there
- ``links``: one-time links of students
- ``views``: what a season shows: counts, and the history of one student
- ``purge``: the end of a season; counts stay
"""
