"""A pilot's rows written straight into the tables: as many people as one likes, in one statement each, the same for the same seed.

For what needs many people and no feed: reports, exports and benches. Nobody in them is real, nor was anybody assigned by the seed.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

# A person in seven has a summons; every arm, court and week gets people; failures fall with a delivered text.
PEOPLE = """
CREATE TEMPORARY TABLE planted ON COMMIT DROP AS
SELECT g AS n, CASE WHEN g % 2 = 0 THEN :treated ELSE :control END AS arm,
    (CAST(:courts AS text[]))[1 + (g / 2) % cardinality(CAST(:courts AS text[]))] AS court,
    CASE WHEN g % 7 = 0 THEN 'S' ELSE 'C' END AS initiation,
    CAST(:since AS timestamptz) + make_interval(days => CAST(random() * (:days - 1) AS int), hours => 10) AS starts_at,
    random() AS delivered, random() AS failed, random() AS told, random() AS fate,
    (ARRAY['18-24', '25-34', '35-44', '45-54', '55+'])[1 + CAST(random() * 4 AS int)] AS age
FROM generate_series(1, :people) g
"""
WRITTEN = (
    "INSERT INTO people (id, name_enc, organisation, created_at) OVERRIDING SYSTEM VALUE"
    " SELECT 1000000 + n, ''::bytea, false, now() FROM planted",
    """INSERT INTO listings (id, person_id, hearing_key, source, case_refs, court, first_hearing, custody, initiation, box_hearing,
        guilty_plea_by_post, interpreter, offence_codes, markers, doubts, days, starts_at, stated, content, version, status, eligible,
        reasons, delivery_id, created_at, updated_at) OVERRIDING SYSTEM VALUE
    SELECT 1000000 + n, 1000000 + n, 'planted:' || n, 'csv', '{}', court, true, 'bail', initiation, false, false, false, '{}', '{}',
        '{}', '[]', starts_at, '{}', ''::bytea, CASE WHEN fate < 0.05 THEN 2 ELSE 1 END,
        CASE WHEN fate > 0.97 THEN 'cancelled' ELSE 'heard' END, true,
        CASE WHEN arm = :control THEN ARRAY['resulted', 'control-arm'] ELSE ARRAY['resulted'] END, 'planted', now(), now()
    FROM planted""",
    """INSERT INTO assignments (pilot_id, person_id, listing_id, stratum, position, arm, assigned_at, cluster, unit, version, hearing_at,
        case_kind, age_band, notice_days, contact_source, contact_days)
    SELECT :pilot, 1000000 + n, 1000000 + n, court, n, arm, starts_at - interval '9 days',
        1000000 + CASE WHEN :together > 0 AND n % :together = 0 AND n > 2 THEN n - 2 ELSE n END,
        NULL, 1, starts_at, CASE WHEN initiation = 'S' THEN 'summons' ELSE 'bail' END, age, 5 + n % 20, 'feed:libra', n % 60
    FROM planted""",
    """INSERT INTO outcomes (listing_id, day, attendance, fta, warrant, reason, source, detail, entered_by, entered_at)
    SELECT 1000000 + n, starts_at::date, CASE WHEN failed < rate THEN 'absent' ELSE 'attended' END,
        CASE WHEN failed < rate * 0.6 THEN 'yes' ELSE 'no' END, CASE WHEN failed < rate * 0.4 THEN 'issued' ELSE 'none' END,
        'planted', 'feed:libra', '{}', 'feed', now()
    FROM (SELECT *, CASE WHEN initiation = 'S' THEN 0.12 ELSE 0.22 END
        - CASE WHEN arm = :treated AND delivered < 0.8 THEN :fall ELSE 0 END AS rate FROM planted) p WHERE told < 0.95""",
    """INSERT INTO outbox (dedupe_key, kind, subject_id, step, version, priority, due_at, useful_until, state, carrier_status, segments,
        created_at)
    SELECT 'reminder:' || n, 'reminder', 1000000 + n, 'one-day', 1, 50, starts_at, starts_at, 'accepted',
        CASE WHEN delivered < 0.8 THEN 'delivered' ELSE 'undelivered' END, 1, now()
    FROM planted WHERE arm = :treated""",
)


def plant(
    session: Session,
    pilot_id: int,
    people: int,
    *,
    courts: tuple[str, ...] = ("B41ME", "B41MJ"),
    arms: tuple[str, str] = ("texted", "control"),
    since: str = "2026-09-15",
    days: int = 46,
    fall: float = 0.08,
    together: int = 0,
    seed: float = 0.4711,
) -> None:
    """`people` assigned half and half, of whom every `together`-th shares a cluster with the one before of their arm (0: nobody)."""
    given = {
        "pilot": pilot_id,
        "people": people,
        "courts": list(courts),
        "treated": arms[0],
        "control": arms[1],
        "since": since,
        "days": days,
        "fall": fall,
        "together": together,
    }
    session.execute(text("SELECT setseed(:seed)"), {"seed": seed})
    for statement in (PEOPLE, *WRITTEN):
        session.execute(text(statement), given)
    for table in ("people", "listings", "assignments", "outcomes", "outbox"):
        session.execute(text(f"ANALYZE {table}"))
