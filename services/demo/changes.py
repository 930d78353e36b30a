"""After the first reminders: a hearing moves, one is deleted, one loses a defendant, and old messages come again."""

from services.demo import days, feed, telling
from services.demo.listing import push, rows
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
    listed = rows(stage)
    expected = {"deleted": ("cancelled", 1), "moved": ("listed", 2), "dropped": ("suspended", 1)}
    people = [person for role in expected for person in with_role(role)]
    stage.checks.each(
        "status and version after the changes",
        {person.id: expected[person.role] for person in people},
        {person.id: (listed[person.id]["status"], listed[person.id]["version"]) for person in people},
    )


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
