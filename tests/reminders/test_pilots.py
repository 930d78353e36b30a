"""The pilot: locked once, everyone assigned once at enrolment and never again, the control arm never texted, the arm never shown
beside an outcome, and the boxes of its report always closed."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from services.common.context import Heed
from services.common.models import Audit
from services.common.times import london, parse_instant
from services.reminders import assembly, evaluating, jobs, pilot_audit, pilots
from services.reminders.evaluation import allocation
from services.reminders.evaluation.cells import Counted, Reading
from services.reminders.evaluation.evidence import Evidence, Look, check
from services.reminders.evaluation.flow import flow
from services.reminders.evaluation.report import pilot_report
from services.reminders.models import Assignment, Pilot
from services.reminders.pilots import ProtocolError
from tests.reminders.office import (
    ANN,
    HEARING,
    ONE_DAY,
    START,
    STEVENAGE,
    THREE_DAYS,
    Office,
    case,
    defendant,
    hearing,
    nth,
    nth_case,
    nth_result,
    phone,
    result,
    somebody,
    spi_result,
)
from tests.support.sandbox import Sandbox

PROTOCOL: dict[str, Any] = {
    "name": "autumn",
    "question": "Do reminders by text reduce failures to attend?",
    "courts": ["B41ME00", "B41MJ00"],
    "since": "2026-09-15",
    "until": "2026-10-31",
    "arms": [{"name": "texted", "texted": True}, {"name": "control", "texted": False}],
    "allocation": "permuted-blocks",
    "seed": "a seed",
    "block_sizes": [4],
    "outcome_lag_days": 7,
}


def lock(office: Office, **changes: Any) -> str:
    """Lock the protocol, with these changes; its hash."""
    with office.heed.database.begin() as session:
        return pilots.lock(session, PROTOCOL | changes, "test").hash


def people(number: int, since: int = 0) -> list[dict[str, Any]]:
    """As many defendants, each with a number of their own."""
    return [somebody(one) for one in range(since, since + number)]


def assigned(office: Office) -> dict[str, str]:
    """Everyone's arm, by person."""
    with office.heed.database.begin() as session:
        rows = session.scalars(select(Assignment).order_by(Assignment.id)).all()
        names = {one["id"]: one["name"] for one in office.rows()}
        return {names[row.listing_id]: row.arm for row in rows}


def ann_in(office: Office, arm: str, **changes: Any) -> None:
    """Lock a protocol whose seed puts the first person of St Albans into this arm, and list Ann."""
    for seed in range(50):
        ratio = [(one["name"], one.get("weight", 1)) for one in (PROTOCOL | changes)["arms"]]
        if allocation.arm_for(str(seed), "B41ME", 0, ratio, [4]) == arm:
            lock(office, **(changes | {"seed": str(seed)}))
            office.push(hearing())
            assert assigned(office) == {"Ann Example": arm}
            return


def evidence(office: Office, name: str = "autumn") -> Evidence:
    """What the pilot's report stands on, arms shown; proved to close."""
    with office.heed.database.begin() as session:
        found = assembly.evidence(session, evaluating.named(session, name), Look(1, shown=True))
    check(found)
    told = pilot_report(found)["flow"]
    assert told["assessed"] == told["excluded_total"] + sum(arm["assigned"] for arm in told["arms"])
    for arm in told["arms"]:
        closes(arm)
    return found


def closes(arm: dict[str, Any]) -> None:
    """Every box of an arm's flow is the sum of those after it."""
    assert arm["assigned"] == arm["texted"] + arm["not_texted"]
    assert arm["texted"] == arm["delivered"] + arm["undelivered"] + arm["no_receipt"]
    assert arm["assigned"] == arm["known"] + arm["pending"] + arm["missing"] + arm["not_at_risk"]
    for box in ("not_texted", "undelivered", "not_at_risk"):
        assert arm[box] == sum(arm[f"{box}_by_reason"].values())
    assert arm["analysed"] == arm["known"]


