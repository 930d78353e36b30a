"""What the outbox's sweeps wake for: once where anything is due, never where nothing can be done."""

from datetime import timedelta
from typing import Any

import pytest

from services.common import stops
from services.common.outbox import due


def looks(desk: Any) -> tuple[int, int]:
    with desk.heed.database.begin() as session:
        return len(due.due(session, desk.now())), len(due.unsettled(session, desk.now()))


def test_nothing(desk: Any) -> None:
    assert looks(desk) == (0, 0)


@pytest.mark.parametrize("count", [1, 3])
def test_once_however_many(desk: Any, count: int) -> None:
    for _ in range(count):
        desk.owe()
    assert looks(desk) == (1, 0)


def test_not_before_its_time(desk: Any) -> None:
    desk.owe(due_at=desk.now() + timedelta(seconds=60))
    assert looks(desk) == (0, 0)
    desk.later(61)
    assert looks(desk) == (1, 0)


@pytest.mark.parametrize(
    ("state", "seconds", "found"),
    [
        ("claimed", 60, (1, 0)),  # on the wire: a tick waits for it
        ("claimed", -60, (0, 1)),
        ("uncertain", 60, (0, 0)),
        ("uncertain", -60, (0, 1)),
        ("staff", -60, (0, 0)),
        ("accepted", -60, (0, 0)),
        ("failed", -60, (0, 0)),
        ("cancelled", -60, (0, 0)),
    ],
)
def test_by_state(desk: Any, state: str, seconds: float, found: tuple[int, int]) -> None:
    desk.put(desk.owe(), state=state, check_at=desk.now() + timedelta(seconds=seconds))
    assert looks(desk) == found


def test_while_sending_is_stopped_only_what_is_on_the_wire(desk: Any) -> None:
    desk.owe()
    with desk.heed.database.begin() as session:
        stops.stop(session, "wrong wording", "person:eva", desk.now())
    assert looks(desk) == (0, 0)
    desk.put(desk.owe(), state="claimed", check_at=desk.now() + timedelta(seconds=60))
    assert looks(desk) == (1, 0)
