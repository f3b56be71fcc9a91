"""The school of a season, and columns of its roster for lists that people act on."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; a season that was begun before has neither."""
    op.add_column("season", sa.Column("carry", sa.JSON()))
    op.add_column("season", sa.Column("school", sa.JSON()))
    op.add_column("students", sa.Column("carried", sa.JSON()))
    if op.get_bind().dialect.name == "postgresql":
        # What the planner samples outlives the rows (see 0001), and these are telephones.
        op.execute("ALTER TABLE students ALTER COLUMN carried SET STATISTICS 0")
