"""Whom to ring: people with a hearing ahead whom no text reaches, and those told of a day that has since come nearer."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.common import clock, phones
from services.common.acts import Refused
from services.common.context import Heed
from services.common.crypto import CryptoError
from services.common.logs import log
from services.common.times import day_span, london
from services.reminders import reach
from services.reminders.acts import Act
from services.reminders.county import County
from services.reminders.models import Call, Contact, Listing, Person
from services.reminders.shown import shown

# What keeps a text from somebody who would have one, and does not keep a voice from them.
UNREACHABLE = (
    "mobile-missing",
    "mobile-invalid",
    "mobile-shared",
    "wrong-number",
    "opted-out",
    "interpreter-needed",
)
# What may stand beside one of these and changes nothing.
BESIDE = frozenset({"too-late", "same-visit"})
# Whom the office does not ring about a hearing that moved, whatever they were told before.
NOT_RUNG = frozenset({"sensitive", "under-18", "organisation", "in-custody"})
DANGER = "danger"
RUNG = "unreachable"  # the reason of a call that a person made to somebody whom no text reaches
NOTE_MOST = 1000


def unreachable(reasons: Collection[str]) -> list[str]:
    """Why no text reaches somebody who would otherwise have one; empty where a text does, or another reason forbids it. Pure."""
    if set(reasons) - set(UNREACHABLE) - BESIDE:
        return []
    return [code for code in UNREACHABLE if code in reasons]


def rows(
    heed: Heed,
    county: County,
    session: Session,
    *,
    show_people: bool,
    day: date | None = None,
    until: date | None = None,
) -> list[dict[str, Any]]:
    """Whom to ring, the earliest hearing first; names, birth dates and numbers only with `show_people`. Every form of the list
    (screen, CSV, paper) is made of these rows, so that none says more than another. Of those whom no text reaches, only they whose
    hearing is no later than `until`."""
    now = clock.now(session)
    calls = _open(session)
    listings = [
        row for row in _listings(session, calls, now, day, until) if _to_ring(row, calls[row.id], now)
    ]
    rung = _rung(session, [row.id for row in listings])
    listings = [row for row in listings if calls[row.id] or (row.id, row.version) not in rung]
    people = _people(heed, session, {row.person_id for row in listings}, now, show_people)
    return [_row(county, row, calls[row.id], people[row.person_id]) for row in listings]


def _open(session: Session) -> dict[int, list[Call]]:
    found: dict[int, list[Call]] = defaultdict(list)
    for call in session.scalars(select(Call).where(Call.done_at.is_(None)).order_by(Call.id)):
        found[call.listing_id].append(call)
    return found


def _listings(
    session: Session, called: Collection[int], now: datetime, day: date | None, until: date | None
) -> Sequence[Listing]:
    ahead = (
        (Listing.status == "listed") & (Listing.starts_at > now) & Listing.reasons.overlap(list(UNREACHABLE))
    )
    if until:
        ahead &= Listing.starts_at < day_span(until)[1]
    query = select(Listing).where(or_(ahead, Listing.id.in_(called)))
    if day:
        begins, ends = day_span(day)
        query = query.where(Listing.starts_at >= begins, Listing.starts_at < ends)
    return session.scalars(query.order_by(Listing.starts_at, Listing.court, Listing.id)).all()


def _to_ring(row: Listing, calls: Sequence[Call], now: datetime) -> bool:
    if any(call.reason == DANGER for call in calls):
        return True
    if row.status != "listed" or row.starts_at is None or row.starts_at <= now:
        return False
    moved = bool(calls) and NOT_RUNG.isdisjoint(row.reasons)
    return moved or bool(unreachable(row.reasons))


def _rung(session: Session, listing_ids: Collection[int]) -> set[tuple[int, int]]:
    """Who was rung already about a hearing as it stands: a move puts them on the list again."""
    done = select(Call.listing_id, Call.version).where(
        Call.listing_id.in_(listing_ids), Call.reason == RUNG, Call.done_at.is_not(None)
    )
    return {(listing_id, version) for listing_id, version in session.execute(done)}


def _people(
    heed: Heed, session: Session, ids: Collection[int], now: datetime, show_people: bool
) -> dict[int, dict[str, Any]]:
    """Each person's name, birth date and a number that may be rung, where they may be shown."""
    mobiles = reach.mobile_states(session, ids, now)
    persons = session.scalars(select(Person).where(Person.id.in_(ids))).all()
    named = shown(heed, persons, show_people=show_people)
    answer: dict[int, dict[str, Any]] = {one: {**named[one], "number": None} for one in named}
    if not show_people:
        return answer
    # A wrong, dead or shared number is nobody's to ring.
    theirs = {one for one in ids if mobiles.get(one) in ("valid", "stopped")}
    for contact in session.scalars(select(Contact).where(Contact.person_id.in_(theirs), Contact.current)):
        try:
            number = heed.cipher.open(contact.number_enc, "number").reveal()
        except CryptoError:
            log.exception("number-unreadable", contact_id=contact.id, runbook="listing-unreadable")
            continue
        answer[contact.person_id]["number"] = phones.national(number)
    return answer


