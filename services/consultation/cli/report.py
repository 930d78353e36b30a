"""`heed consultation report` and `publicity`: what was received and what was done to be heard."""

import json
from pathlib import Path
from typing import Any

import click

from services.cli.output import WORDS, BadInput, by_option, show_json, show_table, write_folder
from services.cli.output import as_json as json_option
from services.consultation import publicity as publicising
from services.consultation import report as reporting
from services.consultation.cli.office import ID, consultation_of, office


@click.command()
@ID
@click.option("--out", type=click.Path(path_type=Path), help="A folder for the report and its tables as CSV.")
@json_option
def report(consultation_id: str, out: Path | None, as_json: bool) -> None:
    """What the consultation ID has received and what is analysed; every response stands in some row."""
    with office() as (heed, session):
        found = reporting.report(heed, session, consultation_of(session, consultation_id))
    if out:
        whole = json.dumps(found, indent=2, ensure_ascii=False, default=str)
        write_folder(out, {"report.json": whole.encode(), **reporting.tables(found)})
    if as_json:
        show_json(found)
    else:
        shown(found)


def shown(found: dict[str, Any]) -> None:
    """Print a report's tables."""
    lines = found["reconciliation"]
    # A reason that nobody was left out for takes no column; the row still adds up.
    reasons = [one for one in lines[-1]["removed"] if lines[-1]["removed"][one]]
    click.echo(f"{found['title']}\n")
    show_table(
        ["channel", "received", *reasons, "analysed"],
        [
            [one["channel"], one["received"], *(one["removed"][name] for name in reasons), one["analysed"]]
            for one in lines
        ],
    )
    click.echo(f"\nby {found['counts']['respondents']} people:")
    show_table(["answered as", "people"], [[name, number] for name, number in found["respondents"].items()])
    click.echo("")
    show_table(["district", "people"], [[name, number] for name, number in found["districts"].items()])
    asked = found["invitations"]
    if asked["invited"]:
        rate = "" if asked["rate"] is None else f", {asked['rate']:.1%} of those sent"
        click.echo(f"\ninvited {asked['invited']}, sent {asked['sent']}, replied {asked['replied']}{rate}")
    if found["campaigns"]:
        copies = sum(one["responses"] for one in found["campaigns"])
        click.echo(f"\ncampaigns: {len(found['campaigns'])}, with {copies} responses, each counted")
    if found["publicity"]:
        click.echo("")
        show_table(
            ["done to be heard", "reached"], [[one["what"], one["reached"]] for one in found["publicity"]]
        )
    click.echo(f"\nquestionnaire {found['hash']}\ncode {found['version']}\naudit head {found['audit_head']}")


@click.command()
@ID
@click.argument("what", type=WORDS, required=False)
@click.argument("reached", type=int, required=False)
@by_option
@json_option
def publicity(consultation_id: str, what: str | None, reached: int | None, by: str, as_json: bool) -> None:
    """Note for the consultation ID that WHAT ("households") REACHED so many; without these, list what was noted."""
    with office() as (_, session):
        row = consultation_of(session, consultation_id)
        if what is not None:
            try:
                publicising.note(session, row.id, what, -1 if reached is None else reached, by)
            except ValueError as error:
                raise BadInput(str(error)) from None
        listed = publicising.listed(session, row.id)
    if as_json:
        show_json({"publicity": listed})
    else:
        show_table(["done to be heard", "reached"], [[one["what"], one["reached"]] for one in listed])
