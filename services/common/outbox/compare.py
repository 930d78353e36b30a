"""Once a day: what the carrier lists against what Heed has, in both directions (SENDING §1.8).

A text known to one side only is an alarm; one that an unsettled attempt may be settles it. The carrier's dates are real time in UTC, so a
comparison covers real time from where the one before it ended; Heed's clock says only when it is due.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common import alarms, clock
from services.common.carrier import CarrierUnreachable, ListCut, Seen
from services.common.context import Heed
from services.common.database import among
from services.common.models import Attempt, Comparison, FoundText, Inbound, Outbox
from services.common.outbox import arrivals, looks
from services.common.outbox.callbacks import LISTING, Word, hear
from services.common.outbox.settle import SKEW, may_have_gone, same_sender
from services.common.outbox.several import No, ask_each
from services.common.outbox.states import State

NAME = "comparison"
# Half an hour after the carrier's midnight: by then what was sent before it is settled, or waits for a person.
AT = time(0, 30, tzinfo=UTC)
OUTBOUND, INBOUND = "outbound", "inbound"
ASKED_MOST = 200  # texts that the list lacks and that are asked for one by one
NAMED_MOST = 20  # ids in an alarm
# What has no DateSent, or may have none, is on no list by date; news looks ask for it.
DATED = ("sent", "delivered", "undelivered", "read")


@dataclass(slots=True)
class Found:
    """What one direction's comparison came to; orphans by sid, missing by row id."""

    since: datetime
    until: datetime
    listed: set[str] = field(default_factory=set)
    matched: int = 0
    settled: int = 0
    orphans: list[str] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    complete: bool = True


def next_due(now: datetime) -> datetime:
    """The next half past midnight, UTC.

    >>> next_due(datetime(2026, 9, 21, 0, 29, tzinfo=UTC)).isoformat()
    '2026-09-21T00:30:00+00:00'
    >>> next_due(datetime(2026, 9, 21, 0, 30, tzinfo=UTC)).isoformat()
    '2026-09-22T00:30:00+00:00'
    """
    today = datetime.combine(now.astimezone(UTC).date(), AT)
    return today if now < today else today + timedelta(days=1)


def is_due(heed: Heed, session: Session, now: datetime) -> bool:
    """Whether a comparison is due."""
    return looks.is_due(session, NAME, now)


def compare(heed: Heed) -> bool:
    """Compare what was sent and received since the last comparison; False where it is not due or the carrier gave no answer."""
    with heed.database.begin() as session:
        now = clock.now(session)
        look = looks.take(session, NAME, now, next_due(now))
        if look is None:
            return False
        since, until = look.until_at - SKEW, clock.wall(session)
    sent, received = Found(since, until), Found(since, until)
    try:
        _outbound(heed, sent)
        if arrivals.takes_replies(heed.config.sender):
            _inbound(heed, received)
    except CarrierUnreachable:
        with heed.database.begin() as session:
            looks.failed(session, NAME, clock.now(session))
        return False
    yesterday = now.astimezone(UTC).date() - timedelta(days=1)
    with heed.database.begin() as session:
        _write(session, yesterday, OUTBOUND, sent, now)
        if arrivals.takes_replies(heed.config.sender):
            _write(session, yesterday, INBOUND, received, now)
        looks.done(session, NAME, next_due(now), until)
    return True


def _outbound(heed: Heed, found: Found) -> None:
    try:
        for page in heed.carrier.pages(found.since, found.until, sender=heed.config.sender):
            _match(heed, [one for one in page if one.direction.startswith("outbound")], found)
    except ListCut:
        found.complete = False
        return
    with heed.database.begin() as session:
        lacking = session.execute(
            select(Outbox.id, Attempt.sid)
            .join(Attempt, Attempt.sid == Outbox.sid)
            .where(
                Attempt.claimed_wall >= found.since,
                Attempt.claimed_wall < found.until,
                Outbox.carrier_status.in_(DATED),
            )
            .order_by(Attempt.id)
        ).all()
    _ask_for(heed, [(number, sid) for number, sid in lacking if sid], found)


def _match(heed: Heed, page: Sequence[Seen], found: Found) -> None:
    """Match a page of sent messages with attempts by sid; place what no attempt knows."""
    sids = [one.sid for one in page]
    with heed.database.begin() as session:
        known = set(session.scalars(select(Attempt.sid).where(among(Attempt.sid, sids))))
        known |= set(session.scalars(select(FoundText.sid).where(among(FoundText.sid, sids))))
    found.listed.update(sids)
    found.matched += sum(sid in known for sid in sids)
    for message in page:
        if message.sid not in known:
            # One row's lock at a time: a drain that records its batch locks many.
            with heed.database.begin() as session:
                whose = place(heed, session, message)
            found.settled += whose == "settled"
            found.orphans += [message.sid] if whose == "nobody's" else []


