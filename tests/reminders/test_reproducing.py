"""The evaluator's script: every number of every design's report is worked out again from the exported rows, and nothing else is read."""

import ast
import csv
import io
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from services.reminders import evaluating, exporting
from services.reminders.evaluation import reproduce
from services.reminders.evaluation.reproduce_parts.comparing import GIVEN, compared
from services.reminders.evaluation.reproduce_parts.rows import read_people
from services.reminders.models import Pilot
from tests.reminders.office import Office
from tests.reminders.test_evaluating import PLANTED, acts, at, evaluate, planted
from tests.reminders.test_pilots import lock
from tests.support.planted import plant

THREE_COURTS = ["B41ME00", "B41MJ00", "B41US00"]
PLAN = {"control": 0.2, "treated": 0.15, "per_arm": 700}
ALWAYS = {"protocol"}
# Protocol, what is planted, days of looks, figures that must be among those worked out, what is given besides ALWAYS.
DESIGNS: dict[str, tuple[dict[str, Any], dict[str, Any], list[str], tuple[str, ...], set[str]]] = {
    "people who belong together": (
        {
            "rules": {"moved": "leave-out", "withdrawn": "attended", "remanded": "leave-out"},
            "subgroups": ["court", "case", "age", "notice"], "plan": PLAN,
        },
        {"people": 3000, "together": 25, "enrolled_since": "2026-09-17"},
        ["2026-11-08"],
        ("subgroups.0.interaction.p", "reached.clusters", "sensitivity.1.risk_difference.se", "power.planned.power"),
        {"flow.excluded"},
    ),
    "three arms and two looks": (
        {
            "arms": [{"name": "1", "texted": True}, {"name": "2", "texted": True}, {"name": "3", "texted": False}],
            "block_sizes": [3], "planned_looks": 2, "plan": PLAN, "stopping_rule": "pocock",
        },
        {"people": 1500, "arms": ("1", "2", "3")},
        ["2026-10-16", "2026-11-08"],
        ("look.boundary", "primary.design.1.risk_ratio.ci.0", "primary.unadjusted.comparisons.2.fisher.p", "balance.rows.0.d"),
        {"look.taken"},
    ),
    "court-weeks": (
        {"allocation": "court-week", "block_sizes": [2], "subgroups": ["age", "court"]},
        {"people": 1200, "unit": "day / 7", "treated_where": "(unit + place) % 2 = 0"},
        ["2026-11-08"],
        ("primary.design.0.icc", "primary.design.0.permutation.p", "subgroups.0.interaction.statistic", "subgroups.1.interaction.p", "days_lost.design.0.mean_difference.df"),
        set(),
    ),
    "steps": (
        {
            "allocation": "stepped-wedge", "block_sizes": [], "steps": 3, "period_days": 10, "courts": THREE_COURTS,
            "subgroups": ["age"],
        },
        {"people": 1500, "unit": "day / 10", "treated_where": "unit > place", "courts": ("B41ME", "B41MJ", "B41US")},
        ["2026-11-08"],
        ("primary.design.0.icc", "missing.worst.p", "sensitivity.4.risk_difference.ci.1", "adjusted.effect.se"),
        set(),
    ),
    "everybody": (
        {
            "allocation": "all-treated", "block_sizes": [], "seed": "", "until": "2027-05-31", "subgroups": [],
            "arms": [{"name": "texted", "texted": True}],
        },
        {
            "people": 6000, "arms": ("texted", "texted"), "since": "2025-06-01", "days": 730,
            "enrolled_since": "2026-09-15", "beside": ("B41US",),
        },
        ["2027-06-08"],
        ("history.own.autocorrelation", "history.neighbour.slope_change.se", "history.months.3.expected"),
        {line for line in GIVEN if line.startswith("history")},
    ),
}  # fmt: skip
# Of two people assigned apart, one had the number that the other has.
ONE_NUMBER = """
INSERT INTO contacts (person_id, number_key, number_enc, source, received_at, current)
SELECT person_id, 'one number', '', 'feed:libra', now(), person_id % 2 = 0 FROM assignments
WHERE cluster = person_id ORDER BY person_id DESC LIMIT 2
"""


def exported(office: Office) -> tuple[str, bytes]:
    with office.heed.database.begin() as session:
        return exporting.export(session, evaluating.named(session, "autumn"), "person:eve", "the university")


def numbers(tree: Any, place: str = "") -> Iterator[tuple[str, float]]:
    """Every number of a report and where it stands."""
    if isinstance(tree, dict | list):
        for key, one in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from numbers(one, f"{place}.{key}" if place else str(key))
    elif isinstance(tree, int | float) and not isinstance(tree, bool):
        yield place, tree


def given(place: str) -> set[str]:
    """The lines of GIVEN that let a place off."""
    lines = {line: re.escape(line).replace(r"\*", "[0-9]+") for line in GIVEN}
    return {line for line, pattern in lines.items() if re.match(rf"{pattern}(\.|$)", place)}


