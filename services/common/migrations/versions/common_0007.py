"""Who was told of an alarm, what was backed up, and what a restore found at the carrier."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "common_0007"
down_revision = "common_0006"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "tellings",
        sa.Column("alarm_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("told", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.Column("next_at", INSTANT, nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarms.id"], name=op.f("fk_tellings_alarm_id_alarms")),
        sa.PrimaryKeyConstraint("alarm_id", "channel", name=op.f("pk_tellings")),
    )
    op.create_table(
        "backups",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("taken_at", INSTANT, nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("audit_head", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backups")),
    )
    op.create_table(
        "found_texts",
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("to_key", sa.LargeBinary(), nullable=False),
        sa.Column("body_key", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("sid", name=op.f("pk_found_texts")),
    )
    op.create_index(
        "ix_found_texts_to_key",
        "found_texts",
        ["to_key", "body_key"],
        postgresql_where=sa.text("outbox_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("found_texts")
    op.drop_table("backups")
    op.drop_table("tellings")
