"""Every assignment of a pilot, derived once more: from the seed and the recorded order, and held against the audit log."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from services.common.models import Audit
from services.reminders import allotment, pilots
from services.reminders.assigning import SEALED, seal
from services.reminders.evaluation.allocation import sequence
from services.reminders.models import Assignment, Pilot
from services.reminders.protocol import Protocol
from services.reminders.protocol_schema import parse

COLUMNS = ("id", *SEALED, "hearing_at")


def audit(session: Session, pilot: Pilot) -> tuple[int, list[str]]:
    """How many assignments there are, and a sentence for each that is not what the lot gave; none where all are."""
    change = pilots.changed(session, pilot)
    if change:
        return 0, [f"the protocol is not the one locked: {change}; no assignment can be held against it"]
    rows = session.execute(
        select(*(getattr(Assignment, name) for name in COLUMNS))
        .where(Assignment.pilot_id == pilot.id)
        .order_by(Assignment.id)
    ).all()
    protocol = parse(pilot.protocol)
    return len(rows), [*_by_lot(protocol, rows), *_by_seal(session, pilot, rows)]


def _by_lot(protocol: Protocol, rows: Sequence[Row[Any]]) -> Iterator[str]:
    """Arms and places that the seed does not give."""
    coming: dict[str, Iterator[tuple[int, str]]] = {}
    arms: dict[int, str] = {}
    for row in rows:
        leads = row.cluster == row.person_id
        if not leads:
            expected = arms.get(row.cluster)
            if expected is None:
                yield f"assignment {row.id} follows person {row.cluster}, who was not assigned before it"
                continue
        elif protocol.allocation == "permuted-blocks":
            if row.stratum not in coming:
                lots = sequence(protocol.seed, row.stratum, protocol.ratio, protocol.block_sizes)
                coming[row.stratum] = enumerate(lots)
            place, expected = next(coming[row.stratum])
            if row.position != place:
                yield f"assignment {row.id} has place {row.position} at {row.stratum}; place {place} comes next there"
                coming.pop(row.stratum)
                coming[row.stratum] = _after(protocol, row.stratum, row.position)
                continue
        else:
            unit = allotment.unit_of(protocol, row.hearing_at)
            expected = allotment.arm_of_unit(protocol, row.stratum, unit)
            if row.unit != unit:
                yield f"assignment {row.id} names unit {row.unit}; its hearing was in unit {unit}"
        arms.setdefault(row.person_id, row.arm)
        if row.arm != expected:
            yield f"assignment {row.id} is in {row.arm}; the lot gave {expected}"


def _after(protocol: Protocol, stratum: str, place: int | None) -> Iterator[tuple[int, str]]:
    """The lots that follow a place, so that one row missing is told once."""
    for number, arm in enumerate(sequence(protocol.seed, stratum, protocol.ratio, protocol.block_sizes)):
        if place is None or number > place:
            yield number, arm


def _by_seal(session: Session, pilot: Pilot, rows: Sequence[Row[Any]]) -> Iterator[str]:
    """Lots whose rows are not those that the audit log has the digest of: somebody was exchanged, added or removed."""
    details = session.scalars(
        select(Audit.detail)
        .where(Audit.act == "pilot-assigned", Audit.subject == f"pilot:{pilot.id}")
        .order_by(Audit.id)
    )
    ids, sealed = [row.id for row in rows], set()
    for detail in details:
        mine = rows[bisect_left(ids, detail["first"]) : bisect_right(ids, detail["last"])]
        sealed |= {row.id for row in mine}
        if seal([[getattr(row, name) for name in SEALED] for row in mine]) != detail["digest"]:
            yield f"assignments {detail['first']} to {detail['last']} are not as the audit log has them"
    for row in rows:
        if row.id not in sealed:
            yield f"assignment {row.id} is not in the audit log"
