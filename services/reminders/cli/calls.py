"""Whom to ring: on the screen, as CSV, on paper."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from services.cli.output import WORDS, BadInput, by_option, show_json, show_table, write_file
from services.cli.output import as_json as json_option
from services.reminders import call_sheet
from services.reminders import calls as to_ring
from services.reminders.cli.acting import DAY, acting, listing_option

note_option = click.option("--note", type=WORDS, required=True, help="What came of it; kept encrypted.")


@click.group(invoke_without_command=True)
@click.option("--day", type=DAY, help="The hearings' day, YYYY-MM-DD.")
@click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path), help="Write the list into this file as CSV."
)
@click.option(
    "--print",
    "page",
    type=click.Path(path_type=Path),
    help="Write the list into this file as a page for paper.",
)
@click.option("--show-people", is_flag=True, help="Names and numbers outside sandbox mode too (audited).")
@by_option
@json_option
@click.pass_context
def calls(
    context: click.Context,
    day: date | None,
    csv_file: Path | None,
    page: Path | None,
    show_people: bool,
    by: str,
    as_json: bool,
) -> None:
    """Whom no text reaches, and who was told of a day that has come nearer."""
    if context.invoked_subcommand:
        return
    if csv_file and page:
        raise BadInput("one form at a time: --csv or --print")
    with acting(by) as act:
        named = act.heed.sandbox or show_people
        rows = to_ring.rows(act.heed, act.county, act.session, show_people=named, day=day)
        if csv_file or page or (show_people and not act.heed.sandbox):
            form = "csv" if csv_file else "paper" if page else "screen"
            act.record("calls-read", "calls", rows=len(rows), form=form, names=named)
        # Inside the transaction: a list that cannot be written was not taken.
        if csv_file:
            write_file(csv_file, call_sheet.to_csv(rows))
        if page:
            write_file(page, call_sheet.to_html(rows, act.county.speaker, act.now).encode())
    if as_json:
        show_json({"calls": rows})
    elif csv_file or page:
        click.echo(f"{len(rows)} to ring")
    else:
        _print(rows)


def _print(rows: list[dict[str, Any]]) -> None:
    show_table(
        ["hearing", "case", "court", "starts", "name", "number", "why", "calls"],
        [
            [
                one["listing"],
                one["case_ref"],
                one["court"],
                one["starts_at"][:16].replace("T", " ") if one["starts_at"] else "no day",
                one["name"],
                one["number"],
                ", ".join(one["reasons"]) + (" (only if the office says so)" if one["opted_out"] else ""),
                ", ".join(map(str, one["calls"])),
            ]
            for one in rows
        ],
    )


@calls.command()
@click.argument("call_id", metavar="ID", type=int)
@note_option
@by_option
@json_option
def done(call_id: int, note: str, by: str, as_json: bool) -> None:
    """Note that the call ID was made, or need not be."""
    with acting(by) as act:
        _say(to_ring.as_json(to_ring.done(act, call_id, note)), as_json)


@calls.command()
@listing_option
@note_option
@by_option
@json_option
def rung(listing_id: int, note: str, by: str, as_json: bool) -> None:
    """Note that somebody whom no text reaches was rung; they leave the list until their hearing moves."""
    with acting(by) as act:
        _say(to_ring.as_json(to_ring.rung(act, listing_id, note)), as_json)


def _say(call: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show_json(call)
    else:
        click.echo(f"call {call['id']} about hearing {call['listing']} is done")
