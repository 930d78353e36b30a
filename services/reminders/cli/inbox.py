"""What people have texted that a person must read."""

from datetime import datetime
from typing import Any

import click

from services.cli.output import WORDS, by_option, counted, show_json, show_table, show_words
from services.cli.output import as_json as json_option
from services.common import clock
from services.common.process import opened
from services.reminders import inbox
from services.reminders import incidents as wrong_numbers
from services.reminders.cli.acting import acting, listing_option, reason_option

reply_argument = click.argument("reply_id", metavar="ID", type=int)


@click.command()
@json_option
def waiting(as_json: bool) -> None:
    """The texts that wait for a person, those of danger first; without their words."""
    with opened("reminders") as (heed,), heed.database.begin() as session:
        shown, now = inbox.waiting(heed, session), clock.now(session)
    if as_json:
        show_json({"inbox": shown})
    else:
        rows = [[one["id"], one["kind"], one["from"], _age(one["received_at"], now)] for one in shown]
        show_table(["id", "kind", "from", "waits"], rows)


def _age(since: str, now: datetime) -> str:
    minutes = max(0, int((now - datetime.fromisoformat(since)).total_seconds() // 60))
    days, hours = divmod(minutes // 60, 24)
    if days:
        return counted(days, "day")
    return counted(hours, "hour") if hours else counted(minutes, "minute")


@click.command()
@reply_argument
@by_option
@json_option
def read(reply_id: int, by: str, as_json: bool) -> None:
    """The words of the text ID; the look is written into the audit log."""
    with acting(by) as act:
        text = inbox.read(act, reply_id)
    if as_json:
        show_json(text)
        return
    click.echo(
        f"{text['kind']} from {text['from']}, hearings {', '.join(map(str, text['listings'])) or 'none'}"
    )
    show_words(text["words"] if text["words"] is not None else "its words are no longer kept")


@click.command()
@reply_argument
@click.argument("words", metavar="TEXT", type=WORDS)
@by_option
@json_option
def answer(reply_id: int, words: str, by: str, as_json: bool) -> None:
    """Text TEXT back. That settles a message; a text of danger stays until `done`."""
    with acting(by) as act:
        sent = inbox.answer(act, reply_id, words)
    if as_json:
        show_json(sent)
    else:
        waits = "; sending is stopped, so it waits" if sent["waits_for"] else ""
        click.echo(f"{counted(sent['segments'], 'segment')} to {sent['from']}{waits}")


@click.command()
@reply_argument
@by_option
@json_option
def done(reply_id: int, by: str, as_json: bool) -> None:
    """Somebody has seen to the text ID: it leaves the inbox, its incident is settled."""
    with acting(by) as act:
        text = inbox.done(act, reply_id)
    if as_json:
        show_json(text)
    else:
        click.echo(f"text {reply_id} is done")


@click.command()
@json_option
def incidents(as_json: bool) -> None:
    """The numbers that reached the wrong person, and the hearings that a stranger may have read of."""
    with opened("reminders") as (heed,), heed.database.begin() as session:
        shown = wrong_numbers.every(heed, session)
    if as_json:
        show_json({"incidents": shown})
    else:
        header = ["incident", "from", "since", "hours left", "texts", "hearings", "decision", "settled by"]
        show_table(header, [_incident(one) for one in shown])


def _incident(one: dict[str, Any]) -> list[Any]:
    hearings = ", ".join(f"{row['listing']} ({row['court']} {row['day']})" for row in one["hearings"])
    return [
        one["incident"],
        one["from"] or "the office",
        one["received_at"][:16],
        one["hours_left"],
        one["texts"],
        hearings,
        one["decision"],
        one["done_by"] or "nobody",
    ]


@click.command()
@listing_option
@reason_option
@by_option
@json_option
def incident_add(listing_id: int, reason: str, by: str, as_json: bool) -> None:
    """Texts about a hearing reached somebody else: open an incident, with the law's clock."""
    with acting(by) as act:
        row = wrong_numbers.report(act, listing_id, reason)
        shown = wrong_numbers.shown(act.heed, act.session, row)
    if as_json:
        show_json(shown)
    else:
        click.echo(f"incident {row.id}: to be assessed by {shown['report_by'][:16]}")


@click.command()
@click.argument("incident_id", metavar="INCIDENT", type=int)
@click.option(
    "--decision", type=click.Choice(wrong_numbers.DECISIONS), required=True, help="What was decided."
)
@click.option("--note", type=WORDS, default="", help="Why; kept encrypted.")
@by_option
@json_option
def incident_assess(
    incident_id: int, decision: wrong_numbers.Decision, note: str, by: str, as_json: bool
) -> None:
    """Write down what was decided of INCIDENT; that ends its clock."""
    with acting(by) as act:
        row = wrong_numbers.assess(act, incident_id, decision, note)
        act.session.flush()
        shown = wrong_numbers.shown(act.heed, act.session, row)
    if as_json:
        show_json(shown)
    else:
        click.echo(f"incident {incident_id}: {decision}")
