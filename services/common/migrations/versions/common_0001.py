"""The first tables of common."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "common_0001"
down_revision = None
branch_labels = ("common",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("last_used_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("revoked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shift", sa.Interval(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    op.create_table(
        "heartbeats",
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "inbound",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("from_key", sa.LargeBinary(), nullable=False),
        sa.Column("from_enc", sa.LargeBinary(), nullable=False),
        sa.Column("to_number", sa.Text(), nullable=False),
        sa.Column("body_enc", sa.LargeBinary(), nullable=True),
        sa.Column("opt_out_type", sa.Text(), nullable=True),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("handled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound")),
        sa.UniqueConstraint("sid", name=op.f("uq_inbound_sid")),
    )
    op.create_index("ix_inbound_from_key", "inbound", ["from_key", "received_at"], unique=False)
    op.create_index(
        "ix_inbound_unhandled",
        "inbound",
        ["id"],
        unique=False,
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.create_table(
        "number_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number_key", sa.LargeBinary(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_events")),
    )
    op.create_index(op.f("ix_number_events_number_key"), "number_events", ["number_key"], unique=False)
    op.create_table(
        "number_states",
        sa.Column("number_key", sa.LargeBinary(), nullable=False),
        sa.Column("stopped_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("wrong_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("bad_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("bad_code", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("number_key", name=op.f("pk_number_states")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("useful_until", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("to_key", sa.LargeBinary(), nullable=True),
        sa.Column("to_enc", sa.LargeBinary(), nullable=True),
        sa.Column("body_enc", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("check_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("silent_looks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failed_looks", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sid", sa.Text(), nullable=True),
        sa.Column("carrier_status", sa.Text(), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("segments", sa.Integer(), nullable=True),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("settled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_dedupe_key")),
    )
    op.create_index("ix_outbox_cause", "outbox", ["kind", "subject_id"], unique=False)
    op.create_index(
        "ix_outbox_due_at", "outbox", ["due_at"], unique=False, postgresql_where=sa.text("state = 'pending'")
    )
    op.create_index(
        "ix_outbox_staff", "outbox", ["id"], unique=False, postgresql_where=sa.text("state = 'staff'")
    )
    op.create_index("ix_outbox_to", "outbox", ["to_key"], unique=False)
    op.create_index(
        "ix_outbox_unsettled",
        "outbox",
        ["check_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('claimed', 'uncertain')"),
    )
    op.create_table(
        "sending_stops",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sender", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lifted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sending_stops")),
    )
    op.create_index(
        "ix_sending_stops_open",
        "sending_stops",
        ["id"],
        unique=False,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("to_key", sa.LargeBinary(), nullable=False),
        sa.Column("to_enc", sa.LargeBinary(), nullable=False),
        sa.Column("body_enc", sa.LargeBinary(), nullable=True),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("claimed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("claimed_wall", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("lease_until", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("sid", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_attempts_outbox_id_outbox")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("sid", name=op.f("uq_attempts_sid")),
        sa.UniqueConstraint("token", name=op.f("uq_attempts_token")),
    )
    op.create_index("ix_attempts_to_key", "attempts", ["to_key"], unique=False)
    op.create_index("uq_attempts_outbox_id_n", "attempts", ["outbox_id", "n"], unique=True)
    op.create_table(
        "status_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("flag", sa.Text(), nullable=True),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_status_events_attempt_id_attempts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_events")),
    )
    op.create_index("uq_status_events_sid_status", "status_events", ["sid", "status"], unique=True)
    # The audit log only grows: whoever holds the application's login can neither change nor remove a row.
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_index("uq_status_events_sid_status", table_name="status_events")
    op.drop_table("status_events")
    op.drop_index("uq_attempts_outbox_id_n", table_name="attempts")
    op.drop_index("ix_attempts_to_key", table_name="attempts")
    op.drop_table("attempts")
    op.drop_index(
        "ix_sending_stops_open", table_name="sending_stops", postgresql_where=sa.text("lifted_at IS NULL")
    )
    op.drop_table("sending_stops")
    op.drop_index(
        "ix_outbox_unsettled",
        table_name="outbox",
        postgresql_where=sa.text("state IN ('claimed', 'uncertain')"),
    )
    op.drop_index("ix_outbox_to", table_name="outbox")
    op.drop_index("ix_outbox_staff", table_name="outbox", postgresql_where=sa.text("state = 'staff'"))
    op.drop_index("ix_outbox_due_at", table_name="outbox", postgresql_where=sa.text("state = 'pending'"))
    op.drop_index("ix_outbox_cause", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("number_states")
    op.drop_index(op.f("ix_number_events_number_key"), table_name="number_events")
    op.drop_table("number_events")
    op.drop_index(
        "ix_inbound_unhandled", table_name="inbound", postgresql_where=sa.text("handled_at IS NULL")
    )
    op.drop_index("ix_inbound_from_key", table_name="inbound")
    op.drop_table("inbound")
    op.drop_table("heartbeats")
    op.drop_table("clock")
    op.drop_table("audit")
    op.execute("DROP FUNCTION refuse_change()")
    op.drop_table("api_keys")
