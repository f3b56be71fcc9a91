"""What is printed on the terminal. It gets what a run came to, and works nothing out.

- ``run``: what was handed in, and what a run came to, in counts
- ``findings``: `inspect`: a table of findings, JSON lines
- ``season``: counts, one student's history, what other limits would change
- ``watch``: a shoot that is answered while it is going on
- ``package``: what `pack` and `verify` show, and verify.csv
- ``standard``: the list of rules, a specification with its sources
"""