def flows(found: Evidence) -> dict[str, dict[str, Any]]:
    """The flow's boxes, by arm."""
    return {arm["name"]: arm for arm in flow(found, Reading(found.protocol.rules))["arms"]}


def totals(found: Evidence, outcome: str) -> dict[str, tuple[int, int]]:
    """(Events, people whose outcome is known) by arm."""
    return Counted.of(found.cells, Reading(found.protocol.rules), found.arms).totals(outcome)


def test_a_protocol_is_locked_once_under_a_stable_hash(office: Office) -> None:
    known = lock(office)
    assert known == pilots.digest(dict(reversed(PROTOCOL.items())))
    assert len(known) == 64
    with office.heed.database.begin() as session:
        row = session.scalars(select(Pilot)).one()
        act = session.scalars(select(Audit).where(Audit.act == "pilot-locked")).one()
    assert (row.protocol, row.hash, act.detail["hash"]) == (PROTOCOL, known, known)


def test_yaml_and_json_of_one_protocol_have_one_hash(office: Office) -> None:
    content = pilots.read(yaml.safe_dump(PROTOCOL).replace("'2026-09-15'", "2026-09-15"))
    with office.heed.database.begin() as session:
        row = pilots.lock(session, content, "test")
    assert row.hash == pilots.digest(PROTOCOL)


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"name": None}, "name"),
        ({"name": "Autumn Pilot"}, "name"),
        ({"question": None}, "question"),
        ({"courts": []}, "courts"),
        ({"since": "15/09/2026"}, "since"),
        ({"until": "2026-09-14"}, "it ends before it begins"),
        ({"arms": [{"name": "texted", "texted": True}]}, "arms"),
        ({"arms": [{"name": "one", "texted": True}, {"name": "one", "texted": False}]}, "name"),
        ({"arms": [{"name": "a", "texted": True, "weight": 0}, {"name": "b", "texted": False}]}, "weight"),
        (
            {"arms": [{"name": "a", "texted": True, "template": "funny"}, {"name": "b", "texted": False}]},
            "template",
        ),
        ({"block_sizes": [3]}, "block_sizes"),
        ({"block_sizes": []}, "block_sizes"),
        ({"allocation": "coin"}, "allocation"),
        ({"seed": ""}, "seed"),
        ({"primary": "happiness"}, "primary"),
        ({"outcome_lag_days": -1}, "outcome_lag_days"),
        ({"planned_looks": 0}, "planned_looks"),
        ({"planned_looks": 11}, "planned_looks"),
        ({"hidden": 1}, "hidden"),
        ({"unit": "court-week"}, "unit: the unit of permuted-blocks is person"),
        ({"hearing": "any"}, "hearing"),
        ({"courts": ["B41ME00", "B41ME01"]}, "a court is named twice"),
        ({"eligibility": {"cases": ["custody"]}}, "eligibility.cases.0"),
        ({"rules": {"moved": "guess"}}, "rules.moved"),
        ({"rules": {"lost": "guess"}}, "rules.lost"),
        (
            {"subgroups": ["delivered"]},
            "subgroups.0: Not compared: people delivered with people not delivered",
        ),
        ({"subgroups": ["weather"]}, "subgroups.0: Must be one of"),
        ({"thresholds": {"fewest_for_a_rate": 29}}, "thresholds.fewest_for_a_rate"),
        ({"thresholds": {"smallest_cell": 9}}, "thresholds.smallest_cell"),
        ({"looks": ["2026-11-07"]}, "looks are in order, the last when every outcome is due: 2026-11-08"),
        ({"looks": ["2026-12-01", "2026-11-20"]}, "looks are in order"),
        ({"looks": ["2026-12-01"], "planned_looks": 2}, "it has 1 days, planned_looks says 2"),
        ({"plan": {"control": 0, "treated": 0.1, "per_arm": 10}}, "plan.control"),
        ({"allocation": "all-treated"}, "one arm, which is texted"),
        ({"allocation": "stepped-wedge", "steps": 3}, "steps: write how many steps"),
        ({"allocation": "stepped-wedge", "steps": 2}, "over before the last step: 2 steps need 3"),
    ],
)
def test_what_is_wrong_in_a_protocol_is_named(other: dict[str, Any], named: str) -> None:
    content = {name: value for name, value in (PROTOCOL | other).items() if value is not None}
    with pytest.raises(ProtocolError, match=named):
        pilots.parse(content)


