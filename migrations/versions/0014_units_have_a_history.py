"""Units are renamed, moved, merged, made and closed; what they were before stays known."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

Text = sqlmodel.sql.sqltypes.AutoString
Moment = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.add_column("unit", sa.Column("opened_on", sa.Date(), nullable=True))
    op.add_column("post", sa.Column("successor_id", sa.Integer(), nullable=True))
    op.create_table(
        "reorganisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.Column("decided_by", Text(), nullable=False),
        sa.Column("carried_out_at", Moment(), nullable=True),
        sa.Column("cancelled_at", Moment(), nullable=True),
        sa.Column("error", Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reorganisation")),
    )
    _former("unit", sa.Column("name", Text(), nullable=False), _of_unit("parent_id", nullable=True))
    _former("post", _of_unit("unit_id"))
    _former("project", _of_unit("unit_id"), _of_unit("team_id", nullable=True), table="former_home")


def downgrade() -> None:
    for table in ("former_home", "former_post", "former_unit", "reorganisation"):
        op.drop_table(table)
    op.drop_column("post", "successor_id")
    op.drop_column("unit", "opened_on")


def _of_unit(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _former(of: str, *columns: sa.Column[object], table: str = "") -> None:
    name = table or f"former_{of}"
    keys = [(f"{of}_id", of), ("reorganisation_id", "reorganisation")]
    keys += [(column.name, "unit") for column in columns if column.name.endswith("_id")]
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reorganisation_id", sa.Integer(), nullable=False),
        sa.Column(f"{of}_id", sa.Integer(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        *columns,
        *(
            sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{name}_{column}_{target}"))
            for column, target in keys
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_{of}_id"), name, [f"{of}_id"], unique=False)
