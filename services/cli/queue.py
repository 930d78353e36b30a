"""`heed queue`, `heed stop`, `heed resume`: what needs a person's word."""

import getpass

import click
from sqlalchemy import select

from services.cli.output import BadInput, show_json, show_table
from services.cli.output import as_json as json_option
from services.common import clock, stops
from services.common.models import Outbox
from services.common.outbox import by_hand
from services.common.outbox.states import State
from services.common.process import opened
from services.common.settings import SERVICES, ServiceName

service_option = click.option(
    "--service", type=click.Choice(SERVICES), default="reminders", show_default=True
)
by_option = click.option(
    "--by", default=lambda: f"person:{getpass.getuser()}", help="Who does it; stands in the audit log."
)


@click.command()
@service_option
@json_option
def listed(service: ServiceName, as_json: bool) -> None:
    """Texts that may or may not have been sent, which evidence cannot settle."""
    with opened(service) as (heed,), heed.database.begin() as session:
        rows = session.scalars(select(Outbox).where(Outbox.state == State.STAFF).order_by(Outbox.id)).all()
        shown = [
            {
                "id": row.id,
                "kind": row.kind,
                "step": row.step,
                "attempt": row.attempt,
                "reason": row.reason,
                "claimed_at": row.sent_at,
            }
            for row in rows
        ]
    if as_json:
        show_json({"queue": shown})
    else:
        show_table(["id", "kind", "step", "attempt", "reason"], [list(one.values())[:5] for one in shown])


@click.command()
@service_option
@click.argument("text_id", type=int)
@click.option(
    "--sent/--not-sent", required=True, help="What you found out, at the carrier or from the person."
)
@by_option
def resolve(service: ServiceName, text_id: int, sent: bool, by: str) -> None:
    """Settle the text TEXT_ID by a person's word. Not sent: it goes out again if it is still of use."""
    with opened(service) as (heed,), heed.database.begin() as session:
        if not by_hand.resolve(session, text_id, sent=sent, by=by):
            raise BadInput(f"text {text_id} is not in the queue; `heed queue list` shows what is")
    click.echo(f"text {text_id} is settled as {'sent' if sent else 'not sent'}")


@click.command()
@service_option
@click.option("--reason", default="stopped by a person", help="Why; stands in the audit log.")
@by_option
def stop(service: ServiceName, reason: str, by: str) -> None:
    """Stop all sending of a service at once. What is on the wire cannot be called back."""
    with opened(service) as (heed,), heed.database.begin() as session:
        stops.stop(session, reason, by, clock.now(session))
    click.echo(f"{service}: nothing more is sent until `heed resume` by another person")


@click.command()
@service_option
@by_option
def resume(service: ServiceName, by: str) -> None:
    """Let sending go on. A stop made by one person is lifted by another."""
    with opened(service) as (heed,), heed.database.begin() as session:
        lifted = stops.lift(session, by, clock.now(session))
        if not lifted:
            raise BadInput(
                "there is no stop that you may lift: nothing is stopped, or you stopped it yourself (--by names another)"
            )
    click.echo(f"{service}: sending goes on")
