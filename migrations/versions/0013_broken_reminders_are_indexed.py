"""The auditor finds reminders that cannot be read without counting all that lie ahead."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

HAS_ERROR = sa.text("error IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_reminder_broken", "reminder", ["due_at"], postgresql_where=HAS_ERROR, sqlite_where=HAS_ERROR)


def downgrade() -> None:
    op.drop_index("ix_reminder_broken", table_name="reminder")
