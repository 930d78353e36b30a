"""After a restore: nothing is sent until what people texted and what was sent since the backup is known again.

First the texts that came in, since a STOP among them must stand before anything goes out; then what the carrier has under our sender. The
stop that the restore made ends by itself when both are read.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, exists, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from services.common import alarms, audit, clock, inbound
from services.common.carrier import CarrierUnreachable, ListCut, Seen
from services.common.context import Heed
from services.common.database import among
from services.common.logs import log
from services.common.models import Attempt, FoundText, Look, Outbox, SendingStop
from services.common.outbox import arrivals, looks
from services.common.outbox.compare import place
from services.common.outbox.restored import BODY
from services.common.outbox.settle import SKEW
from services.common.outbox.states import CARRIER_ORDER, State
from services.common.stops import RESTORE, stop

NAME = "restored"
REASON = "restored from a backup: waits until the carrier's lists since then are read"


def begin(session: Session, taken_at: datetime) -> None:
    """Stop sending, and have everything since the backup (`taken_at`, real time) looked for. In the restore's own transaction."""
    now = clock.now(session)
    stop(session, REASON, RESTORE, now)
    session.add(Look(kind=NAME, due_at=now, until_at=taken_at))
    came_in = insert(Look).values(kind=arrivals.NAME, due_at=now, until_at=taken_at)
    session.execute(came_in.on_conflict_do_update(index_elements=["kind"], set_={"due_at": now}))
    # Whoever had claimed them is gone: evidence is sought at once.
    session.execute(
        update(Outbox)
        .where(Outbox.state == State.CLAIMED)
        .values(state=State.UNCERTAIN, reason="on the wire when the backup was taken", check_at=now)
    )


def is_due(heed: Heed, session: Session, now: datetime) -> bool:
    """Whether something was restored and is not reconciled yet."""
    return bool(session.scalar(select(exists().where(Look.kind == NAME, Look.due_at <= now))))


def reconcile(heed: Heed) -> bool:
    """Read both lists, and let sending go on; False where it has to wait: for the carrier, or for a text to be understood."""
    with heed.database.begin() as session:
        now = clock.now(session)
        look = looks.take(session, NAME, now, now)
        if look is None:
            return False
        since, started = look.until_at - SKEW, clock.wall(session)
    if not _people_heard(heed, started):
        return False
    try:
        for page in heed.carrier.sent_since(since, heed.config.sender):
            _keep(
                heed, [one for one in page if one.direction.startswith("outbound") and one.created >= since]
            )
    except (CarrierUnreachable, ListCut) as error:
        with heed.database.begin() as session:
            looks.failed(session, NAME, clock.now(session))
            if isinstance(error, ListCut):
                alarms.sound(session, "list-cut", f"look:{NAME}", clock.now(session))
        return False
    with heed.database.begin() as session:
        _go_on(session, clock.now(session))
    return True


def _people_heard(heed: Heed, started: datetime) -> bool:
    """Whether every text that came in until now is kept and understood; else look again as soon as may be."""
    takes_replies = arrivals.takes_replies(heed.config.sender)
    if takes_replies:
        with heed.database.begin() as session:
            now = clock.now(session)
            session.execute(update(Look).where(Look.kind == arrivals.NAME).values(due_at=now))
        arrivals.fetch(heed)
    with heed.database.begin() as session:
        now = clock.now(session)
        if takes_replies and session.get_one(Look, arrivals.NAME).until_at < started:
            looks.failed(session, NAME, now)
            return False
        if inbound.any_waiting(session):
            session.execute(update(Look).where(Look.kind == NAME).values(due_at=now))
            return False
    return True


def _keep(heed: Heed, page: Sequence[Seen]) -> None:
    """Of a page, settle what an unsettled attempt may be, and keep what no row knows."""
    keys = {one.sid: heed.index.of(one.to, "number") for one in page}
    with heed.database.begin() as session:
        known = set(session.scalars(select(Attempt.sid).where(among(Attempt.sid, keys))))
        unsettled = set(
            session.scalars(
                select(Attempt.to_key).where(among(Attempt.to_key, keys.values()), Attempt.sid.is_(None))
            )
        )
    left = []
    for one in (one for one in page if one.sid not in known):
        if keys[one.sid] in unsettled:
            with heed.database.begin() as session:
                if place(heed, session, one) == "settled":
                    continue
        left.append(one)
    if left:
        with heed.database.begin() as session:
            session.execute(insert(FoundText).on_conflict_do_nothing(), [_row(heed, one) for one in left])
        log.warning("texts-found", texts=len(left), runbook="texts-found")


def _row(heed: Heed, one: Seen) -> dict[str, object]:
    return {
        "sid": one.sid,
        "to_key": heed.index.of(one.to, "number"),
        "body_key": heed.index.of(one.body, BODY),
        "status": one.status if one.status in CARRIER_ORDER else "sent",
        "error_code": one.error_code,
        "sent_at": one.created,
    }


def _go_on(session: Session, now: datetime) -> None:
    session.execute(delete(Look).where(Look.kind == NAME))
    session.execute(
        update(SendingStop)
        .where(SendingStop.by == RESTORE, SendingStop.lifted_at.is_(None))
        .values(lifted_by=RESTORE, lifted_at=now)
    )
    found = session.scalar(text("SELECT count(*) FROM found_texts"))
    audit.record(session, RESTORE, "restore-reconciled", "sender:all", texts=found)
