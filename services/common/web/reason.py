"""The one form for an act that needs a reason: says what will happen, asks why, does it, and says that it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.common.acts import Refused
from services.common.web.refusals import problem, sentence
from services.common.web.said import done

HINT = "It stands in the audit log for good: no names, no numbers."


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of such a form: heading, what follows, the button; where to go back to, and what is said when it is done.

    `about` says which record or hearing it is, so that nobody acts on another's.
    """

    heading: str
    follows: str
    button: str
    back: str
    done: str
    label: str = "Why"
    hint: str = HINT
    warning: bool = False
    long: bool = False
    about: str = ""


def with_reason(asked: Asked, act: Callable[[str], Any]) -> AnyResponse | tuple[str, int] | str:
    """Show the form; when it is sent, do the act with the reason. A refusal is said beside the field."""
    if request.method == "GET":
        return render_template("reason.html", asked=asked, reason="", errors={})
    reason = request.form.get("reason", "")
    try:
        act(reason)
    except Refused as refused:
        if refused.error == "not-found":
            problem(refused)
        errors = {"reason": sentence(refused)}
        return render_template("reason.html", asked=asked, reason=reason, errors=errors), 422
    return done(asked.back, asked.done)
