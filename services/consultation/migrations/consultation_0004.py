"""Codeframes, codes, turns of review, suggested themes with their runs and vectors, candidates for themes, and redactions."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "consultation_0004"
down_revision = "consultation_0003"
branch_labels = None
depends_on = None

WHEN = postgresql.TIMESTAMP(timezone=True)
# In the order in which they may be made.
TABLES = (
    *("codeframes", "codings", "review_turns", "theme_runs"),
    *("suggested_themes", "text_vectors", "candidates", "redactions"),
)
FIXED = ("codeframes", "codings")


def upgrade() -> None:
    _table(
        "codeframes",
        [
            *(_number(), _text("consultation_id")),
            sa.Column("version", sa.Integer(), nullable=False),
            sa.Column("content", postgresql.JSONB(), nullable=False),
            *(_text("digest"), _text("reason"), _text("by"), _when("at")),
        ],
        consultation_id="consultations",
    )
    _table(
        "codings",
        [
            *(_number(), sa.Column("submission_id", sa.BigInteger(), nullable=False)),
            sa.Column("themes", postgresql.JSONB(), nullable=False),
            sa.Column("version", sa.Integer(), nullable=False),
            *(_text("by", maybe=True), _text("model", maybe=True)),
            sa.Column("blind", sa.Boolean(), server_default=sa.text("false"), nullable=False),
            _when("at"),
            sa.CheckConstraint("(by IS NULL) <> (model IS NULL)", name=op.f("ck_codings_one_coder")),
        ],
        submission_id="submissions",
    )
    _table(
        "review_turns",
        [sa.Column("submission_id", sa.BigInteger(), nullable=False), _text("coder"), _when("at")],
        key=("submission_id", "coder"),
        submission_id="submissions",
    )
    _table(
        "theme_runs",
        [
            *(_number(), _text("consultation_id")),
            sa.Column("version", sa.Integer(), nullable=False),
            _text("digest", maybe=True),
            sa.Column("learnt_from", sa.Integer(), nullable=False),
            sa.Column("embeddings", sa.Boolean(), nullable=False),
            *(sa.Column(name, sa.Double(), nullable=True) for name in ("line", "f1", "recall")),
            sa.Column("suggested", sa.Integer(), nullable=False),
            sa.Column("last_submission", sa.BigInteger(), nullable=False),
            sa.Column("last_coding", sa.BigInteger(), nullable=False),
            *(_text("reason", maybe=True), _text("by"), _when("at")),
        ],
        consultation_id="consultations",
    )
    _table(
        "suggested_themes",
        [
            sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("run_id", sa.BigInteger(), nullable=False),
            sa.Column("themes", postgresql.JSONB(), nullable=False),
            sa.Column("uncertainty", sa.Double(), nullable=False),
            sa.Column("because_enc", sa.LargeBinary(), nullable=True),
        ],
        key=("submission_id",),
        submission_id="submissions",
        run_id="theme_runs",
    )
    _table(
        "text_vectors",
        [
            sa.Column("submission_id", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("vector_enc", sa.LargeBinary(), nullable=False),
        ],
        key=("submission_id",),
        submission_id="submissions",
    )
    _table(
        "candidates",
        [
            *(_number(), _text("consultation_id")),
            sa.Column("members", postgresql.ARRAY(sa.BigInteger()), nullable=False),
            sa.Column("marks_enc", sa.LargeBinary(), nullable=True),
            sa.Column("tightness", sa.Integer(), nullable=False),
            _when("found_at"),
            *(_text(name, maybe=True) for name in ("decision", "theme", "reason", "decided_by")),
            _when("decided_at", maybe=True),
        ],
        consultation_id="consultations",
    )
    _table(
        "redactions",
        [
            *(_number(), sa.Column("submission_id", sa.BigInteger(), nullable=False)),
            sa.Column("masks", postgresql.JSONB(), nullable=False),
            sa.Column("text_key", sa.LargeBinary(), nullable=False),
            *(_text("by"), _when("at"), _text("approved_by", maybe=True), _when("approved_at", maybe=True)),
        ],
        submission_id="submissions",
    )
    op.create_index(
        "uq_codeframes_consultation_id_version", "codeframes", ["consultation_id", "version"], unique=True
    )
    for table, column in (
        *(("codings", "submission_id"), ("theme_runs", "consultation_id")),
        *(("candidates", "consultation_id"), ("redactions", "submission_id")),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index(
        "ix_submissions_campaign_id",
        "submissions",
        ["campaign_id"],
        postgresql_where=sa.text("campaign_id IS NOT NULL"),
    )
    _fixed()


def _fixed() -> None:
    """What people stand behind is added to and never rewritten, whoever holds the application's login."""
    op.execute(
        "CREATE FUNCTION refuse_change_of_code() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'codes and codeframes are added to and never changed'; END $$"
    )
    for table in FIXED:
        op.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_code()"
        )


def _number() -> Any:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _text(name: str, *, maybe: bool = False) -> Any:
    return sa.Column(name, sa.Text(), nullable=maybe)


def _when(name: str, *, maybe: bool = False) -> Any:
    return sa.Column(name, WHEN, nullable=maybe)


def _table(name: str, columns: list[Any], key: tuple[str, ...] = ("id",), **points_to: str) -> None:
    op.create_table(
        name,
        *columns,
        *(
            sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{name}_{column}_{to}"))
            for column, to in points_to.items()
        ),
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")),
    )


def downgrade() -> None:
    for table in FIXED:
        op.execute(f"DROP TRIGGER {table}_fixed ON {table}")
    op.execute("DROP FUNCTION refuse_change_of_code()")
    op.drop_index("ix_submissions_campaign_id", table_name="submissions")
    for name in reversed(TABLES):
        op.drop_table(name)
