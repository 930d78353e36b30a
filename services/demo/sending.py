"""The clock moves to each due time and the texts arrive on handsets."""

from collections import Counter

from services.demo import days, feed, telling
from services.demo.listing import push, rows
from services.demo.script import CONTROL, Moment, Texts, numbers_of
from services.demo.stage import Stage

FAILURES = {30005: "no such handset", 30006: "a landline", 30007: "filtered by the network"}


def reminders(stage: Stage, moment: Moment, words: str) -> None:
    """Move to a due time; exactly the planned texts go out, once each."""
    at = stage.go(moment)
    arrived = _look(stage, moment, f"reminders of {telling.said(at)}")
    telling.heading(at, f"{words}: {arrived.total()} texts")
    _fates(stage)
    refused = (stage.script.due_at(moment) - arrived).total()
    if refused:
        telling.figures([(refused, "refused by the carrier, which holds a STOP that Heed never saw; noted")])


def late_listing(stage: Stage) -> None:
    """A hearing that is listed the day before gets its one reminder at once; one listed two hours before gets none."""
    at = stage.go(days.LATE_LISTING)
    push(stage, feed.listings(stage.script.people, stage.script.days, days.LATE_LISTING))
    arrived = _look(stage, days.LATE_LISTING, "the late listing")
    telling.heading(at, "A hearing is listed for tomorrow: one text, at once")
    for number, body in arrived:
        telling.handset(number, body)


def listed_too_late(stage: Stage) -> None:
    """Less than three hours are left: nobody is texted."""
    at = stage.go(days.TOO_LATE)
    push(stage, feed.listings(stage.script.people, stage.script.days, days.TOO_LATE))
    person = next(one for one in stage.script.people if one.role == "listed-too-late")
    stage.checks.equal("listed two hours before: reasons", ["too-late"], rows(stage)[person.id]["reasons"])
    stage.checks.equal("listed two hours before: texts", 0, stage.arrived().total())
    telling.heading(at, "Another is listed two hours before it begins: nobody is texted")


def _look(stage: Stage, moment: Moment, name: str) -> Texts:
    arrived = stage.arrived()
    stage.checks.same(name, stage.script.sent_at(moment), arrived)
    control = numbers_of(person for person in stage.script.people if stage.script.arm(person) == CONTROL)
    stage.checks.equal(
        f"{name}: people of the control arm texted", set(), {to for to, _ in arrived} & control
    )
    return arrived


def _fates(stage: Stage) -> None:
    """What became of the texts of this step, as the carrier's handsets show it."""
    fates = Counter((one["status"], one["error_code"]) for one in stage.latest)
    delivered = fates.pop(("delivered", None), 0)
    failed = [
        f"{FAILURES.get(code, status)} {number}" for (status, code), number in sorted(fates.items(), key=str)
    ]
    telling.figures([(delivered, "delivered")])
    if failed:
        telling.figures([(fates.total(), f"not delivered: {', '.join(failed)}")])
