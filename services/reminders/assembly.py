"""Counting a pilot's rows for its report: every box and cell from the tables, grouped in SQL, nobody named."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.common import clock
from services.common.times import at_london
from services.common.version import code_version
from services.reminders.evaluation.counts import ArmFlow, PilotCounts
from services.reminders.models import Listing, Pilot
from services.reminders.pilots import Protocol, parse

OUTCOMES = ("did_not_attend", "fta", "warrant")

# One row an assigned person, on their first enrolled hearing: what was sent, what the carrier said, what the court said.
PEOPLE = text(
    "SELECT a.arm, a.stratum AS court, l.status, l.starts_at, o.attendance, o.fta, o.warrant, s.texted, s.delivered, s.failed"
    " FROM assignments a JOIN listings l ON l.id = a.listing_id"
    " LEFT JOIN LATERAL (SELECT attendance, fta, warrant FROM outcomes"
    "   WHERE listing_id = l.id AND superseded_at IS NULL ORDER BY day LIMIT 1) o ON true"
    " LEFT JOIN LATERAL (SELECT count(*) > 0 AS texted,"
    "   bool_or(carrier_status IN ('delivered', 'read')) AS delivered,"
    "   bool_or(carrier_status IN ('undelivered', 'failed')) AS failed"
    "   FROM outbox WHERE subject_id = l.id AND kind = 'reminder' AND state IN ('accepted', 'uncertain', 'claimed', 'staff')) s ON true"
    " WHERE a.pilot_id = :pilot"
)


def counts(session: Session, pilot: Pilot) -> PilotCounts:
    """A pilot's counts at this moment's data cut."""
    protocol = parse(pilot.protocol)
    now = clock.now(session)
    people = [dict(row) for row in session.execute(PEOPLE, {"pilot": pilot.id}).mappings()]
    excluded = _excluded(session, pilot, protocol)
    return PilotCounts(
        name=protocol.name,
        protocol_hash=pilot.hash,
        code_version=code_version(),
        data_cut=now,
        synthetic=protocol.synthetic,
        randomised=True,
        method="permuted-blocks",
        planned_looks=protocol.planned_looks,
        look=protocol.planned_looks if _complete(protocol, now) else None,
        arms=tuple(arm.name for arm in protocol.arms),
        assessed=len(people) + sum(excluded.values()),
        excluded=excluded,
        flow={
            arm.name: _flow([one for one in people if one["arm"] == arm.name], protocol, now)
            for arm in protocol.arms
        },
        outcomes={outcome: _cells(people, outcome) for outcome in OUTCOMES},
        primary=protocol.primary,
        question=protocol.question,
    )


def _complete(protocol: Protocol, now: datetime) -> bool:
    """The planned look is the one after the last hearing day and its outcome lag."""
    end = at_london(protocol.until + timedelta(days=1), datetime.min.time())
    return now >= end + timedelta(days=protocol.outcome_lag_days)


def _excluded(session: Session, pilot: Pilot, protocol: Protocol) -> dict[str, int]:
    """People listed at the pilot's courts and days who were never assigned, by their first reason."""
    since, until = (
        at_london(protocol.since, datetime.min.time()),
        at_london(protocol.until + timedelta(days=1), datetime.min.time()),
    )
    rows = session.execute(
        select(Listing.person_id, Listing.reasons)
        .where(
            Listing.court.in_(protocol.courts),
            Listing.starts_at >= since,
            Listing.starts_at < until,
            text(
                "NOT EXISTS (SELECT 1 FROM assignments a WHERE a.pilot_id = :pilot AND a.person_id = listings.person_id)"
            ),
        )
        .order_by(Listing.person_id, Listing.id),
        {"pilot": pilot.id},
    ).all()
    first: dict[int, str] = {}
    for person_id, reasons in rows:
        before = (code for code in reasons if code != "resulted")
        first.setdefault(person_id, next(before, "listed-before-the-pilot"))
    return dict(Counter(first.values()))


def _flow(people: list[dict[str, Any]], protocol: Protocol, now: datetime) -> ArmFlow:
    lag = timedelta(days=protocol.outcome_lag_days)
    known = [one for one in people if _known(one)]
    open_ones = [one for one in people if not _known(one)]
    off = [one for one in open_ones if one["status"] == "cancelled"]
    waiting = [one for one in open_ones if one["status"] != "cancelled"]
    pending = [one for one in waiting if one["starts_at"] is None or one["starts_at"] + lag > now]
    texted = [one for one in people if one["texted"]]
    delivered = [one for one in texted if one["delivered"]]
    undelivered = [one for one in texted if one["failed"] and not one["delivered"]]
    return ArmFlow(
        assigned=len(people),
        texted=len(texted),
        delivered=len(delivered),
        undelivered=len(undelivered),
        no_receipt=len(texted) - len(delivered) - len(undelivered),
        known=len(known),
        pending=len(pending),
        missing=len(waiting) - len(pending),
        not_at_risk=len(off),
    )


def _known(one: dict[str, Any]) -> bool:
    """A hearing that was called off is not at risk, whatever was written of it; else the attendance is what counts."""
    return one["status"] != "cancelled" and one["attendance"] not in (None, "unknown")


def _cells(people: list[dict[str, Any]], outcome: str) -> dict[tuple[str, str], tuple[int, int]]:
    cells: dict[tuple[str, str], tuple[int, int]] = {}
    for one in people:
        if _known(one):
            events, n = cells.get((one["court"], one["arm"]), (0, 0))
            cells[one["court"], one["arm"]] = (events + _event(one, outcome), n + 1)
    return cells


def _event(one: dict[str, Any], outcome: str) -> int:
    """Primary: neither came nor was represented. `fta` is the court's word, also where it is presumed."""
    return int(
        {
            "did_not_attend": one["attendance"] == "absent",
            "fta": one["fta"] in ("yes", "presumed"),
            "warrant": one["warrant"] in ("issued", "closed"),
        }[outcome]
    )
