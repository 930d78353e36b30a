"""What comes in by file: listings, results, mobile numbers."""

import sys
from datetime import date, time
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from services.cli.output import BadInput, by_option, read_file, show_json
from services.cli.output import as_json as json_option
from services.common.context import Heed
from services.common.process import opened
from services.common.times import at_london
from services.reminders import acts, county, deliveries, outcome_file
from services.reminders import contacts as numbers
from services.reminders.cli.acting import DAY
from services.reminders.feeds.parse import FORMATS
from services.reminders.feeds.records import FeedError, Rejection
from services.reminders.listings import Counts
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
@by_option
def outcomes(files: tuple[Path, ...], format_name: str, as_json: bool, by: str) -> None:
    """Apply result FILES as if pushed; a CSV file is what the office has written down by hand."""
    bodies = [(path, read_file(path)) for path in files]
    by_hand = [format_name == "csv" or path.suffix.lower() == ".csv" for path in files]
    # A header that is not ours refuses its file before anything is done.
    written = {
        path: _read_outcomes(path, body) for (path, body), hand in zip(bodies, by_hand, strict=True) if hand
    }
    shown = []
    with opened("reminders") as (heed,):
        plans = county.load(heed.settings)
        for path, body in bodies:
            if path in written:
                with acts.acting(heed, plans, by) as act:
                    entered = outcome_file.enter(act, *written[path])
                shown.append({"file": path.name, "format": "by-hand", **entered})
            else:
                shown.append(_apply(heed, plans, path, body, format_name))
    _show(shown, as_json)


def _read_outcomes(path: Path, body: bytes) -> tuple[list[outcome_file.Entry], list[Rejection]]:
    try:
        return outcome_file.read_csv(body)
    except FeedError as error:
        raise BadInput(f"{path.name}: {error.reason}") from None


@click.command()
@click.argument("delivery_id", required=False)
@click.option("--results-since", type=DAY, help="Every delivery with results that came since this day.")
@json_option
def replay(delivery_id: str | None, results_since: date | None, as_json: bool) -> None:
    """Apply the delivery DELIVERY_ID once more, after a fix. What later ones said stays."""
    if (delivery_id is None) == (results_since is None):
        raise BadInput("say what to replay: a DELIVERY_ID, or --results-since DAY")
    shown = []
    with opened("reminders") as (heed,):
        plans = county.load(heed.settings)
        for first in [delivery_id] if delivery_id else _with_results(heed, results_since):
            with heed.database.begin() as session:
                again = deliveries.replay(session, first, "cli")
                if again is None:
                    raise BadInput(
                        f"there is no delivery {first}: `ingest --json` and the API print their ids"
                    )
                waiting = (again.id, again.number)
            one = deliveries.applied(heed, plans, *waiting)
            shown.append(one | {"file": one["file"] or first})
    if not shown:
        raise BadInput("no delivery with results came since that day")
    _show(shown, as_json)


def _with_results(heed: Heed, since: date | None) -> list[str]:
    """The deliveries that brought results since a day, replays apart, in the order in which they came."""
    assert since is not None  # noqa: S101 - the caller looks
    with heed.database.begin() as session:
        return list(
            session.scalars(
                select(Delivery.id)
                .where(
                    Delivery.received_at >= at_london(since, time.min),
                    Delivery.counts["results"].as_integer() > 0,
                    Delivery.replays.is_(None),
                    Delivery.body_enc != b"",  # of what retention has emptied nothing is left to apply
                )
                .order_by(Delivery.number)
            )
        )


def _apply_files(files: tuple[Path, ...], format_name: str, as_json: bool) -> None:
    shown = [_read(path, format_name) for path in files]
    if any(isinstance(body, bytes) for body in shown):
        with opened("reminders") as (heed,):
            plans = county.load(heed.settings)
            shown = [
                _apply(heed, plans, path, body, format_name) if isinstance(body, bytes) else body
                for path, body in zip(files, shown, strict=True)
            ]
    _show(shown, as_json)  # type: ignore[arg-type] # no bytes are left


def _read(path: Path, format_name: str) -> bytes | dict[str, Any]:
    """A file's bytes, or, in a delivery's shape, why there are none: the files beside it are applied all the same."""
    try:
        return read_file(path)
    except BadInput as error:
        none: dict[str, Any] = dict.fromkeys(("id", "received_at", "applied_at"))
        return none | {
            "file": path.name,
            "format": format_name,
            "status": "rejected",
            "counts": Counts(rejected=1).as_json(),
            "rejections": [{"where": "/", "code": "cannot-read", "reason": error.message}],
        }


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
    return deliveries.applied(heed, plans, *waiting)


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
