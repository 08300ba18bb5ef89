"""What a head's weekly mail is about, and which week was told last."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("installation", sa.Column("summarised_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.create_table(
        "notification_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notification_id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestone.id"], name=op.f("fk_notification_item_milestone_id_milestone")
        ),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notification.id"], name=op.f("fk_notification_item_notification_id_notification")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_item")),
        sa.UniqueConstraint(
            "notification_id", "milestone_id", name=op.f("uq_notification_item_notification_id_milestone_id")
        ),
    )
    op.create_index(op.f("ix_notification_item_milestone_id"), "notification_item", ["milestone_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_notification_item_milestone_id"), table_name="notification_item")
    op.drop_table("notification_item")
    op.drop_column("installation", "summarised_at")
