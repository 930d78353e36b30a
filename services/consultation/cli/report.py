"""`heed consultation report` and `publicity`: what was received and said, and what was done to be heard."""

from pathlib import Path

import click

from services.cli.output import WORDS, BadInput, by_option, show_json, show_table, write_folder
from services.cli.output import as_json as json_option
from services.consultation import publicity as publicising
from services.consultation.cli.office import ID, consultation_of, office


@click.command()
@ID
@click.option("--out", type=click.Path(path_type=Path), help="A folder for every form of the report.")
@click.option("--full", is_flag=True, help="Nothing hidden: for the office, not to be published (audited).")
@by_option
@json_option
def report(consultation_id: str, out: Path | None, full: bool, by: str, as_json: bool) -> None:
    """The report of the consultation ID, small counts hidden: what was received, who answered, what they spoke of."""
    # The statistics and the charts take two seconds to load.
    from services.consultation import reports  # noqa: PLC0415
    from services.consultation.reporting import forms  # noqa: PLC0415

    with office() as (heed, session):
        row = consultation_of(session, consultation_id)
        found = reports.whole(heed, session, row, by) if full else reports.published(heed, session, row)
        # Inside the transaction: what cannot be written was not looked at.
        if out:
            more = reports.themefinder(heed, session, row) if full else {}
            write_folder(out, forms.files(found) | more)
    if as_json:
        show_json(found)
    elif out:
        click.echo(f"the {'whole report, not to be published,' if full else 'report'} is in {out}")
    else:
        click.echo(forms.text(found))


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
