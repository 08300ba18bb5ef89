"""What mails said is packed by LZ4 where the server has it; rows that stand already stay as they are."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

PACK = """DO $$ BEGIN
    EXECUTE 'ALTER TABLE notification ALTER "text" SET COMPRESSION {0}, ALTER html SET COMPRESSION {0}';
EXCEPTION WHEN feature_not_supported OR syntax_error THEN NULL;
END $$"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(PACK.format("lz4"))


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(PACK.format("default"))