def place(heed: Heed, session: Session, message: Seen) -> Literal["settled", "on the wire", "nobody's"]:
    """Whose a message is that no attempt knows: an unsettled attempt's, which it settles; of one that is on the wire just now; nobody's."""
    key = heed.index.of(message.to, "number")
    rows = session.execute(
        select(Outbox, Attempt)
        .join(Attempt, Attempt.outbox_id == Outbox.id)
        .where(Attempt.to_key == key, Attempt.sid.is_(None), Attempt.body_enc.is_not(None))
        .order_by(Attempt.id)
        .with_for_update(of=Outbox)
    ).all()
    fits = [
        (row, attempt)
        for row, attempt in rows
        if may_have_gone(attempt, attempt)
        and same_sender(attempt.sender, message.sender)
        and message.created >= attempt.claimed_wall - SKEW
        and heed.cipher.open(attempt.body_enc or b"", "body").reveal() == message.body
    ]
    if any(row.state == State.CLAIMED for row, _ in fits):
        return "on the wire"  # its own answer is on the way
    if len({row.id for row, _ in fits}) != 1:
        return "nobody's"
    row, attempt = fits[-1]
    word = Word(message.sid, message.status, message.error_code, LISTING)
    hear(heed, session, row, attempt, word, clock.now(session))
    return "settled"


def _inbound(heed: Heed, found: Found) -> None:
    try:
        for page in heed.carrier.pages(found.since, found.until, to=heed.config.sender):
            came = [one.sid for one in page if one.direction == "inbound"]
            with heed.database.begin() as session:
                new = arrivals.keep_unknown(heed, session, page)
            found.listed.update(came)
            found.matched += len(came) - len(new)
            found.settled += len(new)
            found.orphans += new
    except ListCut:
        found.complete = False
        return
    with heed.database.begin() as session:
        shift = clock.now(session) - clock.wall(session)
        ours = session.execute(
            select(Inbound.id, Inbound.sid)
            .where(
                Inbound.received_at >= found.since + SKEW + shift, Inbound.received_at < found.until + shift
            )
            .order_by(Inbound.id)
        ).all()
    _ask_for(heed, [(number, sid) for number, sid in ours], found)


def _ask_for(heed: Heed, ours: Sequence[tuple[int, str]], found: Found) -> None:
    """What is ours and was not listed is asked for by sid: a list by date may lack what was dated after it was read."""
    lacking = [(number, sid) for number, sid in ours if sid not in found.listed]
    found.complete = found.complete and len(lacking) <= ASKED_MOST
    asked = lacking[:ASKED_MOST]
    answers = ask_each(heed, heed.carrier.fetch, [sid for _, sid in asked])
    if No.ANSWER in answers:
        raise CarrierUnreachable
    found.missing = [number for (number, _), answer in zip(asked, answers, strict=True) if answer is None]


def _write(session: Session, day: date, direction: str, found: Found, now: datetime) -> None:
    values = {
        "since_at": found.since,
        "until_at": found.until,
        "listed": len(found.listed),
        "matched": found.matched,
        "settled": found.settled,
        "orphans": len(found.orphans),
        "missing": len(found.missing),
        "complete": found.complete,
        "made_at": now,
    }
    row = insert(Comparison).values(day=day, direction=direction, **values)
    session.execute(row.on_conflict_do_update(index_elements=["day", "direction"], set_=values))
    subject = f"comparison:{day}:{direction}"
    _alarm(session, "orphan-at-carrier", subject, found.orphans, now)
    _alarm(session, "missing-at-carrier", subject, found.missing, now)
    if not found.complete:
        alarms.sound(session, "list-cut", subject, now)


def _alarm(session: Session, code: str, subject: str, ids: Sequence[str | int], now: datetime) -> None:
    if ids:
        alarms.sound(session, code, subject, now, texts=len(ids), ids=list(ids[:NAMED_MOST]))


def latest(session: Session, days: int = 7) -> Sequence[Comparison]:
    """The comparisons of the last days, the newest first."""
    return session.scalars(
        select(Comparison).order_by(Comparison.day.desc(), Comparison.direction).limit(2 * days)
    ).all()
