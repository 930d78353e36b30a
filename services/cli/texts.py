"""`heed segments`."""

from dataclasses import asdict

import click

from services.cli.output import as_json as json_option
from services.cli.output import counted, show_json
from services.common.segments import count, plain


@click.command()
@click.argument("text")
@json_option
def segments(text: str, as_json: bool) -> None:
    """What TEXT takes: its encoding, characters and segments, after curly quotes and long dashes are made plain."""
    cost = count(plain(text))
    if as_json:
        show_json(asdict(cost))
        return
    if plain(text) != text:
        click.echo(f"Sent as: {plain(text)}")
    click.echo(
        f"{cost.encoding}, {counted(cost.characters, 'character')}, {counted(cost.units, 'unit')}, {counted(cost.segments, 'segment')}"
    )
