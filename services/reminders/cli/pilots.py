"""Pilots, their reports, and the county's page of attendance."""

import json
from pathlib import Path
from typing import Any

import click

from services.cli.output import WORDS, BadInput, by_option, read_text, show_json, write_folder
from services.cli.output import as_json as json_option
from services.common.process import opened
from services.reminders import county, pilots

out_option = click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write it into this folder."
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def pilot_new(file: Path, as_json: bool) -> None:
    """Lock the protocol in FILE (YAML): from now on eligible people are assigned by it."""
    content = pilots.read(read_text(file))
    with opened("reminders") as (heed,), heed.database.begin() as session:
        pilot = pilots.lock(session, content, "cli")
        answer = {"id": pilot.id, "name": pilot.name, "hash": pilot.hash}
    if as_json:
        show_json(answer)
    else:
        click.echo(f"{answer['name']} is locked under {answer['hash']}")


@click.command()
@click.argument("pilot")
@json_option
def pilot_audit(pilot: str, as_json: bool) -> None:
    """Derive every assignment of PILOT again, from the seed and the recorded order; exit 1 where one was changed."""
    from services.reminders import evaluating  # noqa: PLC0415 - statsmodels and scipy take two seconds to load
    from services.reminders import pilot_audit as auditing  # noqa: PLC0415

    with opened("reminders") as (heed,), heed.database.begin() as session:
        count, breaks = auditing.audit(session, evaluating.named(session, pilot))
    if as_json:
        show_json({"whole": not breaks, "assignments": count, "breaks": breaks})
    else:
        for one in breaks:
            click.echo(one)
        click.echo(
            f"{count} assignments, {len(breaks)} not as drawn"
            if breaks
            else f"{count} assignments, all as drawn"
        )
    if breaks:
        click.get_current_context().exit(1)


@click.command()
@click.argument("pilot")
@click.option("--recipient", type=WORDS, required=True, help="Who gets the rows; stands in the audit log.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Write into this folder."
)
@by_option
@json_option
def pilot_export(pilot: str, recipient: str, out: Path, by: str, as_json: bool) -> None:
    """The rows behind PILOT's figures for an evaluator, nobody in them, and a script that works the figures out again."""
    from services.reminders import evaluating, exporting  # noqa: PLC0415 - statsmodels and scipy take two seconds to load

    with opened("reminders") as (heed,), heed.database.begin() as session:
        row = evaluating.named(session, pilot)
        mark, people = exporting.export(session, row, by, recipient)
        report = evaluating.evaluate(session, row, by)
        # Inside the transaction: what cannot be written was not exported.
        written = {
            "people.csv": people,
            "report.json": _json(report),
            "reproduce.py": exporting.script().encode(),
        }
        write_folder(out, written)
    if as_json:
        show_json({"export": mark, "files": [str(out / name) for name in written]})
    else:
        click.echo(
            f"export {mark} for {recipient} is in {out}: python {out / 'reproduce.py'} works it out again"
        )


@click.command()
@click.argument("pilot")
@out_option
@click.option(
    "--look", type=int, help="Read the report of an earlier look again: 1 for the first that was taken."
)
@click.option(
    "--unplanned-look",
    type=WORDS,
    metavar="REASON",
    help="See the arms though no look is planned now; every verdict from then on is exploratory.",
)
@by_option
@json_option
def evaluate(
    pilot: str, out: Path | None, look: int | None, unplanned_look: str | None, by: str, as_json: bool
) -> None:
    """The report of PILOT: what was assigned, what happened, and what that can say."""
    from services.reminders import evaluating  # noqa: PLC0415 - statsmodels and scipy take two seconds to load
    from services.reminders.evaluation.report_text import render_text  # noqa: PLC0415

    if look is not None and unplanned_look is not None:
        raise BadInput("--look reads an earlier report again, --unplanned-look makes one: give one of them")
    with opened("reminders") as (heed,), heed.database.begin() as session:
        row = evaluating.named(session, pilot)
        report = (
            evaluating.earlier(session, row, look, by)
            if look is not None
            else evaluating.evaluate(session, row, by, unplanned=unplanned_look)
        )
        # Inside the transaction: a report that cannot be written was no look.
        if out:
            _write(out, report)
    if as_json:
        show_json(report)
    else:
        click.echo(render_text(report))


@click.command()
@out_option
@json_option
def performance(out: Path | None, as_json: bool) -> None:
    """Attendance, failures and warrants by court and quarter, small counts hidden: the county's page, fit to publish."""
    from services.reminders import performance as county_page  # noqa: PLC0415 - statsmodels and scipy take two seconds to load

    with opened("reminders") as (heed,), heed.database.begin() as session:
        figures = county_page.page(session, county.load(heed.settings), synthetic=heed.sandbox)
    if out:
        write_folder(
            out,
            {
                "performance.html": county_page.as_html(figures).encode(),
                "performance.csv": county_page.as_csv(figures),
                "performance.json": _json(figures),
            },
        )
    if as_json:
        show_json(figures)
    elif out:
        click.echo(f"written into {out}")
    else:
        click.echo(county_page.as_csv(figures).decode("utf-8-sig"))


def _write(out: Path, report: dict[str, Any]) -> None:
    """Every form of the report."""
    from services.common.report import forms  # noqa: PLC0415 - as above
    from services.common.report.text import as_text  # noqa: PLC0415
    from services.reminders.evaluation import charts  # noqa: PLC0415
    from services.reminders.evaluation.report_document import document  # noqa: PLC0415

    told, draw = document(report), charts.of(report)
    write_folder(
        out,
        {
            "report.json": _json(report),
            "report.txt": as_text(told).encode(),
            "report.html": forms.as_html(told, draw).encode(),
            "report.csv": forms.as_csv(told),
            "report.docx": forms.as_docx(told, draw),
        },
    )


def _json(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
