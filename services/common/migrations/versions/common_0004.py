"""Looks at the carrier and what they found: news of accepted texts, the daily comparison, what could be an unsettled text."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "common_0004"
down_revision = "common_0003"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
# Texts accepted before there were news looks are asked about from now on.
UNHEARD = (
    "UPDATE outbox SET check_at = sent_at + interval '15 minutes' WHERE state = 'accepted' AND sid IS NOT NULL"
    " AND coalesce(carrier_status, '') NOT IN ('delivered', 'undelivered', 'failed', 'canceled', 'read')"
)
NOT_ARRIVED = (
    "error_code IS NOT NULL OR carrier_status IN ('undelivered', 'failed')"
    " OR reason = 'the carrier gave no last word'"
)


def upgrade() -> None:
    op.create_table(
        "looks",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("until_at", MOMENT, nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_looks")),
    )
    op.create_table(
        "comparisons",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("since_at", MOMENT, nullable=False),
        sa.Column("until_at", MOMENT, nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.Column("orphans", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparisons")),
    )
    op.create_index("uq_comparisons_day_direction", "comparisons", ["day", "direction"], unique=True)
    op.add_column("attempts", sa.Column("seen", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("attempts", sa.Column("redaction", sa.Text(), nullable=True))
    op.create_index("ix_attempts_claimed_wall", "attempts", ["claimed_wall"], postgresql_using="brin")
    op.create_index(
        "ix_attempts_words",
        "attempts",
        ["id"],
        postgresql_where=sa.text("sid IS NOT NULL AND redaction IS NULL"),
    )
    op.create_index("ix_status_events_received_at", "status_events", ["received_at"], postgresql_using="brin")
    op.create_index(
        "ix_outbox_news",
        "outbox",
        ["check_at"],
        postgresql_where=sa.text("state = 'accepted' AND check_at IS NOT NULL"),
    )
    op.create_index("ix_outbox_failed", "outbox", ["sent_at"], postgresql_where=sa.text(NOT_ARRIVED))
    op.execute(UNHEARD)


def downgrade() -> None:
    for name, table in (
        ("ix_outbox_failed", "outbox"),
        ("ix_outbox_news", "outbox"),
        ("ix_status_events_received_at", "status_events"),
        ("ix_attempts_words", "attempts"),
        ("ix_attempts_claimed_wall", "attempts"),
    ):
        op.drop_index(name, table_name=table)
    op.drop_column("attempts", "redaction")
    op.drop_column("attempts", "seen")
    op.drop_table("comparisons")
    op.drop_table("looks")
