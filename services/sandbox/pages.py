"""The pages: every handset, one handset's conversation, a box to text back, and the numbers that call for a fault."""

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from services.sandbox import conversations, guard, labels
from services.sandbox.carrier import carrier
from services.sandbox.faults import fault_for, fault_named, table
from services.sandbox.inbound import LONGEST_BODY, InboundError

REFRESH_SECONDS = 5
# Long enough for a running service to answer, so that the page after a text shows what came of it.
ANSWER_PATIENCE_SECONDS = 1.5

blueprint = Blueprint("pages", __name__)
blueprint.before_request(guard.require_same_origin)


@blueprint.get("/")
def index() -> str:
    """Every handset, the latest conversation first."""
    return _index(error="", typed={})


@blueprint.get("/handsets")
def all_handsets() -> AnyResponse:
    """The list's address, for whoever shortens a handset's."""
    return redirect(url_for("pages.index"))


@blueprint.post("/handsets")
def start() -> tuple[str, int] | AnyResponse:
    """Text from a handset that may have had no text yet."""
    number = labels.number_typed(request.form.get("number", ""))
    error = _text(number) if number else "Enter a phone number, like 07700 900 123."
    if number and not error:
        return _to_handset(number)
    return _index(error, request.form.to_dict()), 400


@blueprint.get("/handsets/<number>")
def handset(number: str) -> str:
    """One handset's conversation."""
    return _handset(_known(number), error="", typed="")


@blueprint.post("/handsets/<number>/texts")
def reply(number: str) -> tuple[str, int] | AnyResponse:
    """Text back from a handset."""
    number = _known(number)
    error = _text(number)
    if not error:
        return _to_handset(number)
    return _handset(number, error, request.form.get("body", "")), 400


@blueprint.get("/numbers")
def numbers() -> str:
    """The numbers that call for a fault, and two forms to choose others."""
    return _numbers(error="", typed={})


@blueprint.post("/numbers/chosen")
def choose() -> tuple[str, int] | AnyResponse:
    """Choose the fault of one number, or none."""
    number = labels.number_typed(request.form.get("number", ""))
    if number is None:
        return _numbers("Enter a phone number, like 07700 900 123.", request.form.to_dict()), 400
    try:
        carrier().choose_fault(number, request.form.get("fault", ""))
    except ValueError as error:
        return _numbers(f"Not set: {error}.", request.form.to_dict()), 400
    return redirect(url_for("pages.numbers"), code=303)


@blueprint.post("/numbers/rates")
def rates() -> tuple[str, int] | AnyResponse:
    """Set the share of all other traffic that meets one fault; the other shares stay."""
    one, name, typed = carrier(), request.form.get("fault", ""), request.form.to_dict()
    try:
        share, seed = float(request.form.get("share", "")) / 100, int(request.form.get("seed", ""))
    except ValueError:
        return _numbers("Enter a share from 0 to 100, and a whole number as the seed.", typed), 400
    others = {other: part for other, part in one.store.state.rates.shares.items() if other != name}
    try:
        one.set_rates(seed, others | ({name: share} if share else {}))
    except ValueError as error:
        return _numbers(f"Not set: {error}.", typed), 400
    return redirect(url_for("pages.numbers"), code=303)


def _numbers(error: str, typed: dict[str, str]) -> str:
    state = carrier().store.state
    return render_template(
        "numbers.html",
        rows=[(labels.number_label(f"+447700900{fault.digits}"), fault) for fault in table()],
        chosen=[(labels.number_label(number), number, name) for number, name in state.chosen.copy().items()],
        rates=state.rates,
        error=error,
        typed=typed,
        **_common(),
    )


def _text(number: str) -> str:
    """Send what the form holds; the words of what is wrong with it, or ""."""
    body = request.form.get("body", "").replace("\r\n", "\n")
    if not body.strip():
        return "Write a text first."
    try:
        sent = carrier().inbound.send(number, request.form.get("sender", ""), body)
    except InboundError as error:
        return f"Not sent: {error}."
    sent.wait(ANSWER_PATIENCE_SECONDS)
    return ""


def _known(number: str) -> str:
    """The handset in the address, with or without its plus; 404 for what is no number and never sent a text."""
    handsets = carrier().store.state.by_handset
    for written in (number, f"+{number}"):
        if written in handsets:
            return written
    return labels.number_typed(f"+{number.removeprefix('+')}") or abort(404)


def _to_handset(number: str) -> Response | AnyResponse:
    return redirect(url_for("pages.handset", number=number, _anchor="latest"), code=303)


def _index(error: str, typed: dict[str, str]) -> str:
    one, words = carrier(), request.args.get("q", "")
    found = conversations.handsets(one.config, one.store.state, words, request.args.get("page", 1, type=int))
    return render_template("index.html", found=found, words=words, error=error, typed=typed, **_common())


def _handset(number: str, error: str, typed: str) -> str:
    one, below = carrier(), request.args.get("below", type=int)
    shown = conversations.conversation(one.config, one.store.state, number, below)
    chosen = one.store.state.chosen.get(number)
    return render_template(
        "handset.html",
        shown=shown,
        is_latest=below is None,
        fault=fault_named(chosen) if chosen else fault_for(number),
        chosen=chosen,
        error=error,
        typed=typed,
        **_common(),
    )


def _common() -> dict[str, object]:
    one = carrier()
    return {
        "clock": labels.time_label(one.store.shown_now()),
        "senders": one.config.senders,
        "sender_label": lambda address: conversations.sender_label(one.config, address),
        "refresh": REFRESH_SECONDS if "refresh" in request.args and request.method == "GET" else None,
        "longest": LONGEST_BODY,
    }
