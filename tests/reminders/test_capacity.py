"""What so many people a year take: the model, its command, and the page that shows both."""

import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.reminders import capacity as model
from services.reminders.capacity import Capacity, Load, capacity
from services.reminders.cli.capacity import command

COUNTY = Load(people=30_000)


def test_a_county_by_hand() -> None:
    found = capacity(COUNTY)
    assert (found.texts_a_year, found.cost_a_year) == (60_000, Decimal("2400.00"))
    assert found.texts_busiest_day == 480  # 240 on a mean day
    assert (found.senders, found.workers, found.web_processes) == (1, 2, 2)
    assert found.hours_at_one_sender == pytest.approx(480 / 10 / 3600)
    assert found.rows["status_events"] == 60_000 * 2 * 2
    assert found.gigabytes["attempts"] == pytest.approx(120_000 * model.TEXT_BYTES["attempts"] / 10**9)


@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"people": 0}, "texts_a_year", 0),
        ({"people": 1, "steps": 1}, "texts_busiest_day", 1),
        ({"reach": 0.5}, "texts_a_year", 30_000),
        ({"segments": 3}, "segments_a_year", 180_000),
        ({"segments": 3}, "texts_busiest_day", 480),
        # Ten segments a second for ten hours are 360,000: one more text wants a second sender.
        ({"people": 360_000, "steps": 1, "court_days": 1, "busiest": 1}, "senders", 1),
        ({"people": 360_001, "steps": 1, "court_days": 1, "busiest": 1}, "senders", 2),
        ({"people": 1_500_000, "rate": 1000.0, "court_days": 3}, "workers", 5),
        ({"people": 1_500_000, "rate": 1000.0, "court_days": 3}, "web_processes", 13),
    ],
)
def test_what_follows_from_what(changes: dict[str, Any], field: str, value: object) -> None:
    assert getattr(capacity(replace(COUNTY, **changes)), field) == value


def test_the_carriers_words_are_dropped_and_the_rest_stays() -> None:
    two, four = capacity(replace(COUNTY, years=2)), capacity(replace(COUNTY, years=4))
    assert two.rows["status_events"] == four.rows["status_events"]
    assert 2 * two.rows["outbox"] == four.rows["outbox"]
    assert two.gigabytes["deliveries"] == four.gigabytes["deliveries"]


def test_the_command_answers_and_refuses() -> None:
    def ran(*arguments: str) -> Any:
        return CliRunner().invoke(command, arguments)

    said = json.loads(ran("--people", "30000", "--json").stdout)
    assert said["texts_a_year"] == 60_000 and said["disk"] == pytest.approx(sum(said["gigabytes"].values()))
    assert set(said) >= set(Capacity.__slots__)
    for wrong in (
        ["--people", "0"],
        ["--people", "9", "--price", "x"],
        ["--people", "9", "--price", "NaN"],
        ["--people", "9" * 400],
        ["--people", "9", "--rate", "1e300"],
        *(
            ["--people", "9", option, number]
            for option in ("--rate", "--hours", "--reach", "--busiest")
            for number in ("nan", "inf", "-inf")
        ),
        [],
    ):
        assert ran(*wrong).exit_code == 2, wrong


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs/capacity.md").read_text(encoding="utf-8")


def test_the_page_shows_what_the_command_says(page: str) -> None:
    shown = re.findall(r"^\$ heed capacity (.*)\n((?:.+\n)+)```$", page, re.MULTILINE)
    assert len(shown) == 1
    for asked, printed in shown:
        assert CliRunner().invoke(command, asked.split()).stdout == printed


def test_the_page_names_every_constant(page: str) -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+(?: [a-z_]+)?)` \| ([0-9.,]+)", page, re.MULTILINE))
    stated = {}
    for name in ("LISTING_MS", "TEXT_MS", "PERSON_BYTES", "PLANNED_BYTES", "TEXT_BYTES", "PROCESS_MEGABYTES"):
        stated |= {f"{name} {key}": value for key, value in getattr(model, name).items()}
    stated |= {name: getattr(model, name) for name in ("WORDS_A_TEXT", "WORKER_TEXTS", "WEB_CALLBACKS")}
    assert {name: float(value.replace(",", "")) for name, value in rows.items()} == stated
