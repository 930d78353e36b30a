"""A pilot's people, one de-identified row each, made in a handful of set-based statements and kept until the transaction ends.

Everything that a report counts is grouped from this table, so a million people are a few thousand cells before Python sees them.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.common.outbox.states import SENT_OR_MAYBE
from services.common.times import at_london
from services.reminders.evaluation.cells import Cell, Lost
from services.reminders.models import Pilot
from services.reminders.protocol import Protocol

# What the cells of a report are grouped by; the time series is grouped by what decides an outcome alone.
FATE = ("arm", "moved", "withdrawn", "remanded", "paused", "overdue", "attendance", "fta", "warrant")
EVERYTHING = (
    *("court", "unit", "case", "age", "notice", "texts", "why", "stopped", "wrong"),
    *FATE,
    "adjourned",
)
BY_WEEK = ("court", "week", *FATE)
BY_DAYS_LOST = ("court", "unit", "case", *FATE, "adjourned")

_SENT = text("""
CREATE TEMPORARY TABLE pilot_texts ON COMMIT DROP AS
SELECT o.subject_id AS listing_id,
    count(*) FILTER (WHERE o.state = ANY (:sent)) AS sent,
    coalesce(sum(o.segments) FILTER (WHERE o.state = ANY (:sent)), 0) AS segments,
    coalesce(bool_or(o.carrier_status IN ('delivered', 'read')) FILTER (WHERE o.state = ANY (:sent)), false) AS delivered,
    coalesce(bool_or(o.carrier_status IN ('undelivered', 'failed')) FILTER (WHERE o.state = ANY (:sent)), false) AS failed,
    max(o.error_code) AS code,
    bool_or(o.state = 'pending') AS waiting,
    max(o.reason) FILTER (WHERE o.state IN ('failed', 'cancelled')) AS reason
FROM outbox o WHERE o.kind = 'reminder' AND o.subject_id IN (SELECT listing_id FROM assignments WHERE pilot_id = :pilot)
GROUP BY o.subject_id
""")
# Of several days the first whose attendance is known.
_HEARD = text("""
CREATE TEMPORARY TABLE pilot_outcomes ON COMMIT DROP AS
SELECT DISTINCT ON (o.listing_id) o.listing_id, o.attendance, o.fta, o.warrant, o.detail->>'adjourned' AS adjourned,
    CASE o.detail->>'adjourned' WHEN 'absence' THEN coalesce(CAST(o.detail->>'until' AS date) - o.day, 0)
         WHEN 'yes' THEN 0 WHEN 'no' THEN 0 END AS days_lost
FROM outcomes o
WHERE o.superseded_at IS NULL AND o.listing_id IN (SELECT listing_id FROM assignments WHERE pilot_id = :pilot)
ORDER BY o.listing_id, o.attendance = 'unknown', o.day
""")
_PEOPLE = text("""
CREATE TEMPORARY TABLE pilot_people ON COMMIT DROP AS
SELECT a.arm, a.stratum AS court, a.unit, a.cluster, a.case_kind AS "case", a.age_band AS age,
    CASE WHEN a.notice_days < 7 THEN 'under 7 days' WHEN a.notice_days < 14 THEN '7 to 13 days'
         WHEN a.notice_days < 28 THEN '14 to 27 days' ELSE '28 days or more' END AS notice,
    a.contact_source AS source,
    CASE WHEN a.contact_days IS NULL THEN 'unknown' WHEN a.contact_days < 7 THEN 'under 7 days'
         WHEN a.contact_days < 30 THEN '7 to 29 days' WHEN a.contact_days < 90 THEN '30 to 89 days'
         ELSE '90 days or more' END AS contact_age,
    date_trunc('week', coalesce(l.starts_at, a.hearing_at) AT TIME ZONE 'Europe/London')::date AS week,
    CASE WHEN coalesce(t.sent, 0) = 0 THEN 'none' WHEN t.delivered THEN 'delivered' WHEN t.failed THEN 'undelivered'
         ELSE 'no-receipt' END AS texts,
    CASE WHEN coalesce(t.sent, 0) > 0 THEN CASE WHEN t.failed AND NOT t.delivered THEN coalesce('carrier ' || t.code, 'carrier') END
         WHEN NOT a.arm = ANY (:texted) THEN 'control-arm'
         WHEN t.waiting THEN 'not-yet-due'
         ELSE coalesce((array_remove(l.reasons, 'resulted'))[1], t.reason, l.reasons[1], 'not-owed') END AS why,
    coalesce(t.sent, 0) AS sent, coalesce(t.segments, 0) AS segments,
    w.stopped_at IS NOT NULL AS stopped, w.wrong_at IS NOT NULL AS wrong,
    l.version > a.version AS moved, l.status = 'cancelled' AS withdrawn, l.custody = 'custody' AS remanded,
    EXISTS (SELECT FROM pauses p
        WHERE (p.court IS NULL OR p.court = l.court)
        AND (l.starts_at AT TIME ZONE 'Europe/London')::date BETWEEN p.since
            AND least(p.until, coalesce((p.ended_at AT TIME ZONE 'Europe/London')::date - 1, p.until))) AS paused,
    coalesce(l.starts_at + make_interval(days => :lag) <= :now, false) AS overdue,
    coalesce(o.attendance, 'unknown') AS attendance, coalesce(o.fta, 'unknown') AS fta, coalesce(o.warrant, 'unknown') AS warrant,
    coalesce(o.adjourned, 'unknown') AS adjourned, o.days_lost,
    -- Found out after assignment: one number, two clusters.
    a.person_id IN (
        SELECT c.person_id FROM contacts c WHERE c.number_key IN (
            SELECT c.number_key FROM assignments a JOIN contacts c ON c.person_id = a.person_id
            WHERE a.pilot_id = :pilot AND c.number_key IS NOT NULL
            GROUP BY c.number_key HAVING count(DISTINCT a.cluster) > 1)) AS shared_later
