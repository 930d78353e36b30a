"""Where a hearing stood before it moved, so that nobody is told of a day that they were never told of (decision 0081).

Code of before may go on beside it: it states nothing here, and of what it moves nobody knows where it stood, as before.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "reminders_0006"
down_revision = "reminders_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("listings", sa.Column("stood", JSONB(), server_default=sa.text("'{}'"), nullable=False))


def downgrade() -> None:
    op.drop_column("listings", "stood")
