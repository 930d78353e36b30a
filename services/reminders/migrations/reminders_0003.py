"""Assignments say who belongs together and what was known; looks at a pilot's arms; none of it can be changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "reminders_0003"
down_revision = "reminders_0002"
branch_labels = None
depends_on = None

FIXED = ("pilots", "assignments", "pilot_looks")


def upgrade() -> None:
    op.alter_column("assignments", "position", existing_type=sa.Integer(), nullable=True)
    for column in (
        sa.Column("cluster", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("hearing_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("case_kind", sa.Text(), nullable=True),
        sa.Column("age_band", sa.Text(), nullable=True),
        sa.Column("notice_days", sa.Integer(), nullable=True),
        sa.Column("contact_source", sa.Text(), nullable=True),
        sa.Column("contact_days", sa.Integer(), nullable=True),
    ):
        op.add_column("assignments", column)
    # What was not written down at the time is taken from the listing as it stands; an age is not known again.
    op.execute(
        "UPDATE assignments a SET cluster = a.person_id, version = l.version,"
        " hearing_at = coalesce(l.starts_at, a.assigned_at), age_band = 'unknown', contact_source = 'unknown',"
        " case_kind = CASE WHEN l.initiation IN ('S', 'Q') THEN 'summons' ELSE 'bail' END,"
        " notice_days = greatest(0, (coalesce(l.starts_at, a.assigned_at) AT TIME ZONE 'Europe/London')::date"
        " - (a.assigned_at AT TIME ZONE 'Europe/London')::date)"
        " FROM listings l WHERE l.id = a.listing_id"
    )
    for name in (
        "cluster",
        "version",
        "hearing_at",
        "case_kind",
        "age_band",
        "notice_days",
        "contact_source",
    ):
        op.alter_column("assignments", name, nullable=False)
    op.create_table(
        "pilot_looks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("pilot_id", sa.BigInteger(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=True),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilots.id"], name=op.f("fk_pilot_looks_pilot_id_pilots")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot_looks")),
    )
    op.create_index(op.f("ix_pilot_looks_pilot_id"), "pilot_looks", ["pilot_id"], unique=False)
    op.execute(
        "CREATE FUNCTION refuse_change_of_pilot() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'a locked pilot, its assignments and its looks are never changed'; END $$"
    )
    for table in FIXED:
        op.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_pilot()"
        )


def downgrade() -> None:
    for table in FIXED:
        op.execute(f"DROP TRIGGER {table}_fixed ON {table}")
    op.execute("DROP FUNCTION refuse_change_of_pilot()")
    op.drop_table("pilot_looks")
    for name in (
        "cluster",
        "unit",
        "version",
        "hearing_at",
        "case_kind",
        "age_band",
        "notice_days",
        "contact_source",
        "contact_days",
    ):
        op.drop_column("assignments", name)
    op.execute("DELETE FROM assignments WHERE position IS NULL")
    op.alter_column("assignments", "position", existing_type=sa.Integer(), nullable=False)
