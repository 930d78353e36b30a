"""`heed review`: records that may be one human, for a person to say."""

from typing import Any

import click

from services.cli.output import as_json as json_option
from services.cli.output import by_option, show_json, show_table
from services.common import audit
from services.common.process import opened
from services.reminders import merging, review
from services.reminders.cli.acting import acting
from services.reminders.models import PersonDecision

WHY = {
    review.NAME_AND_BIRTH: "name and birth date",
    review.NUMBER: "number",
    review.CASE: "case",
}


@click.command()
@click.option("--show-people", is_flag=True, help="Print names outside sandbox mode too (audited).")
@by_option
@json_option
def suggestions(show_people: bool, by: str, as_json: bool) -> None:
    """Pairs of records that may be one human, with all that speaks for it."""
    with opened("reminders") as (heed,), heed.database.begin() as session:
        named = heed.sandbox or show_people
        found = review.suggestions(heed, session, show_people=named)
        if show_people and not heed.sandbox:
            audit.record(session, by, "people-looked-at", "people", rows=len(found), names=True)
    if as_json:
        show_json({"suggestions": found})
        return
    rows = [
        [one["id"], one["name"], one["mobile"], ", ".join(one["courts"]), ", ".join(one["case_refs"]), why]
        for pair in found
        for one, why in zip(pair["people"], (", ".join(WHY[word] for word in pair["why"]), ""), strict=True)
    ]
    show_table(["person", "name", "mobile", "courts", "cases", "the same"], rows)


@click.command()
@click.argument("kept", type=int)
@click.argument("other", type=int)
@by_option
@json_option
def same(kept: int, other: int, by: str, as_json: bool) -> None:
    """KEPT and OTHER are one human: what is known of both stands under KEPT."""
    with acting(by) as act:
        row = merging.merge(act, kept, other)
    _say(row, as_json, f"{other} is part of {kept} now; `heed review split {row.id}` takes that back")


@click.command()
@click.argument("one", type=int)
@click.argument("other", type=int)
@by_option
@json_option
def different(one: int, other: int, by: str, as_json: bool) -> None:
    """ONE and OTHER are two people: they are not suggested again."""
    with acting(by) as act:
        row = review.different(act, one, other)
    _say(row, as_json, f"{one} and {other} are two people")


@click.command()
@click.argument("decision_id", type=int)
@by_option
@json_option
def split(decision_id: int, by: str, as_json: bool) -> None:
    """Undo the merge DECISION_ID: exactly what it moved goes back."""
    with acting(by) as act:
        row = merging.split(act, decision_id)
    _say(row, as_json, f"{row.kept_id} and {row.other_id} are two records again")


def _say(row: PersonDecision, as_json: bool, words: str) -> None:
    if as_json:
        show_json(review.as_json(row))
    else:
        click.echo(words)


@click.command()
@json_option
def decisions(as_json: bool) -> None:
    """What people have said of records, the latest first."""
    with opened("reminders") as (heed,), heed.database.begin() as session:
        shown: list[dict[str, Any]] = [review.as_json(row) for row in review.decisions(session)]
    if as_json:
        show_json({"decisions": shown})
    else:
        columns = ["id", "decision", "kept", "other", "undoes", "by", "at"]
        show_table(columns, [[one[column] for column in columns] for one in shown])
