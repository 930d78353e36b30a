"""Copies: likely duplicates that a person settles, campaigns, and merges that can be undone."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from services.common.acts import Refused
from services.common.web.attention import LAST_ID
from services.common.web.auth import heed
from services.common.web.fields import Fields
from services.common.web.refusals import sentence
from services.common.web.said import done
from services.common.web.signed_in import page
from services.consultation import batch_rows, duplicates, merging
from services.consultation.api.office import caller, consultation_of
from services.consultation.models import Consultation
from services.consultation.pages import wording
from services.consultation.pages.acting import act_on, on
from services.consultation.pages.overview import ONE

blueprint = Blueprint("copies_pages", __name__)
PAIRS = 20  # on a page
COPIES = f"{ONE}/copies"
Answer = AnyResponse | tuple[str, int] | str


@blueprint.get(COPIES)
@page("duplicates:read")
def index(consultation_id: str) -> str:
    """What waits for a decision, campaigns, and what was decided."""
    return _shown(consultation_id, {}, {})


@blueprint.post(f"{COPIES}/find")
@page("duplicates:write")
def find(consultation_id: str) -> AnyResponse:
    """Look for copies; what was decided before stands."""

    def act(session: Session, row: Consultation) -> str:
        found = duplicates.find(heed(), session, row.id, caller())
        new = "1 new pair" if found.suggested == 1 else f"{found.suggested:,} new pairs"
        return f"{new} to settle. Campaigns: {found.campaigns:,}, with {found.copies:,} responses."

    return _act(consultation_id, act)


@blueprint.post(f"{COPIES}/<int(max={LAST_ID}):suggestion_id>")
@page("duplicates:write")
def settle(consultation_id: str, suggestion_id: int) -> AnyResponse:
    """One person's response twice, or two people's."""

    def act(session: Session, _: Consultation) -> str:
        if request.form.get("are") == "one":
            duplicates.accept(session, suggestion_id, caller())
            return "They count as one person’s: the second is a duplicate. You can undo this below."
        duplicates.reject(session, suggestion_id, caller())
        return "They are two people’s: both count."

    return _act(consultation_id, act)


@blueprint.post(f"{COPIES}/merge")
@page("duplicates:write")
def merge(consultation_id: str) -> Answer:
    """Two respondents, by their references, are one person."""
    given = Fields({name: value.upper() for name, value in request.form.items()})
    both = {}
    for name in ("kept", "merged"):
        both[name] = given.text(name, needed="Write a reference, like H74863G.", most=10)
        if both[name] and not batch_rows.RECEIPT.fullmatch(both[name]):
            given.errors[name] = "A reference has seven letters and digits, like H74863G."
    if not given.errors:
        try:
            on(
                consultation_id,
                lambda session, _: merging.merge(session, both["kept"], both["merged"], caller()),
            )
        except Refused as refused:
            given.errors["kept"] = sentence(refused)
        else:
            return done(f"/listening/{consultation_id}/copies#merges", "They are one person from now on.")
    return _shown(consultation_id, both, given.errors), 422


@blueprint.post(f"{COPIES}/merges/<int(max={LAST_ID}):merge_id>/undo")
@page("duplicates:write")
def undo(consultation_id: str, merge_id: int) -> AnyResponse:
    """Take a merge back."""

    def act(session: Session, _: Consultation) -> str:
        merging.undo(session, merge_id, caller())
        return "The merge is undone: everything stands as before it."

    return _act(consultation_id, act)


def _act(consultation_id: str, act: Callable[[Session, Consultation], str]) -> AnyResponse:
    return done(f"/listening/{consultation_id}/copies", act_on(consultation_id, act))


def _shown(consultation_id: str, given: dict[str, Any], errors: dict[str, str]) -> str:
    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
        waiting, pairs = duplicates.side_by_side(heed(), session, row.id, caller(), PAIRS)
        return render_template(
            "pages/copies.html",
            consultation=row,
            waiting=waiting,
            pairs=pairs,
            campaigns=duplicates.campaigns(heed(), session, row.id),
            merges=merging.merges(session, row.id),
            given=given,
            errors=errors,
            wording=wording,
        )
