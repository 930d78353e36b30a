"""The pilot is locked, the feed arrives, and Heed says what it makes of each person."""

import time
from collections import Counter
from typing import Any

from services.demo import days, feed, telling
from services.demo.arms import check_arms
from services.demo.people import Person, plainly, with_role
from services.demo.script import CONTROL, TEXT, Moment
from services.demo.stage import LOOK_AGAIN, Stage

FEEDS = {
    "common-platform": "hearings from Common Platform, as JSON",
    "sns": "the same inside SNS envelopes",
    "spi": "new cases from the police, as SPI's XML",
    "csv": "list of the office's, as CSV",
}

APPLIED_WITHIN = 5.0  # seconds


def lock(stage: Stage) -> None:
    """Lock the protocol before anybody is known."""
    at = stage.go(days.LOCK)
    pilot = stage.reminders.post("/v1/pilots", stage.script.protocol)
    telling.heading(at, "The pilot is locked")
    telling.tell(
        f"{stage.script.protocol['question']}",
        "Two arms, text and none, one to one, in random blocks of 4 and 6 within St Albans and Stevenage.",
        f"Protocol {pilot['hash'][:16]}…; everybody's arm follows from its seed, and nobody can change it now.",
    )


def push(stage: Stage, pushes: list[feed.Push]) -> Counter[str]:
    """Push messages and wait until they are applied; how often each word of their counts and each status fell."""
    ids = [stage.reminders.push(one) for one in pushes]
    counts: Counter[str] = Counter()
    for delivery in ids:
        one = _applied(stage, delivery)
        counts.update(one["counts"])
        counts[one["status"]] += 1
    stage.settle()
    return counts


def _applied(stage: Stage, delivery: str) -> dict[str, Any]:
    """A delivery once the worker has applied it; where it takes long, because the worker was killed, the sweeps run here."""
    end = time.monotonic() + APPLIED_WITHIN
    while True:
        one: dict[str, Any] = stage.reminders.get(f"/v1/feeds/deliveries/{delivery}")
        if one["status"] != "received":
            return one
        if time.monotonic() > end:
            stage.settle()
        time.sleep(LOOK_AGAIN)


def take_feed(stage: Stage) -> None:
    """Everything that is listed on the first morning."""
    at = stage.go(days.FEED)
    people = [person for person in stage.script.people if person.role not in feed.LISTED_LATER]
    pushes = feed.listings(stage.script.people, stage.script.days)
    counts = push(stage, pushes)
    telling.heading(at, f"The courts' feed arrives: {len(people)} defendants")
    kinds = Counter(one.feed for one in pushes)
    telling.figures((kinds[name], words) for name, words in FEEDS.items())
    checks = stage.checks
    # Each person is one row, however often a case names them; one has two cases, and so two rows.
    rows = len(people) + len(with_role("two-cases"))
    checks.equal("feed: messages applied", len(pushes), counts["applied"])
    checks.equal("feed: records rejected", 0, counts["rejected"])
    checks.equal("feed: (person, hearing) rows that are new", rows, counts["new"])
    _what_became(stage, people)
    checks.equal("feed: texts sent so far", 0, stage.arrived().total())


def _what_became(stage: Stage, people: list[Person]) -> None:
    listed = rows(stage)
    reasons = {person: next(iter(row["reasons"]), "") for person, row in listed.items()}
    expected = {person.id: _expected_reason(person) for person in people}
    stage.checks.each("feed: why each person is not texted", expected, reasons)
    arms = check_arms(stage, listed)
    eligible = Counter(arms.get(person) for person, reason in reasons.items() if not reason)
    left = Counter(reason for reason in reasons.values() if reason)
    telling.tell("What Heed makes of them:")
    telling.figures(
        [
            (eligible[TEXT], "in the pilot's arm text"),
            (eligible[CONTROL], "in the arm none: not texted, known only to the evaluation"),
            (eligible[None], "at Hatfield, where no pilot runs: texted"),
            (left.total(), f"not texted: {telling.counted(left)}"),
        ]
    )


def _expected_reason(person: Person) -> str:
    """Who was assigned before another gave the same number keeps the arm; the texts stop, and both are listed."""
    return "mobile-shared" if person.role == "shares-later" else person.expect


def rows(stage: Stage) -> dict[str, dict[str, Any]]:
    """Person id → their row in Heed's list of hearings (the first, where they have several), by case and name as fed."""
    ids = {(person.case, plainly(person.name)): person.id for person in stage.script.people}
    found: dict[str, dict[str, Any]] = {}
    for row in hearings(stage):
        person = ids.get((row["case_ref"], plainly(row["name"] or "")))
        if person:
            found.setdefault(person, row)
    return found


def hearings(stage: Stage) -> list[dict[str, Any]]:
    """Every (person, hearing) row as Heed's API gives it."""
    listed: list[dict[str, Any]] = stage.reminders.get("/v1/hearings", limit=1000)["hearings"]
    return listed


def preview(stage: Stage, moment: Moment) -> None:
    """What will go out at a moment, word for word, days before it does."""
    answer = stage.reminders.get("/v1/reminders", at=stage.at(moment).isoformat())
    expected = stage.script.due_at(moment)
    shown = Counter((one["to"][-3:], one["text"]) for one in answer["due"])
    stage.checks.same(
        "preview of the first reminders",
        Counter({(number[-3:], body): times for (number, body), times in expected.items()}),
        shown,
    )
    stage.checks.equal("preview: segments each", {1}, {one["segments"] for one in answer["due"]})
    telling.heading(stage.at(days.FEED), f"What will go out on {telling.said(stage.at(moment))}")
    telling.tell(f"{len(answer['due'])} texts, one segment each. Two of them:")
    for one in (next(o for o in answer["due"] if o["template"] == kind) for kind in ("bail", "summons")):
        telling.handset(one["to"], one["text"])
