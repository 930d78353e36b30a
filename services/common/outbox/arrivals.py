"""Texts from people that the carrier has and Heed has not: a webhook that the carrier gave up on still arrives (SENDING §1.8)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common import alarms, clock, inbound
from services.common.carrier import CarrierUnreachable, ListCut, Seen
from services.common.context import Heed
from services.common.database import among
from services.common.logs import log
from services.common.models import Inbound
from services.common.outbox import looks

NAME = "inbound"
# The carrier tries a webhook for at most 15 s (SENDING §1.8). Before that the webhook may still come, and it says more: its OptOutType.
GIVEN_UP = timedelta(seconds=15)
OVERLAP = timedelta(minutes=10)  # what the last look may have been too early for


def takes_replies(sender: str) -> bool:
    """Whether a sender can be texted: a number or a short code, not a name."""
    return sender.removeprefix("+").isdecimal()


def is_due(heed: Heed, session: Session, now: datetime) -> bool:
    """Whether it is time to look."""
    return takes_replies(heed.config.sender) and looks.is_due(session, NAME, now)


def fetch(heed: Heed) -> int:
    """List what came in since the last look, less an overlap, and keep what is not kept; how many."""
    every = timedelta(seconds=heed.settings.inbound_every)
    with heed.database.begin() as session:
        now = clock.now(session)
        look = looks.take(session, NAME, now, now + every)
        if look is None:
            return 0
        since, until = look.until_at - OVERLAP, clock.wall(session)
    found = 0
    try:
        for page in heed.carrier.pages(since, until, to=heed.config.sender):
            with heed.database.begin() as session:
                found += len(keep_unknown(heed, session, page))
    except CarrierUnreachable:
        with heed.database.begin() as session:
            # Where nothing else brings texts, somebody in danger waits for the next look.
            retry = every if heed.settings.pull_only else looks.RETRY
            looks.failed(session, NAME, clock.now(session), retry)
        return found
    except ListCut:
        with heed.database.begin() as session:
            alarms.sound(session, "list-cut", f"look:{NAME}", clock.now(session))
    with heed.database.begin() as session:
        looks.done(session, NAME, clock.now(session) + every, until)
    return found


def keep_unknown(heed: Heed, session: Session, page: Sequence[Seen]) -> list[str]:
    """Keep the texts of a page that are not kept, by the same door as the webhook; their sids. Without an OptOutType their words decide."""
    now, wall = clock.now(session), clock.wall(session)
    settled = wall if heed.settings.pull_only else wall - GIVEN_UP
    came = [one for one in page if one.direction == "inbound" and one.created <= settled]
    known = set(session.scalars(select(Inbound.sid).where(among(Inbound.sid, [one.sid for one in came]))))
    kept = []
    # The oldest first, as they came. The carrier's times are whole seconds; within one its list has the newest first.
    for one in sorted((one for one in reversed(came) if one.sid not in known), key=lambda one: one.created):
        row = inbound.keep(
            heed,
            session,
            sid=one.sid,
            sender=one.sender,
            to=one.to,
            body=one.body,
            opt_out_type=None,
            received_at=now - (wall - one.created),
        )
        if row is not None:
            kept.append(one.sid)
    if kept and not heed.settings.pull_only:
        log.warning("inbound-fetched", texts=len(kept), runbook="inbound-fetched")
    return kept
