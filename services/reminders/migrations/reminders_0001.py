"""The first tables of reminders."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "reminders_0001"
down_revision = None
branch_labels = ("reminders",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=True),
        sa.Column("hearing_id", sa.Text(), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("body_enc", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("subject_key", sa.Text(), nullable=True),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("applied_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("status", sa.Text(), server_default="received", nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("rejections", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_deliveries_idempotency_key")),
        sa.UniqueConstraint("number", name=op.f("uq_deliveries_number")),
    )
    op.create_index(op.f("ix_deliveries_subject_key"), "deliveries", ["subject_key"], unique=False)
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["number"],
        unique=False,
        postgresql_where=sa.text("status = 'received'"),
    )
    op.create_table(
        "hearing_versions",
        sa.Column("hearing_key", sa.Text(), nullable=False),
        sa.Column("version", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("deleted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("applied_digest", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("hearing_key", name=op.f("pk_hearing_versions")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name_enc", sa.LargeBinary(), nullable=False),
        sa.Column("birth_enc", sa.LargeBinary(), nullable=True),
        sa.Column("match_key", sa.LargeBinary(), nullable=True),
        sa.Column("organisation", sa.Boolean(), nullable=False),
        sa.Column("do_not_text", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_index(op.f("ix_people_match_key"), "people", ["match_key"], unique=False)
    op.create_table(
        "pilots",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("protocol", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("locked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilots")),
        sa.UniqueConstraint("name", name=op.f("uq_pilots_name")),
    )
    op.create_table(
        "replies",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("inbound_id", sa.BigInteger(), nullable=False),
        sa.Column("number_key", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("queued", sa.Boolean(), nullable=False),
        sa.Column("resolved_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint("inbound_id", name=op.f("uq_replies_inbound_id")),
    )
    op.create_index(op.f("ix_replies_number_key"), "replies", ["number_key"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("number_key", sa.LargeBinary(), nullable=True),
        sa.Column("number_enc", sa.LargeBinary(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("current", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_contacts_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_number_key"), "contacts", ["number_key"], unique=False)
    op.create_index(
        "uq_contacts_current", "contacts", ["person_id"], unique=True, postgresql_where=sa.text("current")
    )
    op.create_table(
        "listings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("hearing_key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("case_refs", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("court", sa.Text(), nullable=True),
        sa.Column("court_name", sa.Text(), nullable=True),
        sa.Column("hearing_type", sa.Text(), nullable=True),
        sa.Column("first_hearing", sa.Boolean(), nullable=False),
        sa.Column("custody", sa.Text(), nullable=False),
        sa.Column("bail_code", sa.Text(), nullable=True),
        sa.Column("initiation", sa.Text(), nullable=True),
        sa.Column("youth", sa.Boolean(), nullable=True),
        sa.Column("box_hearing", sa.Boolean(), nullable=False),
        sa.Column("guilty_plea_by_post", sa.Boolean(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("interpreter", sa.Boolean(), nullable=False),
        sa.Column("offence_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("markers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("doubts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("days", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("starts_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("stated", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("status", sa.Text(), server_default="listed", nullable=False),
        sa.Column("eligible", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_listings_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listings")),
    )
    op.create_index("ix_listings_case_refs", "listings", ["case_refs"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_listings_person_id"), "listings", ["person_id"], unique=False)
    op.create_index(op.f("ix_listings_starts_at"), "listings", ["starts_at"], unique=False)
    op.create_table(
        "person_keys",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_person_keys_person_id_people")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_person_keys")),
    )
    op.create_index(op.f("ix_person_keys_person_id"), "person_keys", ["person_id"], unique=False)
    op.create_table(
        "assignments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("pilot_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("listing_id", sa.BigInteger(), nullable=False),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("assigned_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_assignments_listing_id_listings")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_assignments_person_id_people")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilots.id"], name=op.f("fk_assignments_pilot_id_pilots")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
    )
    op.create_index(op.f("ix_assignments_person_id"), "assignments", ["person_id"], unique=False)
    op.create_index("uq_assignments_person", "assignments", ["pilot_id", "person_id"], unique=True)
    op.create_index(
        "uq_assignments_position", "assignments", ["pilot_id", "stratum", "position"], unique=True
    )
    op.create_table(
        "listing_keys",
        sa.Column("hearing_key", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("listing_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_listing_keys_listing_id_listings")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_listing_keys_person_id_people")),
        sa.PrimaryKeyConstraint("hearing_key", "person_id", name=op.f("pk_listing_keys")),
    )
    op.create_index(op.f("ix_listing_keys_listing_id"), "listing_keys", ["listing_id"], unique=False)
    op.create_table(
        "outcomes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("listing_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("attendance", sa.Text(), nullable=False),
        sa.Column("fta", sa.Text(), nullable=False),
        sa.Column("warrant", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=False),
        sa.Column("entered_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("version", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("superseded_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_outcomes_listing_id_listings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcomes")),
    )
    op.create_index(
        "uq_outcomes_standing",
        "outcomes",
        ["listing_id", "day"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_outcomes_standing", table_name="outcomes", postgresql_where=sa.text("superseded_at IS NULL")
    )
    op.drop_table("outcomes")
    op.drop_index(op.f("ix_listing_keys_listing_id"), table_name="listing_keys")
    op.drop_table("listing_keys")
    op.drop_index("uq_assignments_position", table_name="assignments")
    op.drop_index("uq_assignments_person", table_name="assignments")
    op.drop_index(op.f("ix_assignments_person_id"), table_name="assignments")
    op.drop_table("assignments")
    op.drop_index(op.f("ix_person_keys_person_id"), table_name="person_keys")
    op.drop_table("person_keys")
    op.drop_index(op.f("ix_listings_starts_at"), table_name="listings")
    op.drop_index(op.f("ix_listings_person_id"), table_name="listings")
    op.drop_index("ix_listings_case_refs", table_name="listings", postgresql_using="gin")
    op.drop_table("listings")
    op.drop_index("uq_contacts_current", table_name="contacts", postgresql_where=sa.text("current"))
    op.drop_index(op.f("ix_contacts_number_key"), table_name="contacts")
    op.drop_table("contacts")
    op.drop_index(op.f("ix_replies_number_key"), table_name="replies")
    op.drop_table("replies")
    op.drop_table("pilots")
    op.drop_index(op.f("ix_people_match_key"), table_name="people")
    op.drop_table("people")
    op.drop_table("hearing_versions")
    op.drop_index(
        "ix_deliveries_waiting", table_name="deliveries", postgresql_where=sa.text("status = 'received'")
    )
    op.drop_index(op.f("ix_deliveries_subject_key"), table_name="deliveries")
    op.drop_table("deliveries")