def test_a_mistake_in_yaml_has_its_line() -> None:
    written = yaml.safe_dump(PROTOCOL, sort_keys=False).replace("texted: false", "texted: perhaps")
    line = next(number for number, line in enumerate(written.splitlines(), 1) if "perhaps" in line)
    with pytest.raises(ProtocolError, match=rf"line {line}, arms\.1\.texted: "):
        pilots.read(written)


@pytest.mark.parametrize("words", ["", "- 1", "a: [", "words"])
def test_a_protocol_that_is_no_mapping_is_refused(words: str) -> None:
    with pytest.raises(ProtocolError):
        pilots.read(words)


def test_pilots_never_overlap_in_court_and_day(office: Office) -> None:
    lock(office)
    refused: list[tuple[dict[str, Any], str]] = [
        ({}, "already locked"),
        ({"name": "second"}, "overlaps with the pilot autumn"),
        ({"name": "second", "courts": ["B41MJ01"]}, "overlaps"),
        ({"name": "second", "since": "2026-10-31", "until": "2026-12-31"}, "overlaps"),
        ({"name": "second", "since": "2026-09-01", "until": "2026-09-15"}, "overlaps"),
    ]
    for other, why in refused:
        with pytest.raises(ProtocolError, match=why):
            lock(office, **other)
    assert lock(office, name="second", since="2026-11-01", until="2026-12-31")
    assert lock(office, name="third", since="2026-09-01", until="2026-09-14")
    assert lock(office, name="fourth", courts=["B41US00"])


def test_everyone_eligible_is_assigned_by_the_seed_in_the_order_of_enrolment(office: Office) -> None:
    lock(office)
    for number, court in enumerate(("B41ME00", STEVENAGE)):
        office.push(
            hearing(HEARING, case(*people(11, 20 * number), ref=f"41A{number}"), key=court, court=court)
        )
    with office.heed.database.begin() as session:
        rows = session.scalars(select(Assignment)).all()
    recorded = [allocation.Enrolment(row.stratum, row.position, row.arm) for row in rows]
    assert Counter(row.stratum for row in rows) == {"B41ME": 11, "B41MJ": 11}
    assert allocation.audit("a seed", recorded, [("texted", 1), ("control", 1)], [4]) == []
    for stratum in ("B41ME", "B41MJ"):
        arms = [row.arm for row in sorted(rows, key=lambda row: row.position) if row.stratum == stratum]
        for block in (arms[:4], arms[4:8]):
            assert Counter(block) == {"texted": 2, "control": 2}


def test_only_the_texted_arm_is_texted_and_nobody_outside_the_protocol_is_assigned(office: Office) -> None:
    lock(office)
    office.push(hearing(HEARING, case(*people(8), ref="41A1"), key="in"))
    held = [defendant("Kid", born="2010-01-28", mobile="+447700900300"), defendant("Mute", mobile=None)]
    office.push(hearing(HEARING, case(*held, ref="41A2"), key="not-eligible"))
    office.push(hearing("2026-11-02T10:00", case(defendant("Late"), ref="41A3"), key="after"))
    arms = assigned(office)
    assert len(arms) == 8
    assert len(office.planned()) == 2 * 4 + 2  # nothing is even planned for the control
    office.tick(THREE_DAYS)
    office.tick(ONE_DAY)
    texted = {words.split(",")[0].split()[-1] for words in office.texts()}
    assert texted == {name.split()[0] for name, arm in arms.items() if arm == "texted"}
    assert len(office.texts()) == 8
    office.tick("2026-11-01T10:00")
    assert office.texts(ANN)  # Late, outside the pilot, is texted like anybody


