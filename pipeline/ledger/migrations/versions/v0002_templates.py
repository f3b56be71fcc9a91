"""Templates of faces in a table of their own, sealed under a key that is not here."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table; the column that was to hold them was never written."""
    op.create_table(
        "templates",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("described_by", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "described_by", name=op.f("pk_templates")),
    )
    op.add_column("season", sa.Column("key_file", sa.String()))
    op.add_column("season", sa.Column("key_check", sa.String(length=64)))
    op.drop_column("examinations", "template")
