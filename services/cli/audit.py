"""`heed … verify-audit` and `heed … export-audit`."""

import json
import sys

import click

from services.cli.output import BadInput, show_json
from services.cli.output import as_json as json_option
from services.common import audit, audit_trail
from services.common.process import opened
from services.common.settings import ServiceName

after_option = click.option(
    "--after", type=click.IntRange(min=0), default=0, show_default=True, help="The rows after this number."
)
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


@click.command()
@after_option
def export_reminders(after: int) -> None:
    """Print Reminders' audit log, a JSON object a line, the oldest row first."""
    _export("reminders", after)


@click.command()
@after_option
def export_consultation(after: int) -> None:
    """Print Consultation's audit log, a JSON object a line, the oldest row first."""
    _export("consultation", after)


def _export(service: ServiceName, after: int) -> None:
    with opened(service) as (heed,), heed.database.begin() as session:
        for row in audit_trail.since(session, after):
            click.echo(json.dumps({"service": service} | row))
