from collections import Counter
from datetime import date, timedelta
from itertools import islice

import pytest

from services.reminders.evaluation.allocation import AllocationError, sequence
from services.reminders.evaluation.allocation_clusters import (
    court_week_arm,
    court_week_blocks,
    period_of,
    wedge_arm,
    wedge_steps,
    week_of,
)

ARMS = [("text", 1), ("none", 1)]
SIZES = [2, 4]
COURTS = ["B01DU", "B01CN", "B01EF", "B40IM", "B42AZ"]


def test_never_changes() -> None:
    """Written down once: an allocation made with any version must be found again by every later one."""
    weeks = [court_week_arm("seed", "B01DU", week, ARMS, SIZES)[0] for week in range(16)]
    assert "".join(weeks) == "nttntntntnnttnnt"
    assert wedge_steps("seed", COURTS, 3) == {"B01DU": 2, "B01CN": 3, "B01EF": 1, "B40IM": 2, "B42AZ": 1}


def test_a_courts_weeks_are_positions_of_its_own_blocks() -> None:
    arms = [court_week_arm("s", "B01DU", week, ARMS, SIZES) for week in range(60)]
    assert arms == list(islice(sequence("s", "court-week:B01DU", ARMS, SIZES), 60))
    assert arms != [court_week_arm("s", "B01CN", week, ARMS, SIZES) for week in range(60)]
    blocks = court_week_blocks("s", "B01DU", 60, ARMS, SIZES)
    for block in range(max(blocks)):
        inside = Counter(arm for arm, mine in zip(arms, blocks, strict=True) if mine == block)
        assert inside["text"] == inside["none"] and inside.total() in SIZES


@pytest.mark.parametrize(
    ("day", "week"),
    [("2026-12-07", 0), ("2026-12-09", 0), ("2026-12-13", 0), ("2026-12-14", 1), ("2027-01-04", 4)],
)
def test_weeks_run_from_monday(day: str, week: int) -> None:
    assert week_of(date.fromisoformat(day), date(2026, 12, 9)) == week


def test_days_before_the_pilot_have_no_week_or_period() -> None:
    since = date(2026, 12, 9)
    with pytest.raises(AllocationError, match="before the week"):
        week_of(date(2026, 12, 6), since)
    with pytest.raises(AllocationError, match="lies before"):
        period_of(since - timedelta(days=1), since, 28)
    with pytest.raises(AllocationError, match="at least one day"):
        period_of(since, since, 0)
    assert [period_of(since + timedelta(days=days), since, 28) for days in (0, 27, 28, 56)] == [0, 0, 1, 2]


def test_a_wedge_deals_out_its_courts_evenly_whatever_their_order() -> None:
    for steps in range(1, len(COURTS) + 1):
        found = wedge_steps("s", COURTS, steps)
        sizes = Counter(found.values())
        assert set(sizes) == set(range(1, steps + 1)) and max(sizes.values()) - min(sizes.values()) <= 1
        assert found == wedge_steps("s", COURTS[::-1], steps)
    orders = Counter(tuple(sorted(wedge_steps(str(seed), ["a", "b", "c"], 3).items())) for seed in range(600))
    # Six orders, each expected 100 times with a standard deviation of 9.
    assert len(orders) == 6 and all(60 < times < 140 for times in orders.values())


def test_a_court_is_treated_from_its_step_on() -> None:
    step = wedge_steps("s", COURTS, 3)["B01DU"]
    arms = [wedge_arm("s", COURTS, 3, "B01DU", period, ("text", "none")) for period in range(5)]
    assert arms == ["none"] * step + ["text"] * (5 - step)


@pytest.mark.parametrize(
    ("seed", "courts", "steps"), [("", ["a"], 1), ("s", ["a", "a"], 1), ("s", ["a", "b"], 3), ("s", ["a"], 0)]
)
def test_refuses_a_wedge_that_cannot_be(seed: str, courts: list[str], steps: int) -> None:
    with pytest.raises(AllocationError):
        wedge_steps(seed, courts, steps)
    with pytest.raises(AllocationError, match="not in the pilot"):
        wedge_arm("s", ["a"], 1, "b", 0, ("text", "none"))