def _row(county: County, row: Listing, calls: Sequence[Call], person: dict[str, Any]) -> dict[str, Any]:
    court = county.courts.get(row.court or "")
    reasons = unreachable(row.reasons)
    return {
        "listing": row.id,
        "case_ref": row.case_refs[0] if row.case_refs else None,
        "court": row.court,
        "court_name": court.name if court else row.court_name,
        "starts_at": london(row.starts_at).isoformat() if row.starts_at else None,
        **person,
        "reasons": [*(call.reason for call in calls), *reasons],
        # Whoever texted STOP is rung only where the office has decided so.
        "opted_out": "opted-out" in reasons,
        "calls": [call.id for call in calls],
    }


def done(act: Act, call_id: int, note: str) -> Call:
    """Somebody was rung, or need not be any more; what came of it is kept encrypted. Raises Refused."""
    call = act.session.get(Call, call_id, with_for_update=True)
    if call is None:
        raise Refused("not-found", f"there is no call {call_id}; `heed reminders calls` shows them")
    if call.done_at is not None:
        raise Refused("already-done", f"call {call_id} was made by {call.done_by}")
    return _close(act, call, note)


def rung(act: Act, listing_id: int, note: str) -> Call:
    """Somebody whom no text reaches was rung: they leave the list until their hearing moves. Raises Refused."""
    row = act.listing(listing_id)
    act.session.refresh(row, with_for_update=True)
    if (row.id, row.version) in _rung(act.session, [row.id]):
        raise Refused("already-done", f"whoever is listed in hearing {listing_id} was rung already")
    if not unreachable(row.reasons):
        raise Refused(
            "not-on-the-list",
            f"hearing {listing_id} is not on the list for want of a number; `heed reminders calls` shows it",
        )
    call = Call(listing_id=row.id, version=row.version, reason=RUNG, at=act.now)
    act.session.add(call)
    return _close(act, call, note)


def _close(act: Act, call: Call, note: str) -> Call:
    if not note.strip() or len(note) > NOTE_MOST:
        raise Refused("bad-note", f"say what came of it in 1 to {NOTE_MOST} characters")
    call.done_by, call.done_at = act.by, act.now
    call.note_enc = act.heed.cipher.seal(note, "note")
    act.session.flush()
    act.record("call-done", f"call:{call.id}", listing=call.listing_id, reason=call.reason)
    return call


def as_json(call: Call) -> dict[str, Any]:
    """A call that was made. Its note stays encrypted."""
    return {
        "id": call.id,
        "listing": call.listing_id,
        "reason": call.reason,
        "done_by": call.done_by,
        "done_at": call.done_at.isoformat() if call.done_at else None,
    }
