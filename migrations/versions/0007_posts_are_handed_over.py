"""When the end of an assignment was carried out, and what was handed over by it."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("assignment", sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    # What ended before the last tick of the version before is past: nobody is told of it now.
    last_tick = "(SELECT clock_last_tick_at FROM installation)"
    op.execute(f"UPDATE assignment SET ended_at = {last_tick} WHERE until_on < DATE({last_tick})")
    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("leavers", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("carried_out_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("notification_id", sa.Integer(), nullable=True),
        sa.Column("accepted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("accepted_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notification.id"], name=op.f("fk_handover_notification_id_notification")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_handover_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_index(op.f("ix_handover_post_id"), "handover", ["post_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_handover_post_id"), table_name="handover")
    op.drop_table("handover")
    op.drop_column("assignment", "ended_at")
