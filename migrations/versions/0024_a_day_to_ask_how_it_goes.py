"""An undated plan, a promised measure above all, may have a day of its own on which somebody asks about it."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("milestone", sa.Column("check_on", sa.Date(), nullable=True))
    op.drop_column("problem", "review_on")


def downgrade() -> None:
    op.add_column("problem", sa.Column("review_on", sa.Date(), nullable=True))
    op.drop_column("milestone", "check_on")
