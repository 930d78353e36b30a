"""What is on duty, as pages: who waits and until when, the words, an answer by text, and who sent it."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, current_app, g, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from services.common import clock, on_duty
from services.common.acts import Refused
from services.common.web.attention import LAST_ID
from services.common.web.auth import heed
from services.common.web.reason import Asked, with_reason
from services.common.web.refusals import problem, sentence
from services.common.web.said import done as said
from services.common.web.signed_in import page

blueprint = Blueprint("duty_pages", __name__)
ITEM = f"/duty/<int(max={LAST_ID}):item_id>"


@contextmanager
def _act() -> Iterator[Session]:
    try:
        with heed().database.begin() as session:
            yield session
    except Refused as refused:
        problem(refused)


@blueprint.get("/duty")
@page("duty:read")
def waiting() -> str:
    """What is on duty and not done: danger first."""
    with heed().database.begin() as session:
        return render_template("duty.html", items=on_duty.waiting(heed(), session), now=clock.now(session))


@blueprint.get(ITEM)
@page("duty:read")
def read(item_id: int) -> str:
    """One item with its words; the look is written down."""
    return _shown(item_id)


@blueprint.post(f"{ITEM}/take")
@page("duty:write")
def take(item_id: int) -> AnyResponse:
    """Somebody takes it: nobody else is called."""
    with _act() as session:
        on_duty.acknowledge(heed(), session, item_id, g.caller.actor)
    return said(f"/duty/{item_id}", "You have taken this. Nobody else is called for it.")


@blueprint.post(f"{ITEM}/answer")
@page("duty:write")
def answer(item_id: int) -> AnyResponse | tuple[str, int] | str:
    """Look at an answer as a phone will show it, or text it back."""
    words = request.form.get("text", "")
    if request.form.get("do") != "send":
        return _shown(item_id, text=words, preview=True)
    try:
        with heed().database.begin() as session:
            on_duty.answer(heed(), session, item_id, words, g.caller.actor)
    except Refused as refused:
        if refused.error == "not-found":
            problem(refused)
        return _shown(item_id, text=words, errors={"text": sentence(refused)}), 422
    return said("/duty", "The answer is on its way.")


@blueprint.route(f"{ITEM}/done", methods=["GET", "POST"])
@page("duty:write")
def done(item_id: int) -> AnyResponse | tuple[str, int] | str:
    """Somebody has seen to it; a note says what was done."""

    def settle(note: str) -> None:
        if len(note) > 1000:
            raise Refused("bad-note", "say what was done in at most 1000 characters")
        with heed().database.begin() as session:
            on_duty.done(heed(), session, item_id, note.strip(), g.caller.actor)

    asked = Asked(
        heading="Somebody has seen to it",
        follows="It leaves the list of what waits. What you write is kept encrypted.",
        button="It is done",
        back=f"/duty/{item_id}",
        done="It is done.",
        label="What was done",
        hint="May be left empty.",
        long=True,
    )
    return with_reason(asked, settle)


@blueprint.post(f"/duty/<int(max={LAST_ID}):item_id>/sender")
@page("identities:read")
def sender(item_id: int) -> str:
    """The item with the whole number of who sent it; both looks are written down."""
    with _act() as session:
        inbound_id = on_duty.text_of(session, item_id)
        number = on_duty.sender(heed(), session, inbound_id, g.caller.actor)["number"]
    return _shown(item_id, number=number)


def _shown(
    item_id: int,
    *,
    text: str = "",
    preview: bool = False,
    errors: dict[str, str] | None = None,
    number: str | None = None,
) -> str:
    with _act() as session:
        elsewhere = current_app.extensions["duty_words"]
        item = on_duty.read(heed(), session, item_id, g.caller.actor, elsewhere)
    return render_template(
        "duty_item.html", item=item, text=text, preview=preview, errors=errors or {}, number=number
    )
