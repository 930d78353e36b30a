"""Words of the carrier are kept a month a partition, by when their attempt was claimed (decision 0074).

Code of before may go on beside it: it states no `claimed_at`, and what it keeps falls into the present month.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "common_0010"
down_revision = "common_0009"
branch_labels = None
depends_on = None

NAMES = "id, attempt_id, sid, status, error_code, flag, received_at"
WORDS = ", ".join(f"w.{name}" for name in NAMES.split(", "))
MONTHS = sa.text(
    "SELECT date_trunc('month', claimed_at AT TIME ZONE 'UTC') FROM status_events_whole JOIN attempts ON attempts.id = attempt_id"
    " UNION SELECT date_trunc('month', (clock_timestamp() + coalesce((SELECT shift FROM clock WHERE id = 1), interval '0'))"
    " AT TIME ZONE 'UTC' + n * interval '1 month') FROM generate_series(0, 2) AS n"
)


def upgrade() -> None:
    op.execute("ALTER TABLE status_events RENAME TO status_events_whole")
    op.execute("ALTER TABLE status_events_whole DROP CONSTRAINT pk_status_events")
    op.execute("ALTER TABLE status_events_whole DROP CONSTRAINT fk_status_events_attempt_id_attempts")
    op.execute("DROP INDEX uq_status_events_sid_status, ix_status_events_received_at")
    op.execute("ALTER TABLE status_events_whole ALTER id DROP IDENTITY")
    op.execute("CREATE SEQUENCE status_events_id_seq")
    op.execute(
        "SELECT setval('status_events_id_seq', (SELECT max(id) FROM status_events_whole)) FROM status_events_whole LIMIT 1"
    )
    op.execute(
        "CREATE TABLE status_events (sid text NOT NULL, status text NOT NULL, claimed_at timestamptz NOT NULL DEFAULT now(),"
        " id bigint NOT NULL DEFAULT nextval('status_events_id_seq'), attempt_id bigint NOT NULL, error_code integer, flag text,"
        " received_at timestamptz NOT NULL, CONSTRAINT pk_status_events PRIMARY KEY (sid, status, claimed_at),"
        " CONSTRAINT fk_status_events_attempt_id_attempts FOREIGN KEY (attempt_id) REFERENCES attempts (id))"
        " PARTITION BY RANGE (claimed_at)"
    )
    op.execute("ALTER SEQUENCE status_events_id_seq OWNED BY status_events.id")
    op.execute("CREATE TABLE status_events_default PARTITION OF status_events DEFAULT")
    for month in op.get_bind().scalars(MONTHS).all():
        begin = datetime(month.year, month.month, 1, tzinfo=UTC)
        end = (begin + timedelta(days=31)).replace(day=1)
        op.execute(
            f"CREATE TABLE status_events_{begin:%Y_%m} PARTITION OF status_events"
            f" FOR VALUES FROM ('{begin.isoformat()}') TO ('{end.isoformat()}')"
        )
    op.execute(
        f"INSERT INTO status_events ({NAMES}, claimed_at) SELECT {WORDS}, a.claimed_at"  # noqa: S608 - our own names
        " FROM status_events_whole AS w JOIN attempts AS a ON a.id = w.attempt_id"
    )
    op.execute("DROP TABLE status_events_whole")
    op.create_index("ix_status_events_attempt_id", "status_events", ["attempt_id"])
    op.create_index("ix_status_events_received_at", "status_events", ["received_at"], postgresql_using="brin")


def downgrade() -> None:
    op.execute("ALTER TABLE status_events RENAME TO status_events_months")
    op.execute(
        "ALTER TABLE status_events_months RENAME CONSTRAINT pk_status_events TO pk_status_events_months"
    )
    op.execute("ALTER TABLE status_events_months DROP CONSTRAINT fk_status_events_attempt_id_attempts")
    op.execute("DROP INDEX ix_status_events_attempt_id, ix_status_events_received_at")
    op.execute("ALTER TABLE status_events_months ALTER id DROP DEFAULT")
    op.execute("DROP SEQUENCE status_events_id_seq")
    op.create_table(
        "status_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("flag", sa.Text(), nullable=True),
        sa.Column("received_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_status_events_attempt_id_attempts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_events")),
    )
    op.create_index("uq_status_events_sid_status", "status_events", ["sid", "status"], unique=True)
    op.create_index("ix_status_events_received_at", "status_events", ["received_at"], postgresql_using="brin")
    # A word that older code beside this one kept twice counts once again.
    op.execute(
        f"INSERT INTO status_events ({NAMES}) SELECT {NAMES} FROM status_events_months"  # noqa: S608 - our own names
        " ORDER BY id ON CONFLICT DO NOTHING"
    )
    op.execute(
        "SELECT setval(pg_get_serial_sequence('status_events', 'id'), (SELECT max(id) FROM status_events))"
        " FROM status_events LIMIT 1"
    )
    op.execute("DROP TABLE status_events_months")
