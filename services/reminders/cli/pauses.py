"""Pauses of courts, and days that are let go by hand."""

from datetime import date

import click

from services.cli.output import WORDS, BadInput, by_option, counted, show_json, show_table
from services.cli.output import as_json as json_option
from services.common.process import opened
from services.reminders import pauses, pausing, releases
from services.reminders.cli.acting import DAY, acting, reason_option


@click.command()
@click.option("--court", type=WORDS, help="Court code; its first five characters count.")
@click.option("--all", "every_court", is_flag=True, help="Every court.")
@click.option("--since", type=DAY, required=True, help="The first day, YYYY-MM-DD.")
@click.option("--until", type=DAY, required=True, help="The last day.")
@reason_option
@by_option
@json_option
def add(
    court: str | None, every_court: bool, since: date, until: date, reason: str, by: str, as_json: bool
) -> None:
    """Pause a court's reminders, or all courts'; what was planned for those days is taken back."""
    if bool(court) == every_court:
        raise BadInput("name one court with --court, or every court with --all")
    with acting(by) as act:
        answer = pauses.as_json(pausing.add(act, court, since, until, reason))
    if as_json:
        show_json(answer)
    else:
        click.echo(f"pause {answer['id']}: {answer['court'] or 'every court'}, {since} to {until}")


@click.command()
@json_option
def listed(as_json: bool) -> None:
    """Every pause there ever was: they are kept for the evaluation."""
    with opened("reminders") as (heed,), heed.database.begin() as session:
        shown = [pauses.as_json(row) for row in pauses.every(session)]
    if as_json:
        show_json({"pauses": shown})
    else:
        show_table(
            ["id", "court", "since", "until", "by", "ended by", "reason"],
            [
                [
                    one["id"],
                    one["court"] or "all",
                    one["since"],
                    one["until"],
                    one["by"],
                    one["ended_by"],
                    one["reason"],
                ]
                for one in shown
            ],
        )


@click.command()
@click.argument("pause_id", type=int)
@by_option
@json_option
def end(pause_id: int, by: str, as_json: bool) -> None:
    """End the pause PAUSE_ID; what is still of use is planned again."""
    with acting(by) as act:
        answer = pauses.as_json(pausing.end(act, pause_id))
    if as_json:
        show_json(answer)
    else:
        click.echo(f"pause {pause_id} has ended")


@click.command()
@click.argument("what", metavar="DAY|list")
@by_option
@json_option
def release(what: str, by: str, as_json: bool) -> None:
    """Let the texts of DAY go, while the office releases by hand; `list` shows the days that were."""
    if what == "list":
        _show_released(as_json)
        return
    day = DAY.convert(what, None, None)
    with acting(by) as act:
        row, due = releases.release(act, day)
        answer = releases.as_json(row) | {"due": due}
    if as_json:
        show_json(answer)
    else:
        click.echo(f"{day} is released: {counted(due, 'text')} waited for it")


def _show_released(as_json: bool) -> None:
    with opened("reminders") as (heed,), heed.database.begin() as session:
        shown = [releases.as_json(row) for row in releases.every(session)]
    if as_json:
        show_json({"releases": shown})
    else:
        show_table(["day", "by", "at"], [list(one.values()) for one in shown])
