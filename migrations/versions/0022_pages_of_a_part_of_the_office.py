"""What pages count and list of some projects' open milestones, and of the reminders ahead by rule, without the rows."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

IS_OPEN = sa.text("status IN ('planned', 'in_progress', 'delayed') AND duplicate_of_id IS NULL")
IS_PLANNED = sa.text("state = 'planned'")
IS_OUTSTANDING = sa.text("state IN ('requested', 'returned')")
WAITS = sa.text("activated_at IS NULL AND closed_at IS NULL")
IS_TOLD = sa.text("ask = 'escalation' AND state = 'dispatched'")


def upgrade() -> None:
    _index("ix_milestone_open_project", "milestone", ["project_id", "end_on", "post_id", "id"], IS_OPEN)
    op.drop_index("ix_reminder_due", table_name="reminder")
    _index("ix_reminder_due", "reminder", ["due_at", "post_id", "rule_id"], IS_PLANNED)
    op.drop_index("ix_reminder_post_id", table_name="reminder")
    _index("ix_reminder_post_due", "reminder", ["post_id", "due_at"], IS_PLANNED)
    _index("ix_reminder_told", "reminder", ["post_id"], IS_TOLD)
    _index("ix_status_request_due", "status_request", ["due_at", "id", "post_id"], IS_OUTSTANDING)
    _index("ix_project_waiting", "project", ["id"], WAITS)


def downgrade() -> None:
    op.drop_index("ix_project_waiting", table_name="project")
    op.drop_index("ix_status_request_due", table_name="status_request")
    op.drop_index("ix_reminder_told", table_name="reminder")
    op.drop_index("ix_reminder_post_due", table_name="reminder")
    op.create_index("ix_reminder_post_id", "reminder", ["post_id"])
    op.drop_index("ix_reminder_due", table_name="reminder")
    _index("ix_reminder_due", "reminder", ["due_at", "post_id"], IS_PLANNED)
    op.drop_index("ix_milestone_open_project", table_name="milestone")


def _index(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, postgresql_where=where, sqlite_where=where)
