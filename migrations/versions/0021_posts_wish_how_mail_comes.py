"""A post chooses when on a day its mail comes, and which optional kinds it does without."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_wish",
        sa.Column("post_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("send_time", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("declined", sa.JSON(), nullable=False),
        sa.Column("set_on", sa.Date(), nullable=False),
        sa.Column("set_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("set_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_mail_wish_post_id_post")),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_mail_wish")),
    )


def downgrade() -> None:
    op.drop_table("mail_wish")
