"""How far past mails were pruned."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("installation", sa.Column("mails_pruned_to", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("installation", "mails_pruned_to")
