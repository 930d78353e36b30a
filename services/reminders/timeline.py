"""Everything that happened around one person, in order: what the feed said, the texts and the carrier's word on them, what came back,
and what came of it in court. Every event carries its own time; what lies ahead is marked."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common import clock, phones
from services.common.carrier_codes import meaning
from services.common.context import Heed
from services.common.crypto import CryptoError
from services.common.database import among
from services.common.models import Attempt, Audit, Inbound, NumberEvent, Outbox, StatusEvent
from services.common.outbox.states import State
from services.common.times import full_day, full_moment, parse_instant
from services.reminders import outcome_history, pilots
from services.reminders.county_parts import Court
from services.reminders.models import Assignment, Call, Contact, Delivery, Listing, Reply
from services.reminders.reason_words import ATTENDANCES, FAILURES, STATUSES, WARRANTS, said, source

TEXTS = {
    "reminder": "Reminder",
    "change": "Text about the move",
    "no-longer": "Text that the date may be off",
}
NUMBER_ACTS = {
    "stop": "Texts were stopped from their number",
    "start": "Texts may go to their number again",
    "wrong": "Their number was said to reach somebody else",
    "right": "The mark on their number was taken away",
    "bad": "The carrier says that their number is dead",
}
ACTS = {
    "do-not-text-marked": "Marked: do not text",
    "do-not-text-ended": "May be texted again",
    "people-merged": "Another record was merged into this one",
    "people-split": "A merge was undone",
    "people-different": "Said to be another person than the record that looks alike",
}


@dataclass(frozen=True, slots=True, repr=False)
class Event:
    """One thing that happened: a sentence, further lines, the words of a text, who did it, and where to see more."""

    at: datetime
    title: str
    lines: tuple[str, ...] = ()
    by: str | None = None
    text: str | None = None
    link: tuple[str, str] | None = None
    ahead: bool = False


def events(heed: Heed, session: Session, person_id: int, courts: Mapping[str, Court]) -> list[Event]:
    """What happened around a person, the latest first; what lies ahead stands before it. `courts` are the county's, by code."""
    listings = session.scalars(
        select(Listing).where(Listing.person_id == person_id).order_by(Listing.id)
    ).all()
    contacts = session.scalars(
        select(Contact).where(Contact.person_id == person_id).order_by(Contact.id)
    ).all()
    keys = {one.number_key for one in contacts if one.number_key}
    places = {row.id: row for row in listings}
    found = [
        *_feed(session, listings, courts),
        *_numbers(heed, session, contacts, keys),
        *_texts(heed, session, places, keys),
        *_replies(session, keys),
        *_outcomes(session, person_id, listings),
        *_calls(session, places),
        *_acts(session, person_id),
    ]
    now = clock.now(session)
    return sorted(found, key=lambda one: (one.at > now, one.at), reverse=True)


def _feed(session: Session, listings: Sequence[Listing], courts: Mapping[str, Court]) -> Iterator[Event]:
    numbers = session.execute(
        select(Delivery.id, Delivery.format).where(Delivery.id.in_({row.delivery_id for row in listings}))
    )
    formats = {row.id: row.format for row in numbers}
    for row in listings:
        yield Event(
            row.created_at,
            f"Listed: {_where(row, courts)}",
            (f"{'first hearing' if row.first_hearing else 'a further hearing'}, from {source(row.source)}",),
        )
        if row.updated_at > row.created_at:
            moves = f"moved {row.version - 1} times so far" if row.version > 2 else "moved once"
            yield Event(
                row.updated_at,
                f"Last word about it: {_where(row, courts)}",
                tuple(
                    line
                    for line in (moves if row.version > 1 else "", f"now: {STATUSES[row.status].lower()}")
                    if line
                ),
                by=source(formats.get(row.delivery_id) or ""),
                link=(f"/feeds/{row.delivery_id}", "The delivery that said it"),
            )


def _where(row: Listing, courts: Mapping[str, Court]) -> str:
    known = courts.get(row.court or "")
    return f"{row.court_name or (known.name if known else row.court) or 'no court'}, {full_moment(row.starts_at) if row.starts_at else 'no day'}"


def _numbers(
    heed: Heed, session: Session, contacts: Sequence[Contact], keys: Collection[bytes]
) -> Iterator[Event]:
    for one in contacts:
        title = f"A number came that cannot be texted ({one.problem})" if one.problem else "A number came"
        yield Event(one.received_at, title, (_masked(heed, one), f"from {source(one.source)}"))
    for word in session.scalars(select(NumberEvent).where(among(NumberEvent.number_key, keys))):
        yield Event(word.at, NUMBER_ACTS.get(word.act, word.act), (f"by {word.source}",))


def _masked(heed: Heed, contact: Contact) -> str:
    try:
        return phones.masked(heed.cipher.open(contact.number_enc, "number").reveal())
    except CryptoError:
        return "***"


