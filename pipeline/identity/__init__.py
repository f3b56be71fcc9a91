"""Who is in the picture: faces against one another and against reference photos, DU002 to DU005.

It gets templates and gives findings, pairs and proposals. It decides about nobody, re-assigns
nothing and writes nothing.

- ``similarity``: the scores between photos and reference photos, in blocks
- ``same_person_threshold``: the threshold of a batch, from the batch's own non-mated pairs
- ``reference_thresholds``: is this the person of the reference photo: yes, no, cannot be said
- ``same_person``: DU002, one person under two students
- ``shooting_order``: the order in which photos were shot
- ``slots``: places in that order: who was scanned there, which photos stand there
- ``shifts``: DU004, runs that slipped by one or more places
- ``swaps``: DU003, photos that stand under one another's students
- ``identify``: one cause for each photo, told once
- ``findings``: the findings, pairs and proposals of those causes
- ``compare``: all of this for one run
"""
