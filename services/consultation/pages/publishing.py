"""What is hidden in a response before it is published: one person reads it and says, another approves."""

from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.common.acts import Refused
from services.common.web.attention import LAST_ID
from services.common.web.auth import heed
from services.common.web.fields import Fields
from services.common.web.refusals import problem, sentence
from services.common.web.said import done
from services.common.web.signed_in import page
from services.consultation import redacting
from services.consultation.api.office import caller
from services.consultation.pages import wording
from services.consultation.pages.acting import act_on, on
from services.consultation.pages.overview import ONE

blueprint = Blueprint("publishing_pages", __name__)
WAITING = f"{ONE}/redactions"
HIDE = f"{ONE}/responses/<int(max={LAST_ID}):response_id>/hide"
LINES = 5  # places that one form hides
Answer = AnyResponse | tuple[str, int] | str


@blueprint.get(WAITING)
@page("words:read")
def waiting(consultation_id: str) -> str:
    """What waits for a second person, with the words; the look is written down."""
    row, rows, wanted = act_on(
        consultation_id,
        lambda session, row: (
            row,
            redacting.waiting(heed(), session, row.id, caller()),
            redacting.wanted(session, row.id),
        ),
    )
    return render_template(
        "pages/redactions.html",
        consultation=row,
        rows=rows,
        wanted=wanted,
        me=caller(),
        wording=wording,
        errors={},
    )


@blueprint.post(f"{WAITING}/<int(max={LAST_ID}):redaction_id>/approve")
@page("publish:write")
def approve(consultation_id: str, redaction_id: int) -> AnyResponse:
    """The response may be published so, if its writer agreed."""
    act_on(
        consultation_id,
        lambda session, row: redacting.approve(heed(), session, row.id, redaction_id, caller()),
    )
    return done(f"/listening/{consultation_id}/redactions", "It may be published so.")


@blueprint.route(HIDE, methods=["GET", "POST"])
@page("codes:write")
def hide(consultation_id: str, response_id: int) -> Answer:
    """Read a response and say what is to be hidden in it, beside what the rules find."""
    if request.method == "GET":
        return _hiding(consultation_id, response_id, {}, {})
    given = Fields(request.form)
    lines = []
    for number in range(1, LINES + 1):
        words, why = given.text(f"words{number}", most=1000), given.text(f"why{number}", most=300)
        if words and not why:
            given.errors[f"why{number}"] = "Say why this is hidden."
        if words:
            lines.append((words, why))
    if not given.errors:
        try:
            found = on(
                consultation_id,
                lambda session, row: redacting.propose(heed(), session, row.id, response_id, lines, caller()),
            )
        except Refused as refused:
            if refused.error == "not-found":
                problem(refused)
            given.errors["words1"] = sentence(refused)
        else:
            return done(
                f"/listening/{consultation_id}/redactions",
                f"Redaction {found['id']} of response {response_id} waits for another person to approve it.",
            )
    return _hiding(consultation_id, response_id, request.form, given.errors), 422


def _hiding(consultation_id: str, response_id: int, given: Any, errors: dict[str, str]) -> str:
    row, found = act_on(
        consultation_id,
        lambda session, row: (row, redacting.read(heed(), session, row.id, response_id, caller())),
    )
    return render_template(
        "pages/hide.html",
        consultation=row,
        response_id=response_id,
        found=found,
        lines=LINES,
        given=given,
        errors=errors,
        wording=wording,
    )
