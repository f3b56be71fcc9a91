"""One-time links of students, and answers that they gave at the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add them; all answers so far came from the national platform."""
    op.add_column("proofs", sa.Column("asked_by", sa.String()))
    op.create_table(
        "links",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("student_key", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
    )
    op.create_index("ix_links_student_key", "links", ["student_key"])
    if op.get_bind().dialect.name == "postgresql":
        # What the planner samples outlives the rows (see 0001), and these are people.
        for column in ("id", "student_key", "made_by"):
            op.execute(f'ALTER TABLE links ALTER COLUMN "{column}" SET STATISTICS 0')
        op.execute("ALTER TABLE proofs ALTER COLUMN asked_by SET STATISTICS 0")
