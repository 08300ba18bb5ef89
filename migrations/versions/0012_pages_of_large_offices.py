"""What pages count and list of a large office: open milestones by their last day, messages by state."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

IS_OPEN = sa.text("status IN ('planned', 'in_progress', 'delayed') AND duplicate_of_id IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_milestone_open",
        "milestone",
        ["end_on", "project_id", "post_id"],
        postgresql_where=IS_OPEN,
        sqlite_where=IS_OPEN,
    )
    op.create_index("ix_notification_state", "notification", ["state", "channel", "kind"])


def downgrade() -> None:
    op.drop_index("ix_notification_state", table_name="notification")
    op.drop_index("ix_milestone_open", table_name="milestone")
