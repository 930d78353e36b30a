"""What is listed, and what will go out."""

from datetime import date, datetime
from typing import Any

import click

from services.cli.output import BadInput, counted, show_json, show_table
from services.cli.output import as_json as json_option
from services.common import audit
from services.common.process import opened
from services.common.times import parse_instant
from services.reminders import county
from services.reminders import hearings as listed


@click.command()
@click.option("--court", help="Court code; its first five characters count.")
@click.option("--date", "day", help="The hearing's day, YYYY-MM-DD.")
@click.option("--show-people", is_flag=True, help="Print names outside sandbox mode too (audited).")
@click.option("--show-arm", is_flag=True, help="Print the pilot's arm instead of the outcome (audited).")
@json_option
def hearings(court: str | None, day: str | None, show_people: bool, show_arm: bool, as_json: bool) -> None:
    """Every person listed for every hearing, and what Heed makes of them."""
    try:
        wanted = date.fromisoformat(day) if day else None
    except ValueError:
        raise BadInput("--date takes a day like 2026-09-21") from None
    with opened("reminders") as (heed,), heed.database.begin() as session:
        found = listed.find(session, court=court, day=wanted)
        named = heed.sandbox or show_people
        shown = listed.rows(heed, session, found, show_people=named, show_arm=show_arm)
        if show_arm or (show_people and not heed.sandbox):
            audit.record(
                session, "cli", "people-looked-at", "hearings", rows=len(shown), arm=show_arm, names=named
            )
    if as_json:
        show_json({"hearings": shown})
    else:
        _print_hearings(shown)


def _print_hearings(shown: list[dict[str, Any]]) -> None:
    rows = [
        [
            one["case_ref"],
            one["court"],
            one["starts_at"][:16].replace("T", " ") if one["starts_at"] else "no day",
            one["name"] or "",
            one["mobile"],
            one["status"],
            one.get("arm", "") or ("texted" if one["eligible"] else ", ".join(one["reasons"])),
            one.get("outcome", {}).get("attendance", ""),
        ]
        for one in shown
    ]
    show_table(["case", "court", "starts", "name", "mobile", "status", "makes of it", "outcome"], rows)


@click.command()
@click.option("--at", help="What goes out at this time (London's clock without an offset).")
@click.option("--until", help="All that falls due until then.")
@json_option
def due(at: str | None, until: str | None, as_json: bool) -> None:
    """What would be sent: when, to whom (masked), the exact text, segments and cost; and what would not, and why."""
    since, horizon = _instant("--at", at), _instant("--until", until)
    with opened("reminders") as (heed,), heed.database.begin() as session:
        answer = listed.preview(heed, county.load(heed.settings), session, since=since, until=horizon)
    if as_json:
        show_json(answer)
        return
    for one in answer["due"]:
        _print_text(one)
    segments = sum(one["segments"] for one in answer["due"])
    click.echo(f"{counted(len(answer['due']), 'text')}, {_taken(segments, answer['cost'])}")
    if answer["waiting"]:
        click.echo("Ready, and kept back:")
        for one in answer["waiting"]:
            _print_text(one, f"  {one['reason']}")
    if answer["held"]:
        click.echo("Not texted:")
        show_table(["case", "reason"], [[one["case_ref"], one["reason"]] for one in answer["held"]])


def _print_text(one: dict[str, Any], why: str = "") -> None:
    at = one["send_at"][:16].replace("T", " ")
    taken = _taken(one["segments"], one["cost"])
    click.echo(f"{at}  {one['case_ref']}  to {one['to']}  {one['step']}  {taken}{why}")
    click.echo(f"    {one['text']}")


def _taken(segments: int, cost: dict[str, str] | None) -> str:
    price = f", {cost['amount']} {cost['currency']}" if cost else ""
    return counted(segments, "segment") + price


def _instant(option: str, text: str | None) -> datetime | None:
    try:
        return parse_instant(text) if text else None
    except ValueError:
        raise BadInput(f"{option} takes a time like 2026-09-21T10:00") from None
