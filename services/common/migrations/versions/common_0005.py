"""What a person must see to by a time: danger, safeguarding, crime reports, complaints, questions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "common_0005"
down_revision = "common_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duty_items",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("inbound_id", sa.BigInteger(), nullable=True),
        sa.Column("ring", sa.Boolean(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_by", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("escalations", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("escalate_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("acknowledged_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("done_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("note_enc", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_items")),
        sa.UniqueConstraint("cause", name=op.f("uq_duty_items_cause")),
    )
    op.create_index("ix_duty_items_open", "duty_items", ["id"], postgresql_where=sa.text("done_at IS NULL"))
    op.create_index(
        "ix_duty_items_escalate",
        "duty_items",
        ["escalate_at"],
        postgresql_where=sa.text("escalate_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("duty_items")
