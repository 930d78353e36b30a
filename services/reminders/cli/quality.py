"""What the data can carry, and which hearing days wait for an outcome."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from services.cli.output import as_json as json_option
from services.cli.output import show_json, show_table, write_file
from services.common import audit
from services.common.process import opened
from services.reminders import outcomes_due as due
from services.reminders import quality
from services.reminders.cli.acting import DAY

csv_option = click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path), help="Write it into this file as CSV."
)


@click.command()
@csv_option
@json_option
def data_quality(csv_file: Path | None, as_json: bool) -> None:
    """Whose numbers reach them, what was left out and why, which feeds have gone quiet."""
    with opened("reminders") as (heed,):
        figures = quality.report(heed)
    if csv_file:
        write_file(csv_file, quality.to_csv(figures))
    if as_json:
        show_json(figures)
    elif not csv_file:
        show_table(quality.HEADER, list(quality.as_rows(figures)))


@click.command()
@click.option("--court", help="Court code; its first five characters count.")
@click.option("--date", "day", type=DAY, help="The hearing's day, YYYY-MM-DD.")
@click.option("--state", type=click.Choice(due.STATES), help="Pending and missing ones, if nothing is said.")
@click.option("--show-people", is_flag=True, help="Names outside sandbox mode too (audited).")
@csv_option
@json_option
def outcomes_due(
    court: str | None,
    day: date | None,
    state: due.State | None,
    show_people: bool,
    csv_file: Path | None,
    as_json: bool,
) -> None:
    """Hearing days without an outcome: the list to fill in and give to `heed reminders outcomes`."""
    with opened("reminders") as (heed,), heed.database.begin() as session:
        named = heed.sandbox or show_people
        rows = [
            row
            for one in ((state,) if state else ("missing", "pending"))
            for row in due.page(heed, session, due.Wanted(one, court, day), show_people=named, limit=due.ALL)
        ]
        if csv_file or (show_people and not heed.sandbox):
            audit.record(
                session, "cli", "people-looked-at", "outcomes", rows=len(rows), arm=False, names=named
            )
        # Inside the transaction: a list that cannot be written was not taken.
        if csv_file:
            write_file(csv_file, due.to_csv(rows))
    if as_json:
        show_json({"outcomes": rows})
    elif csv_file:
        click.echo(f"{len(rows)} to fill in")
    else:
        _print(rows)


def _print(rows: list[dict[str, Any]]) -> None:
    show_table(
        ["hearing", "day", "case", "court", "starts", "name", "state", "missing after"],
        [
            [
                row["listing_id"],
                row["day"],
                row["case_ref"],
                row["court"],
                row["starts_at"][11:16],
                row["name"],
                row["state"],
                row["missing_after"],
            ]
            for row in rows
        ],
    )
