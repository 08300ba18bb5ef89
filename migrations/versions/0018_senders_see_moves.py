"""Who holds a post may change while its mail is in a sender's hands: the sender sees that it did."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("installation", sa.Column("staff_changes", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("installation", "staff_changes")
