"""The hearings take place and the courts say what happened; each outcome is held against the little world's truth."""

from collections import Counter
from dataclasses import replace

from services.demo import days, feed, spi, telling, world
from services.demo.listing import hearings, push, rows
from services.demo.people import Person, with_role
from services.demo.stage import Stage
from services.demo.world import Truth

Truths = dict[str, Truth | None]


def truths_of(stage: Stage) -> Truths:
    """Person id → what happened, given whom a reminder reached."""
    return {
        person.id: world.truth(person, reached=stage.script.reached(person)) for person in stage.script.people
    }


def results(stage: Stage, truths: Truths) -> None:
    """Results come from Common Platform, as SPI's XML, and typed in by the office; one is amended, some never come."""
    at = stage.go(days.RESULTS)
    amended = with_role("amended")[0]
    pushes = [
        one
        for one in feed.results(stage.script.people, stage.script.days, truths)
        if not _is_of(one, amended)
    ]
    pushes.append(feed.first_version(amended, stage.script.days, world.WARRANT))
    counts = push(stage, pushes)
    typed = _type_in(stage, truths)
    told = [truth for truth in truths.values() if truth]
    # Every person of a resulted hearing has a row, also who was not spoken of.
    stage.checks.equal("results: messages applied", len(pushes), counts["applied"])
    stage.checks.equal("results: records rejected", 0, counts["rejected"])
    telling.heading(at, f"The hearings were; the courts' results come in for {len(told)} people")
    kinds = Counter(one.feed for one in pushes)
    telling.figures(
        [
            (kinds["common-platform"], "hearings resulted in Common Platform"),
            (kinds["spi"], "sessions resulted as SPI's XML"),
            (typed, "typed in by the office, which is never shown an arm"),
        ]
    )
    _amend(stage, amended, truths)
    _unlisted(stage)
    _compare(stage, truths)


def _is_of(push_: feed.Push, person: Person) -> bool:
    return push_.key.startswith(f"{person.hearing}:result")


def _type_in(stage: Stage, truths: Truths) -> int:
    """What the office's own people came to, entered by hand."""
    listed = rows(stage)
    typed = 0
    for person in stage.script.people:
        truth = truths[person.id]
        if feed.typed_in(person) and truth:
            facts = {"attendance": truth.attendance, "fta": truth.fta, "warrant": truth.warrant}
            stage.reminders.post(f"/v1/hearings/{listed[person.id]['id']}/outcome", facts)
            typed += 1
    return typed


def _amend(stage: Stage, person: Person, truths: Truths) -> None:
    """A warrant is taken back when it turns out that the person had come: the outcome follows, its history stays."""
    before = outcomes(stage)[person.id]
    stage.checks.equal("the amended result, before", world.WARRANT.facts, before)
    stage.go(days.AMENDED)
    truth = truths[person.id]
    if truth:
        push(stage, [feed.amendment(person, stage.script.days, truth)])
    telling.tell("One result is shared again without its warrant: the person had come. The outcome follows.")


def _unlisted(stage: Stage) -> None:
    """A result for a hearing that was never listed is kept, and nobody is texted about it."""
    model = next(person for person in stage.script.people if person.feed == "spi" and person.bail)
    stranger = replace(model, id="D999", given="Oswin", surname="Zeals", hearing="H999")
    body = spi.resulted([(stranger, world.FINE)], stage.script.days)
    push(stage, [feed.Push("unlisted:result", "spi", feed.POLICE, body, feed.XML)])
    row = next(one for one in hearings(stage) if one["case_ref"] == stranger.case)
    stage.checks.equal(
        "a result without a listing", ("heard", ["known-by-result"]), (row["status"], row["doubts"])
    )


def _compare(stage: Stage, truths: Truths) -> None:
    expected = {
        person.id: truth.facts if truth else world.UNKNOWN
        for person in stage.script.people
        for truth in [truths[person.id]]
    }
    got = outcomes(stage)
    stage.checks.each("what happened to each person", expected, got)
    stage.checks.equal("texts sent because of results", 0, stage.arrived().total())
    attendance = Counter(facts[0] for facts in got.values())
    telling.figures(
        [
            (attendance["attended"], "came"),
            (attendance["represented"], "sent a lawyer"),
            (attendance["absent"], "stayed away"),
            (attendance["unknown"], "nobody said: hearing called off, nobody had to come, or no result yet"),
        ]
    )


def outcomes(stage: Stage) -> dict[str, tuple[str, str, str]]:
    """Person id → attendance, failure to appear and warrant, as Heed has them."""
    return {
        person: (row["outcome"]["attendance"], row["outcome"]["fta"], row["outcome"]["warrant"])
        for person, row in rows(stage).items()
    }
