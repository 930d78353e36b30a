"""The story from beginning to end, one line a step."""

from typing import Any

import click

from services.common import audit
from services.common.accounts import users
from services.common.roles import ROLES
from services.demo import days, telling
from services.demo.changes import changes, repeats
from services.demo.comparison import comparison
from services.demo.listing import lock, preview, take_feed
from services.demo.replies import replies
from services.demo.residents import residents
from services.demo.results import results, truths_of
from services.demo.sending import late_listing, listed_too_late, reminders
from services.demo.stage import Stage

FIRST_REMINDERS = (4, days.REMINDERS_AT)


def tell(stage: Stage, questionnaire: dict[str, Any]) -> None:
    """Everything, in the order of Heed's clock."""
    telling.title(
        "A pilot and a consultation in Hertfordshire, on synthetic data in the real formats: invented people (their\n"
        "surnames are villages), numbers that Ofcom keeps for drama, and a carrier that sends nothing anywhere."
    )
    lock(stage)
    take_feed(stage)
    preview(stage, FIRST_REMINDERS)
    reminders(stage, FIRST_REMINDERS, "Three days before Monday's hearings")
    replies(stage)
    changes(stage)
    repeats(stage)
    reminders(stage, (5, days.REMINDERS_AT), "Three days before Tuesday's")
    reminders(stage, (6, days.REMINDERS_AT), "Three days before Wednesday's, one day before Monday's")
    late_listing(stage)
    listed_too_late(stage)
    reminders(stage, (7, days.REMINDERS_AT), "One day before Tuesday's")
    reminders(stage, (8, days.REMINDERS_AT), "One day before Wednesday's")
    truths = truths_of(stage)
    results(stage, truths)
    comparison(stage, truths)
    residents(stage, questionnaire)
    _whole(stage)


def _whole(stage: Stage) -> None:
    """At the end: nothing left open, nothing sent twice, both audit logs whole."""
    checks = stage.checks
    accepted = stage.sandbox.get("/sandbox/accepted")
    # A reminder says the same three days and one day before, so the same words may reach a number twice, never oftener.
    checks.equal(
        "one number, one text, three times", [], [one for one in accepted["doubled"] if one["accepted"] > 2]
    )
    for heed, client in zip(stage.heeds, (stage.reminders, stage.consultation), strict=True):
        ready = client.get("/readyz")
        checks.equal(f"{heed.service}: texts from people still to handle", 0, ready["inbound_waiting"])
        checks.equal(f"{heed.service}: oldest text due, in seconds", 0.0, ready["oldest_due_seconds"])
        with heed.database.begin() as session:
            checks.equal(f"{heed.service}: breaks in the audit log's chain", [], list(audit.verify(session)))
            length = audit.head(session).count
        telling.tell(f"The audit log of {heed.service}: a chain of {length} rows, whole.")


def pages(stage: Stage) -> None:
    """Where to look around, and as whom: one account for each role, whose first password is said here once."""
    click.echo("\nPages, while the demo runs:")
    for client, heed in zip((stage.reminders, stage.consultation), stage.heeds, strict=True):
        click.echo(f"    {heed.service.capitalize():13} {client.url}/")
        with heed.database.begin() as session:
            for role in ROLES[heed.service]:
                password = users.add(session, heed.service, role, [role], "demo")
                click.echo(f"    {'':13}   sign in as {role}, with the password {password}")
    click.echo(f"    {'Handsets':13} {stage.sandbox.url}/")
    click.echo("Each account chooses a password of its own when it first signs in.")
