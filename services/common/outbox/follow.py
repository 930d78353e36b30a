"""What a carrier's code says about the number, about ourselves and about the text, in a refusal and in a failure after acceptance alike."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from services.common import alarms, numbers, stops
from services.common.carrier_codes import CodeClass, action, meaning


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """One code of the carrier about one text; `code` may be the HTTP status where the carrier gave none."""

    outbox_id: int
    kind: CodeClass
    code: int | None
    to_key: bytes
    sender: str


REFUSED = (CodeClass.BUG, CodeClass.LATER, CodeClass.DO_NOT_REPEAT, CodeClass.UNKNOWN)


def follow(session: Session, said: Sequence[Said], now: datetime, *, refused: bool) -> None:
    """Note numbers, stop senders, sound alarms: one a code, however many texts it struck. `refused`: said to a request, not later."""
    # In one order everywhere, so that two batches never wait for each other.
    for one in sorted(said, key=lambda one: one.to_key):
        if one.kind is CodeClass.OPTED_OUT:
            numbers.note(session, one.to_key, "stop", f"carrier:{one.code}", now)
        elif one.kind is CodeClass.RECIPIENT:
            numbers.note(session, one.to_key, "bad", f"carrier:{one.code}", now, one.code)
    set_up = Counter((one.code or 0, one.sender) for one in said if one.kind is CodeClass.SET_UP)
    for (code, sender), texts in sorted(set_up.items()):
        stops.stop(session, f"carrier-set-up:{code or 'unknown'}", "carrier", now, sender)
        _sound(session, "sender-stopped", code, texts, now)
    wrong = [one for one in said if one.kind is CodeClass.BUG or (refused and one.kind in REFUSED)]
    last = {one.code or 0: one.outbox_id for one in wrong}
    for code, texts in sorted(Counter(one.code or 0 for one in wrong).items()):
        _sound(session, "text-refused", code, texts, now, outbox_id=last[code])


def _sound(session: Session, alarm: str, code: int, texts: int, now: datetime, **more: int) -> None:
    alarms.sound(
        session,
        alarm,
        f"code:{code}",
        now,
        code=code,
        meaning=meaning(code),
        action=action(code),
        texts=texts,
        **more,
    )
