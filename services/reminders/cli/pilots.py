"""Pilots and their reports."""

from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.cli.output import BadInput, show_json
from services.cli.output import as_json as json_option
from services.common import audit
from services.common.process import opened
from services.reminders import pilots
from services.reminders.cli.files import read_file
from services.reminders.models import Pilot


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def pilot_new(file: Path, as_json: bool) -> None:
    """Lock the protocol in FILE (YAML): from now on eligible people are assigned by it."""
    content = pilots.read(read_file(file).decode(errors="replace"))
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
