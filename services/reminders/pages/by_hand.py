"""What a person says of somebody's texts: their number, a mark not to text, a word about the number. Each by one of their hearings."""

from collections.abc import Callable

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.common.acts import Refused
from services.common.web.reason import Asked, with_reason
from services.common.web.refusals import problem, sentence
from services.common.web.said import done
from services.common.web.signed_in import page
from services.reminders import do_not_text, typed
from services.reminders.acts import Act
from services.reminders.models import Listing
from services.reminders.pages.acting import LAST_ID, act, asked

blueprint = Blueprint("hand_pages", __name__)
HEARING = f"/hearings/<int(max={LAST_ID}):listing_id>"
Answer = AnyResponse | tuple[str, int] | str


@blueprint.route(f"{HEARING}/number", methods=["GET", "POST"])
@page("contacts:write")
def number(listing_id: int) -> Answer:
    """Add or correct a number."""
    back, about = _whose(listing_id)
    if request.method == "GET":
        return render_template("pages/number.html", back=back, about=about, mobile="", errors={})
    written = request.form.get("mobile", "").strip()
    try:
        with act() as one:
            row = typed.number(one, listing_id, written[:50])
            texted = row.eligible
    except Refused as refused:
        if refused.error == "not-found":
            problem(refused)
        errors = {"mobile": sentence(refused)}
        return render_template(
            "pages/number.html", back=back, about=about, mobile=written, errors=errors
        ), 422
    return done(back, "The number is kept." + (" Reminders are planned." if texted else ""))


@blueprint.route(f"{HEARING}/number/right", methods=["GET", "POST"])
@page("numbers:write")
def right(listing_id: int) -> Answer:
    """The number is theirs after all, or works again."""
    back, about = _whose(listing_id)
    asked_ = Asked(
        heading="The number is right",
        follows="Its mark as somebody else’s or as dead goes, and reminders are planned again. If they texted STOP, that stands.",
        button="Take the mark away",
        back=back,
        about=about,
        done="The mark on the number is gone.",
        label="How do you know",
    )
    return with_reason(asked_, _by(typed.number_is_right, listing_id))


@blueprint.route(f"{HEARING}/do-not-text", methods=["GET", "POST"])
@page("do-not-text:write")
def mark(listing_id: int) -> Answer:
    """Text this person no more."""
    back, about = _whose(listing_id)
    asked_ = Asked(
        heading="Do not text this person",
        follows="No reminder goes to them, about this hearing or any other. What was planned is taken back. You can let texts go again.",
        button="Do not text",
        back=back,
        about=about,
        done="This person is not texted any more.",
        warning=True,
    )
    return with_reason(asked_, _by(do_not_text.mark, listing_id))


@blueprint.route(f"{HEARING}/let-texts-again", methods=["GET", "POST"])
@page("do-not-text:write")
def unmark(listing_id: int) -> Answer:
    """Let texts go to this person again."""
    back, about = _whose(listing_id)
    asked_ = Asked(
        heading="Let texts go to this person again",
        follows="Reminders of their hearings ahead are planned again, as far as the other rules allow.",
        button="Let texts go again",
        back=back,
        about=about,
        done="This person may be texted again.",
    )
    return with_reason(asked_, _by(do_not_text.unmark, listing_id))


def _by(said: Callable[[Act, int, str], Listing], listing_id: int) -> Callable[[str], None]:
    def do(reason: str) -> None:
        with act() as one:
            said(one, listing_id, reason)

    return do


def _whose(listing_id: int) -> tuple[str, str]:
    """The page of the person whose hearing it is, and which record and case that is; a page of its own where there is no such hearing."""
    with asked() as one:
        row = one.listing(listing_id)
        record = one.person(row).id
        return f"/people/{record}", f"Record {record}, {row.case_refs[0] if row.case_refs else 'no case'}"
