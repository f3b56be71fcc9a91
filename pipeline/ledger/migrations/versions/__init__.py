"""The steps, in the order of their numbers; none is ever changed once it has been released.

- ``v0001_first``: the first ledger
- ``v0002_templates``: a table for templates of faces
- ``v0003_school_and_carried``: the school, and columns of the roster for lists
- ``v0004_desk``: accounts, kinds of decisions, and what was looked at
- ``v0005_links``: one-time links of students, and answers at the desk
- ``v0006_reassignments``: photos given to another student, and who is in those in doubt
"""