def test_without_a_pilot_nobody_is_assigned(office: Office) -> None:
    office.push(hearing())
    assert assigned(office) == {}


def changed(number: int, **more: Any) -> dict[str, Any]:
    """The number-th hearing with its person changed."""
    return hearing(HEARING, nth_case(number, somebody(number, **more)), key=f"c{number}")


def second(number: int, **more: Any) -> dict[str, Any]:
    """Another case of the number-th person, the day after."""
    return hearing("2026-09-24T10:00", case(somebody(number), ref=f"41D{number}"), key=f"d{number}", **more)


EVENTS: dict[str, Callable[[Office, int], Any]] = {
    "the same again": lambda office, n: office.push(nth(n)),
    "moved": lambda office, n: office.push(nth(n, "2026-09-30T10:00")),
    "moved out of the pilot's days": lambda office, n: office.push(nth(n, "2026-11-04T10:00")),
    "moved out of the pilot's courts": lambda office, n: office.push(nth(n, court="B41US00")),
    "another number": lambda office, n: office.push(changed(n, mobile=phone(100 + n))),
    "no valid number": lambda office, n: office.push(changed(n, mobile="no")),
    "stopped": lambda office, n: office.hears(phone(n), "STOP", "STOP"),
    "wrong number": lambda office, n: office.hears(phone(n), "WRONG"),
    "stopped and started": lambda office, n: (
        office.hears(phone(n), "STOP", "STOP"),
        office.hears(phone(n), "START", "START"),
    ),
    "remanded": lambda office, n: office.push(changed(n, bail="C")),
    "deleted": lambda office, n: office.delete(f"c{n}"),
    "deleted and restored": lambda office, n: (office.delete(f"c{n}"), office.push(nth(n))),
    "resulted": lambda office, n: office.push(nth_result(n, "1015"), "result"),
    "shared": lambda office, n: office.push(
        hearing(
            HEARING, case(defendant(f"Ben{n}", mobile=phone(n)), ref=f"41E{n}"), key=f"e{n}", court="B41US00"
        )
    ),
    "a second case": lambda office, n: office.push(second(n)),
    "a second case at another court": lambda office, n: office.push(second(n, court=STEVENAGE)),
}


def test_nothing_changes_an_arm_and_nothing_texts_the_control(office: Office) -> None:
    """Each event befalls a pair, of whom blocks of two put one into each arm."""
    lock(office, block_sizes=[2])
    for number in range(2 * len(EVENTS)):
        office.push(nth(number))
    arms = assigned(office)
    for pair, event in enumerate(EVENTS.values()):
        assert {arms[f"P{number:03} Example"] for number in (2 * pair, 2 * pair + 1)} == {"texted", "control"}
        event(office, 2 * pair)
        event(office, 2 * pair + 1)
    assert {name: arm for name, arm in assigned(office).items() if name in arms} == arms
    for at in (THREE_DAYS, ONE_DAY, "2026-09-23T09:30", "2026-09-29T10:00", "2026-11-03T10:00"):
        office.tick(at)
    assert {name: arm for name, arm in assigned(office).items() if name in arms} == arms
    texted = {words.split(",")[0].removeprefix("Herts Police: ") for words in office.texts()}
    control = {name.split()[0] for name, arm in arms.items() if arm == "control"}
    assert texted & control == set()
    silent = {"no valid number", "stopped", "wrong number", "remanded", "deleted", "resulted", "shared"}
    for pair, name in enumerate(EVENTS):
        reached = {f"P{number:03}" for number in (2 * pair, 2 * pair + 1)} & texted
        assert len(reached) == (name not in silent), name
    evidence(office)


