"""`heed reminders subject`, `export`, `correct`, `erase`, `restrict`, `unrestrict`: a person's rights, by number."""

import json
from datetime import date
from pathlib import Path

import click

from services.cli.output import WORDS, by_option, counted, show_json, write_file
from services.cli.output import as_json as json_option
from services.reminders import subject as subjects
from services.reminders.cli.acting import DAY, acting, reason_option
from services.reminders.subject import Kind

WHO = click.argument("who", metavar="NUMBER", type=WORDS)
record_option = click.option(
    "--record", type=int, help="Which record, where several people have or had the number."
)
kind_option = click.option(
    "--kind",
    type=click.Choice(subjects.KINDS),
    required=True,
    help="hold: not to be erased; restriction: not to be erased, used or texted; objection: not to be texted.",
)


@click.command()
@WHO
@record_option
@by_option
@json_option
def subject(who: str, record: int | None, by: str, as_json: bool) -> None:
    """Everything held about the person of NUMBER (audited)."""
    with acting(by) as act:
        held = subjects.access(act, who, record)
    if as_json:
        show_json(held)
        return
    hearings = sum(len(one["hearings"]) for one in held["people"])
    click.echo(
        f"{counted(len(held['people']), 'record')}, {counted(hearings, 'hearing')}, {len(held['texts_out'])} texts to them,"
        f" {len(held['texts_in'])} from them; --json prints it whole, `heed reminders export` writes it"
    )


@click.command()
@WHO
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The file to write.")
@record_option
@by_option
def export(who: str, out: Path, record: int | None, by: str) -> None:
    """Write everything held about the person of NUMBER into a file that only you may read (audited)."""
    with acting(by) as act:
        held = subjects.access(act, who, record)
    write_file(out, json.dumps(held, indent=2, ensure_ascii=False).encode())
    click.echo(f"{out} holds {counted(len(held['people']), 'record')}; hand it over, then remove it")


@click.command()
@WHO
@click.option("--given", type=WORDS, help="The first names.")
@click.option("--surname", type=WORDS, help="The surname.")
@click.option("--date-of-birth", "born", type=DAY, help="Such as 1990-04-01.")
@record_option
@reason_option
@by_option
@json_option
def correct(
    who: str,
    given: str | None,
    surname: str | None,
    born: date | None,
    record: int | None,
    reason: str,
    by: str,
    as_json: bool,
) -> None:
    """Put right the name or birth date of the person of NUMBER."""
    with acting(by) as act:
        row = subjects.correct(act, who, reason, given=given, surname=surname, born=born, record=record)
    _say(as_json, {"record": row.id}, f"record {row.id} is put right")


@click.command()
@WHO
@record_option
@by_option
@json_option
def erase(who: str, record: int | None, by: str, as_json: bool) -> None:
    """Erase the person of NUMBER: names, numbers, references, words. What is counted stays countable."""
    with acting(by) as act:
        erased = subjects.erase(act, who, record)
    told = ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in erased.items())
    _say(as_json, erased, f"erased: {told}")


@click.command()
@WHO
@kind_option
@reason_option
@by_option
@json_option
def restrict(who: str, kind: Kind, reason: str, by: str, as_json: bool) -> None:
    """Forbid erasing, using or texting the person of NUMBER, until it is ended."""
    with acting(by) as act:
        records = subjects.restrict(act, who, kind, reason)
    _say(as_json, {"records": records}, f"a {kind} stands for {counted(records, 'record')}")


@click.command()
@WHO
@kind_option
@reason_option
@by_option
@json_option
def unrestrict(who: str, kind: Kind, reason: str, by: str, as_json: bool) -> None:
    """End what was forbidden for the person of NUMBER."""
    with acting(by) as act:
        records = subjects.release(act, who, kind, reason)
    _say(as_json, {"records": records}, f"the {kind} is ended for {counted(records, 'record')}")


def _say(as_json: bool, value: object, words: str) -> None:
    if as_json:
        show_json(value)
    else:
        click.echo(words)
