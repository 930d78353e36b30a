"""`heed queue …` for what is on duty: reading it, answering it, who sent it, and saying that it is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy.orm import Session

from services.cli.output import WORDS, by_option, counted, show_json, show_words
from services.cli.output import as_json as json_option
from services.cli.queue import service_option
from services.common import on_duty
from services.common.context import Heed
from services.common.process import opened
from services.common.settings import ServiceName


class Item(click.ParamType[int]):
    """An item on duty, D12."""

    name = "item"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Its number. Fails with what is expected."""
        if not (str(value)[:1] in "Dd" and str(value)[1:].isdecimal()):
            self.fail("an item on duty is written D12; `heed queue list` shows them", param, ctx)
        return int(str(value)[1:])


item_argument = click.argument("item_id", metavar="ITEM", type=Item())


@contextmanager
def _act(service: ServiceName) -> Iterator[tuple[Heed, Session]]:
    with opened(service) as (heed,), heed.database.begin() as session:
        yield heed, session


@click.command()
@service_option
@item_argument
@by_option
@json_option
def read(service: ServiceName, item_id: int, by: str, as_json: bool) -> None:
    """The words of ITEM; the look is written into the audit log."""
    with _act(service) as (heed, session):
        shown = on_duty.read(heed, session, item_id, by, _elsewhere(service))
    if as_json:
        show_json(shown)
        return
    click.echo(
        f"{shown['kind']} ({shown['rule']}), {shown['at']}{', ring the sender' if shown['ring'] else ''}"
    )
    show_words(shown["words"] if shown["words"] is not None else "its words are no longer kept")


def _elsewhere(service: ServiceName) -> on_duty.Elsewhere:
    if service == "reminders":
        return on_duty.texts_alone
    from services.consultation.browsing import words_of_cause  # noqa: PLC0415 - Reminders loads nothing of Consultation

    return words_of_cause


@click.command()
@service_option
@click.argument("text_id", type=int)
@by_option
@json_option
def sender(service: ServiceName, text_id: int, by: str, as_json: bool) -> None:
    """Who sent the text TEXT_ID (the 12 of inbound:12): the whole number. The look is written into the audit log."""
    with _act(service) as (heed, session):
        shown = on_duty.sender(heed, session, text_id, by)
    if as_json:
        show_json(shown)
    else:
        click.echo(shown["number"])


@click.command()
@service_option
@item_argument
@click.argument("words", metavar="TEXT", type=WORDS)
@by_option
@json_option
def answer(service: ServiceName, item_id: int, words: str, by: str, as_json: bool) -> None:
    """Text TEXT back to the sender of ITEM. That settles all but danger."""
    with _act(service) as (heed, session):
        shown = on_duty.answer(heed, session, item_id, words, by)
    if as_json:
        show_json(shown)
    else:
        click.echo(f"{counted(shown['segments'], 'segment')} in answer to D{item_id}")


@click.command()
@service_option
@item_argument
@click.option("--note", type=WORDS, default="", help="What was done; kept encrypted.")
@by_option
@json_option
def done(service: ServiceName, item_id: int, note: str, by: str, as_json: bool) -> None:
    """Somebody has seen to ITEM."""
    with _act(service) as (heed, session):
        shown = on_duty.done(heed, session, item_id, note, by)
    if as_json:
        show_json(shown)
    else:
        click.echo(f"D{item_id} is done")
