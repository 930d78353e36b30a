"""One backup a night, by whoever is there, and again soon where it failed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from services.common import clock, heartbeats
from services.common.backup import nightly
from services.common.backup.nightly import keep_taking, last, take_due
from services.common.context import Heed
from services.common.models import Backup


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-01-10T02:29:59", "2026-01-09T02:30:00"),
        ("2026-01-10T02:30:00", "2026-01-10T02:30:00"),
        ("2026-07-10T01:29:59", "2026-07-09T01:30:00"),  # summer: London is an hour ahead of UTC
        ("2026-07-10T01:30:00", "2026-07-10T01:30:00"),
        ("2026-07-09T23:30:00", "2026-07-09T01:30:00"),  # past midnight in London, and not yet the hour
        ("2026-03-29T12:00:00", "2026-03-29T01:30:00"),
    ],
)
def test_the_last_time_that_clocks_showed_the_hour(now: str, expected: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert last(moment, time(2, 30)) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_what_is_due_is_taken_once_whoever_looks(consultation: Heed, tmp_path: Path) -> None:
    with consultation.database.begin() as session:
        hour = clock.wall(session).time().replace(microsecond=0)  # London's or UTC's: some hour of a day
    with ThreadPoolExecutor(2) as pool:
        well = list(pool.map(lambda _: take_due(consultation, tmp_path, 1, hour, "nightly"), range(2)))
    assert well == [True, True] and taken(consultation) == len(list(tmp_path.iterdir())) == 1
    take_due(consultation, tmp_path, 1, hour, "nightly")
    assert taken(consultation) == 1
    with consultation.database.begin() as session:
        session.execute(text("UPDATE backups SET taken_at = taken_at - interval '25 hours'"))
    take_due(consultation, tmp_path, 1, hour, "nightly")
    assert taken(consultation) == 2 and len(list(tmp_path.iterdir())) == 1, "the older file is gone"


def test_a_failure_is_said_and_tried_again_and_the_process_gives_signs_of_life(
    consultation: Heed, tmp_path: Path, said: Any, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly, "AGAIN_AFTER", 0.0)
    place = tmp_path / "backups"
    place.write_text("in the way")
    looks = iter(range(10**6))

    def stopping() -> bool:
        if next(looks) == 2:
            place.unlink()
        return taken(consultation) > 0

    keep_taking([consultation], place, None, time(0, 0), "nightly", stopping)
    failed = [one for one in said if one["event"] == "backup-failed"]
    assert failed and all(one["runbook"] == "backup-failed" for one in failed)
    assert taken(consultation) == 1
    with consultation.database.begin() as session:
        assert heartbeats.seen(session, "backup") == 1


def taken(heed: Heed) -> int:
    with heed.database.begin() as session:
        return session.scalar(select(func.count()).select_from(Backup)) or 0
