"""What a pilot's report stands on, gathered from the rows at this moment: grouped in SQL, nobody named."""

from typing import Any

from sqlalchemy.orm import Session

from services.common import audit, clock
from services.common.times import london
from services.common.version import code_version
from services.reminders import pauses, pilot_people, pilots
from services.reminders.evaluation.evidence import Evidence, Look, Provenance
from services.reminders.models import Pilot
from services.reminders.protocol import Protocol
from services.reminders.protocol_schema import parse


def evidence(session: Session, pilot: Pilot, look: Look) -> Evidence:
    """A pilot's counts at this moment's data cut."""
    protocol, now = parse(pilot.protocol), clock.now(session)
    pilot_people.gather(session, pilot, protocol, now)
    return Evidence(
        protocol=protocol,
        provenance=Provenance(
            protocol_hash=pilot.hash,
            locked_at=pilot.locked_at,
            data_cut=now,
            code_version=code_version(),
            audit_head=str(audit.head(session)),
            changed=pilots.changed(session, pilot),
        ),
        look=look,
        assessed=pilot_people.assessed(session, pilot, protocol),
        assigned=pilot_people.assigned(session, pilot),
        excluded=pilot_people.excluded(session, pilot, protocol),
        cells=pilot_people.cells(session),
        weeks=pilot_people.cells(session, pilot_people.BY_WEEK),
        lost=pilot_people.days_lost(session),
        households=pilot_people.households(session),
        reach=pilot_people.reach(session),
        months=pilot_people.months(session, protocol, london(now).date()),
        pauses=_pauses(session, protocol),
        shared_later=pilot_people.shared_later(session),
    )


def _pauses(session: Session, protocol: Protocol) -> list[dict[str, Any]]:
    """The pauses that fall into the pilot's courts and days, also those that ended early."""
    return [
        {
            "court": row.court,
            "since": row.since.isoformat(),
            "until": row.until.isoformat(),
            "reason": row.reason,
            "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        }
        for row in pauses.every(session)
        if (row.court is None or row.court in protocol.courts)
        and row.since <= protocol.until
        and protocol.since <= row.until
    ]
