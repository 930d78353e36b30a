"""`heed consultation duplicates …`: copies found, settled by a person, merged and taken apart again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import click
from sqlalchemy.orm import Session

from services.cli.output import BadInput, by_option, show_json, show_table
from services.cli.output import as_json as json_option
from services.common.acts import Refused
from services.consultation import duplicates, merging
from services.consultation.cli.office import ID, consultation_of, office

NUMBER = click.argument("number", type=int)


@contextmanager
def _deciding() -> Iterator[Session]:
    try:
        with office() as (_, session):
            yield session
    except Refused as error:
        raise BadInput(str(error)) from None


@click.command()
@ID
@by_option
@json_option
def find(consultation_id: str, by: str, as_json: bool) -> None:
    """Look for campaigns and likely duplicates among the responses of the consultation ID."""
    with office() as (heed, session):
        found = duplicates.find(heed, session, consultation_of(session, consultation_id).id, by)
    if as_json:
        show_json(asdict(found))
    else:
        click.echo(
            f"campaigns {found.campaigns}, with {found.copies} responses; new pairs to settle {found.suggested}"
        )


@click.command()
@ID
@json_option
def listed(consultation_id: str, as_json: bool) -> None:
    """Likely duplicates that wait for a decision, the most alike first."""
    with office() as (_, session):
        rows = duplicates.suggestions(session, consultation_of(session, consultation_id).id)
    if as_json:
        show_json({"suggestions": rows})
    else:
        show_table(
            ["number", "alike", "first", "second", "district"],
            [
                [
                    one["id"],
                    f"{one['likeness']:.0%}",
                    f"{one['first_channel']} {one['first_reference']}",
                    f"{one['second_channel']} {one['second_reference']}",
                    one["district"] or "not known",
                ]
                for one in rows
            ],
        )


@click.command()
@NUMBER
@by_option
@json_option
def accept(number: int, by: str, as_json: bool) -> None:
    """The pair NUMBER is one person's: the second is a duplicate, and both respondents are one."""
    with _deciding() as session:
        made = duplicates.accept(session, number, by)
    _say(f"they are one person by merge {made}", {"merge": made}, as_json)


@click.command()
@NUMBER
@by_option
@json_option
def reject(number: int, by: str, as_json: bool) -> None:
    """The pair NUMBER is two people's: both count."""
    with _deciding() as session:
        duplicates.reject(session, number, by)
    _say("both count", {"merge": None}, as_json)


@click.command()
@click.argument("kept")
@click.argument("merged")
@by_option
@json_option
def merge(kept: str, merged: str, by: str, as_json: bool) -> None:
    """Whoever has the receipt MERGED is the same person as KEPT: their responses become one composite."""
    with _deciding() as session:
        made = merging.merge(session, kept.upper(), merged.upper(), by)
    _say(f"they are one person by merge {made}", {"merge": made}, as_json)


@click.command()
@NUMBER
@by_option
@json_option
def undo(number: int, by: str, as_json: bool) -> None:
    """Take the merge NUMBER back."""
    with _deciding() as session:
        merging.undo(session, number, by)
    _say(f"merge {number} is undone", {"merge": number}, as_json)


@click.command()
@ID
@json_option
def merges(consultation_id: str, as_json: bool) -> None:
    """Every merge in the consultation ID, the newest first."""
    with office() as (_, session):
        rows = merging.merges(session, consultation_of(session, consultation_id).id)
    if as_json:
        show_json({"merges": rows})
    else:
        show_table(
            ["merge", "kept", "merged", "by", "undone by"],
            [[one["id"], one["kept"], one["merged"], one["by"], one["undone_by"]] for one in rows],
        )


def _say(words: str, answer: dict[str, int | None], as_json: bool) -> None:
    if as_json:
        show_json(answer)
    else:
        click.echo(words)
