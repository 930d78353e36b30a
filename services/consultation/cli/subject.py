"""`heed consultation subject`, `correct`, `object`, `erase`, `hold`, `release`: a person's rights, by number, e-mail address or receipt."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.orm import Session

from services.cli.output import WORDS, BadInput, by_option, counted, show_json
from services.cli.output import as_json as json_option
from services.common.acts import Refused
from services.common.context import Heed
from services.consultation import erasure, rights
from services.consultation import subject as subjects
from services.consultation.cli.office import office
from services.consultation.subject import NoSubject

WHO = click.argument("who", metavar="NUMBER", type=WORDS)
reason_option = click.option(
    "--reason", type=WORDS, required=True, help="Why; stands in the audit log: no names, no numbers."
)


@contextmanager
def _acting() -> Iterator[tuple[Heed, Session]]:
    try:
        with office() as (heed, session):
            yield heed, session
    except (NoSubject, Refused) as error:
        raise BadInput(str(error)) from None


@click.command()
@WHO
@by_option
@json_option
def subject(who: str, by: str, as_json: bool) -> None:
    """Everything held about the person of NUMBER, to be handed to them (audited)."""
    with _acting() as (heed, session):
        held = subjects.access(heed, session, who, by)
    if as_json:
        show_json(held)
        return
    click.echo(
        f"{len(held['respondents'])} respondents, {len(held['texts_in'])} texts from them, {len(held['texts_out'])} to them,"
        f" {len(held['invitations'])} invitations; --json prints it whole"
    )


@click.command()
@WHO
@by_option
@json_option
def erase(who: str, by: str, as_json: bool) -> None:
    """Erase the words, numbers, names and scans of the person of NUMBER; what is counted stays countable."""
    with _acting() as (heed, session):
        erased = erasure.erase(heed, session, who, by)
    if as_json:
        show_json(erased)
    else:
        click.echo(
            "erased: " + ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in erased.items())
        )


@click.command()
@WHO
@click.option("--question", type=WORDS, required=True, help="The question's id.")
@click.option("--answer", type=WORDS, required=True, help="The answer, as a text would give it.")
@reason_option
@by_option
@json_option
def correct(who: str, question: str, answer: str, reason: str, by: str, as_json: bool) -> None:
    """Put an answer of the person of NUMBER right; the former one stays as history."""
    with _acting() as (heed, session):
        receipt = rights.correct(heed, session, who, question, answer, reason, by)
    if as_json:
        show_json({"receipt": receipt})
    else:
        click.echo(f"{question} of {receipt} is put right")


@click.command()
@WHO
@reason_option
@by_option
@json_option
def object_to_texts(who: str, reason: str, by: str, as_json: bool) -> None:
    """Text the person of NUMBER no more, and publish none of their words."""
    with _acting() as (heed, session):
        number = rights.object_to_texts(heed, session, who, reason, by)
    if as_json:
        show_json({"respondents": number})
    else:
        click.echo(f"texted no more; {counted(number, 'respondent')}")


@click.command()
@WHO
@reason_option
@by_option
@json_option
def hold(who: str, reason: str, by: str, as_json: bool) -> None:
    """Forbid erasing the person of NUMBER until it is released."""
    with _acting() as (heed, session):
        erasure.hold(heed, session, who, reason, by)
    _say("held", True, as_json)


@click.command()
@WHO
@by_option
@json_option
def release(who: str, by: str, as_json: bool) -> None:
    """Allow erasing the person of NUMBER again."""
    with _acting() as (heed, session):
        erasure.release(heed, session, who, by)
    _say("released", False, as_json)


def _say(words: str, held: bool, as_json: bool) -> None:
    if as_json:
        show_json({"held": held})
    else:
        click.echo(words)
