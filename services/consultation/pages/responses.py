"""The stream of responses, and one of them: words are masked, each look is written down, a number is asked for by itself."""

from typing import Any

from flask import Blueprint, Response, g, render_template, request
from sqlalchemy.orm import Session

from services.common.acts import Refused
from services.common.web.attention import LAST_ID
from services.common.web.auth import heed
from services.common.web.errors import fail
from services.common.web.fields import Fields
from services.common.web.files import as_file
from services.common.web.refusals import problem
from services.common.web.signed_in import page
from services.consultation import browsing, coding, codings, export, letters
from services.consultation.api.office import caller, consultation_of
from services.consultation.browsing import Wanted
from services.consultation.pages import wording
from services.consultation.pages.overview import ONE

blueprint = Blueprint("response_pages", __name__)
ROWS = 50  # on a page
RESPONSE = f"{ONE}/responses/<int(max={LAST_ID}):response_id>"
ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg", "image/tiff": "tif"}


@blueprint.get(f"{ONE}/responses")
@page("words:read")
def stream(consultation_id: str) -> str:
    """Responses as they came, the newest first, with their words."""
    given = Fields(request.args)
    wanted = _wanted(given)
    before = given.number("after", LAST_ID)
    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
        rows = browsing.page(heed(), session, row, wanted, caller(), before=before, limit=ROWS + 1)
    return render_template(
        "pages/responses.html",
        consultation=row,
        wanted=wanted,
        errors=given.errors,
        rows=rows[:ROWS],
        next=rows[ROWS - 1]["id"] if len(rows) > ROWS else None,
        wording=wording,
    )


@blueprint.get(f"{ONE}/responses.csv")
@page("words:read")
def as_csv(consultation_id: str) -> Response:
    """The same responses as a file, with the same filters; the export is written down."""
    wanted = _wanted(Fields(request.args))
    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
        content = export.csv(heed(), session, row, caller(), browsing.numbers(session, row, wanted))
    return as_file(content, f"{consultation_id}-responses.csv")


@blueprint.get(RESPONSE)
@page("words:read")
def one(consultation_id: str, response_id: int) -> str:
    """One response with its answers and what became of it."""
    return _shown(consultation_id, response_id)


@blueprint.get(f"/duty/<int(max={LAST_ID}):item_id>/response")
@page("duty:read")
def of_duty(item_id: int) -> str:
    """The response that an item on duty is about, for whoever is on duty."""
    try:
        with heed().database.begin() as session:
            consultation_id, response_id = browsing.of_duty(session, item_id)
    except Refused as refused:
        problem(refused)
    return _shown(consultation_id, response_id)


@blueprint.post(f"{RESPONSE}/number")
@page("identities:read")
def number(consultation_id: str, response_id: int) -> str:
    """The same with the whole number of who sent it; both looks are written down."""
    try:
        with heed().database.begin() as session:
            row = consultation_of(session, consultation_id)
            found = browsing.number_of(heed(), session, row, response_id, caller())
    except Refused as refused:
        problem(refused)
    return _shown(consultation_id, response_id, number=found)


@blueprint.get(f"{RESPONSE}/scan")
@page("words:read")
def scan(consultation_id: str, response_id: int) -> Response:
    """A letter's scan, as a download; the look is written down."""
    with heed().database.begin() as session:
        found = letters.scan_of(heed(), session, consultation_id, response_id, caller())
    if found is None:
        fail(404, "not-found", "This response has no scan.")
    media_type, content = found
    return as_file(content, f"letter-{response_id}.{ENDINGS[media_type]}", media_type)


def _shown(consultation_id: str, response_id: int, *, number: str | None = None) -> str:
    try:
        with heed().database.begin() as session:
            row = consultation_of(session, consultation_id)
            found = browsing.one(heed(), session, row, response_id, caller())
            frame = coding.codeframe(session, row.id)
            codes = _codes(session, row.id, response_id) if "themes:read" in g.caller.scopes else None
    except Refused as refused:
        problem(refused)
    return render_template(
        "pages/response.html",
        consultation=row,
        one=found,
        frame=frame,
        codes=codes,
        events=_events(found),
        number=number,
        wording=wording,
    )


def _codes(session: Session, consultation_id: str, response_id: int) -> list[dict[str, Any]] | None:
    """Its codes; None where they are hidden from whoever may be asked to code it blind, or there can be none."""
    try:
        return codings.history(session, consultation_id, response_id, caller())
    except Refused:
        return None


def _events(found: dict[str, Any]) -> list[dict[str, Any]]:
    """What happened, in order: the response, each answer as it came, merges."""
    events = [
        {
            "at": found["received_at"],
            "title": f"{wording.KINDS[found['kind']]} received by {wording.CHANNELS[found['channel']].lower()}",
            "lines": [f"Taken for it by the rule {found['rule']}"],
        },
        *(
            {
                "at": each["at"],
                "title": f"Answered “{each['question']}”",
                "lines": [
                    each["words"] or each["value"] or "skipped",
                    *(["after the question had closed"] if each["late"] else []),
                    *(["changed or not understood: it no longer stands"] if each["replaced_at"] else []),
                ],
            }
            for each in found["answers"]
        ),
    ]
    for merge in found["merges"]:
        events.append(
            {
                "at": merge["at"],
                "by": merge["by"],
                "title": "Found to be one person with another respondent",
                "lines": [],
            }
        )
        if merge["undone_at"]:
            events.append(
                {"at": merge["undone_at"], "by": merge["undone_by"], "title": "That was undone", "lines": []}
            )
    return sorted(events, key=lambda event: str(event["at"]))


def _wanted(given: Fields) -> Wanted:
    return Wanted(
        kind=given.choice("kind", wording.KINDS),
        channel=given.choice("channel", wording.CHANNELS),
        standing=given.choice("standing", wording.STANDINGS),
        day=given.day("day"),
        campaign=given.number("campaign", LAST_ID),
    )
