"""`heed … verify-audit`."""

import sys

import click

from services.cli.output import BadInput, show_json
from services.cli.output import as_json as json_option
from services.common import audit
from services.common.process import opened
from services.common.settings import ServiceName

head_option = click.option("--head", help="COUNT:HASH as an earlier report printed it: finds a cut tail.")


@click.command()
@head_option
@json_option
def reminders(head: str | None, as_json: bool) -> None:
    """Check the audit log of Reminders."""
    _verify("reminders", head, as_json)


@click.command()
@head_option
@json_option
def consultation(head: str | None, as_json: bool) -> None:
    """Check the audit log of Consultation."""
    _verify("consultation", head, as_json)


def _verify(service: ServiceName, head: str | None, as_json: bool) -> None:
    try:
        known = audit.parse_head(head) if head else None
    except ValueError as error:
        raise BadInput(str(error)) from None
    with opened(service) as (heed,), heed.database.begin() as session:
        breaks = list(audit.verify(session, known))
        present = audit.head(session)
    if as_json:
        show_json({"whole": not breaks, "head": str(present), "breaks": breaks})
    else:
        click.echo("\n".join(breaks) if breaks else f"the chain of {present.count} rows is whole")
        click.echo(f"head {present}")
    sys.exit(1 if breaks else 0)
