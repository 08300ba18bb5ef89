"""What the clock has opened and chased, and when it locks a round; one round a schedule and day."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("collection_schedule", sa.Column("opened_until", sa.Date(), nullable=True))
    op.add_column("collection_round", sa.Column("locks_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.add_column("collection_round", sa.Column("nudged_on", sa.Date(), nullable=True))
    op.create_index(
        op.f("ix_collection_round_schedule_id_as_of_on"), "collection_round", ["schedule_id", "as_of_on"], unique=True
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_collection_round_schedule_id_as_of_on"), table_name="collection_round")
    op.drop_column("collection_round", "nudged_on")
    op.drop_column("collection_round", "locks_at")
    op.drop_column("collection_schedule", "opened_until")
