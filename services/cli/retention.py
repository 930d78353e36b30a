"""`heed retention run`: what the clock does every night, now, or only counted."""

from importlib import import_module

import click

from services.cli.output import as_json as json_option
from services.cli.output import by_option, show_json, show_table
from services.common import retention
from services.common.process import opened
from services.common.settings import SERVICES, ServiceName


@click.command()
@click.option("--service", type=click.Choice(SERVICES), help="One service alone; both if left out.")
@click.option("--dry-run", is_flag=True, help="Only count what would change.")
@by_option
@json_option
def run(service: ServiceName | None, dry_run: bool, by: str, as_json: bool) -> None:
    """Empty and delete what is older than its rule allows, whoever is held left alone."""
    with opened(*([service] if service else SERVICES)) as services:
        done = {
            heed.service: retention.run(heed, rules_of(heed.service), by, dry_run=dry_run)
            for heed in services
        }
    if as_json:
        show_json({"dry_run": dry_run, "rows": done})
        return
    rows = [[name, table, number] for name, tables in done.items() for table, number in tables.items()]
    show_table(["service", "table", "rows"], rows)
    if not rows:
        click.echo("nothing is older than its rule allows")


def rules_of(service: ServiceName) -> tuple[retention.Rule, ...]:
    """A service's rules, one a table."""
    rules: tuple[retention.Rule, ...] = import_module(f"services.{service}.retention").RULES
    return rules
