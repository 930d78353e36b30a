"""The national day in small, on real processes; and that what it expects of the nation is what its lists say."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.reminders import county as counties
from services.reminders.feeds import csv_listings
from tests.national.__main__ import asked_of, nation_on, play
from tests.national.nation import FORCES, Nation, county, day_from, number

DAY = date(2047, 6, 4)  # a Tuesday


@pytest.mark.parametrize(
    ("present", "day"),
    [
        (date(2047, 6, 2), date(2047, 6, 4)),
        (date(2047, 6, 3), date(2047, 6, 11)),  # the lists need a day before it
        (date(2047, 12, 30), date(2048, 1, 7)),
    ],
)
def test_the_day_is_a_tuesday_to_come(present: date, day: date) -> None:
    assert day_from(present) == day


@pytest.mark.parametrize("court_days", [1, 2, 3, 4, 250])
def test_whoever_is_promised_a_text_is_listed_for_a_day_that_is_reminded_of(court_days: int) -> None:
    nation = Nation(4300, court_days, DAY)
    batches = [csv_listings.parse(body) for body, _ in nation.lists()]
    assert len(batches) == FORCES and not any(batch.rejections for batch in batches)
    listed = [one for batch in batches for one in batch.listings]
    ahead = Counter((one.days[0].starts_at.date() - DAY).days for one in listed)
    assert len(listed) == 4300 and len(ahead) == min(court_days, 100)  # 100 people a force
    assert set(ahead) >= set(sorted((1, 3, 7))[:court_days])
    assert not [days for days in ahead if date.fromordinal(DAY.toordinal() + days).weekday() > 4]
    promised = {one.number for one in nation.promises()}
    due = {one.mobile for one in listed if (one.days[0].starts_at.date() - DAY).days in (1, 3, 7)}
    assert {f"0{number[3:]}" for number in promised} < due
    assert sum(nation.held().values()) == 172 + 86 + 43 + 22


def test_every_court_of_the_nation_has_texts_of_one_segment() -> None:
    assert len(counties.parse(county()).courts) == 154


def test_a_day_of_86_people(databases: Any, _redis_url: str, tmp_path: Path, capsys: Any) -> None:
    asked = asked_of(["--people", "86", "--court-days", "3", "--hours", "0.002"])
    with databases.fresh("reminders") as reminders, databases.fresh("consultation") as consultation:
        urls = {
            "REMINDERS_DATABASE_URL": reminders,
            "CONSULTATION_DATABASE_URL": consultation,
            "REDIS_URL": _redis_url,
        }
        with nation_on(tmp_path / "town", urls, asked) as here:
            here.services["reminders"].redis.flushdb()
            assert play(here, {}, asked) == 0
            here.services["reminders"].redis.flushdb()
    said = capsys.readouterr().out
    owed = len(list(Nation(86, 3, DAY).promises()))
    assert f": {owed} kept, 0 listed with a reason, 0 lost, 0 doubled, 0 wrong, 0 before a person" in said
    assert "SYNTHETIC" in said and number(0)[3:] not in said
