"""Migrations of the ledger, run by alembic when it is opened.

- ``env``: alembic's entry, on the connection that `pipeline.ledger.database` hands in
- ``versions``: one file a step, in the order of their numbers
"""
