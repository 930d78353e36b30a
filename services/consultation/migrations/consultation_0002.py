"""One response of several texts, on any channel; several people on one phone; answers, conversations and scans."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "consultation_0002"
down_revision = "consultation_0001"
branch_labels = None
depends_on = None

WHEN = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column("consultations", sa.Column("kind", sa.Text(), nullable=True))
    op.execute(
        "UPDATE consultations SET kind = CASE WHEN closes_at IS NULL THEN 'standing' ELSE 'consultation' END"
    )
    op.alter_column("consultations", "kind", nullable=False)
    _respondents()
    _submissions()
    op.create_table(
        "scans",
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("scan_enc", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_scans_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_scans")),
    )
    op.create_table(
        "answers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("respondent_id", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("words_enc", sa.LargeBinary(), nullable=True),
        sa.Column("inbound_id", sa.BigInteger(), nullable=True),
        sa.Column("submission_id", sa.BigInteger(), nullable=True),
        sa.Column("late", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("replaced_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(
            ["respondent_id"], ["respondents.id"], name=op.f("fk_answers_respondent_id_respondents")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_answers_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
    )
    op.create_index("ix_answers_respondent_id", "answers", ["respondent_id"])
    op.create_index("ix_answers_inbound_id", "answers", ["inbound_id"])
    op.create_index(
        "uq_answers_current",
        "answers",
        ["respondent_id", "question"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_table(
        "conversations",
        sa.Column("respondent_id", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("asked", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("asked_at", WHEN, nullable=True),
        sa.Column("asked_again", sa.Boolean(), nullable=False),
        sa.Column("expires_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(
            ["respondent_id"], ["respondents.id"], name=op.f("fk_conversations_respondent_id_respondents")
        ),
        sa.PrimaryKeyConstraint("respondent_id", name=op.f("pk_conversations")),
    )
    op.create_index(
        "ix_conversations_expires_at",
        "conversations",
        ["expires_at"],
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )


def _respondents() -> None:
    for column in (
        sa.Column("number_enc", sa.LargeBinary(), nullable=True),
        sa.Column("person", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("email_key", sa.LargeBinary(), nullable=True),
        sa.Column("type", sa.Text(), server_default="resident", nullable=False),
        sa.Column("organisation_enc", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
        sa.Column("channel", sa.Text(), server_default="sms", nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("out_of_area", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("victim", sa.Boolean(), nullable=True),
        sa.Column("age_band", sa.Text(), nullable=True),
        sa.Column("may_publish", sa.Boolean(), nullable=True),
        sa.Column("may_text", sa.Boolean(), nullable=True),
        sa.Column("invitation_id", sa.BigInteger(), nullable=True),
        sa.Column("merged_into", sa.BigInteger(), nullable=True),
        sa.Column("erased_at", WHEN, nullable=True),
    ):
        op.add_column("respondents", column)
    op.alter_column("respondents", "number_key", nullable=True)
    op.create_foreign_key(
        op.f("fk_respondents_merged_into_respondents"), "respondents", "respondents", ["merged_into"], ["id"]
    )
    op.drop_index("uq_respondents_number", table_name="respondents")
    op.create_index(
        "uq_respondents_number", "respondents", ["consultation_id", "number_key", "person"], unique=True
    )
    for name, columns, present in (
        ("ix_respondents_email", ["consultation_id", "email_key"], "email_key"),
        ("ix_respondents_number_key", ["number_key"], "number_key"),
    ):
        op.create_index(name, "respondents", columns, postgresql_where=sa.text(f"{present} IS NOT NULL"))


def _submissions() -> None:
    """A row was one text; from now on it is one response, and its texts stand in a table of their own."""
    op.create_table(
        "submission_texts",
        sa.Column("inbound_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_submission_texts_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("inbound_id", name=op.f("pk_submission_texts")),
    )
    op.create_index(op.f("ix_submission_texts_submission_id"), "submission_texts", ["submission_id"])
    for column in (
        sa.Column("ended_at", WHEN, nullable=True),
        sa.Column("standing", sa.Text(), nullable=True),
        sa.Column("words_enc", sa.LargeBinary(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("row_ref", sa.Text(), nullable=True),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
    ):
        op.add_column("submissions", column)
    op.execute(
        "INSERT INTO submission_texts (inbound_id, submission_id)"
        " SELECT inbound_id, coalesce(follows_id, id) FROM submissions WHERE kind <> 'command'"
    )
    op.execute(
        "UPDATE submissions SET ended_at = last.at, standing = CASE WHEN r.state = 'withdrawn' THEN 'withdrawn'"
        " WHEN late THEN 'late' WHEN early THEN 'early' ELSE 'counted' END"
        " FROM respondents AS r, (SELECT coalesce(follows_id, id) AS head, max(received_at) AS at FROM submissions GROUP BY 1) AS last"
        " WHERE r.id = submissions.respondent_id AND last.head = coalesce(submissions.follows_id, submissions.id)"
    )
    # A command is no response; a fragment's row is its submission's.
    op.execute(
        "DELETE FROM submissions WHERE follows_id IS NOT NULL OR id NOT IN (SELECT submission_id FROM submission_texts)"
    )
    op.alter_column("submissions", "ended_at", nullable=False)
    op.alter_column("submissions", "standing", nullable=False)
    op.drop_constraint("uq_submissions_inbound_id", "submissions", type_="unique")
    op.drop_column("submissions", "inbound_id")
    op.drop_column("submissions", "follows_id")
    op.create_index("ix_submissions_respondent_id", "submissions", ["respondent_id"])
    op.create_index("uq_submissions_batch_id_row_ref", "submissions", ["batch_id", "row_ref"], unique=True)


def downgrade() -> None:
    op.drop_table("conversations")
    op.drop_table("answers")
    op.drop_table("scans")
    op.drop_index("uq_submissions_batch_id_row_ref", table_name="submissions")
    op.drop_index("ix_submissions_respondent_id", table_name="submissions")
    op.add_column("submissions", sa.Column("follows_id", sa.BigInteger(), nullable=True))
    op.add_column("submissions", sa.Column("inbound_id", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE submissions SET inbound_id = t.first"
        " FROM (SELECT submission_id, min(inbound_id) AS first FROM submission_texts GROUP BY 1) AS t"
        " WHERE t.submission_id = submissions.id"
    )
    op.drop_table("submission_texts")
    # What did not come as a text, and who has no number, the older shape cannot hold.
    op.execute("DELETE FROM submissions WHERE inbound_id IS NULL")
    op.alter_column("submissions", "inbound_id", nullable=False)
    op.create_unique_constraint("uq_submissions_inbound_id", "submissions", ["inbound_id"])
    for name in ("ended_at", "standing", "words_enc", "batch_id", "row_ref", "campaign_id"):
        op.drop_column("submissions", name)
    op.drop_index("ix_respondents_number_key", table_name="respondents")
    op.drop_index("ix_respondents_email", table_name="respondents")
    op.drop_index("uq_respondents_number", table_name="respondents")
    op.execute(
        "DELETE FROM submissions USING respondents AS r"
        " WHERE r.id = submissions.respondent_id AND (r.number_key IS NULL OR r.person > 1)"
    )
    op.drop_constraint(op.f("fk_respondents_merged_into_respondents"), "respondents", type_="foreignkey")
    op.execute("DELETE FROM respondents WHERE number_key IS NULL OR person > 1")
    op.alter_column("respondents", "number_key", nullable=False)
    for name in [
        "number_enc",
        "person",
        "email_key",
        "type",
        "organisation_enc",
        "language",
        "channel",
        "district",
        "out_of_area",
        "victim",
        "age_band",
        "may_publish",
        "may_text",
        "invitation_id",
        "merged_into",
        "erased_at",
    ]:
        op.drop_column("respondents", name)
    op.create_index("uq_respondents_number", "respondents", ["consultation_id", "number_key"], unique=True)
    op.drop_column("consultations", "kind")
