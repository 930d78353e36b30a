"""`heed consultation feedback …`, `lookup` and `bundle …`: what was done about what people said, and who is told."""

from pathlib import Path
from typing import Any

import click
import yaml

from services.cli.output import (
    WORDS,
    BadInput,
    by_option,
    counted,
    read_text,
    show_json,
    show_table,
    write_folder,
)
from services.cli.output import as_json as json_option
from services.common.acts import Refused
from services.common.times import london
from services.consultation import bundles, feedback, feedback_texts, lookup, said_back
from services.consultation.cli.office import ID, consultation_of, office
from services.consultation.cli.questionnaires import sending_options


@click.command()
@ID
@click.argument("file", type=click.Path(path_type=Path))
@by_option
@json_option
def write(consultation_id: str, file: Path, by: str, as_json: bool) -> None:
    """Write what was considered and done for themes of the consultation ID, from FILE (YAML): all of it, or nothing."""
    answers = _read(file)
    with office() as (_, session):
        row = consultation_of(session, consultation_id)
        made = [feedback.described(feedback.write(session, row, one, by)) for one in answers]
    if as_json:
        show_json({"feedback": made})
    else:
        for one in made:
            click.echo(f"answer {one['id']} to {one['theme']} waits for another person's approval")


def _read(file: Path) -> list[said_back.Written]:
    try:
        content = yaml.safe_load(read_text(file))
    except (yaml.YAMLError, ValueError):  # YAML fails with ValueError on a 31 November
        raise BadInput(f"{file}: it is not YAML") from None
    answers = content.get("answers") if isinstance(content, dict) else None
    if not isinstance(answers, list) or not answers:
        raise BadInput(f"{file}: it has no list 'answers'")
    found = []
    for place, one in enumerate(answers, 1):
        try:
            found.append(said_back.read(one))
        except Refused as error:
            raise BadInput(f"{file}: answer {place}: {error}") from None
    return found


@click.command()
@ID
@click.argument("number", type=int)
@by_option
@json_option
def approve(consultation_id: str, number: int, by: str, as_json: bool) -> None:
    """Approve the answer NUMBER, which another person wrote: it is published from now on, and may be texted."""
    with office() as (_, session):
        made = feedback.described(
            feedback.approve(session, consultation_of(session, consultation_id), number, by)
        )
    if as_json:
        show_json(made)
    else:
        click.echo(f"answer {number} to {made['theme']} stands")


@click.command()
@ID
@json_option
def listed(consultation_id: str, as_json: bool) -> None:
    """Every answer to a theme of the consultation ID that was ever written."""
    with office() as (_, session):
        found = feedback.listed(session, consultation_of(session, consultation_id).id)
    if as_json:
        show_json({"feedback": found})
    else:
        show_table(
            ["id", "theme", "outcome", "by", "approved by", "stands"],
            [
                [
                    one["id"],
                    one["theme"],
                    one["outcome"],
                    one["by"],
                    one["approved_by"],
                    "yes" if one["stands"] else "",
                ]
                for one in found
            ],
        )


@click.command()
@ID
@sending_options
@by_option
@json_option
def send(consultation_id: str, per_hour: int, pence: float, dry_run: bool, by: str, as_json: bool) -> None:
    """Text what was done to those who asked for it: once each for each theme, paced, between 09:00 and 20:00."""
    with office() as (heed, session):
        row = consultation_of(session, consultation_id)
        made = (
            feedback_texts.plan(heed, session, row, per_hour)
            if dry_run
            else feedback_texts.send(heed, session, row, by, per_hour)
        )
    answer = made.shown() | {"dry_run": dry_run}
    answer["pounds"] = round(answer["segments"] * pence / 100, 2)
    if as_json:
        show_json(answer)
        return
    for reason, number in made.skipped.items():
        click.echo(f"passed over: {reason} {number:,}")
    for words in answer["texts"]:
        click.echo(f"  {words}")
    if made.texts:
        first, last = (f"{london(at):%a %d %b %H:%M}" for at in (answer["first_at"], answer["last_at"]))
        click.echo(
            f"{counted(answer['segments'], 'segment')}, about {answer['pounds']:,.2f} pounds, from {first} to {last}"
        )
    click.echo(f"{'a dry run: nothing is written, ' if dry_run else ''}people {answer['people']:,}")


@click.command("lookup")
@ID
@click.argument("reference", type=WORDS)
@by_option
@json_option
def look_up(consultation_id: str, reference: str, by: str, as_json: bool) -> None:
    """What became of what somebody said, by their receipt REFERENCE: themes, and what was done; no words (audited)."""
    with office() as (_, session):
        found = lookup.find(session, consultation_of(session, consultation_id), reference, by)
    if found is None:
        raise BadInput("nobody has this reference")
    if as_json:
        show_json(found)
    else:
        show_chain(found)


def show_chain(found: dict[str, Any]) -> None:
    """Print what became of each response."""
    for one in found["responses"]:
        click.echo(f"{one['day']}  {one['channel']}: {one['state']}")
        for theme in one["themes"]:
            answer = theme["answer"]
            click.echo(f"  {theme['title']}")
            if theme["body"]:
                click.echo(f"    for {theme['body']} to decide")
            if answer:
                click.echo(f"    considered: {answer['considered']['en']}")
                click.echo(f"    {answer['outcome']}: {answer['done']['en']}")
            elif not theme["body"]:
                click.echo("    not answered yet")


@click.command()
@ID
@click.argument("body", type=WORDS)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Write into this folder."
)
@click.option("--again", is_flag=True, help="What the body was sent before, too.")
@by_option
@json_option
def bundle(consultation_id: str, body: str, out: Path, again: bool, by: str, as_json: bool) -> None:
    """What BODY (its name, or one of its themes) should hear, as a file and a letter; logged as sent."""
    from services.consultation.reporting import letter  # noqa: PLC0415 - Word's library is slow to load

    with office() as (heed, session):
        made = bundles.make(heed, session, consultation_of(session, consultation_id), body, by, again=again)
        files = {"responses.csv": made.csv, "letter.docx": letter.as_docx(made.letter)}
        # Inside the transaction: what cannot be written was not sent.
        write_folder(out, files)
    if as_json:
        show_json(made.logged | {"files": [str(out / name) for name in files]})
    else:
        click.echo(
            f"{counted(made.logged['responses'], 'response')} for {made.logged['body']},"
            f" {made.logged['withheld']} of them without words, in {out}"
        )


@click.command()
@ID
@json_option
def bundled(consultation_id: str, as_json: bool) -> None:
    """What other bodies were sent of the consultation ID, and who there is to send to."""
    with office() as (_, session):
        row = consultation_of(session, consultation_id)
        found, known = bundles.listed(session, row.id), list(bundles.bodies(session, row.id))
    if as_json:
        show_json({"bundles": found, "bodies": known})
    else:
        show_table(
            ["id", "body", "responses", "withheld", "by", "at", "digest"],
            [
                [one[name] for name in ("id", "body", "responses", "withheld", "by", "at", "digest")]
                for one in found
            ],
        )
        click.echo(f"bodies: {'; '.join(known)}")
