"""What the data can carry: whose numbers reach them, what was left out and why, which feeds have gone quiet.

Reach is the result: of everybody due in court, how many have a number that is theirs, and how many texts arrived. Counts only: nobody is
named, and no arm appears. A handful of statements, each over whole tables.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.common.outbox.states import SENT_OR_MAYBE
from services.common.spreadsheet import to_csv as written
from services.reminders import outcomes_due

SPANS = ("ahead", "recent")
RECENT, DELIVERIES = timedelta(days=90), timedelta(days=30)
HEADER = ("section", "name", "value")

# One row a person and span, on their next hearing or their last one, with the state of their number in the order in which
# cases.mobile_states decides it. A number is shared where two people of the span have it; copies of one human are one.
PEOPLE = text("""
WITH spans AS (
    SELECT 'ahead' AS span, person_id, min(starts_at) AS hearing FROM listings
    WHERE status = 'listed' AND starts_at > :now GROUP BY person_id
    UNION ALL
    SELECT 'recent', person_id, max(starts_at) FROM listings
    WHERE status <> 'cancelled' AND starts_at <= :now AND starts_at > :recent GROUP BY person_id
), numbered AS (
    SELECT s.span, s.hearing, coalesce(p.match_key, int8send(p.id)) AS human, c.number_key, c.problem, c.source, c.received_at
    FROM spans s JOIN people p ON p.id = s.person_id AND NOT p.organisation
    LEFT JOIN contacts c ON c.person_id = p.id AND c.current
), shared AS (
    SELECT span, number_key FROM numbered WHERE number_key IS NOT NULL GROUP BY span, number_key HAVING count(DISTINCT human) > 1
), texted AS (
    SELECT to_key, bool_or(carrier_status IN ('delivered', 'read')) AS delivered FROM outbox
    WHERE to_key IS NOT NULL AND state = ANY (:sent) GROUP BY to_key
)
SELECT n.span, coalesce(n.source, 'none') AS source,
    CASE WHEN n.received_at IS NULL THEN 'no number'
         WHEN n.received_at > n.hearing THEN 'after the hearing'
         WHEN n.received_at > n.hearing - interval '7 days' THEN 'under 7 days'
         WHEN n.received_at > n.hearing - interval '30 days' THEN '7 to 29 days'
         WHEN n.received_at > n.hearing - interval '90 days' THEN '30 to 89 days'
         ELSE '90 days or more' END AS age,
    CASE WHEN n.number_key IS NULL THEN CASE WHEN coalesce(n.problem, 'missing') = 'missing' THEN 'missing' ELSE 'invalid: ' || n.problem END
         WHEN w.stopped_at IS NOT NULL THEN 'stopped'
         WHEN w.wrong_at IS NOT NULL THEN 'wrong number'
         WHEN w.bad_at IS NOT NULL THEN 'dead'
         WHEN s.number_key IS NOT NULL THEN 'shared'
         ELSE 'valid' END AS number,
    CASE WHEN t.to_key IS NULL THEN 'never texted' WHEN t.delivered THEN 'delivered' ELSE 'never delivered' END AS texts,
    count(*) AS people
FROM numbered n
LEFT JOIN number_states w ON w.number_key = n.number_key
LEFT JOIN shared s ON s.span = n.span AND s.number_key = n.number_key
LEFT JOIN texted t ON t.to_key = n.number_key
GROUP BY 1, 2, 3, 4, 5
""")

# Listings by what is odd about them; those without a time count as ahead. The words for "who is texted" leave the arm out.
# Most are spoken of by one feed alone, which the comma between two tells sooner than taking them apart.
LISTINGS = text("""
SELECT CASE WHEN starts_at <= :now THEN 'recent' ELSE 'ahead' END AS span,
    count(*) AS listings,
    count(*) FILTER (WHERE starts_at IS NULL) AS "without a time",
    count(*) FILTER (WHERE days @> jsonb_build_array(jsonb_build_object('cancelled', false, 'certain', false)) OR CASE WHEN position(',' IN CAST(stated AS text)) = 0
        THEN false ELSE (SELECT min(said) <> max(said) FROM jsonb_each_text(stated) AS feed (name, said)) END) AS "uncertain time",
    count(*) FILTER (WHERE status = 'suspended') AS suspended,
    count(*) FILTER (WHERE status = 'cancelled') AS "called off",
    count(*) FILTER (WHERE version > 1) AS moved,
    coalesce(sum(version - 1), 0) AS moves
