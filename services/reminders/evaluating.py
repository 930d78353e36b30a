"""Looking at a pilot: the arms are shown at the looks that the protocol planned; between them everybody is one count.

A planned look before the last may be taken once, from its day on; its report is kept and may be read again. The last look may be taken
as often as one likes. A look that nobody planned needs a reason, and makes every verdict from then on exploratory.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.acts import Refused, reason
from services.common.database import serialise
from services.reminders import assembly, pilots
from services.reminders.evaluation.evidence import Look, Taken
from services.reminders.evaluation.report import pilot_report
from services.reminders.models import Pilot, PilotLook
from services.reminders.protocol import Protocol
from services.reminders.protocol_schema import parse


def named(session: Session, name: str) -> Pilot:
    """A pilot by its name or id. Raises Refused."""
    pilot = pilots.find(session, name)
    if pilot is None:
        names = ", ".join(session.scalars(select(Pilot.name).order_by(Pilot.id)))
        known = (
            f"those that are locked: {names}"
            if names
            else "none is locked yet; `heed reminders pilot new FILE.yaml` locks one"
        )
        raise Refused("not-found", f"there is no pilot named {name}; {known}")
    return pilot


def evaluate(session: Session, pilot: Pilot, by: str, *, unplanned: str | None = None) -> dict[str, Any]:
    """The report at this moment. With `unplanned`, why the arms must be seen now. Raises Refused, ReportError."""
    still(session)
    protocol, now = parse(pilot.protocol), clock.now(session)
    taken = _taken(session, pilot)
    look = standing(protocol, taken, now)
    why = None
    if unplanned is not None:
        if look.shown:
            raise Refused(
                "look-is-planned", "a planned look may be taken now: ask for the report without a reason"
            )
        why, look = reason(unplanned), Look(None, shown=True, before=look.before, next_day=look.next_day)
    report = pilot_report(assembly.evidence(session, pilot, look))
    last = look.number == len(protocol.looks)
    if look.shown and not (last and any(one.number == look.number for one in taken)):
        kept = json.loads(json.dumps(report))
        session.add(PilotLook(pilot_id=pilot.id, planned=look.number, at=now, by=by, reason=why, report=kept))
    audit.record(
        session,
        by,
        "pilot-evaluated",
        f"pilot:{pilot.id}",
        hash=pilot.hash,
        look=look.number,
        shown=look.shown,
        reason=why,
    )
    return report


def still(session: Session) -> None:
    """Until this transaction ends nothing is applied or enrolled, so that all counts are of one moment, and two people who ask at
    one moment take one look."""
    serialise(session, "reminders:apply")


def earlier(session: Session, pilot: Pilot, number: int, by: str) -> dict[str, Any]:
    """The report of a look that was taken, as it was shown then: the number-th of all, from 1. The reading is written down. Raises
    Refused."""
    row = kept(session, pilot, number)
    audit.record(session, by, "pilot-look-read", f"pilot:{pilot.id}", look=row.id)
    return row.report


def kept(session: Session, pilot: Pilot, number: int) -> PilotLook:
    """The number-th look that was taken, from 1. Raises Refused."""
    rows = session.scalars(
        select(PilotLook).where(PilotLook.pilot_id == pilot.id).order_by(PilotLook.id)
    ).all()
    if not 1 <= number <= len(rows):
        taken = f"{len(rows)} were taken" if rows else "none was taken yet"
        raise Refused("not-found", f"there is no look {number} at this pilot: {taken}")
    return rows[number - 1]


def standing(protocol: Protocol, taken: list[Taken], now: datetime) -> Look:
    """Which look may be taken now, and whether one may. Pure."""
    due, last = protocol.looks_due(now), len(protocol.looks)
    before = tuple(taken)
    next_day = protocol.looks[due] if due < last else None
    if due == last:
        return Look(last, shown=True, before=tuple(one for one in taken if one.number != last), next_day=None)
    if due and not any(one.number == due for one in taken):
        return Look(due, shown=True, before=before, next_day=next_day)
    return Look(None, shown=False, before=before, next_day=next_day)


def standing_of(session: Session, pilot: Pilot) -> Look:
    """Which look at this pilot may be taken now, and whether one may."""
    return standing(parse(pilot.protocol), _taken(session, pilot), clock.now(session))


def over(session: Session, pilot: Pilot) -> bool:
    """Whether the last planned look may be taken: until then nothing is shown of anybody's arm."""
    protocol = parse(pilot.protocol)
    return protocol.looks_due(clock.now(session)) == len(protocol.looks)


def _taken(session: Session, pilot: Pilot) -> list[Taken]:
    rows = session.scalars(select(PilotLook).where(PilotLook.pilot_id == pilot.id).order_by(PilotLook.id))
    return [Taken(row.planned, row.at, row.report["look"]["information"]) for row in rows]
