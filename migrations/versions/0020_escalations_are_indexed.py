"""What heads were told is found without reading every reminder that ever was."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

IS_TOLD = sa.text("ask = 'escalation' AND state = 'dispatched'")


def upgrade() -> None:
    op.create_index(
        "ix_reminder_escalated", "reminder", ["milestone_id"], postgresql_where=IS_TOLD, sqlite_where=IS_TOLD
    )


def downgrade() -> None:
    op.drop_index("ix_reminder_escalated", table_name="reminder")
