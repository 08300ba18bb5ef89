"""A rule's channels in an order, and the reminders that ask again on the next one."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reminder", sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("reminder_rule", sa.Column("fallback_working_days", sa.Integer(), nullable=False, server_default="5"))


def downgrade() -> None:
    op.drop_column("reminder_rule", "fallback_working_days")
    op.drop_column("reminder", "channel")
