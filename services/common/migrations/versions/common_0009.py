"""Who vouches for an account that has no password of its own."""

import sqlalchemy as sa
from alembic import op

revision = "common_0009"
down_revision = "common_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("subject", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_users_subject"), "users", ["subject"])


def downgrade() -> None:
    op.drop_constraint(op.f("uq_users_subject"), "users")
    op.drop_column("users", "subject")