def _texts(
    heed: Heed, session: Session, listings: dict[int, Listing], keys: Collection[bytes]
) -> Iterator[Event]:
    """Texts about their hearings, and answers to their number; each once, with the carrier's words about it."""
    about = select(Outbox).where(Outbox.kind.in_(TEXTS), among(Outbox.subject_id, listings))
    answers = select(Outbox).where(Outbox.kind.not_in(TEXTS), among(Outbox.to_key, keys))
    rows = [*session.scalars(about), *session.scalars(answers)]
    attempts = session.scalars(
        select(Attempt).where(among(Attempt.outbox_id, [row.id for row in rows])).order_by(Attempt.n)
    ).all()
    last = {one.outbox_id: one for one in attempts}
    news = defaultdict(list)
    for word in session.scalars(
        select(StatusEvent)
        .where(among(StatusEvent.attempt_id, [one.id for one in attempts]))
        .order_by(StatusEvent.received_at, StatusEvent.id)
    ):
        news[word.attempt_id].append(word)
    for row in rows:
        attempt = last.get(row.id)
        yield _text(heed, row, attempt, news[attempt.id] if attempt else [])


def _text(heed: Heed, row: Outbox, attempt: Attempt | None, news: Sequence[StatusEvent]) -> Event:
    name = TEXTS.get(row.kind, "Answer")
    step = f" ({row.step.replace('-', ' ')})" if row.step and row.kind == "reminder" else ""
    if row.state == State.PENDING:
        why = (f"put off: {said(row.reason)}",) if row.reason else ()
        return Event(row.due_at, f"{name}{step} is planned", why, ahead=True)
    if row.state == State.CANCELLED:
        return Event(
            row.settled_at or row.due_at, f"{name}{step} was not sent", (f"because: {said(row.reason)}",)
        )
    titles = {
        State.ACCEPTED: f"{name}{step} was sent",
        State.FAILED: f"{name}{step} could not be sent",
        State.STAFF: f"{name}{step}: nobody knows whether it went out",
    }
    lines = [f"{_status(word.status)} {full_moment(word.received_at)}" for word in news]
    if row.error_code is not None:
        lines.append(f"{row.error_code}: {meaning(row.error_code)}")
    if row.state == State.ACCEPTED and not news:
        lines.append(_status(row.carrier_status) if row.carrier_status else "no word from the carrier yet")
    title = titles.get(State(row.state), f"{name}{step} is on its way")
    return Event(row.sent_at or row.due_at, title, tuple(lines), text=_words(heed, row, attempt))


def _status(word: str) -> str:
    return {
        "delivered": "arrived",
        "undelivered": "did not arrive",
        "failed": "failed",
        "read": "was read",
        "sent": "left the carrier",
        "queued": "queued at the carrier",
    }.get(word, word)


def _words(heed: Heed, row: Outbox, attempt: Attempt | None) -> str | None:
    kept = (attempt.body_enc if attempt else None) or row.body_enc
    try:
        return heed.cipher.open(kept, "body").reveal() if kept else None
    except CryptoError:
        return None


def _replies(session: Session, keys: Collection[bytes]) -> Iterator[Event]:
    rows = session.execute(
        select(Reply, Inbound.received_at)
        .join(Inbound, Inbound.id == Reply.inbound_id)
        .where(among(Reply.number_key, keys))
    )
    for reply, received_at in rows:
        lines = (f"settled by {reply.resolved_by}",) if reply.resolved_by else ()
        link = (f"/inbox/{reply.id}", "Read it") if reply.queued else None
        yield Event(received_at, f"A text came from their number: {reply.kind}", lines, link=link)


def _outcomes(session: Session, person_id: int, listings: Sequence[Listing]) -> Iterator[Event]:
    if sealed(session, person_id):
        return
    for row in listings:
        for one in outcome_history.history(session, row.id):
            by_hand = one["reason"] == "by-hand"
            lines = [
                f"failed to appear: {FAILURES[one['fta']].lower()}",
                f"warrant: {WARRANTS[one['warrant']].lower()}",
                f"from {source(one['source'])}" + ("" if by_hand else f", by the rule {one['reason']}"),
            ]
            if one["replaced_at"]:
                lines.append("a later word took its place")
            day = full_day(parse_instant(one["day"]))
            yield Event(
                parse_instant(one["entered_at"]),
                f"In court on {day}: {ATTENDANCES[one['attendance']].lower()}",
                tuple(lines),
                by=one["entered_by"],
            )


def sealed(session: Session, person_id: int) -> bool:
    """Whether a pilot that this person is in has its last look still ahead: until then no outcome stands beside what would tell the arm."""
    now = clock.now(session)
    theirs = set(session.scalars(select(Assignment.pilot_id).where(Assignment.person_id == person_id)))
    return any(
        running.id in theirs and running.protocol.looks_due(now) < len(running.protocol.looks)
        for running in (pilots.running(session) if theirs else ())
    )


def _calls(session: Session, listings: dict[int, Listing]) -> Iterator[Event]:
    for call in session.scalars(select(Call).where(among(Call.listing_id, listings))):
        yield Event(call.at, f"On the list of whom to ring: {said(call.reason)}")
        if call.done_at:
            yield Event(call.done_at, "Was rung, or need not be", by=call.done_by)


def _acts(session: Session, person_id: int) -> Iterator[Event]:
    rows = select(Audit).where(Audit.subject == f"person:{person_id}", Audit.act.in_(ACTS)).order_by(Audit.id)
    for row in session.scalars(rows):
        why = row.detail.get("reason")
        yield Event(row.at, ACTS[row.act], (f"because: {why}",) if why else (), by=row.actor)
