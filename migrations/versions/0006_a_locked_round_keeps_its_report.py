"""The report of a locked round, kept as it was."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_edition",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("locked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("content", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["collection_round.id"], name=op.f("fk_kept_edition_round_id_collection_round")
        ),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_kept_edition")),
    )


def downgrade() -> None:
    op.drop_table("kept_edition")
