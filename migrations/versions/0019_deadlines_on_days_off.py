"""What the office makes of a deadline on a day off; as it stood until now."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("holiday_deadline", sa.String(24), nullable=False, server_default="as_is")
    op.add_column("installation", column)


def downgrade() -> None:
    op.drop_column("installation", "holiday_deadline")