FROM assignments a
JOIN listings l ON l.id = a.listing_id
LEFT JOIN pilot_outcomes o ON o.listing_id = a.listing_id
LEFT JOIN pilot_texts t ON t.listing_id = a.listing_id
LEFT JOIN contacts c ON c.person_id = a.person_id AND c.current
LEFT JOIN number_states w ON w.number_key = c.number_key
WHERE a.pilot_id = :pilot
""")
# People listed at the pilot's courts and days who were never assigned, by the first reason of their first listing there.
_EXCLUDED = text("""
WITH first AS (
    SELECT DISTINCT ON (l.person_id) l.person_id, (array_remove(l.reasons, 'resulted'))[1] AS reason,
        CASE WHEN l.initiation IN ('S', 'Q') THEN 'summons' ELSE 'bail' END = ANY (:cases) AS taken
    FROM listings l
    WHERE l.court = ANY (:courts) AND l.starts_at >= :since AND l.starts_at < :until
    AND NOT EXISTS (SELECT FROM assignments a WHERE a.pilot_id = :pilot AND a.person_id = l.person_id)
    ORDER BY l.person_id, l.id
)
SELECT coalesce(reason, CASE WHEN taken THEN 'listed-before-the-pilot' ELSE 'case-not-in-pilot' END) AS reason, count(*) AS people
FROM first GROUP BY 1 ORDER BY 2 DESC, 1
""")
# The same people counted once more, straight from the rows: the flow must come to this.
_ASSESSED = text("""
SELECT count(*) FROM (
    SELECT person_id FROM assignments WHERE pilot_id = :pilot
    UNION SELECT person_id FROM listings WHERE court = ANY (:courts) AND starts_at >= :since AND starts_at < :until
) people
""")


def gather(session: Session, pilot: Pilot, protocol: Protocol, now: datetime) -> None:
    """Make the table `pilot_people` for the rest of this transaction."""
    for name in ("pilot_people", "pilot_texts", "pilot_outcomes"):
        session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{name}"))
    # A million people are joined and grouped by hash in memory; by sorting, grouping alone took four times as long.
    session.execute(text("SET LOCAL work_mem = '256MB'"))
    given = {"pilot": pilot.id, "sent": [str(state) for state in SENT_OR_MAYBE]}
    session.execute(_SENT, given)
    session.execute(_HEARD, given)
    for name in ("pilot_texts", "pilot_outcomes"):
        session.execute(text(f"ANALYZE pg_temp.{name}"))
    texted = [arm.name for arm in protocol.arms if arm.texted]
    session.execute(_PEOPLE, given | {"lag": protocol.outcome_lag_days, "now": now, "texted": texted})
    session.execute(text("ANALYZE pg_temp.pilot_people"))


def cells(session: Session, names: Sequence[str] = EVERYTHING) -> list[Cell]:
    """The people grouped by these fields, in a stable order; the other fields keep their defaults."""
    columns = ", ".join(f'"{name}"' for name in names)
    query = f"SELECT {columns}, count(*) AS n FROM pilot_people GROUP BY {columns}"  # noqa: S608 - names of this module
    # The groups are put in order here: asked for it, PostgreSQL sorts the people.
    rows = sorted(
        session.execute(text(query)).mappings(), key=lambda row: [str(value) for value in row.values()]
    )
    return [Cell(**row) for row in rows]


def days_lost(session: Session) -> list[Lost]:
    """The people grouped by what decides an outcome, each group with the days that they lost and the sum of their squares."""
    columns = ", ".join(f'"{name}"' for name in BY_DAYS_LOST)
    query = (
        f"SELECT {columns}, count(*) AS n, coalesce(sum(days_lost), 0) AS days,"  # noqa: S608 - names of this module
        f" coalesce(sum(days_lost * days_lost), 0) AS squares FROM pilot_people GROUP BY {columns}"
    )
    rows = [dict(row) for row in session.execute(text(query)).mappings()]
    found = [Lost(int(row.pop("days")), int(row.pop("squares")), Cell(**row)) for row in rows]
    return sorted(found, key=lambda one: repr(one.cell))


def households(session: Session) -> list[tuple[int, Cell]]:
    """The people who were assigned together with somebody, each cluster's cells with its number."""
    columns = ", ".join(f'"{name}"' for name in EVERYTHING)
    query = (
        f"SELECT cluster, {columns}, count(*) AS n FROM pilot_people WHERE cluster IN"  # noqa: S608 - names of this module
        f" (SELECT cluster FROM pilot_people GROUP BY cluster HAVING count(*) > 1) GROUP BY cluster, {columns} ORDER BY cluster"
    )
    rows = [dict(row) for row in session.execute(text(query)).mappings()]
    return [(row.pop("cluster"), Cell(**row)) for row in rows]


