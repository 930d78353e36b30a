"""Who was assigned to which arm, held against the protocol's seed; and that the arms never drift apart within a court."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from services.demo.script import TEXT
from services.demo.stage import Stage
from services.reminders.models import Assignment


def check_arms(stage: Stage, listed: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Look at every assignment; person id → arm. Read from the database: no page or call shows arms before the final look."""
    people = {row["id"]: person for person, row in listed.items()}
    with stage.heeds[0].database.begin() as session:
        rows = session.execute(
            select(Assignment.listing_id, Assignment.stratum, Assignment.arm).order_by(
                Assignment.stratum, Assignment.position
            )
        ).all()
    arms = {people[listing]: arm for listing, _, arm in rows if listing in people}
    stage.checks.each("everybody's arm, as the protocol's seed gives it", stage.script.arms, arms)
    half = max(stage.script.protocol["block_sizes"]) // 2
    drift = {
        court: _drift([arm for _, stratum, arm in rows if stratum == court])
        for court in {row[1] for row in rows}
    }
    stage.checks.equal(
        f"courts where one arm was ever more than half a block ({half}) ahead",
        [],
        sorted(court for court, ahead in drift.items() if ahead > half),
    )
    return arms


def _drift(arms: list[str]) -> int:
    """How far one arm was ahead of the other at most, after any number of assignments."""
    ahead, most = 0, 0
    for arm in arms:
        ahead += 1 if arm == TEXT else -1
        most = max(most, abs(ahead))
    return most