FROM listings WHERE starts_at IS NULL OR starts_at > :recent GROUP BY 1
""")
REASONS = text("""
WITH judged AS (
    SELECT CASE WHEN starts_at <= :now THEN 'recent' ELSE 'ahead' END AS span,
        array_remove(CASE WHEN starts_at <= :now THEN array_remove(reasons, 'resulted') ELSE reasons END, 'control-arm') AS codes
    FROM listings WHERE starts_at IS NULL OR starts_at > :recent
)
SELECT span, 'first' AS kind, coalesce(codes[1], 'none') AS code, count(*) AS listings FROM judged GROUP BY 1, 3
UNION ALL
SELECT span, 'all', code, count(*) FROM judged CROSS JOIN LATERAL unnest(codes) AS one (code) GROUP BY 1, 3
""")
FEEDS = text("""
SELECT format, count(*) FILTER (WHERE received_at > :since AND status = 'received') AS received,
    count(*) FILTER (WHERE received_at > :since AND status = 'applied') AS applied,
    count(*) FILTER (WHERE received_at > :since AND status = 'partly_applied') AS partly_applied,
    count(*) FILTER (WHERE received_at > :since AND status = 'rejected') AS rejected,
    max(received_at) AS last
FROM deliveries GROUP BY format
""")
REJECTIONS = text("""
SELECT d.format, one.said ->> 'code' AS code, count(*) AS records
FROM deliveries d CROSS JOIN LATERAL jsonb_array_elements(d.rejections) AS one (said)
WHERE d.received_at > :since AND jsonb_typeof(d.rejections) = 'array' GROUP BY 1, 2
""")
CODES = text("""
SELECT one.code, count(*) AS outcomes
FROM outcomes o CROSS JOIN LATERAL jsonb_array_elements_text(o.detail -> 'unknown_codes') AS one (code)
WHERE o.superseded_at IS NULL GROUP BY 1
""")
# As `heed review people` suggests them.
SUGGESTED = text("""
SELECT count(*) FROM people one JOIN people other ON other.match_key = one.match_key AND other.id > one.id
WHERE one.merged_into IS NULL AND other.merged_into IS NULL AND NOT EXISTS (
    SELECT FROM person_decisions d WHERE d.decision = 'different'
    AND least(d.kept_id, d.other_id) = one.id AND greatest(d.kept_id, d.other_id) = other.id)
""")


def report(session: Session, now: datetime) -> dict[str, Any]:
    """Every figure as it stands now, in nested names; `as_rows` flattens them."""
    when = {"now": now, "recent": now - RECENT}
    return {
        "at": now.isoformat(),
        "people": _people(session, when),
        "listings": {row.span: _plain(row) for row in session.execute(LISTINGS, when)},
        "reasons": _reasons(session, when),
        "feeds": _feeds(session, now),
        "unknown_codes": {row.code: row.outcomes for row in session.execute(CODES)},
        "outcomes": outcomes_due.counts(session, now),
        "suggested_duplicates": session.scalar(SUGGESTED),
    }


def _people(session: Session, when: dict[str, Any]) -> dict[str, Any]:
    """People by their number's state, its source and age, and by whether any text reached it."""
    found: dict[str, dict[str, Any]] = {
        span: {"people": 0, "numbers": Counter(), "texts": Counter(), "by_source": {}, "by_age": {}}
        for span in SPANS
    }
    for row in session.execute(PEOPLE, when | {"sent": [str(state) for state in SENT_OR_MAYBE]}):
        span = found[row.span]
        span["people"] += row.people
        span["numbers"][row.number] += row.people
        span["texts"][row.texts] += row.people
        for cut, name in (("by_source", row.source), ("by_age", row.age)):
            cell = span[cut].setdefault(name, {"numbers": Counter(), "texts": Counter()})
            cell["numbers"][row.number] += row.people
            cell["texts"][row.texts] += row.people
    return found


def _plain(row: Any) -> dict[str, int]:
    return {name: int(value) for name, value in row._mapping.items() if name != "span"}


def _reasons(session: Session, when: dict[str, Any]) -> dict[str, Any]:
    """Listings by their first reason not to be texted, and by each of their reasons; "none" has those that are eligible."""
    found: dict[str, Any] = {span: {"first": {}, "all": {}} for span in SPANS}
    for row in session.execute(REASONS, when):
        found[row.span][row.kind][row.code] = row.listings
    return found


def _feeds(session: Session, now: datetime) -> dict[str, Any]:
    """By format: deliveries of the last 30 days by what became of them, records left out by code, and when the last one came."""
    since = {"since": now - DELIVERIES}
    found = {
        row.format: {
            "deliveries": {
                name: getattr(row, name) for name in ("received", "applied", "partly_applied", "rejected")
            },
            "rejections": {},
            "last": row.last.isoformat(),
            "hours_ago": round((now - row.last) / timedelta(hours=1), 1),
        }
        for row in session.execute(FEEDS, since)
    }
    for row in session.execute(REJECTIONS, since):
        found[row.format]["rejections"][row.code] = row.records
    return found


def as_rows(figures: dict[str, Any], section: str = "") -> Iterator[tuple[str, str, Any]]:
    """The figures one by one, for a spreadsheet: section ("people.ahead.numbers"), name and value."""
    for name, value in figures.items():
        if isinstance(value, dict):
            yield from as_rows(value, f"{section}.{name}" if section else name)
        else:
            yield section or "report", name, value


def to_csv(figures: dict[str, Any]) -> bytes:
    """The figures as CSV."""
    return written(HEADER, as_rows(figures))
