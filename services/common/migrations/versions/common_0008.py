"""The audit log is read by what a row is about: a person's page shows who did what to their record."""

from alembic import op

revision = "common_0008"
down_revision = "common_0007"
branch_labels = depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_audit_subject", "audit", ["subject", "id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_audit_subject", "audit")