def test_a_person_in_two_hearings_is_assigned_once(office: Office) -> None:
    ann_in(office, "control")
    office.push(hearing("2026-09-24T10:00", case(ref="41B"), key="h2", court=STEVENAGE))
    office.push(hearing("2026-10-01T10:00", case(ref="41C"), key="h3"))
    assert assigned(office) == {"Ann Example": "control"}
    office.tick("2026-09-30T10:00")
    assert office.texts() == []


def test_the_arm_is_in_no_row_that_shows_an_outcome(office: Office) -> None:
    lock(office)
    office.push(hearing(HEARING, case(*people(8))))
    arms = assigned(office)
    assert set(arms.values()) == {"texted", "control"}
    rows = office.rows()
    # What is shown of a person is the same in both arms, but for who they are.
    own = {"id", "name", "mobile"}
    shown = {
        arm: {
            str({name: value for name, value in row.items() if name not in own})
            for row in rows
            if arms[row["name"]] == arm
        }
        for arm in ("texted", "control")
    }
    assert shown["texted"] == shown["control"]
    assert all("arm" not in row and row["reasons"] == [] and row["eligible"] for row in rows)


def test_with_the_arm_shown_the_outcome_is_not(office: Office) -> None:
    ann_in(office, "control")
    office.push(result("1015"), "result")
    (row,) = office.rows(show_arm=True)
    assert row["arm"] == "control"
    assert not {"outcome", "outcomes"} & set(row)
    (row,) = office.rows()
    assert "arm" not in row
    assert row["outcome"]["attendance"] == "attended"


PLAN_MAKING = [
    {"name": "plain", "texted": True},
    {"name": "plan", "texted": True, "template": "plan-making"},
]


@pytest.mark.parametrize(
    ("arm", "initiation", "words"),
    [
        ("plain", "C", "If you miss it you could be arrested."),
        ("plan", "C", "What time do you need to leave home?"),
        # The variant is written for bail; a summons keeps its own words.
        ("plan", "S", "It can go ahead without you."),
    ],
)
def test_an_arm_has_its_own_words(office: Office, arm: str, initiation: str, words: str) -> None:
    ann_in(office, arm, arms=PLAN_MAKING)
    office.push(hearing(HEARING, case(initiation=initiation)))
    office.tick(THREE_DAYS)
    assert len(office.texts()) == 1
    assert words in office.texts()[0]
    office.push(hearing("2026-09-30T10:00", case(initiation=initiation)))
    office.tick("2026-09-21T10:00")
    assert "your court date has moved" in office.texts()[1]


def test_a_result_that_comes_before_any_listing_assigns_nobody(office: Office) -> None:
    lock(office)
    office.push(result("1015"), "result")
    assert (office.row()["status"], assigned(office)) == ("heard", {})
    assert sum(evidence(office).excluded.values()) == 1


def test_those_listed_before_the_pilot_was_locked_are_assigned_when_next_looked_at(office: Office) -> None:
    office.push(hearing())
    lock(office)
    assert evidence(office).excluded == {"listed-before-the-pilot": 1}
    office.push(hearing(HEARING, case(initiation="R")))
    assert list(assigned(office)) == ["Ann Example"]
    assert evidence(office).excluded == {}


