"""Pictures against one another, without any face template: DU001 and DU006.

- ``fingerprints``: a small picture fixed to the face, and a hash of it
- ``search``: exact search among hashes and vectors
- ``similarity``: whether two photos are the same picture
- ``pairs``: the same file or picture under two students
- ``claims``: who came first with a picture, and keeps the state
- ``resubmitted``: a rejected picture that is handed in again
- ``earlier_runs``: what an earlier run refused and accepted
"""
