"""What comes in by file: listings, results, mobile numbers."""

import sys
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from services.cli.output import BadInput, show_json
from services.cli.output import as_json as json_option
from services.common.context import Heed
from services.common.process import opened
from services.reminders import contacts as numbers
from services.reminders import county, deliveries
from services.reminders.cli.files import read_file
from services.reminders.feeds.parse import FORMATS
from services.reminders.feeds.records import FeedError
from services.reminders.models import Delivery

files_argument = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
format_option = click.option(
    "--format", "format_name", type=click.Choice(FORMATS), default="auto", show_default=True
)


@click.command()
@files_argument
@format_option
@json_option
def ingest(files: tuple[Path, ...], format_name: str, as_json: bool) -> None:
    """Apply feed FILES as if pushed; print what was new, moved, suspended, rejected and why."""
    _apply_files(files, format_name, as_json)


@click.command()
@files_argument
@format_option
@json_option
def outcomes(files: tuple[Path, ...], format_name: str, as_json: bool) -> None:
    """Apply result FILES as if pushed."""
    _apply_files(files, format_name, as_json)


@click.command()
@click.argument("delivery_id")
@json_option
def replay(delivery_id: str, as_json: bool) -> None:
    """Apply the delivery DELIVERY_ID once more, after a fix. What later ones said stays."""
    with opened("reminders") as (heed,):
        with heed.database.begin() as session:
            again = deliveries.replay(session, delivery_id, "cli")
            if again is None:
                raise BadInput(f"there is no delivery {delivery_id}: `ingest --json` and the API print their ids")
            waiting = (again.id, again.number)
        shown = _applied(heed, county.load(heed.settings), *waiting)
    _show([shown | {"file": shown["file"] or delivery_id}], as_json)


def _apply_files(files: tuple[Path, ...], format_name: str, as_json: bool) -> None:
    bodies = [(path, read_file(path)) for path in files]
    with opened("reminders") as (heed,):
        plans = county.load(heed.settings)
        shown = [_apply(heed, plans, path, body, format_name) for path, body in bodies]
    _show(shown, as_json)


def _show(shown: list[dict[str, Any]], as_json: bool) -> None:
    """Print what became of deliveries, and exit: 0 all of it, 1 partly, 2 nothing."""
    if as_json:
        show_json({"deliveries": shown})
    else:
        for one in shown:
            counts = (
                ", ".join(f"{number} {name}" for name, number in one["counts"].items() if number)
                or "nothing in it"
            )
            click.echo(f"{one['file']}: {one['status']} ({one['format']}): {counts}")
            for rejection in one["rejections"]:
                click.echo(f"  {rejection['where']}: {rejection['code']}: {rejection['reason']}")
    statuses = {one["status"] for one in shown}
    if statuses == {"rejected"}:
        first = shown[0]["rejections"][0]
        click.echo(f"heed: nothing was applied: {shown[0]['file']}: {first['reason']}", err=True)
    sys.exit(0 if statuses == {"applied"} else 2 if statuses == {"rejected"} else 1)


def _apply(heed: Heed, plans: county.County, path: Path, body: bytes, format_name: str) -> dict[str, Any]:
    push = deliveries.Push(body=body, format=format_name, actor="cli", file=path.name)
    with heed.database.begin() as session:
        delivery = deliveries.receive(heed, session, push)
        waiting = (delivery.id, delivery.number)
    return _applied(heed, plans, *waiting)


def _applied(heed: Heed, plans: county.County, delivery_id: str, number: int) -> dict[str, Any]:
    while True:
        deliveries.apply(heed, plans, number)
        with heed.database.begin() as session:
            row = session.scalars(select(Delivery).where(Delivery.id == delivery_id)).one()
            if row.status != "received":
                return deliveries.as_json(row)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def contacts(file: Path, as_json: bool) -> None:
    """Attach the mobile numbers of FILE (CSV: asn or case_ref, surname, date_of_birth; mobile)."""
    body = read_file(file)
    try:
        given, rejections = numbers.read_csv(body)
    except FeedError as error:
        raise BadInput(f"{file.name}: {error.reason}") from None
    with opened("reminders") as (heed,), heed.database.begin() as session:
        answer = numbers.attach(heed, county.load(heed.settings), session, given, rejections, "cli")
    if as_json:
        show_json(answer)
    else:
        click.echo(", ".join(f"{number} {name}" for name, number in answer["counts"].items()))
        for rejection in answer["rejections"]:
            click.echo(f"  {rejection['where']}: {rejection['code']}: {rejection['reason']}")
    sys.exit({"applied": 0, "partly_applied": 1, "rejected": 2}[answer["status"]])
