"""The first schema."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("act", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("detail", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_at"), ["at"], unique=False)

    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("as_of_on", sa.Date(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("imported_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("imported_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("sha256", name=op.f("uq_document_sha256")),
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("drill_since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("fingerprint", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("activated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("sending_stopped_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("sending_stopped_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("sent_really_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("clock_last_tick_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("played_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "login_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_link")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_login_link_token_sha256")),
    )
    op.create_table(
        "office_day",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column(
            "kind", sa.Enum("holiday", "working", name="officedaykind", native_enum=False, length=24), nullable=False
        ),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("on", name=op.f("pk_office_day")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("phone", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("bounced_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_email"), ["email"], unique=False)

    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("bureau", "department", "team", name="unitkind", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("parent_id", "name", name=op.f("uq_unit_parent_id_name")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.CheckConstraint("from_on <= until_on", name=op.f("ck_absence_order")),
        sa.CheckConstraint("person_id <> deputy_id", name=op.f("ck_absence_other_person")),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"], name=op.f("fk_absence_deputy_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_absence_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absence_deputy_id"), ["deputy_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_absence_person_id"), ["person_id"], unique=False)

    op.create_table(
        "collection_schedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("recurrence", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("due_working_days", sa.JSON(), nullable=False),
        sa.Column("grace_working_days", sa.Integer(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("disabled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_collection_schedule_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_schedule")),
        sa.UniqueConstraint("name", name=op.f("uq_collection_schedule_name")),
    )
    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_post_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("unit_id", "title", name=op.f("uq_post_unit_id_title")),
    )
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_post_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "staff_count",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("grade", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("quota", sa.Integer(), nullable=True),
        sa.Column("actual", sa.Integer(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_staff_count_document_id_document")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_staff_count_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_count")),
    )
    with op.batch_alter_table("staff_count", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_count_document_id"), ["document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_staff_count_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "unit_duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_unit_duty_document_id_document")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_duty_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_duty")),
    )
    with op.batch_alter_table("unit_duty", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_duty_document_id"), ["document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_unit_duty_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.CheckConstraint("until_on IS NULL OR from_on <= until_on", name=op.f("ck_assignment_order")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assignment_person_id_person")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_assignment_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignment_post_id"), ["post_id"], unique=False)

    op.create_table(
        "collection_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("as_of_on", sa.Date(), nullable=False),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("state", sa.Enum("open", "locked", name="roundstate", native_enum=False, length=24), nullable=False),
        sa.Column("locked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["collection_schedule.id"],
            name=op.f("fk_collection_round_schedule_id_collection_schedule"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_collection_round_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_round")),
        sa.UniqueConstraint("title", name=op.f("uq_collection_round_title")),
    )
    with op.batch_alter_table("collection_round", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_collection_round_schedule_id"), ["schedule_id"], unique=False)

    op.create_table(
        "project",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("team_confidence", sa.Float(), nullable=True),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("period_raw", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("period_start_on", sa.Date(), nullable=True),
        sa.Column("period_end_on", sa.Date(), nullable=True),
        sa.Column("location", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("activated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_project_document_id_document")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_project_post_id_post")),
        sa.ForeignKeyConstraint(["team_id"], ["unit.id"], name=op.f("fk_project_team_id_unit")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_project_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("unit_id", "title", name=op.f("uq_project_unit_id_title")),
    )
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_document_id"), ["document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_project_post_id"), ["post_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_project_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_project_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "budget_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_budget_line_document_id_document")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_budget_line_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_line")),
    )
    with op.batch_alter_table("budget_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_budget_line_document_id"), ["document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_budget_line_project_id"), ["project_id"], unique=False)

    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "severity",
            sa.Enum("error", "warning", "note", name="severity", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("message", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("expected", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("found", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("settled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("settled_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_finding_document_id_document")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_finding_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
    )
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_finding_document_id"), ["document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_finding_project_id"), ["project_id"], unique=False)

    op.create_table(
        "milestone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("section", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("label_line", sa.Integer(), nullable=True),
        sa.Column("raw", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("precision", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("open_start", sa.Boolean(), nullable=False),
        sa.Column("open_end", sa.Boolean(), nullable=False),
        sa.Column("tentative", sa.Boolean(), nullable=False),
        sa.Column("time", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("recurrence", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "completion",
                "opening",
                "training",
                "event",
                "contract",
                "procurement",
                "construction",
                "design",
                "survey",
                "council",
                "payment",
                "inspection",
                "meeting",
                "other",
                name="milestonekind",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "planned",
                "in_progress",
                "delayed",
                "done",
                "cancelled",
                name="milestonestatus",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("is_deadline", sa.Boolean(), nullable=False),
        sa.Column("duplicate_of_id", sa.Integer(), nullable=True),
        sa.Column("percent_complete", sa.Integer(), nullable=True),
        sa.Column("baseline_raw", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("baseline_start_on", sa.Date(), nullable=True),
        sa.Column("baseline_end_on", sa.Date(), nullable=True),
        sa.Column("status_since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("gone_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "percent_complete IS NULL OR percent_complete BETWEEN 0 AND 100", name=op.f("ck_milestone_percent")
        ),
        sa.CheckConstraint(
            "start_on IS NULL OR end_on IS NULL OR start_on <= end_on", name=op.f("ck_milestone_window")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_milestone_document_id_document")),
        sa.ForeignKeyConstraint(
            ["duplicate_of_id"], ["milestone.id"], name=op.f("fk_milestone_duplicate_of_id_milestone")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_milestone_post_id_post")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_milestone_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
    )
    with op.batch_alter_table("milestone", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_milestone_document_id"), ["document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_milestone_post_id"), ["post_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_milestone_project_id"), ["project_id"], unique=False)

    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=True),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "morning",
                "round",
                "nudge",
                "returned",
                "summary",
                "admin",
                name="notificationkind",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("slot_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "unknown",
                "failed",
                "bounced",
                "cancelled",
                name="notificationstate",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("next_attempt_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("lease_token", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("message_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("html", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("error", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_notification_post_id_post")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["collection_round.id"], name=op.f("fk_notification_round_id_collection_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("key", name=op.f("uq_notification_key")),
    )
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notification_next_attempt",
            ["next_attempt_at"],
            unique=False,
            postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
            sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_notification_post_id"), ["post_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_round_id"), ["round_id"], unique=False)

    op.create_table(
        "problem",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("problem", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("measure", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_problem_document_id_document")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_problem_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem")),
    )
    with op.batch_alter_table("problem", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_problem_document_id"), ["document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_problem_project_id"), ["project_id"], unique=False)

    op.create_table(
        "project_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column(
            "section",
            sa.Enum(
                "background",
                "overview",
                "details",
                "results",
                "problems",
                "next_steps",
                "budget",
                "other",
                name="sectionkind",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("heading", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_project_text_document_id_document")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_text_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_text")),
    )
    with op.batch_alter_table("project_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_project_text_document_id"), ["document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_project_text_project_id"), ["project_id"], unique=False)

    op.create_table(
        "status_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column(
            "reason",
            sa.Enum("deadline", "stale", "check", "round", name="requestreason", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "submitted",
                "returned",
                "accepted",
                "closed",
                "cancelled",
                name="requeststate",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("requested_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("submitted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("settled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("comment", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_status_request_post_id_post")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["collection_round.id"], name=op.f("fk_status_request_round_id_collection_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_request")),
        sa.UniqueConstraint("key", name=op.f("uq_status_request_key")),
    )
    with op.batch_alter_table("status_request", schema=None) as batch_op:
        batch_op.create_index(
            "ix_status_request_outstanding",
            ["post_id", "due_at"],
            unique=False,
            postgresql_where=sa.text("state IN ('requested', 'returned')"),
            sqlite_where=sa.text("state IN ('requested', 'returned')"),
        )
        batch_op.create_index(batch_op.f("ix_status_request_post_id"), ["post_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_status_request_round_id"), ["round_id"], unique=False)

    op.create_table(
        "answer_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("notification_id", sa.Integer(), nullable=True),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("revoked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notification.id"], name=op.f("fk_answer_link_notification_id_notification")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_answer_link_post_id_post")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["collection_round.id"], name=op.f("fk_answer_link_round_id_collection_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_link")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_answer_link_token_sha256")),
    )
    with op.batch_alter_table("answer_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_link_notification_id"), ["notification_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_answer_link_post_id"), ["post_id"], unique=False)

    op.create_table(
        "delivery_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notification_id", sa.Integer(), nullable=False),
        sa.Column("attempted_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "accepted",
                "temporary",
                "permanent",
                "unknown",
                "unreachable",
                name="attemptoutcome",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("response", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notification.id"], name=op.f("fk_delivery_attempt_notification_id_notification")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_attempt")),
    )
    with op.batch_alter_table("delivery_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_attempt_notification_id"), ["notification_id"], unique=False)

    op.create_table(
        "milestone_owner",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column(
            "role", sa.Enum("lead", "supporting", name="ownerrole", native_enum=False, length=24), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestone.id"], name=op.f("fk_milestone_owner_milestone_id_milestone")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_milestone_owner_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_owner")),
    )
    with op.batch_alter_table("milestone_owner", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_milestone_owner_milestone_id"), ["milestone_id"], unique=False)

    op.create_table(
        "reminder_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "ask",
            sa.Enum(
                "upcoming",
                "today",
                "overdue",
                "confirm_date",
                "status",
                "check",
                name="ask",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("milestone_id", sa.Integer(), nullable=True),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("precisions", sa.JSON(), nullable=False),
        sa.Column(
            "certainty",
            sa.Enum("any", "firm", "tentative", name="certainty", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column(
            "which_end",
            sa.Enum("start", "end", "both", "default", "none", name="whichend", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("offsets", sa.JSON(), nullable=False),
        sa.Column(
            "offset_unit",
            sa.Enum("calendar", "working", name="offsetunit", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("time", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("repeat_every", sa.Integer(), nullable=False),
        sa.Column(
            "repeat_unit",
            sa.Enum("calendar", "working", name="offsetunit", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("disabled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestone.id"], name=op.f("fk_reminder_rule_milestone_id_milestone")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_reminder_rule_project_id_project")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_reminder_rule_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_rule")),
        sa.UniqueConstraint("name", name=op.f("uq_reminder_rule_name")),
    )
    op.create_table(
        "status_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column("reported_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("reported_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "done",
                "on_track",
                "delayed",
                "rescheduled",
                "cancelled",
                "no_change",
                name="statuskind",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("percent_complete", sa.Integer(), nullable=True),
        sa.Column("results", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("problems", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("measures", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("next_steps", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("new_raw", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("new_start_on", sa.Date(), nullable=True),
        sa.Column("new_end_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestone.id"], name=op.f("fk_status_report_milestone_id_milestone")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_status_report_post_id_post")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_status_report_project_id_project")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["collection_round.id"], name=op.f("fk_status_report_round_id_collection_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_report")),
    )
    with op.batch_alter_table("status_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_status_report_milestone_id"), ["milestone_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_status_report_post_id"), ["post_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_status_report_project_id"), ["project_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_status_report_round_id"), ["round_id"], unique=False)

    op.create_table(
        "escalation_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("after_working_days", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["reminder_rule.id"], name=op.f("fk_escalation_step_rule_id_reminder_rule")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_step")),
    )
    with op.batch_alter_table("escalation_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_escalation_step_rule_id"), ["rule_id"], unique=False)

    op.create_table(
        "milestone_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("changed_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "status_before",
            sa.Enum(
                "planned",
                "in_progress",
                "delayed",
                "done",
                "cancelled",
                name="milestonestatus",
                native_enum=False,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column(
            "status_after",
            sa.Enum(
                "planned",
                "in_progress",
                "delayed",
                "done",
                "cancelled",
                name="milestonestatus",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("raw_before", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("raw_after", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("start_before", sa.Date(), nullable=True),
        sa.Column("start_after", sa.Date(), nullable=True),
        sa.Column("end_before", sa.Date(), nullable=True),
        sa.Column("end_after", sa.Date(), nullable=True),
        sa.Column("status_report_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestone.id"], name=op.f("fk_milestone_revision_milestone_id_milestone")
        ),
        sa.ForeignKeyConstraint(
            ["status_report_id"],
            ["status_report.id"],
            name=op.f("fk_milestone_revision_status_report_id_status_report"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_revision")),
    )
    with op.batch_alter_table("milestone_revision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_milestone_revision_milestone_id"), ["milestone_id"], unique=False)

    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column(
            "ask",
            sa.Enum(
                "upcoming",
                "today",
                "overdue",
                "confirm_date",
                "status",
                "check",
                name="ask",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "end",
            sa.Enum("start", "end", "both", "default", "none", name="whichend", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("anchor_on", sa.Date(), nullable=False),
        sa.Column("offset", sa.Integer(), nullable=False),
        sa.Column("offset_unit", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("repeat_number", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("planned", "dispatched", "missed", "cancelled", name="reminderstate", native_enum=False, length=24),
            nullable=False,
        ),
        sa.Column("state_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("state_since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("notification_id", sa.Integer(), nullable=True),
        sa.Column("error", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestone.id"], name=op.f("fk_reminder_milestone_id_milestone")),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notification.id"], name=op.f("fk_reminder_notification_id_notification")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_reminder_post_id_post")),
        sa.ForeignKeyConstraint(["rule_id"], ["reminder_rule.id"], name=op.f("fk_reminder_rule_id_reminder_rule")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("key", name=op.f("uq_reminder_key")),
    )
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.create_index(
            "ix_reminder_due",
            ["due_at", "post_id"],
            unique=False,
            postgresql_where=sa.text("state = 'planned'"),
            sqlite_where=sa.text("state = 'planned'"),
        )
        batch_op.create_index(batch_op.f("ix_reminder_milestone_id"), ["milestone_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reminder_notification_id"), ["notification_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reminder_post_id"), ["post_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reminder_rule_id"), ["rule_id"], unique=False)

    op.create_table(
        "status_request_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["milestone_id"], ["milestone.id"], name=op.f("fk_status_request_item_milestone_id_milestone")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["status_report.id"], name=op.f("fk_status_request_item_report_id_status_report")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["status_request.id"], name=op.f("fk_status_request_item_request_id_status_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_request_item")),
        sa.UniqueConstraint("request_id", "milestone_id", name=op.f("uq_status_request_item_request_id_milestone_id")),
    )
    with op.batch_alter_table("status_request_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_status_request_item_milestone_id"), ["milestone_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_status_request_item_request_id"), ["request_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("status_request_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_status_request_item_request_id"))
        batch_op.drop_index(batch_op.f("ix_status_request_item_milestone_id"))

    op.drop_table("status_request_item")
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reminder_rule_id"))
        batch_op.drop_index(batch_op.f("ix_reminder_post_id"))
        batch_op.drop_index(batch_op.f("ix_reminder_notification_id"))
        batch_op.drop_index(batch_op.f("ix_reminder_milestone_id"))
        batch_op.drop_index(
            "ix_reminder_due", postgresql_where=sa.text("state = 'planned'"), sqlite_where=sa.text("state = 'planned'")
        )

    op.drop_table("reminder")
    with op.batch_alter_table("milestone_revision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_milestone_revision_milestone_id"))

    op.drop_table("milestone_revision")
    with op.batch_alter_table("escalation_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_escalation_step_rule_id"))

    op.drop_table("escalation_step")
    with op.batch_alter_table("status_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_status_report_round_id"))
        batch_op.drop_index(batch_op.f("ix_status_report_project_id"))
        batch_op.drop_index(batch_op.f("ix_status_report_post_id"))
        batch_op.drop_index(batch_op.f("ix_status_report_milestone_id"))

    op.drop_table("status_report")
    op.drop_table("reminder_rule")
    with op.batch_alter_table("milestone_owner", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_milestone_owner_milestone_id"))

    op.drop_table("milestone_owner")
    with op.batch_alter_table("delivery_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_attempt_notification_id"))

    op.drop_table("delivery_attempt")
    with op.batch_alter_table("answer_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_link_post_id"))
        batch_op.drop_index(batch_op.f("ix_answer_link_notification_id"))

    op.drop_table("answer_link")
    with op.batch_alter_table("status_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_status_request_round_id"))
        batch_op.drop_index(batch_op.f("ix_status_request_post_id"))
        batch_op.drop_index(
            "ix_status_request_outstanding",
            postgresql_where=sa.text("state IN ('requested', 'returned')"),
            sqlite_where=sa.text("state IN ('requested', 'returned')"),
        )

    op.drop_table("status_request")
    with op.batch_alter_table("project_text", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_text_project_id"))
        batch_op.drop_index(batch_op.f("ix_project_text_document_id"))

    op.drop_table("project_text")
    with op.batch_alter_table("problem", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_problem_project_id"))
        batch_op.drop_index(batch_op.f("ix_problem_document_id"))

    op.drop_table("problem")
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notification_round_id"))
        batch_op.drop_index(batch_op.f("ix_notification_post_id"))
        batch_op.drop_index(
            "ix_notification_next_attempt",
            postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
            sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
        )

    op.drop_table("notification")
    with op.batch_alter_table("milestone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_milestone_project_id"))
        batch_op.drop_index(batch_op.f("ix_milestone_post_id"))
        batch_op.drop_index(batch_op.f("ix_milestone_document_id"))

    op.drop_table("milestone")
    with op.batch_alter_table("finding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_finding_project_id"))
        batch_op.drop_index(batch_op.f("ix_finding_document_id"))

    op.drop_table("finding")
    with op.batch_alter_table("budget_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_budget_line_project_id"))
        batch_op.drop_index(batch_op.f("ix_budget_line_document_id"))

    op.drop_table("budget_line")
    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_unit_id"))
        batch_op.drop_index(batch_op.f("ix_project_team_id"))
        batch_op.drop_index(batch_op.f("ix_project_post_id"))
        batch_op.drop_index(batch_op.f("ix_project_document_id"))

    op.drop_table("project")
    with op.batch_alter_table("collection_round", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_collection_round_schedule_id"))

    op.drop_table("collection_round")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignment_post_id"))
        batch_op.drop_index(batch_op.f("ix_assignment_person_id"))

    op.drop_table("assignment")
    with op.batch_alter_table("unit_duty", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_duty_unit_id"))
        batch_op.drop_index(batch_op.f("ix_unit_duty_document_id"))

    op.drop_table("unit_duty")
    with op.batch_alter_table("staff_count", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_count_unit_id"))
        batch_op.drop_index(batch_op.f("ix_staff_count_document_id"))

    op.drop_table("staff_count")
    with op.batch_alter_table("post", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_post_unit_id"))

    op.drop_table("post")
    op.drop_table("collection_schedule")
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_absence_person_id"))
        batch_op.drop_index(batch_op.f("ix_absence_deputy_id"))

    op.drop_table("absence")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_parent_id"))

    op.drop_table("unit")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_email"))

    op.drop_table("person")
    op.drop_table("office_day")
    op.drop_table("login_link")
    op.drop_table("installation")
    op.drop_table("document")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entry_at"))

    op.drop_table("audit_entry")
