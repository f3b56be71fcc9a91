"""A season of months, in plain functions without Prefect: ledger in, lists out.

Every step can be killed and called again.

- ``begin``: a season's roster, specification and days, written down
- ``steps``: open, ingest: take in, examine, publish
- ``examining``: what a round has still to have examined
- ``intake``: what arrives, copied into the season's store and given to students
- ``handed_in``: what students handed in by their links, taken into rounds of its own
- ``photos``: the season's photos as a run over all of them sees them
- ``faces``: reference photos, and templates that may be kept
- ``judging``: all that counts, judged at once
- ``writing``: its lists, written under the folder
- ``rejudge``: whose verdict other limits would change, and the change
- ``review``: what a person decides on a photo
- ``reassign``: photos given to another student by a person, and taken back
- ``changes``: a new roster, proofs, keys, hand-over, purge
- ``audit``: a row a student for 毕业审核, and the fallback files
- ``people``: who is on the lists of a run
- ``looks``: when a served inbox is looked at, and what is said of each look
- ``said``: what its commands say they did
- ``views``: where a season stands, and the history of one student
"""
