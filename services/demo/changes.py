"""After the first reminders: a hearing moves, one is deleted, one loses a defendant, and old messages come again."""

from services.demo import days, feed, telling
from services.demo.listing import hearings, push
from services.demo.people import with_role
from services.demo.stage import Stage

REPEATED = 12


def changes(stage: Stage) -> None:
    """Who had a reminder hears of the change; who is in the control arm, or had none, does not."""
    at = stage.go(days.CHANGES)
    push(stage, feed.changes(stage.script.people, stage.script.days))
    arrived = stage.arrived()
    stage.checks.same("texts about changes", stage.script.sent_at(days.CHANGES), arrived)
    telling.heading(at, "Two hearings are moved, one is deleted, one no longer names a defendant")
    for number, body in arrived:
        telling.handset(number, body)
    telling.tell(
        "The other moved hearing is of the control arm: no text.",
        "Who is missing from the update is suspended and listed for a person; nobody tells them that it is off.",
    )
    statuses = {row["case_ref"]: row for row in hearings(stage)}
    deleted = with_role("deleted")[0]
    stage.checks.equal("the deleted hearing's status", "cancelled", statuses[deleted.case]["status"])
    for person in with_role("moved"):
        stage.checks.equal(f"the moved hearing of {person.id}: version", 2, statuses[person.case]["version"])
    dropped = {row["name"].casefold(): row["status"] for row in hearings(stage) if row["name"]}
    for person in with_role("dropped"):
        stage.checks.equal("the missing defendant's status", "suspended", dropped[person.name.casefold()])


def repeats(stage: Stage) -> None:
    """The producer sends a dozen old messages again, and the update that it sent a moment ago: nothing happens."""
    at = stage.go(days.REPEATED)
    first = feed.listings(stage.script.people, stage.script.days)[:REPEATED]
    again = [feed.again(one) for one in (*first, *feed.changes(stage.script.people, stage.script.days))]
    counts = push(stage, again)
    stage.checks.equal("repeated messages: new", 0, counts["new"])
    stage.checks.equal("repeated messages: changed", 0, counts["changed"])
    stage.checks.equal("repeated messages: texts", 0, stage.arrived().total())
    telling.heading(at, f"{len(again)} messages are pushed again: nothing changes, nobody is texted")
