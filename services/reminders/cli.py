"""`heed reminders …`: one thin function a command."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.cli.output import BadInput, counted, show_json, show_table
from services.cli.output import as_json as json_option
from services.common import audit
from services.common.context import Heed
from services.common.process import opened
from services.common.times import parse_instant
from services.reminders import contacts as numbers
from services.reminders import county, deliveries, pilots
from services.reminders import hearings as listed
from services.reminders.feeds.parse import FORMATS
from services.reminders.feeds.records import FeedError
from services.reminders.models import Delivery, Pilot

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


def _apply_files(files: tuple[Path, ...], format_name: str, as_json: bool) -> None:
    bodies = [(path, _read(path)) for path in files]
    with opened("reminders") as (heed,):
        plans = county.load(heed.settings)
        shown = [_apply(heed, plans, path, body, format_name) for path, body in bodies]
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
        delivery_id, number = delivery.id, delivery.number
    while True:
        deliveries.apply(heed, plans, number)
        with heed.database.begin() as session:
            row = session.scalars(select(Delivery).where(Delivery.id == delivery_id)).one()
            if row.status != "received":
                return deliveries.as_json(row)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from None


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def contacts(file: Path, as_json: bool) -> None:
    """Attach the mobile numbers of FILE (CSV: asn or case_ref, surname, date_of_birth; mobile)."""
    body = _read(file)
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


@click.command()
@click.option("--court", help="Court code; its first five characters count.")
@click.option("--date", "day", help="The hearing's day, YYYY-MM-DD.")
@click.option("--show-people", is_flag=True, help="Print names outside sandbox mode too (audited).")
@click.option("--show-arm", is_flag=True, help="Print the pilot's arm instead of the outcome (audited).")
@json_option
def hearings(court: str | None, day: str | None, show_people: bool, show_arm: bool, as_json: bool) -> None:
    """Every person listed for every hearing, and what Heed makes of them."""
    try:
        wanted = date.fromisoformat(day) if day else None
    except ValueError:
        raise BadInput("--date takes a day like 2026-09-21") from None
    with opened("reminders") as (heed,), heed.database.begin() as session:
        found = listed.find(session, court=court, day=wanted)
        named = heed.sandbox or show_people
        shown = listed.rows(heed, session, found, show_people=named, show_arm=show_arm)
        if show_arm or (show_people and not heed.sandbox):
            audit.record(
                session, "cli", "people-looked-at", "hearings", rows=len(shown), arm=show_arm, names=named
            )
    if as_json:
        show_json({"hearings": shown})
    else:
        _print_hearings(shown)


def _print_hearings(shown: list[dict[str, Any]]) -> None:
    rows = [
        [
            one["case_ref"],
            one["court"],
            one["starts_at"][:16].replace("T", " ") if one["starts_at"] else "no day",
            one["name"] or "",
            one["mobile"],
            one["status"],
            one.get("arm", "") or ("texted" if one["eligible"] else ", ".join(one["reasons"])),
            one.get("outcome", {}).get("attendance", ""),
        ]
        for one in shown
    ]
    show_table(["case", "court", "starts", "name", "mobile", "status", "makes of it", "outcome"], rows)


@click.command()
@click.option("--at", help="What goes out at this time (London's clock without an offset).")
@click.option("--until", help="All that falls due until then.")
@json_option
def due(at: str | None, until: str | None, as_json: bool) -> None:
    """What would be sent: when, to whom (masked), the exact text; and what would not, and why."""
    since, horizon = _instant("--at", at), _instant("--until", until)
    with opened("reminders") as (heed,), heed.database.begin() as session:
        answer = listed.preview(heed, county.load(heed.settings), session, since=since, until=horizon)
    if as_json:
        show_json(answer)
        return
    for one in answer["due"]:
        click.echo(
            f"{one['send_at'][:16].replace('T', ' ')}  {one['case_ref']}  to {one['to']}  {one['step']}  {counted(one['segments'], 'segment')}"
        )
        click.echo(f"    {one['text']}")
    segments = sum(one["segments"] for one in answer["due"])
    click.echo(f"{counted(len(answer['due']), 'text')}, {counted(segments, 'segment')}")
    if answer["held"]:
        click.echo("Not texted:")
        show_table(["case", "reason"], [[one["case_ref"], one["reason"]] for one in answer["held"]])


def _instant(option: str, text: str | None) -> datetime | None:
    try:
        return parse_instant(text) if text else None
    except ValueError:
        raise BadInput(f"{option} takes a time like 2026-09-21T10:00") from None


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def pilot_new(file: Path, as_json: bool) -> None:
    """Lock the protocol in FILE (YAML): from now on eligible people are assigned by it."""
    content = pilots.read(_read(file).decode(errors="replace"))
    with opened("reminders") as (heed,), heed.database.begin() as session:
        pilot = pilots.lock(session, content, "cli")
        answer = {"id": pilot.id, "name": pilot.name, "hash": pilot.hash}
    if as_json:
        show_json(answer)
    else:
        click.echo(f"{answer['name']} is locked under {answer['hash']}")


@click.command()
@click.argument("pilot")
@click.option("--out", type=click.Path(path_type=Path), help="Write the report into this folder.")
@json_option
def evaluate(pilot: str, out: Path | None, as_json: bool) -> None:
    """The report of PILOT: what was assigned, what happened, and what that can say."""
    from services.reminders import assembly  # noqa: PLC0415 - statsmodels and scipy take two seconds to load
    from services.reminders.evaluation.report import pilot_report, render_text  # noqa: PLC0415

    with opened("reminders") as (heed,), heed.database.begin() as session:
        row = _pilot(session, pilot)
        counted = assembly.counts(session, row)
        audit.record(session, "cli", "pilot-evaluated", f"pilot:{row.id}", hash=row.hash)
    report = pilot_report(counted)
    if out:
        import json  # noqa: PLC0415

        out.mkdir(parents=True, exist_ok=True)
        (out / "report.json").write_text(json.dumps(report, indent=2, default=str))
        (out / "report.txt").write_text(render_text(report))
    if as_json:
        show_json(report)
    else:
        click.echo(render_text(report))


def _pilot(session: Session, name: str) -> Pilot:
    row = session.scalar(select(Pilot).where(Pilot.name == name))
    if row is None:
        names = session.scalars(select(Pilot.name)).all()
        known = ", ".join(names) or "none is locked yet; `heed reminders pilot new FILE.yaml` locks one"
        raise BadInput(f"there is no pilot named {name}: {known}")
    return row
