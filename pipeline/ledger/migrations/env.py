"""Alembic's entry: it works on the connection that `pipeline.ledger.database` hands in."""

from alembic import context

from pipeline.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters no column in place
)
with context.begin_transaction():
    context.run_migrations()
