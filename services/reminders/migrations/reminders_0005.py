"""A person's rights: what they forbid, who was erased; and incidents with the law's clock."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "reminders_0005"
down_revision = "reminders_0003"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)
# Texts that said WRONG before there were incidents; those that nobody has seen to want somebody now.
KNOWN = (
    "INSERT INTO incidents (reply_id, reason, by, at, report_by, sound_at)"
    " SELECT id, 'the text came to the wrong person', 'resident', at, at + interval '72 hours',"
    " CASE WHEN resolved_at IS NULL THEN at + interval '48 hours' END FROM replies WHERE kind = 'wrong-number'"
)


def upgrade() -> None:
    op.add_column("people", sa.Column("erased_at", INSTANT, nullable=True))
    op.create_table(
        "restrictions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("marked", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_restrictions_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restrictions")),
    )
    op.create_index(
        "uq_restrictions_open",
        "restrictions",
        ["person_id", "kind"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reply_id", sa.BigInteger(), nullable=True),
        sa.Column("listing_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("report_by", INSTANT, nullable=False),
        sa.Column("sound_at", INSTANT, nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("note_enc", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_incidents_reply_id_replies")),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_incidents_listing_id_listings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint("reply_id", name=op.f("uq_incidents_reply_id")),
    )
    op.create_index(
        "ix_incidents_sound_at", "incidents", ["sound_at"], postgresql_where=sa.text("sound_at IS NOT NULL")
    )
    op.execute(KNOWN)


def downgrade() -> None:
    op.drop_table("incidents")
    op.drop_table("restrictions")
    op.drop_column("people", "erased_at")
