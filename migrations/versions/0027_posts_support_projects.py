"""Which posts hear of a project or a milestone beside the one that answers."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

OF_ALL, OF_ONE = "milestone_id IS NULL", "milestone_id IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "supporting_post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=True),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("added_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestone.id"], name="fk_supporting_post_milestone_id_milestone"),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name="fk_supporting_post_post_id_post"),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name="fk_supporting_post_project_id_project"),
        sa.PrimaryKeyConstraint("id", name="pk_supporting_post"),
    )
    op.create_index("ix_supporting_post_project_id", "supporting_post", ["project_id"])
    op.create_index("ix_supporting_post_post_id", "supporting_post", ["post_id"])
    for name, columns, where in (
        ("ix_supporting_post_of_project", ["project_id", "post_id"], OF_ALL),
        ("ix_supporting_post_of_milestone", ["milestone_id", "post_id"], OF_ONE),
    ):
        op.create_index(
            name,
            "supporting_post",
            columns,
            unique=True,
            postgresql_where=sa.text(where),
            sqlite_where=sa.text(where),
        )


def downgrade() -> None:
    op.drop_table("supporting_post")
