"""Simulated pilots told to Heed in Common Platform's own messages: the report then stands on the very counts of the generated rows."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from services.demo.days import Days
from services.demo.simulate import simulate
from services.demo.simulated import messages, named, protocol
from services.reminders import assembly, evaluating, pilots
from services.reminders.evaluation.cells import Counted, Reading
from services.reminders.evaluation.evidence import Look, check
from services.reminders.protocol_schema import parse
from services.reminders.simulation.designs import DESIGNS
from services.reminders.simulation.trial import NONE, TEXT, Trial, period, run
from services.reminders.simulation.world import ScenarioError
from tests.reminders.office import Office

PEOPLE = 14
# Each pilot begins when the one before it is over; none sits on a bank holiday.
BEGINS = [date(2026, 9, 14), date(2027, 1, 11), date(2027, 8, 30)]
COURTS = {"permuted-blocks": 2, "court-week": 2, "stepped-wedge": 3, "all-treated": 2}


def simulated(design: str, seed: str) -> Trial:
    """A pilot of four weeks that fits into messages."""
    small = replace(
        DESIGNS[design], people=PEOPLE, courts=COURTS[design], weeks=4, periods=2, shared=0.0, wait=56
    )
    return run(named(small), seed)


def generated(trial: Trial) -> Counter[tuple[str, int | None, str, bool]]:
    """How many people of each court, unit and arm stayed away, and how many came, of the generated rows."""
    unit = {"court-week": trial.people.week, "stepped-wedge": period(trial.scenario, trial.people.week)}.get(
        trial.scenario.design
    )
    return Counter(
        (
            trial.scenario.court(int(trial.people.court[person])),
            None if unit is None else int(unit[person]),
            TEXT if trial.treated[person] else NONE,
            bool(trial.event[person]),
        )
        for person in range(PEOPLE)
        if trial.known()[person]
    )


def reported(office: Office, name: str) -> tuple[Counter[tuple[str, int | None, str, bool]], dict[str, int]]:
    """The same from Heed's rows, as the report takes them; and how many were assigned to each arm."""
    with office.heed.database.begin() as session:
        found = assembly.evidence(session, evaluating.named(session, name), Look(1, shown=True))
    check(found)
    table = Counted.of(found.cells, Reading(found.protocol.rules), found.arms).table("did_not_attend")
    counts: Counter[tuple[str, int | None, str, bool]] = Counter()
    for (court, _, unit, arm), (events, n) in table.items():
        counts += Counter({(court, unit, arm, True): events, (court, unit, arm, False): n - events})
    return counts, dict(found.assigned)


@pytest.mark.parametrize("design", COURTS)
def test_the_same_seed_gives_the_same_counts_by_either_way(office: Office, design: str) -> None:
    moves = 0
    for number, begins in enumerate(BEGINS):
        trial, days, name = simulated(design, f"pilot {number}"), Days(begins), f"{design}-{number}"
        office.move(f"{begins}T09:00")
        with office.heed.database.begin() as session:
            pilots.lock(session, protocol(trial, days, name), "test")
        told = list(messages(trial, days, first=number * PEOPLE))
        for tells in ("listed", "moved", "resulted"):
            if tells == "resulted":
                office.move(f"{days.day(70)}T09:00")
            pushed = [office.push(message.body) for message in told if message.tells == tells]
            assert {delivery["status"] for delivery in pushed} <= {"applied"}
        moves += sum(message.tells == "moved" for message in told)
        counts, assigned = reported(office, name)
        assert counts == generated(trial)
        assert assigned.get(TEXT, 0) == int(trial.treated.sum())
        assert sum(assigned.values()) == PEOPLE
    assert moves > 0


def test_what_messages_cannot_tell_is_refused() -> None:
    fits = replace(DESIGNS["permuted-blocks"], courts=3, shared=0.0)
    assert named(fits).names == ("B41ME", "B41MJ", "B41US")
    for changes, words in (
        ({"courts": 4}, "3 courts"),
        ({"people": 1001}, "1000 people"),
        ({"shared": 0.1}, "shared"),
        ({"design": "stepped-wedge", "periods": 4, "weeks": 6}, "whole weeks"),
    ):
        with pytest.raises(ScenarioError, match=words):
            named(replace(fits, **changes))


def test_the_command_writes_a_pilot_that_can_be_applied(tmp_path: Path) -> None:
    asked = ["--design", "court-week", "--people", "20", "--messages", str(tmp_path), "--since", "2026-09-21"]
    done = CliRunner().invoke(simulate, asked)
    assert done.exit_code == 0, done.output
    content = parse(yaml.safe_load((tmp_path / "protocol.yaml").read_text()))
    assert (content.allocation, content.since, content.synthetic) == ("court-week", date(2026, 9, 21), True)
    names = sorted(path.name for path in tmp_path.glob("*.json"))
    told = json.loads(CliRunner().invoke(simulate, [*asked, "--json"]).stdout)
    assert told == {"synthetic": True, "seed": "heed", "folder": str(tmp_path), "messages": len(names)}
    assert names[0] == "0001-listed.json" and names[19] == "0020-listed.json" and "resulted" in names[-1]
    for wrong in (
        asked[:-2],
        [*asked, "--pilots", "2"],
        [*asked[:-1], "2026-09-22"],
        [*asked, "--courts", "4"],
    ):
        refused = CliRunner().invoke(simulate, wrong)
        assert (refused.exit_code, refused.stdout) == (2, "")
