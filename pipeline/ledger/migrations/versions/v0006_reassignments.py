"""Photos that are given to another student, and who is in the photos that are in doubt."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add them; whose a photo was at an earlier verdict is not known any more."""
    op.add_column("verdicts", sa.Column("student_key", sa.String()))
    op.add_column("reviews", sa.Column("student_key", sa.String()))
    op.add_column("reviews", sa.Column("deed", sa.Integer()))
    op.create_table(
        "sightings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("student_key", sa.String(), nullable=False),
        sa.Column("shows", sa.String(), nullable=False),
        sa.Column("own", sa.String(), nullable=False),
        sa.Column("because", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_sightings_submission_id_submissions"),
        ),
    )
    op.create_index("ix_sightings_submission_id", "sightings", ["submission_id"])
    if op.get_bind().dialect.name == "postgresql":
        # What the planner samples outlives the rows (see 0001), and these are people.
        for table, columns in (
            ("verdicts", ("student_key",)),
            ("reviews", ("student_key",)),
            ("sightings", ("cause", "student_key", "shows", "own", "because")),
        ):
            for column in columns:
                op.execute(f'ALTER TABLE {table} ALTER COLUMN "{column}" SET STATISTICS 0')
