"""What the data can carry: whose numbers reach them, what was left out and why, which feeds have gone quiet.

Reach is the result: of everybody due in court, how many have a number that is theirs, and how many texts arrived. Counts only: nobody is
named, and no arm appears. A handful of statements, each over whole tables.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from services.common import clock
from services.common.context import Heed
from services.common.outbox.states import SENT_OR_MAYBE
from services.common.spreadsheet import to_csv as written
from services.reminders import outcomes_due

SPANS = ("ahead", "recent")
RECENT, DELIVERIES = timedelta(days=90), timedelta(days=30)
HEADER = ("section", "name", "value")
ODD = ("listings", "without a time", "uncertain time", "suspended", "called off", "moved", "moves")

# People by what is known of their number, in the order in which cases.mobile_states decides it: whoever has a hearing in either span
# is one row until they are counted, and one row of the answer speaks of both spans. A number is shared where two people of the span
# have it; copies of one human are one.
AGES = ("90 days or more", "30 to 89 days", "7 to 29 days", "under 7 days", "after the hearing", "no number")
AGE = """CASE WHEN s.{span} IS NULL THEN NULL
         WHEN c.received_at IS NULL THEN 'no number'
         WHEN c.received_at > s.{span} THEN 'after the hearing'
         WHEN c.received_at > s.{span} - interval '7 days' THEN 'under 7 days'
         WHEN c.received_at > s.{span} - interval '30 days' THEN '7 to 29 days'
         WHEN c.received_at > s.{span} - interval '90 days' THEN '30 to 89 days'
         ELSE '90 days or more' END AS {span}_age"""
SHARED = "count(DISTINCT coalesce(p.match_key, int8send(p.id))) FILTER (WHERE {listing}) > 1"
PEOPLE = text(f"""
WITH spans AS (
    SELECT person_id, min(starts_at) FILTER (WHERE status = 'listed' AND starts_at > :now) AS ahead,
        max(starts_at) FILTER (WHERE status <> 'cancelled' AND starts_at <= :now) AS recent
    FROM listings WHERE starts_at > :recent GROUP BY person_id
), twice AS (
    SELECT number_key FROM contacts WHERE current AND number_key IS NOT NULL GROUP BY number_key HAVING count(*) > 1
), shared AS (
    SELECT c.number_key, {SHARED.format(listing="l.status = 'listed' AND l.starts_at > :now")} AS ahead,
        {SHARED.format(listing="l.status <> 'cancelled' AND l.starts_at <= :now")} AS recent
    FROM twice JOIN contacts c ON c.number_key = twice.number_key AND c.current
    JOIN people p ON p.id = c.person_id AND NOT p.organisation
    JOIN listings l ON l.person_id = p.id AND l.starts_at > :recent
    GROUP BY c.number_key
), texted AS (
    SELECT to_key, bool_or(carrier_status IN ('delivered', 'read')) AS delivered FROM outbox
    WHERE to_key IS NOT NULL AND state = ANY (:sent) GROUP BY to_key
)
SELECT {", ".join(AGE.format(span=span) for span in SPANS)}, coalesce(c.source, 'none') AS source,
    CASE WHEN c.number_key IS NULL THEN CASE WHEN coalesce(c.problem, 'missing') = 'missing' THEN 'missing' ELSE 'invalid: ' || c.problem END
         WHEN w.stopped_at IS NOT NULL THEN 'stopped'
         WHEN w.wrong_at IS NOT NULL THEN 'wrong number'
         WHEN w.bad_at IS NOT NULL THEN 'dead'
         ELSE 'valid' END AS number,
    coalesce(h.ahead, false) AS ahead_shared, coalesce(h.recent, false) AS recent_shared,
    CASE WHEN t.to_key IS NULL THEN 'never texted' WHEN t.delivered THEN 'delivered' ELSE 'never delivered' END AS texts,
    count(*) AS people
