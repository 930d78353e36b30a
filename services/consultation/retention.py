"""The retention rules of Consultation: one a table (see common/retention.py).

A consultation's words and numbers are kept for so many days after it has closed, for the report and its answers; the standing post's by
their own age. Whoever is held stays whole. What is counted stays.
"""

from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.common import clock
from services.common.context import Heed
from services.common.database import among
from services.common.retention import Rule, common_rules, emptied, kept
from services.consultation import erasure, subject
from services.consultation.models import Hold, Respondent
from services.consultation.subject import Subject

HELD = "EXISTS (SELECT FROM holds h WHERE h.released_at IS NULL AND h.subject_key = {key})"
OVER = "coalesce(c.closes_at, (SELECT max(s.ended_at) FROM submissions s WHERE s.respondent_id = r.id), r.first_at) < :before"
PAST = text(
    "SELECT r.id FROM respondents r JOIN consultations c ON c.id = r.consultation_id"  # noqa: S608 - our own words
    f" WHERE r.erased_at IS NULL AND {OVER} AND r.id > :after"
    f" AND NOT {HELD.format(key='r.number_key')} AND NOT {HELD.format(key='r.email_key')}"
    " ORDER BY r.id LIMIT :batch"
)
# A text whose words are a response to what is not over yet.
STILL_READ = (
    "EXISTS (SELECT FROM submission_texts t JOIN submissions s ON s.id = t.submission_id"
    " JOIN respondents r ON r.id = s.respondent_id WHERE t.inbound_id = inbound.id AND r.erased_at IS NULL)"
    " OR EXISTS (SELECT FROM answers a JOIN respondents r ON r.id = a.respondent_id"
    " WHERE a.inbound_id = inbound.id AND r.erased_at IS NULL)"
)


def _respondents(heed: Heed, session: Session, before: datetime, batch: int) -> int:
    """Empty a batch of people. Where a whole batch is held, by a receipt or through a merge, the next ones are looked at."""
    after, ids = 0, []
    while True:
        ids = list(session.scalars(PAST, {"before": before, "after": after, "batch": batch}))
        free = _free(heed, session, ids)
        if free:
            inbound = subject.texts_of(session, free, None)
            who = Subject(b"", None, tuple(free), inbound, frozenset())
            erasure.erase_rows(session, who, clock.now(session))
        if free or len(ids) < batch:
            return len(free)
        after = ids[-1]


def _free(heed: Heed, session: Session, ids: list[int]) -> list[int]:
    held = set(session.scalars(select(Hold.subject_key).where(Hold.released_at.is_(None))))
    if not held:
        return ids
    rows = session.scalars(select(Respondent).where(among(Respondent.id, ids)).order_by(Respondent.id))
    return [row.id for row in rows if not subject.keys_of_one(heed, session, row) & held]


RULES = (
    Rule(
        "respondents",
        "number, address and organisation are emptied after the consultation; the coded facts that are counted stay",
        "content",
        (_respondents,),
    ),
    *common_rules(HELD),
    emptied(
        "inbound",
        "from_key = '', from_enc = '', body_enc = NULL",
        f"handled_at < :before AND octet_length(from_enc) > 0 AND NOT ({STILL_READ})"
        f" AND NOT {HELD.format(key='inbound.from_key')}",
        "content",
        "number and words are emptied, those of a response with their respondent; what it was taken for stays",
    ),
    kept("consultations", "frozen questionnaires"),
    Rule("submissions", "words are emptied with their respondent; channel, kind, times and standing stay"),
    kept("submission_texts", "which text belongs to which response; numbers of rows"),
    Rule("answers", "words are emptied with their respondent; coded answers stay"),
    Rule("conversations", "deleted with their respondent"),
    Rule("scans", "deleted with their respondent"),
    kept("batches", "which file a response came in"),
    kept("campaigns", "which responses are copies of one text"),
    kept("suggestions", "what was decided of likely duplicates; numbers of rows"),
    kept("merges", "which respondents are one; numbers of rows"),
    emptied(
        "invitations",
        "number_key = NULL, consent_enc = NULL",
        "(number_key IS NOT NULL OR consent_enc IS NOT NULL) AND EXISTS (SELECT FROM consultations c"
        " WHERE c.id = invitations.consultation_id AND c.closes_at < :before)"
        f" AND NOT {HELD.format(key='invitations.number_key')}",
        "content",
        "the number's hash and who gave consent are emptied; how, when and the answer's time stay",
    ),
    kept("codeframes", "which themes there were, in each version"),
    kept("codings", "what a response counts as, and who said so; numbers of rows"),
    Rule("review_turns", "deleted with their respondent"),
    kept("theme_runs", "how good each run of suggestions was"),
    Rule("suggested_themes", "deleted with their respondent"),
    Rule("text_vectors", "deleted with their respondent"),
    Rule(
        "candidates",
        "undecided ones are deleted with a respondent of theirs, the words of decided ones emptied",
    ),
    Rule("redactions", "deleted with their respondent"),
    kept("publicity", "figures of what was done to be heard"),
    kept("feedback", "what was considered and done, as it is published, and who wrote and approved it"),
    kept("feedback_texts", "which respondent was texted; the text itself stands in the outbox"),
    kept("feedback_told", "who was told of which theme, so that nobody is told twice; numbers of rows"),
    Rule("lookup_misses", "deleted an hour later, with the next one"),
    kept("bundles", "what other bodies were sent: how many, when, and the file's hash"),
    kept("bundle_rows", "which responses were in which bundle; numbers of rows"),
    kept("holds", "keyed hashes: whom nobody may erase, and why"),
)
