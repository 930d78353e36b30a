"""Snapshots, decisions about people, pauses, releases and calls."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "reminders_0002"
down_revision = "reminders_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pauses",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("court", sa.Text(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pauses")),
    )
    op.create_table(
        "releases",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_releases")),
    )
    op.create_table(
        "snapshots",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("court", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("version", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "court", "day", "room", name=op.f("pk_snapshots")),
    )
    op.create_table(
        "person_decisions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kept_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("moved", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["kept_id"], ["people.id"], name=op.f("fk_person_decisions_kept_id_people")),
        sa.ForeignKeyConstraint(
            ["other_id"], ["people.id"], name=op.f("fk_person_decisions_other_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_decisions")),
    )
    op.create_index(op.f("ix_person_decisions_kept_id"), "person_decisions", ["kept_id"], unique=False)
    op.create_index(op.f("ix_person_decisions_other_id"), "person_decisions", ["other_id"], unique=False)
    op.create_table(
        "calls",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("listing_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("done_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("note_enc", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_calls_listing_id_listings")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    op.create_index(
        "ix_calls_open", "calls", ["id"], unique=False, postgresql_where=sa.text("done_at IS NULL")
    )
    op.create_index("uq_calls_listing_id", "calls", ["listing_id", "version", "reason"], unique=True)
    op.create_index("ix_contacts_person_id", "contacts", ["person_id", "id"], unique=False)
    op.add_column("deliveries", sa.Column("replays", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_listings_content",
        "listings",
        ["content"],
        unique=False,
        postgresql_where=sa.text("source = 'csv'"),
    )
    op.drop_index("ix_person_keys_person_id", table_name="person_keys")
    for table in ("person_keys", "listings", "contacts"):
        op.drop_constraint(f"fk_{table}_person_id_people", table, type_="foreignkey")
    # A listing carries its own key now; the table beside it keeps only the others.
    op.execute(
        "DELETE FROM listing_keys USING listings"
        " WHERE listings.id = listing_keys.listing_id AND listings.hearing_key = listing_keys.hearing_key"
    )
    op.create_index("uq_listings_hearing_key", "listings", ["hearing_key", "person_id"], unique=True)
    op.add_column("people", sa.Column("merged_into", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_people_merged_into_people"), "people", "people", ["merged_into"], ["id"])
    op.create_index(
        "ix_people_merged_into",
        "people",
        ["merged_into"],
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )


def downgrade() -> None:
    op.create_index("ix_person_keys_person_id", "person_keys", ["person_id"])
    for table in ("person_keys", "listings", "contacts"):
        op.create_foreign_key(f"fk_{table}_person_id_people", table, "people", ["person_id"], ["id"])
    op.drop_constraint(op.f("fk_people_merged_into_people"), "people", type_="foreignkey")
    op.drop_column("people", "merged_into")
    op.drop_index("uq_listings_hearing_key", table_name="listings")
    op.drop_index("ix_listings_content", table_name="listings", postgresql_where=sa.text("source = 'csv'"))
    op.drop_column("deliveries", "replays")
    op.drop_index("ix_contacts_person_id", table_name="contacts")
    op.drop_index("uq_calls_listing_id", table_name="calls")
    op.drop_index("ix_calls_open", table_name="calls", postgresql_where=sa.text("done_at IS NULL"))
    op.drop_table("calls")
    op.drop_index(op.f("ix_person_decisions_other_id"), table_name="person_decisions")
    op.drop_index(op.f("ix_person_decisions_kept_id"), table_name="person_decisions")
    op.drop_table("person_decisions")
    op.drop_table("snapshots")
    op.drop_table("releases")
    op.drop_table("pauses")