FROM spans s
LEFT JOIN contacts c ON c.person_id = s.person_id AND c.current
LEFT JOIN number_states w ON w.number_key = c.number_key
LEFT JOIN shared h ON h.number_key = c.number_key
LEFT JOIN texted t ON t.to_key = c.number_key
WHERE s.person_id NOT IN (SELECT id FROM people WHERE organisation)
GROUP BY 1, 2, 3, 4, 5, 6, 7
""")  # noqa: S608 - words of this module

# Listings alike in all that is counted of them, in one walk; those without a time count as ahead. Most are spoken of by one feed
# alone, which the comma between two tells sooner than taking them apart.
LISTINGS = text("""
SELECT CASE WHEN starts_at <= :now THEN 'recent' ELSE 'ahead' END AS span, starts_at IS NULL AS timeless, status, version, reasons,
    days @> '[{"cancelled": false, "certain": false}]' OR CASE WHEN position(',' IN CAST(stated AS text)) = 0
        THEN false ELSE (SELECT min(said) <> max(said) FROM jsonb_each_text(stated) AS feed (name, said)) END AS uncertain,
    count(*) AS listings
FROM listings WHERE starts_at IS NULL OR starts_at > :recent GROUP BY 1, 2, 3, 4, 5, 6
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


# A county's people are counted in memory: sorting them on disk first took a fifth of the whole.
IN_MEMORY = text("SET LOCAL work_mem = '64MB'")


def report(heed: Heed) -> dict[str, Any]:
    """Every figure as it stands now, in nested names; `as_rows` flattens them.

    People and hearings are counted beside each other, on a connection each: one after the other a county took a third of a second.
    """
    with ThreadPoolExecutor(1) as beside, heed.database.begin() as session:
        now = clock.now(session)
        when = {"now": now, "recent": now - RECENT}
        people = beside.submit(_people, heed, when)
        alike = session.execute(LISTINGS, when).all()
        others = {
            "listings": _listings(alike),
            "reasons": _reasons(alike),
            "feeds": _feeds(session, now),
            "unknown_codes": {row.code: row.outcomes for row in session.execute(CODES)},
            "outcomes": outcomes_due.counts(session, now),
            "suggested_duplicates": session.scalar(SUGGESTED),
        }
        return {"at": now.isoformat(), "people": people.result()} | others


def _people(heed: Heed, when: dict[str, Any]) -> dict[str, Any]:
    """People by their number's state, its source and age, and by whether any text reached it."""
    found: dict[str, dict[str, Any]] = {
        span: {"people": 0, "numbers": Counter(), "texts": Counter(), "by_source": {}, "by_age": {}}
        for span in SPANS
    }
    with heed.database.begin() as session:
        session.execute(IN_MEMORY)
        rows = session.execute(PEOPLE, when | {"sent": [str(state) for state in SENT_OR_MAYBE]}).all()
    for row, name in product(rows, SPANS):
        age, shared = getattr(row, f"{name}_age"), getattr(row, f"{name}_shared")
        if age is None:
            continue
        span, number = found[name], "shared" if shared and row.number == "valid" else row.number
        span["people"] += row.people
        for cell in (
            span,
            span["by_source"].setdefault(row.source, _cell()),
            span["by_age"].setdefault(age, _cell()),
        ):
            cell["numbers"][number] += row.people
            cell["texts"][row.texts] += row.people
    return found


def _cell() -> dict[str, Counter[str]]:
    return {"numbers": Counter(), "texts": Counter()}


def _listings(alike: Sequence[Row[Any]]) -> dict[str, dict[str, int]]:
    """Listings by what is odd about them."""
    found: dict[str, dict[str, int]] = {}
    for row in alike:
        counts = found.setdefault(row.span, dict.fromkeys(ODD, 0))
        for name, number in (
            ("listings", 1),
            ("without a time", row.timeless),
            ("uncertain time", bool(row.uncertain)),
            ("suspended", row.status == "suspended"),
            ("called off", row.status == "cancelled"),
            ("moved", row.version > 1),
            ("moves", row.version - 1),
        ):
            counts[name] += number * row.listings
    return found


def _reasons(alike: Sequence[Row[Any]]) -> dict[str, Any]:
    """Listings by their first reason not to be texted, and by each of their reasons; "none" has those that are eligible.

    The arm is left out of them, and of hearings that were, that there is a result."""
    found: dict[str, Any] = {span: {"first": Counter(), "all": Counter()} for span in SPANS}
    for row in alike:
        silent = ("control-arm", "resulted") if row.span == "recent" else ("control-arm",)
        codes = [code for code in row.reasons if code not in silent]
        found[row.span]["first"][codes[0] if codes else "none"] += row.listings
        for code in codes:
            found[row.span]["all"][code] += row.listings
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
