"""A pilot's rows written straight into the tables: as many people as one likes, in one statement each, the same for the same seed.

For what needs many people and no feed: reports, exports and benches. Nobody in them is real, nor was anybody assigned by the seed.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

# A person in seven has a summons; every arm, court and week gets people; failures fall with a delivered text.
PEOPLE = """
CREATE TEMPORARY TABLE planted ON COMMIT DROP AS
SELECT *, CASE WHEN {treated_where} THEN (CAST(:treated AS text[]))[1 + n / 4 % cardinality(CAST(:treated AS text[]))]
    ELSE :control END AS arm
FROM (SELECT *, CAST(:since AS timestamptz) + make_interval(days => day, hours => 10) AS starts_at, {unit} AS unit
    FROM (SELECT g AS n, (g / 2) % cardinality(CAST(:courts AS text[])) AS place,
        (CAST(:courts AS text[]))[1 + (g / 2) % cardinality(CAST(:courts AS text[]))] AS court,
        CASE WHEN g % 7 = 0 THEN 'S' ELSE 'C' END AS initiation, CAST(random() * (:days - 1) AS int) AS day,
        random() AS delivered, random() AS failed, random() AS told, random() AS fate,
        (ARRAY['18-24', '25-34', '35-44', '45-54', '55+'])[1 + CAST(random() * 4 AS int)] AS age
        FROM generate_series(1, :people) g) drawn) placed
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
        unit, 1, starts_at, CASE WHEN initiation = 'S' THEN 'summons' ELSE 'bail' END, age, 5 + n % 20, 'feed:libra', n % 60
    FROM planted WHERE starts_at >= :enrolled_since AND court = ANY (:enrolled)""",
    """INSERT INTO outcomes (listing_id, day, attendance, fta, warrant, reason, source, detail, entered_by, entered_at)
    SELECT 1000000 + n, starts_at::date, CASE WHEN failed < rate THEN 'absent' ELSE 'attended' END,
        CASE WHEN failed < rate * 0.6 THEN 'yes' ELSE 'no' END, CASE WHEN failed < rate * 0.4 THEN 'issued' ELSE 'none' END,
        'planted', 'feed:libra', CASE WHEN told > 0.85 THEN '{}' ELSE jsonb_build_object('adjourned',
            CASE WHEN failed < rate * 0.7 THEN 'absence' WHEN told < 0.3 THEN 'yes' ELSE 'no' END,
            'until', CASE WHEN failed < rate * 0.7 AND failed >= rate * 0.4 THEN starts_at::date + 14 + n % 15 END) END,
        'feed', now()
    FROM (SELECT *, CASE WHEN initiation = 'S' THEN 0.12 ELSE 0.22 END
        - CASE WHEN arm = ANY (:treated) AND delivered < 0.8 THEN :fall ELSE 0 END AS rate FROM planted) p WHERE told < 0.95""",
    """INSERT INTO outbox (dedupe_key, kind, subject_id, step, version, priority, due_at, useful_until, state, carrier_status, segments,
        created_at)
    SELECT 'reminder:' || n, 'reminder', 1000000 + n, 'one-day', 1, 50, starts_at, starts_at, 'accepted',
        CASE WHEN delivered < 0.8 THEN 'delivered' ELSE 'undelivered' END, 1, now()
    FROM planted WHERE arm = ANY (:treated)""",
)


def plant(
    session: Session,
    pilot_id: int,
    people: int,
    *,
    courts: tuple[str, ...] = ("B41ME", "B41MJ"),
    arms: tuple[str, ...] = ("texted", "control"),
    since: str = "2026-09-15",
    days: int = 46,
    fall: float = 0.08,
    together: int = 0,
    seed: float = 0.4711,
    unit: str = "CAST(NULL AS int)",
    treated_where: str = "n % 2 = 0",
    enrolled_since: str = "2000-01-01",
    beside: tuple[str, ...] = (),
) -> None:
    """`people` assigned half to the last arm and half to those before it in turn, of whom every `together`-th shares a cluster with the one before of their arm (0: nobody).

    `unit` and `treated_where` say in SQL what one lot decided for, and for whom it was texts: `n` numbers the people, `day` the days
    and `place` the courts. Whose hearing was before `enrolled_since` or at a court `beside` was not assigned.
    """
    given = {
        "pilot": pilot_id,
        "people": people,
        "courts": [*courts, *beside],
        "enrolled": list(courts),
        "treated": list(arms[:-1]),
        "control": arms[-1],
        "since": since,
        "days": days,
        "fall": fall,
        "together": together,
        "enrolled_since": enrolled_since,
    }
    session.execute(text("SELECT setseed(:seed)"), {"seed": seed})
    for statement in (PEOPLE.format(unit=unit, treated_where=treated_where), *WRITTEN):
        session.execute(text(statement), given)
    for table in ("people", "listings", "assignments", "outcomes", "outbox"):
        session.execute(text(f"ANALYZE {table}"))
