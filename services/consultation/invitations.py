"""Asking people by text who agreed to be asked: once each, paced, inside the window, and never against the register.

A consultation asks a person once; a feedback request once in the time that its questionnaire sets.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.common import audit, clock, numbers, progress
from services.common.acts import Refused
from services.common.context import Heed
from services.common.copying import copy_rows
from services.common.database import among, serialise
from services.common.outbox.intentions import Intention, intend_first
from services.common.segments import count, plain
from services.consultation import questionnaire
from services.consultation.contact_rows import Contact
from services.consultation.dispatch import INVITATION, last_due
from services.consultation.imports import batch
from services.consultation.linking import ids
from services.consultation.models import Batch, Consultation, Invitation, Respondent
from services.consultation.pacing import PER_HOUR, paced
from services.consultation.questionnaire import Questionnaire
from services.consultation.states import Kind

PRIORITY = 60  # after every reply
USEFUL_FOR = timedelta(days=3)


@dataclass(frozen=True, slots=True, repr=False)
class Planned:
    """One invitation: whom, when, and which words."""

    contact: Contact
    number_key: bytes
    due_at: datetime
    words: str


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """What a file of contacts comes to: the invitations, and how many people are passed over, by reason."""

    invitations: list[Planned]
    skipped: dict[str, int]

    def shown(self) -> dict[str, Any]:
        """The plan in figures: {"invited", "skipped", "segments", "first_at", "last_at", "texts"}."""
        texts = Counter(one.words for one in self.invitations)
        return {
            "invited": len(self.invitations),
            "skipped": self.skipped,
            "segments": sum(count(words).segments * number for words, number in texts.items()),
            "first_at": self.invitations[0].due_at if self.invitations else None,
            "last_at": self.invitations[-1].due_at if self.invitations else None,
            "texts": list(texts),
        }


def plan(
    heed: Heed,
    session: Session,
    consultation: Consultation,
    title: str,
    contacts: Sequence[Contact],
    per_hour: int = PER_HOUR,
) -> Plan:
    """Who of these would be asked, and when; nothing is written. Raises Refused."""
    now = clock.now(session)
    if consultation.closes_at is not None and now >= consultation.closes_at:
        raise Refused("closed", f"{consultation.id} has closed: nobody is asked about it any more")
    parsed = questionnaire.parse(consultation.questionnaire)
    words = {language: plain(said) for language, said in parsed.invitation.items()}
    if not words:
        raise Refused("no-invitation", f"the questionnaire of {consultation.id} has no text 'invitation'")
    keyed = {one.reference: (heed.index.of(one.mobile, "number"), one) for one in contacts}
    against = _against(session, consultation, parsed, title, [key for key, _ in keyed.values()], now)
    known = _known(session, consultation.id, title)
    skipped: Counter[str] = Counter()
    asked: list[tuple[bytes, Contact]] = []
    for number, (reference, (key, one)) in enumerate(keyed.items()):
        progress.tell(number)
        reason = "already-invited" if reference in known else against.get(key)
        if reason:
            skipped[reason] += 1
        else:
            against[key] = "already-invited"  # twice in one file
            asked.append((key, one))
    skipped["already-invited"] += len(contacts) - len(keyed)
    times = paced(max(now, consultation.opens_at, last_due(session, now)), per_hour)
    english = words.get("en") or next(iter(words.values()))
    planned = [
        Planned(one, key, at, words.get(one.language, english))
        for (key, one), at in zip(asked, times, strict=False)
    ]
    if planned and consultation.closes_at is not None and planned[-1].due_at >= consultation.closes_at:
        raise Refused(
            "too-slow",
            f"at {per_hour} an hour the last would go after {consultation.id} closes: raise the pace",
        )
    return Plan(planned, {reason: number for reason, number in skipped.items() if number})


def invite(
    heed: Heed,
    session: Session,
    consultation: Consultation,
    title: str,
    contacts: Sequence[Contact],
    by: str,
    per_hour: int = PER_HOUR,
) -> Plan:
    """Write the invitations of this batch that are not yet there, each with its text. Raises Refused."""
    serialise(session, f"consultation:{consultation.id}")
    made = plan(heed, session, consultation, title, contacts, per_hour)
    now = clock.now(session)
    batch_id = batch(session, consultation.id, title, by, now)
    numbered = list(zip(ids(session, "invitations", len(made.invitations)), made.invitations, strict=True))
    copy_rows(
        session,
        Invitation,
        COLUMNS,
        (
            (
                number,
                consultation.id,
                batch_id,
                one.contact.reference,
                one.number_key,
                one.contact.consent,
                heed.cipher.seal(one.contact.consented_by, "consent"),
                one.contact.consented_on,
                one.contact.victim,
                now,
            )
            for number, one in numbered
        ),
    )
    intend_first(session, [_intention(heed, consultation, number, one) for number, one in numbered], now)
    if contacts:
        audit.record(
            session,
            by,
            "people-invited",
            f"batch:{batch_id}",
            invited=len(numbered),
            skipped=sum(made.skipped.values()),
        )
    return made


COLUMNS = (
    "id", "consultation_id", "batch_id", "row_ref", "number_key", "consent", "consent_enc", "consented_on", "victim",
    "invited_at",
)  # fmt: skip


def _intention(heed: Heed, consultation: Consultation, number: int, one: Planned) -> Intention:
    until = one.due_at + USEFUL_FOR
    return Intention(
        dedupe_key=f"{INVITATION}:{number}",
        kind=INVITATION,
        subject_id=number,
        due_at=one.due_at,
        useful_until=min(until, consultation.closes_at or until),
        priority=PRIORITY,
        to_key=one.number_key,
        to_enc=heed.cipher.seal(one.contact.mobile, "number"),
        body_enc=heed.cipher.seal(one.words, "body"),
    )


def _against(
    session: Session,
    consultation: Consultation,
    parsed: Questionnaire,
    title: str,
    keys: Sequence[bytes],
    now: datetime,
) -> dict[bytes, str]:
    """Why each of these numbers is not to be asked: the register first, then whoever was asked or has answered."""
    feedback = consultation.kind == Kind.FEEDBACK_REQUEST
    asked = select(Invitation.number_key).where(
        Invitation.consultation_id == consultation.id, among(Invitation.number_key, keys)
    )
    if feedback:
        asked = asked.where(Invitation.invited_at > now - timedelta(days=parsed.again_after_days))
    answered = select(Respondent.number_key).where(
        Respondent.consultation_id == consultation.id, among(Respondent.number_key, keys)
    )
    if feedback:
        answered = answered.where(Respondent.state.in_(("withdrawn", "refused")))
    found: dict[bytes, str] = {}
    found |= {key: "answered" for key in session.scalars(answered) if key}
    found |= {key: "already-invited" for key in session.scalars(asked) if key}
    return found | numbers.forbidden(session, keys)


def _known(session: Session, consultation_id: str, title: str) -> set[str]:
    """The references of this batch that are invited already."""
    rows = select(Invitation.row_ref).join(Batch, Batch.id == Invitation.batch_id)
    return set(session.scalars(rows.where(Batch.consultation_id == consultation_id, Batch.title == title)))


def batches(session: Session, consultation_id: str) -> list[dict[str, Any]]:
    """The files of contacts that were sent out, the newest first: who sent each, how many it invited and how many answered."""
    rows = session.execute(
        select(
            Batch.title,
            Batch.at,
            Batch.by,
            func.count().label("invited"),
            func.count(Invitation.replied_at).label("replied"),
        )
        .join(Invitation, Invitation.batch_id == Batch.id)
        .where(Batch.consultation_id == consultation_id)
        .group_by(Batch.id)
        .order_by(Batch.id.desc())
    )
    return [dict(row) for row in rows.mappings()]