def test_every_box_of_the_flow(office: Office) -> None:
    """Eight pairs, each with another fate and one of the two in each arm: the flows differ in the texts alone."""
    lock(office, block_sizes=[2])
    fates = ["came", "absent", "failed", "missing", "off", "pending", "unheard", "unsaid"]
    for number, fate in enumerate(fates):
        at = "2026-10-20T10:00" if fate == "pending" else HEARING
        office.push(hearing(at, case(*people(2, 10 * number), ref=f"41A{number}"), key=fate))
    held = [
        defendant("Kid", born="2010-01-28", mobile="+447700900400"),
        defendant("Held", bail="C", mobile="+447700900401"),
    ]
    office.push(hearing(HEARING, case(*held, ref="41H"), key="held"))
    office.tick(THREE_DAYS)
    office.tick(ONE_DAY)
    office.everything()
    told = {
        "came": ("IN_PERSON", "1015"),
        "absent": ("NOT_PRESENT", "1015"),
        "failed": ("NOT_PRESENT", "4576 CG"),
        "unsaid": ("", "1015"),
    }
    for number, fate in enumerate(fates):
        if fate in told:
            attendance, code = told[fate]
            message = result(
                code,
                attendance=attendance or None,
                key=fate,
                defendants=people(2, 10 * number),
                ref=f"41A{number}",
            )
            office.push(message, "result")
    office.delete("off")
    office.tick("2026-10-02T10:00")
    found = evidence(office)
    assert found.assessed == 18
    assert found.excluded == {"under-18": 1, "in-custody": 1}
    boxes = flows(found)
    for arm in boxes.values():
        followed = [arm[name] for name in ("assigned", "known", "pending", "missing", "not_at_risk")]
        assert followed == [8, 3, 1, 3, 1]
        assert arm["not_at_risk_by_reason"] == {"withdrawn": 1}
    assert (boxes["control"]["texted"], boxes["control"]["not_texted_by_reason"]) == (0, {"control-arm": 8})
    # The pending hearing is too far off.
    assert (boxes["texted"]["texted"], boxes["texted"]["not_texted_by_reason"]) == (7, {"not-yet-due": 1})
    assert totals(found, "did_not_attend") == {"texted": (2, 3), "control": (2, 3)}
    assert totals(found, "fta") == totals(found, "warrant") == {"texted": (1, 3), "control": (1, 3)}


@pytest.mark.parametrize(
    ("at", "pending", "missing"),
    [("2026-09-30T09:59:00", 1, 0), ("2026-09-30T10:00:00", 0, 1)],
)
def test_an_outcome_is_missing_once_its_lag_is_over(
    office: Office, at: str, pending: int, missing: int
) -> None:
    ann_in(office, "texted")
    office.tick(at)
    arm = flows(evidence(office))["texted"]
    assert (arm["pending"], arm["missing"]) == (pending, missing)


def test_a_cancelled_hearing_is_not_at_risk_whatever_is_written_of_it(office: Office) -> None:
    ann_in(office, "texted")
    office.delete()
    office.push(spi_result(), form="spi")
    found = evidence(office)
    assert (flows(found)["texted"]["not_at_risk"], flows(found)["texted"]["known"]) == (1, 0)
    assert totals(found, "did_not_attend")["texted"] == (0, 0)


PERSON_EVENTS = [
    "move", "stop", "start", "wrong", "delete", "restore", "came", "absent", "failed", "missing",
    "custody", "number", "share", "older", "by-police", "tick",
]  # fmt: skip


@settings(max_examples=5)
@given(
    history=st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from(PERSON_EVENTS), st.integers(0, 40)),
        min_size=8,
        max_size=18,
    )
)
def test_whatever_happens_the_report_closes(
    open_service: Callable[..., Heed], carrier: Sandbox, history: list[tuple[int, str, int]]
) -> None:
    carrier.control("reset", {})
    jobs.configured.cache_clear()
    heed = open_service("reminders")
    office = Office(heed, carrier, jobs.configured())
    office.start(START)
    lock(office)
    everyone = people(6)
    hour = 0
    for number in range(6):
        office.push(hearing(HEARING, case(everyone[number], ref=f"41A{number}"), key=f"h{number}"))
    first = assigned(office)
    for number, event, amount in history:
        hour += amount
        happen(office, everyone[number], number, event, amount, hour)
    final = assigned(office)
    assert {name: final[name] for name in first} == first
    control = {name.split()[0] for name, arm in final.items() if arm == "control"}
    assert not [words for words in office.texts() if words.split(",")[0].split()[-1] in control]
    evidence(office)


