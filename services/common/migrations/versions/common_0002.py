"""Alarms; the outbox's index of numbers leaves out the texts to come, which have none."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "common_0002"
down_revision = "common_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("first_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("last_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("acknowledged_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
    )
    op.create_index(
        "uq_alarms_open",
        "alarms",
        ["code", "subject"],
        unique=True,
        postgresql_where=sa.text("acknowledged_at IS NULL"),
    )
    op.drop_index("ix_outbox_to", table_name="outbox")
    op.create_index("ix_outbox_to", "outbox", ["to_key"], postgresql_where=sa.text("to_key IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("ix_outbox_to", table_name="outbox")
    op.create_index("ix_outbox_to", "outbox", ["to_key"])
    op.drop_index("uq_alarms_open", table_name="alarms", postgresql_where=sa.text("acknowledged_at IS NULL"))
    op.drop_table("alarms")
