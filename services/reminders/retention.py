"""The retention rules of Reminders: one a table (see common/retention.py)."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from services.common.context import Heed
from services.common.retention import Rule, common_rules, deleted, emptied, kept
from services.reminders import erasing

HELD = (
    "EXISTS (SELECT FROM restrictions r JOIN contacts c ON c.person_id = r.person_id"
    " WHERE r.ended_at IS NULL AND c.number_key = {key})"
)
# Whose last hearing, and whose pilot, are over for long enough, and of whom nothing is held.
PAST = text(
    "SELECT p.id FROM people p WHERE p.erased_at IS NULL AND p.created_at < :before"
    " AND NOT EXISTS (SELECT FROM listings l WHERE l.person_id = p.id"
    "   AND greatest(coalesce(l.starts_at, l.created_at), l.updated_at) >= :before)"
    " AND NOT EXISTS (SELECT FROM restrictions r WHERE r.person_id = p.id AND r.ended_at IS NULL)"
    " AND NOT EXISTS (SELECT FROM assignments a JOIN pilots t ON t.id = a.pilot_id WHERE a.person_id = p.id"
    "   AND CAST(t.protocol->>'until' AS date) >= CAST(CAST(:before AS timestamptz) AS date))"
    " ORDER BY p.id LIMIT :batch FOR UPDATE SKIP LOCKED"
)


def _people(heed: Heed, session: Session, before: datetime, batch: int) -> int:
    past = list(session.scalars(PAST, {"before": before, "batch": batch}))
    if past:
        erasing.people(session, past, before)
    return len(past)


RULES = (
    # Texts of a person go by their own age, before the contacts that say whether they are held.
    *common_rules(HELD),
    emptied(
        "inbound",
        "from_key = '', from_enc = '', body_enc = NULL",
        f"handled_at < :before AND octet_length(from_enc) > 0 AND NOT {HELD.format(key='inbound.from_key')}",
        "content",
        "number and words are emptied; what it was taken for stays",
    ),
    emptied(
        "replies",
        "number_key = ''",
        f"at < :before AND octet_length(number_key) > 0 AND NOT {HELD.format(key='replies.number_key')}",
        "content",
        "the number's hash is emptied; kind and times stay",
    ),
    emptied(
        "deliveries",
        "body_enc = ''",
        "applied_at < :before AND octet_length(body_enc) > 0",
        "pushes",
        "the raw body is emptied, and can no longer be replayed; counts and rejections stay",
    ),
    Rule(
        "people",
        "name, birth date and keys are emptied once the last hearing, and any pilot they are in, is over for so long",
        "content",
        (_people,),
    ),
    Rule("person_keys", "deleted with their person"),
    Rule("contacts", "deleted with their person"),
    Rule(
        "listings",
        "references, offences and markers are emptied with their person; court, days and status stay",
    ),
    Rule("listing_keys", "deleted with their person"),
    deleted(
        "hearing_versions",
        "hearing_key",
        "coalesce(version, deleted_at) < :before"
        " AND NOT EXISTS (SELECT FROM listings l WHERE l.hearing_key = hearing_versions.hearing_key)",
        "history",
        "deleted once no listing has the key",
    ),
    deleted(
        "snapshots",
        "(source, court, day, room)",
        "day < CAST(CAST(:before AS timestamptz) AS date)",
        "history",
        "deleted",
    ),
    kept("person_decisions", "which rows were one; it names rows alone"),
    kept("pauses", "why people of a court were not texted"),
    kept("releases", "which days were let go, by whom"),
    Rule("calls", "the note is emptied with its person"),
    kept("outcomes", "what is counted: codes and dates of a row that names nobody"),
    kept("pilots", "locked protocols; a trigger refuses changes"),
    kept("assignments", "what is counted; de-identified, and a trigger refuses changes"),
    kept("pilot_looks", "reports as they were shown"),
    deleted("restrictions", "id", "ended_at < :before", "history", "ended ones are deleted"),
    emptied(
        "incidents",
        "note_enc = NULL",
        "decided_at < :before AND note_enc IS NOT NULL",
        "content",
        "the note is emptied; times and decision stay",
    ),
)
