"""Which lot decides for somebody newly enrolled, and what it says: from the protocol alone. Pure.

Permuted blocks draw for people one by one (`sequence` of the court); court-weeks and steps are drawn beforehand.
"""

from datetime import datetime

from services.common.times import london_day
from services.reminders.evaluation import allocation_clusters as clusters
from services.reminders.protocol import Protocol

AGES = (18, 25, 35, 45, 55)


def unit_of(protocol: Protocol, hearing_at: datetime) -> int | None:
    """The 0-based week or period whose lot decides for a hearing; None where lots are drawn for people, or not at all."""
    day = london_day(hearing_at)
    if protocol.allocation == "court-week":
        return clusters.week_of(day, protocol.since)
    if protocol.allocation == "stepped-wedge":
        return clusters.period_of(day, protocol.since, protocol.period_days)
    return None


def arm_of_unit(protocol: Protocol, court: str, unit: int | None) -> str:
    """The arm of everybody of a court and unit; of an all-treated pilot, the only one."""
    if unit is None:
        return protocol.arms[0].name
    if protocol.allocation == "court-week":
        return clusters.court_week_arm(protocol.seed, court, unit, protocol.ratio, protocol.block_sizes)
    treated, control = protocol.arms
    return clusters.wedge_arm(
        protocol.seed, protocol.courts, protocol.steps, court, unit, (treated.name, control.name)
    )


def age_band(years: int | None) -> str:
    """ "18-24" … "55+": coarse enough to name nobody."""
    if years is None:
        return "unknown"
    lower = [age for age in AGES if age <= years]
    if not lower:
        return "unknown"
    upper = next((age for age in AGES if age > years), None)
    return f"{lower[-1]}-{upper - 1}" if upper else f"{lower[-1]}+"