def excluded(session: Session, pilot: Pilot, protocol: Protocol) -> dict[str, int]:
    """People who were assessed and not assigned, by reason."""
    given = _window(protocol) | {"pilot": pilot.id, "cases": list(protocol.cases)}
    return {row.reason: row.people for row in session.execute(_EXCLUDED, given)}


def assessed(session: Session, pilot: Pilot, protocol: Protocol) -> int:
    """Everybody assessed, counted straight from the rows."""
    return int(session.scalar(_ASSESSED, _window(protocol) | {"pilot": pilot.id}) or 0)


def assigned(session: Session, pilot: Pilot) -> dict[str, int]:
    """People by arm, counted straight from the rows."""
    query = text("SELECT arm, count(*) AS people FROM assignments WHERE pilot_id = :pilot GROUP BY arm")
    return {row.arm: row.people for row in session.execute(query, {"pilot": pilot.id})}


def shared_later(session: Session) -> int:
    """People of the pilot of whom it was found after assignment that they share a number with somebody of another cluster."""
    return int(session.scalar(text("SELECT count(*) FROM pilot_people WHERE shared_later")) or 0)


def reach(session: Session) -> list[dict[str, Any]]:
    """Of the arms that are texted: people, sent, delivered, stopped and wrong, by the source and age of the number."""
    query = text(
        "SELECT arm, source, contact_age AS age, count(*) AS people, count(*) FILTER (WHERE sent > 0) AS sent,"
        " count(*) FILTER (WHERE texts = 'delivered') AS delivered, count(*) FILTER (WHERE stopped) AS stopped,"
        " count(*) FILTER (WHERE wrong) AS wrong, sum(sent) AS texts, sum(segments) AS segments"
        " FROM pilot_people GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    return [
        {name: int(value) if not isinstance(value, str) else value for name, value in row.items()}
        for row in session.execute(query).mappings()
    ]


def rows(session: Session) -> Iterator[dict[str, Any]]:
    """Every person, streamed in an order that says nothing: by a hash that only this export has."""
    names = (
        *EVERYTHING,
        "cluster",
        "source",
        "contact_age",
        "week",
        "days_lost",
        "sent",
        "segments",
        "shared_later",
    )
    columns = ", ".join(f'"{name}"' for name in names)
    query = text(f"SELECT {columns} FROM pilot_people ORDER BY random()")  # noqa: S608 - names of this module
    for row in session.execute(query.execution_options(yield_per=5000)).mappings():
        yield dict(row)


def _window(protocol: Protocol) -> dict[str, Any]:
    return {
        "courts": list(protocol.courts),
        "since": at_london(protocol.since, time.min),
        "until": at_london(protocol.until + timedelta(days=1), time.min),
    }


def months(session: Session, protocol: Protocol, until: date) -> list[dict[str, Any]]:
    """First hearings by month and court, with and without somebody who came: what history can say where everybody is texted."""
    query = text("""
        SELECT date_trunc('month', o.day)::date AS month, l.court = ANY (:courts) AS own,
            count(*) FILTER (WHERE o.attendance = 'absent') AS events, count(*) AS n
        FROM outcomes o JOIN listings l ON l.id = o.listing_id
        WHERE o.superseded_at IS NULL AND o.attendance <> 'unknown' AND l.first_hearing AND l.status <> 'cancelled'
        AND l.custody <> 'custody' AND o.day < date_trunc('month', CAST(:until AS date)) GROUP BY 1, 2 ORDER BY 1, 2
    """)
    given = {"courts": list(protocol.courts), "until": until}
    return [dict(row) for row in session.execute(query, given).mappings()]
