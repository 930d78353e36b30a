"""`heed consultation invite`: text people who agreed to be asked."""

from pathlib import Path

import click

from services.cli.output import BadInput, by_option, counted, read_file
from services.cli.output import as_json as json_option
from services.common import clock
from services.common.acts import Refused
from services.common.times import london
from services.consultation import files, invitations
from services.consultation.cli.office import (
    ID,
    batch_option,
    consultation_of,
    of_file,
    office,
    tell,
)
from services.consultation.cli.questionnaires import sending_options
from services.consultation.rows import FileError, answered


@click.command()
@ID
@click.argument("file", type=click.Path(path_type=Path))
@batch_option
@sending_options
@by_option
@json_option
def invite(
    consultation_id: str,
    file: Path,
    batch: str | None,
    per_hour: int,
    pence: float,
    dry_run: bool,
    by: str,
    as_json: bool,
) -> None:
    """Invite the contacts in FILE to the consultation ID by text: once each, paced, between 09:00 and 20:00."""
    body = read_file(file)
    with office() as (heed, session):
        row = consultation_of(session, consultation_id)
        title = batch or file.name
        try:
            good, rejections = files.contacts(body, london(clock.now(session)).date(), drama=heed.sandbox)
            made = (
                invitations.plan(heed, session, row, title, good, per_hour)
                if dry_run
                else invitations.invite(heed, session, row, title, good, by, per_hour)
            )
        except FileError as error:
            raise of_file(file, error) from None
        except Refused as error:
            raise BadInput(str(error)) from None
    counts = {"invited": len(made.invitations), "skipped": sum(made.skipped.values())}
    answer = answered(counts, rejections) | made.shown() | {"dry_run": dry_run}
    answer["pounds"] = round(answer["segments"] * pence / 100, 2)
    if not as_json:
        for reason, number in made.skipped.items():
            click.echo(f"passed over: {reason} {number:,}")
        if made.invitations:
            first, last = (f"{london(at):%a %d %b %H:%M}" for at in (answer["first_at"], answer["last_at"]))
            click.echo(
                f"{counted(answer['segments'], 'segment')}, about {answer['pounds']:,.2f} pounds, from {first} to {last}"
            )
        if dry_run:
            click.echo("a dry run: nothing is written")
    tell(answer, as_json)