def happen(office: Office, person: dict[str, Any], number: int, event: str, amount: int, hour: int) -> None:
    """One thing that can happen to a person."""
    ref, key = f"41A{number}", f"h{number}"
    mobile = person["personDefendant"]["personDetails"]["contact"]["mobile"]
    day = f"2026-09-{23 + amount % 7}T1{amount % 8}:00"
    match event:
        case "move" | "restore":
            office.push(hearing(day if event == "move" else HEARING, case(person, ref=ref), key=key))
        case "older":
            office.push(hearing(day, case(person, ref=ref), key=key, shared="2026-09-01T10:00"))
        case "stop" | "start" | "wrong":
            office.hears(mobile, event)
        case "delete":
            office.delete(key)
        case "missing":
            office.push(hearing(HEARING, case(defendant("Other", identity=f"o{number}"), ref=ref), key=key))
        case "custody":
            held = person | {"personDefendant": person["personDefendant"] | {"bailStatus": {"code": "C"}}}
            office.push(hearing(HEARING, case(held, ref=ref), key=key))
        case "number" | "share":
            told = f"+4477009008{number:02}" if event == "number" else "+447700900899"
            changed = defendant(person["personDefendant"]["personDetails"]["firstName"], mobile=told)
            same = {name: person[name] for name in ("id", "masterDefendantId", "offences")}
            office.push(hearing(HEARING, case(changed | same, ref=ref), key=key))
        case "came" | "absent" | "failed":
            attendance = "IN_PERSON" if event == "came" else "NOT_PRESENT"
            code = "4576 CG" if event == "failed" else "1015"
            office.push(result(code, attendance=attendance, key=key, defendants=[person], ref=ref), "result")
        case "by-police":
            office.push(spi_result(), form="spi")
        case "tick":
            office.tick(f"{london(parse_instant(START) + timedelta(hours=hour)):%Y-%m-%dT%H:%M:%S}")


def audited(office: Office) -> list[str]:
    """What the audit finds: a sentence for each assignment that is not as drawn."""
    with office.heed.database.begin() as session:
        return pilot_audit.audit(session, evaluating.named(session, "autumn"))[1]


TAMPERED = {
    "UPDATE assignments SET arm = 'control' WHERE id = (SELECT min(id) FROM assignments WHERE arm = 'texted')": "the lot gave texted",
    "UPDATE assignments SET position = 77 WHERE position = 3": "has place 77 at B41ME; place 3 comes next there",
    "DELETE FROM assignments WHERE position = 2": "place 2 comes next there",
    # Two people's hearings exchanged: the lots hold, the audit log does not.
    "UPDATE assignments SET listing_id = 3 - listing_id WHERE listing_id < 3": "not as the audit log has them",
    "UPDATE assignments SET cluster = 1000000": "was not assigned before it",
    "UPDATE pilots SET protocol = jsonb_set(protocol, '{seed}', '\"other\"')": "another hash",
}


def test_the_audit_finds_every_change(office: Office) -> None:
    lock(office)
    for number in range(2):
        office.push(hearing(HEARING, case(*people(4, 10 * number), ref=f"41A{number}"), key=f"h{number}"))
    assert audited(office) == []
    with office.heed.database.begin() as session:
        for table in ("assignments", "pilots"):
            session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {table}_fixed"))
    for change, found in TAMPERED.items():
        with office.heed.database.engine.connect() as connection, Session(connection) as session:
            session.execute(text(change))
            breaks = pilot_audit.audit(session, evaluating.named(session, "autumn"))[1]
            assert any(found in one for one in breaks), (change, breaks)
            session.rollback()
    assert audited(office) == []


