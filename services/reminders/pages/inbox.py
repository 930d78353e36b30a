"""What people text back: the list, one text with its words, and an answer looked at before it goes."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.common.acts import Refused
from services.common.web.auth import heed
from services.common.web.refusals import problem, sentence
from services.common.web.said import done as said
from services.common.web.signed_in import page
from services.reminders import inbox
from services.reminders.pages.acting import LAST_ID, act, asked

blueprint = Blueprint("inbox_pages", __name__)
TEXT = f"/inbox/<int(max={LAST_ID}):reply_id>"


@blueprint.get("/inbox")
@page("inbox:read")
def waiting() -> str:
    """The texts that wait for a person, those of danger first; without their words."""
    with heed().database.begin() as session:
        return render_template("pages/inbox.html", rows=inbox.waiting(heed(), session))


@blueprint.get(TEXT)
@page("inbox:read")
def read(reply_id: int) -> str:
    """One text with its words; the look is written down."""
    return _shown(reply_id)


@blueprint.post(f"{TEXT}/answer")
@page("inbox:write")
def answer(reply_id: int) -> AnyResponse | tuple[str, int] | str:
    """Look at an answer as a phone will show it, or text it back."""
    words = request.form.get("text", "")
    if request.form.get("do") != "send":
        return _shown(reply_id, words, preview=True)
    try:
        with act() as one:
            sent = inbox.answer(one, reply_id, words)
    except Refused as refused:
        if refused.error == "not-found":
            problem(refused)
        return _shown(reply_id, words, errors={"text": sentence(refused)}), 422
    waits = " Sending is stopped, so it waits." if sent["waits_for"] else ""
    return said("/inbox", f"The answer is on its way.{waits}")


@blueprint.post(f"{TEXT}/done")
@page("inbox:write")
def done(reply_id: int) -> AnyResponse:
    """Somebody has seen to it."""
    with asked() as one:
        inbox.done(one, reply_id)
    return said("/inbox", "The text is settled.")


def _shown(
    reply_id: int, text: str = "", *, preview: bool = False, errors: dict[str, str] | None = None
) -> str:
    with asked() as one:
        found = inbox.read(one, reply_id)
        people = inbox.people_of(one, reply_id)
    return render_template(
        "pages/text.html", one=found, people=people, text=text, preview=preview, errors=errors or {}
    )
