"""Whose sender no text reaches, so that whoever is on duty rings them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common import stops
from services.common.answers import REPLY
from services.common.context import Heed
from services.common.models import DutyItem, Outbox
from services.common.outbox.states import State


def to_ring(heed: Heed, session: Session, items: Sequence[DutyItem]) -> set[int]:
    """The items, by their ids, of these whose sender is to be rung, as it stands now.

    They could not be texted when they wrote; or sending is stopped, which holds the answer to words of danger too; or that answer
    has come to nothing: it was refused, or of no use any more when sending went on.
    """
    texts = {f"{REPLY}:{one.inbound_id}": one for one in items if one.inbound_id is not None}
    ring = {one.id for one in items if one.ring}
    if stops.stopped(session, heed.config.sender) is not None:
        return ring | {one.id for one in texts.values()}
    lost = session.scalars(
        select(Outbox.dedupe_key).where(
            Outbox.dedupe_key.in_([key for key, one in texts.items() if one.kind == "danger"]),
            Outbox.state.in_((State.FAILED, State.CANCELLED)),
        )
    )
    return ring | {texts[key].id for key in lost}