def test_people_known_to_belong_together_have_one_arm_and_take_one_place(office: Office) -> None:
    """A copy of one human under another identity, and somebody with the number of one who was assigned before."""
    lock(office, block_sizes=[2])
    office.push(nth(0))
    office.push(nth(1))
    arms = assigned(office)
    with office.heed.database.begin() as session:
        first = session.scalars(select(Assignment).order_by(Assignment.id)).first()
        assert first is not None and (first.cluster, first.position) == (first.person_id, 0)
        assert (first.case_kind, first.age_band, first.notice_days) == ("bail", "35-44", 9)
        assert first.contact_source == "feed:common-platform"
    # The first hearing is over: the number may be texted again, and is known to be P000's.
    office.tick("2026-09-24T10:00")
    later = "2026-10-07T10:00"
    office.push(hearing(later, case(defendant("Kin", mobile=phone(0), identity="kin"), ref="41K"), key="kin"))
    office.push(
        hearing(
            later,
            case(defendant("P001", mobile=phone(90), identity="copy"), ref="41L"),
            key="copy",
            court=STEVENAGE,
        )
    )
    office.push(nth(2, later))
    with office.heed.database.begin() as session:
        rows = session.scalars(select(Assignment).order_by(Assignment.id)).all()
    together = [(row.arm, row.cluster, row.position) for row in rows]
    assert together[2] == (arms["P000 Example"], rows[0].person_id, None)
    assert together[3] == (arms["P001 Example"], rows[1].person_id, None)
    assert together[4][1:] == (rows[4].person_id, 2)
    assert audited(office) == []
    assert {one["name"]: one["assigned"] for one in flows(evidence(office)).values()} == dict(
        Counter(row.arm for row in rows)
    )


def test_sharing_found_later_changes_nothing_but_a_flag(office: Office) -> None:
    lock(office, block_sizes=[2])
    office.push(nth(0))
    office.push(nth(1))
    arms = assigned(office)
    office.push(changed(1, mobile=phone(0)))
    assert assigned(office) == arms
    found = evidence(office)
    assert found.shared_later == 2
    assert any("share a number" in note for note in pilot_report(found)["notes"])


@pytest.mark.parametrize(
    ("design", "units"),
    [
        ({"allocation": "court-week"}, [0, 0, 1, 1]),
        (
            {"allocation": "stepped-wedge", "steps": 1, "period_days": 14, "block_sizes": []},
            [0, 0, 1, 1],
        ),
        (
            {"allocation": "all-treated", "arms": PROTOCOL["arms"][:1], "seed": "", "block_sizes": []},
            [None] * 4,
        ),
    ],
)
def test_the_other_allocations_draw_for_courts_and_weeks(
    office: Office, design: dict[str, Any], units: list[int | None]
) -> None:
    """Two people in the first week or period, two in the next; everybody of one has one arm, whoever they are."""
    lock(office, since="2026-09-21", **design)
    later = "2026-09-30T10:00" if design["allocation"] == "court-week" else "2026-10-06T10:00"
    for number, when in enumerate((HEARING, HEARING, later, later)):
        office.push(nth(number, when))
    with office.heed.database.begin() as session:
        rows = session.scalars(select(Assignment).order_by(Assignment.id)).all()
    assert [(row.unit, row.position) for row in rows] == [(unit, None) for unit in units]
    assert rows[0].arm == rows[1].arm
    assert rows[2].arm == rows[3].arm
    if design["allocation"] == "stepped-wedge":
        assert [row.arm for row in rows] == ["control", "control", "texted", "texted"]
    assert audited(office) == []
    # A move to the other week moves nobody to its arm.
    office.push(nth(0, later))
    assert assigned(office)["P000 Example"] == rows[0].arm
    evidence(office)


def test_a_protocol_is_locked_before_the_first_outcome(office: Office) -> None:
    office.push(nth(0))
    office.push(nth_result(0, "1015"), "result")
    with pytest.raises(ProtocolError, match="an outcome is already recorded"):
        lock(office)
    assert lock(office, since="2026-09-24")
    assert lock(office, name="elsewhere", courts=["B41US00"])


def test_a_kind_of_case_outside_the_protocol_is_texted_like_anybody(office: Office) -> None:
    lock(office, eligibility={"cases": ["bail"]}, arms=PROTOCOL["arms"][::-1])
    office.push(hearing(HEARING, nth_case(0, initiation="S"), key="c0"))
    assert assigned(office) == {}
    assert len(office.planned()) == 2
    assert evidence(office).excluded == {"case-not-in-pilot": 1}
