"""Which projects a collection is about, and what it asks besides."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("collection_schedule", sa.Column("project_ids", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("collection_round", sa.Column("questions", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("collection_round", "questions")
    op.drop_column("collection_schedule", "project_ids")
