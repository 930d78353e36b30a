"""`heed queue`, `heed stop`, `heed resume`: what needs a person's word."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import click

from services.cli.output import WORDS, BadInput, by_option, counted, show_json, show_table
from services.cli.output import as_json as json_option
from services.common import alarms, attention, clock, on_duty, stops
from services.common.outbox import by_hand
from services.common.process import opened
from services.common.settings import SERVICES, ServiceName

service_option = click.option(
    "--service", type=click.Choice(SERVICES), default="reminders", show_default=True
)


@click.command()
@service_option
@json_option
def listed(service: ServiceName, as_json: bool) -> None:
    """What needs a person: what is on duty, stops of sending, alarms, texts whose fate evidence cannot settle, and what did not arrive."""
    with opened(service) as (heed,), heed.database.begin() as session:
        answer = {
            "duty": on_duty.waiting(heed, session),
            "queue": attention.unsettled(session),
            "failed": attention.failed(session),
            "comparisons": attention.comparisons(session),
            "alarms": attention.sounding(session),
            **attention.sending(session, heed.config.sender),
        }
    if as_json:
        show_json(answer)
        return
    items = [one | {"id": f"D{one['id']}"} for one in answer["duty"]]
    _show("on duty", items, ("id", "kind", "ring", "due_by", "overdue", "acknowledged_by"))
    _show("sending is stopped", answer["stops"], ("id", "of", "since", "by", "reason"))
    _show("alarms", answer["alarms"], ("id", "code", "subject", "times", "first_at", "last_at"))
    _show(
        "texts to settle",
        [_told(one) for one in answer["queue"]],
        ("id", "kind", "attempt", "age", "reason", "seen"),
    )
    _show("texts of seven days that did not arrive", answer["failed"], ("code", "texts", "meaning", "action"))
    _show(
        "the carrier's list compared",
        answer["comparisons"],
        ("day", "direction", "listed", "matched", "settled", "orphans", "missing", "complete"),
    )
    if not any(answer[name] for name in ("duty", "stops", "alarms", "queue")):
        click.echo(f"{service}: nothing needs a person")


def _told(one: dict[str, Any]) -> dict[str, Any]:
    """An unsettled text for a table: its age in words, the messages that could be it."""
    age = timedelta(seconds=one["age_seconds"]) if one["age_seconds"] is not None else None
    return one | {"age": str(age) if age else "", "seen": ", ".join(seen["sid"] for seen in one["seen"])}


def _show(title: str, rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    if rows:
        click.echo(f"{title}:")
        show_table(
            [column.replace("_", " ") for column in columns], [[row[one] for one in columns] for row in rows]
        )


@click.command()
@service_option
@click.argument("number", metavar="ID")
@by_option
def acknowledge(service: ServiceName, number: str, by: str) -> None:
    """Say that a person sees to the alarm ID (12), or takes the item ID that is on duty (D12)."""
    kind, digits = ("D", number[1:]) if number[:1] in ("D", "d") else ("", number)
    if not digits.isdecimal():
        raise BadInput(
            f"{number!r} is neither an alarm (12) nor an item on duty (D12); `heed queue list` shows them"
        )
    with opened(service) as (heed,), heed.database.begin() as session:
        if kind:
            on_duty.acknowledge(heed, session, int(digits), by)
        elif not alarms.acknowledge(session, int(digits), by, clock.now(session)):
            raise BadInput(f"there is no open alarm {number}; `heed queue list` shows them")
    click.echo(f"D{digits} is yours" if kind else f"alarm {number} is acknowledged")


@click.command()
@service_option
@click.argument("text_id", type=int)
@click.option(
    "--sent/--not-sent", required=True, help="What you found out, at the carrier or from the person."
)
@click.option("--sid", help="Sent as which of the messages that were seen; `heed queue list` shows them.")
@by_option
def resolve(service: ServiceName, text_id: int, sent: bool, sid: str | None, by: str) -> None:
    """Settle the text TEXT_ID by a person's word. Not sent: it goes out again if it is still of use."""
    with opened(service) as (heed,), heed.database.begin() as session:
        try:
            found = by_hand.resolve(heed, session, text_id, sent=sent, by=by, sid=sid)
        except by_hand.WrongMessage as error:
            raise BadInput(f"text {text_id}: {error}") from None
        if not found:
            raise BadInput(f"text {text_id} is not in the queue; `heed queue list` shows what is")
    click.echo(f"text {text_id} is settled as {'sent' if sent else 'not sent'}")


@click.command()
@service_option
@click.option("--reason", type=WORDS, default="stopped by a person", help="Why; stands in the audit log.")
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
        if not lifted and stops.by_restore(session):
            raise BadInput(
                "a backup was restored: sending goes on by itself, once the carrier's lists since then are read"
            )
        if not lifted:
            raise BadInput(
                "there is no stop that you may lift: nothing is stopped, or you stopped it yourself (--by names another)"
            )
        left = len(stops.standing(session))
    if left:
        click.echo(f"{service}: {counted(lifted, 'stop')} lifted, and yours stands: another person lifts it")
    else:
        click.echo(f"{service}: sending goes on")
