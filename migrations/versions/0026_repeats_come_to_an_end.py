"""What ends the repeats of a rule's questions."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    until = sa.Column("repeat_until", sa.String(length=24), nullable=False, server_default="answered")
    op.add_column("reminder_rule", until)
    op.add_column("reminder_rule", sa.Column("most_repeats", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("reminder_rule", "most_repeats")
    op.drop_column("reminder_rule", "repeat_until")
