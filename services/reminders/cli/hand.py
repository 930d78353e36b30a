"""What a person types in: a listing, a number, a result, a mark not to text."""

import sys
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar, get_args

import click

from services.cli.output import WORDS, by_option, show_json
from services.cli.output import as_json as json_option
from services.common.process import opened
from services.reminders import county, deliveries, do_not_text, typed
from services.reminders.cli.acting import DAY, acting, listing_option, reason_option, say, shown
from services.reminders.outcome_rules import Attendance, Fta, Warrant

Command = TypeVar("Command", bound=Callable[..., Any])


def _column(option: str, name: str, said: str, *, required: bool = False) -> Callable[[Command], Command]:
    """An option that fills one column of the office's own list."""
    return click.option(
        option, name, type=WORDS, required=required, default=None if required else "", help=said
    )


@click.command()
@_column("--case-ref", "case_ref", "The case's reference: URN or PTIURN.", required=True)
@_column("--asn", "asn", "The arrest or summons number.")
@_column("--name", "defendant_name", "First name and surname.", required=True)
@_column("--date-of-birth", "date_of_birth", "DD/MM/YYYY or YYYY-MM-DD.")
@_column("--court", "court_code", "The court's code, such as B41ME00.", required=True)
@_column("--room", "room", "The court room.")
@_column("--date", "date", "The hearing's day.", required=True)
@_column("--time", "time", "10:30 or 10.30am.", required=True)
@_column("--type", "hearing_type", "Such as 'First hearing'.")
@_column("--mobile", "mobile", "The defendant's own number.")
@_column("--bail", "bail_status", "A code or words, such as 'conditional bail' or 'summons'.")
@_column("--language", "language", "Such as en or cy.")
@by_option
@json_option
def listing_add(by: str, as_json: bool, **values: str) -> None:
    """Type in one listing, as a list with one row that the office pushes."""
    push = typed.listing(values, by)
    with opened("reminders") as (heed,):
        plans = county.load(heed.settings)
        with heed.database.begin() as session:
            delivery = deliveries.receive(heed, session, push)
            delivery_id, number = delivery.id, delivery.number
        answer = deliveries.applied(heed, plans, delivery_id, number)
    if as_json:
        show_json(answer)
    else:
        counts = ", ".join(f"{count} {name}" for name, count in answer["counts"].items() if count)
        click.echo(f"{answer['status']}: {counts}")
    sys.exit(0 if answer["status"] == "applied" else 2)


@click.command()
@listing_option
@click.option("--mobile", type=WORDS, required=True, help="The number, in any usual writing.")
@by_option
@json_option
def number_set(listing_id: int, mobile: str, by: str, as_json: bool) -> None:
    """Take a number as that of a hearing's person, from the office."""
    with acting(by) as act:
        hearing = shown(act, typed.number(act, listing_id, mobile))
    say(hearing, as_json)


@click.command()
@listing_option
@reason_option
@by_option
@json_option
def number_right(listing_id: int, reason: str, by: str, as_json: bool) -> None:
    """Clear the mark of a wrong or dead number by a person's word. A STOP stands."""
    with acting(by) as act:
        hearing = shown(act, typed.number_is_right(act, listing_id, reason))
    say(hearing, as_json)


@click.command()
@listing_option
@click.option("--day", type=DAY, help="The hearing's day; its own if left out.")
@click.option("--attendance", type=click.Choice(get_args(Attendance)), required=True)
@click.option(
    "--fta", type=click.Choice(get_args(Fta)), required=True, help="Failure to appear, in the court's word."
)
@click.option("--warrant", type=click.Choice(get_args(Warrant)), required=True)
@by_option
@json_option
def outcome_set(
    listing_id: int, day: date | None, attendance: str, fta: str, warrant: str, by: str, as_json: bool
) -> None:
    """Record what happened on a day of a hearing. The arm is never shown."""
    with acting(by) as act:
        facts = {"attendance": attendance, "fta": fta, "warrant": warrant}
        hearing = shown(act, typed.outcome(act, listing_id, day, facts))
    say(hearing, as_json)


@click.command()
@listing_option
@reason_option
@by_option
@json_option
def mark(listing_id: int, reason: str, by: str, as_json: bool) -> None:
    """Text a hearing's person no more, about any hearing."""
    with acting(by) as act:
        hearing = shown(act, do_not_text.mark(act, listing_id, reason))
    say(hearing, as_json)


@click.command()
@listing_option
@reason_option
@by_option
@json_option
def unmark(listing_id: int, reason: str, by: str, as_json: bool) -> None:
    """Text a hearing's person again, as the other rules allow."""
    with acting(by) as act:
        hearing = shown(act, do_not_text.unmark(act, listing_id, reason))
    say(hearing, as_json)