def moved(tree: Any, place: str = "") -> Any:
    """The same report with another number wherever one is worked out."""
    if isinstance(tree, dict):
        return {key: moved(one, f"{place}.{key}" if place else key) for key, one in tree.items()}
    if isinstance(tree, list):
        return [moved(one, f"{place}.{number}") for number, one in enumerate(tree)]
    number = isinstance(tree, int | float) and not isinstance(tree, bool)
    return tree * 1.1 + 0.02 if number and not given(place) else tree


@pytest.mark.parametrize("design", DESIGNS)
def test_every_number_of_every_design_is_worked_out(office: Office, design: str) -> None:
    changes, plan, looks, named, besides = DESIGNS[design]
    lock(office, **(PLANTED | changes))
    with office.heed.database.begin() as session:
        plant(session, session.scalars(select(Pilot.id)).one(), **plan)
        session.execute(text(ONE_NUMBER))
    for day in looks:
        at(office, f"{day}T00:00:00")
        told = evaluate(office)
    report = json.loads(json.dumps(told))
    assert report["flow"]["shared_later"] == 2
    people = read_people(io.BytesIO(exported(office)[1]))
    again = reproduce.worked_out(people, reproduce.given(report))
    found = {place: same for place, _, _, same in compared(report, again)}
    assert [place for place, same in found.items() if not same] == []
    places = {place for place, _ in numbers(report)}
    let_off = {place for place in places if given(place)}
    assert places - let_off == found.keys() - {"verdict.word"}
    assert set(named) <= found.keys()
    # What is let off is there to be let off, and no more of the report is read.
    assert set().union(*map(given, let_off)) == ALWAYS | besides
    changed = moved(report)
    assert reproduce.given(changed) == reproduce.given(report)
    # Each figure can fail: with another number in its place, or none on either side.
    assert [place for place, _, _, same in compared(changed, again) if same] == ["verdict.word"]
    assert not any(same for *_, same in compared(report, {}))


def test_nothing_is_let_off_that_no_report_has() -> None:
    assert set().union(ALWAYS, *(besides for *_, besides in DESIGNS.values())) == set(GIVEN)


def test_where_the_protocol_was_changed_no_arm_is_compared(office: Office) -> None:
    planted(office, 200)
    with office.heed.database.begin() as session:
        session.execute(text("ALTER TABLE pilots DISABLE TRIGGER pilots_fixed"))
        session.execute(text("UPDATE pilots SET hash = 'x'"))
    at(office, "2026-11-08T00:00:00")
    report = json.loads(json.dumps(evaluate(office)))
    people = read_people(io.BytesIO(exported(office)[1]))
    found = {place: same for place, _, _, same in reproduce.reproduced(people, report)}
    assert all(found.values())
    places = {place for place, _ in numbers(report) if not given(place)}
    assert places == found.keys() - {"verdict.word"} >= {"primary.pooled.n", "flow.arms.1.known"}


def test_the_script_stands_alone_beside_the_rows(office: Office, tmp_path: Path) -> None:
    planted(office, 1200)
    at(office, "2026-11-08T00:00:00")
    report = evaluate(office)
    mark, people = exported(office)
    rows = list(csv.DictReader(io.StringIO(people.decode("utf-8-sig"))))
    assert len(rows) == 1200
    assert {row["export"] for row in rows} == {mark}
    assert {row["court_group"] for row in rows} == {"A", "B"}
    assert not re.search(rb"B41M|St Albans|1000001", people)
    (audited,) = acts(office, "pilot-exported")
    assert audited == {"export": mark, "recipient": "the university", "rows": 1200}
    for name, content in (
        ("people.csv", people),
        ("report.json", json.dumps(report).encode()),
        ("reproduce.py", exporting.script().encode()),
    ):
        (tmp_path / name).write_bytes(content)
    command = [sys.executable, "-W", "error", "reproduce.py", "people.csv", "report.json"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.fullmatch(r"[5-9][0-9][0-9] figures, 0 different", ran.stdout.splitlines()[-1])
    report["reached"]["effect"]["se"] *= 1.001
    (tmp_path / "report.json").write_text(json.dumps(report))
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.splitlines()[-1].split()[-2]) == (1, "1")


def test_the_parts_of_the_script_share_no_name_and_nothing_of_heed() -> None:
    """They are joined into one file: what two parts call by one name would be the later one's."""
    tree = ast.parse(exporting.script())
    names = Counter(
        name
        for node in tree.body
        for name in (
            [node.name]
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            else [
                one.id
                for one in ast.walk(node)
                if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
            ]
        )
    )
    assert [name for name, times in names.items() if times > 1] == []
    assert "services" not in {
        word
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for word in [str(node.module).split(".")[0]]
    }
