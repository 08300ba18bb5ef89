"""Until when a report upwards pauses, and why."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "escalation_pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("paused_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("paused_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestone.id"], name=op.f("fk_escalation_pause_milestone_id_milestone")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_escalation_pause_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_pause")),
    )
    op.create_index(op.f("ix_escalation_pause_milestone_id"), "escalation_pause", ["milestone_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_escalation_pause_milestone_id"), table_name="escalation_pause")
    op.drop_table("escalation_pause")
