"""The scenarios of the table in docs/evaluation.md: one a design, and one that shows what leaving courts out does."""

from dataclasses import replace
from typing import Any

from services.reminders.simulation.world import Scenario

DESIGNS: dict[str, Scenario] = {
    "permuted-blocks": Scenario(),
    "court-week": Scenario(design="court-week", courts=2),
    "stepped-wedge": Scenario(design="stepped-wedge", courts=10, drift=-0.05),
    "all-treated": Scenario(design="all-treated"),
    # Two courts at 5% and 45%.
    "courts-apart": Scenario(courts=2, baseline=0.25, spread=0.20, cluster=0.0, effect=-0.05),
}


def scenario_of(name: str, **changes: Any) -> Scenario:
    """A design's scenario with what is not None changed. Raises ScenarioError."""
    return replace(DESIGNS[name], **{key: value for key, value in changes.items() if value is not None})
