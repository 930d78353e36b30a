"""How far the review is, how well two people agree, and the codeframe with what a person may change in it."""

from typing import Any

import yaml
from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from services.common.acts import Refused
from services.common.web.fields import Fields
from services.common.web.files import as_file
from services.common.web.refusals import sentence
from services.common.web.said import done
from services.common.web.signed_in import page
from services.consultation import codeframes, coding, reviewing
from services.consultation.api.office import caller
from services.consultation.pages import wording
from services.consultation.pages.acting import act_on, on
from services.consultation.pages.overview import ONE
from services.consultation.themes import codeframe as frames
from services.consultation.themes.codeframe import Group

blueprint = Blueprint("theme_pages", __name__)
THEMES = f"{ONE}/themes"
FRAME = f"{THEMES}/codeframe"
YAML_MOST = 200_000  # characters
Answer = AnyResponse | tuple[str, int] | str


@blueprint.get(THEMES)
@page("themes:read")
def state(consultation_id: str) -> str:
    """How far the review is, the latest run of suggestions, and agreement by theme."""
    row, frame, found, agreed = act_on(
        consultation_id,
        lambda session, row: (
            row,
            coding.codeframe(session, row.id),
            reviewing.state(session, row),
            coding.agreement(session, row.id),
        ),
    )
    return render_template(
        "pages/themes.html",
        consultation=row,
        frame=frame,
        found=found,
        agreed=agreed,
        wording=wording,
        errors={},
    )


@blueprint.get(FRAME)
@page("themes:read")
def codeframe(consultation_id: str) -> str:
    """The themes that texts are coded to, and every version of them."""
    return _frame(consultation_id, {}, {})


@blueprint.get(f"{FRAME}.yaml")
@page("themes:read")
def as_yaml(consultation_id: str) -> Response:
    """The codeframe as a file, to be changed and read in again."""
    frame = act_on(consultation_id, lambda session, row: coding.codeframe(session, row.id))
    written = yaml.safe_dump(frames.content(frame), allow_unicode=True, sort_keys=False, width=120)
    return as_file(written, f"{consultation_id}-codeframe-{frame.version}.yaml", "text/yaml")


@blueprint.post(FRAME)
@page("themes:write")
def read_in(consultation_id: str) -> Answer:
    """Take a changed file as the next version."""
    given = Fields(request.form)
    reason = given.text("reason", needed="Say why.", most=300)
    chosen = request.files.get("file")
    if chosen is None or not chosen.filename:
        given.errors["file"] = "Choose the changed file."
    content: Any = None
    if chosen is not None and not given.errors:
        try:
            content = yaml.safe_load(chosen.read(YAML_MOST).decode("utf-8-sig"))
        except (yaml.YAMLError, ValueError):  # not UTF-8, or a 31 November
            content = None
        if not isinstance(content, dict):
            given.errors["file"] = "It is not a codeframe in YAML. Download the one in use and change that."
    return _changed(
        consultation_id,
        given,
        "file",
        lambda session, row: codeframes.read_in(session, row.id, content, reason, caller()),
    )


@blueprint.post(f"{FRAME}/merge")
@page("themes:write")
def merge(consultation_id: str) -> Answer:
    """Make one theme of two: codes given before count as it."""
    given = Fields(request.form)
    of = given.text("of", needed="Choose a theme.", most=60)
    into = given.text("into", needed="Choose a theme.", most=60)
    reason = given.text("merge_reason", needed="Say why.", most=300)
    return _changed(
        consultation_id,
        given,
        "of",
        lambda session, row: codeframes.merge(session, row.id, [of], into, reason, caller()),
    )


@blueprint.post(f"{FRAME}/add")
@page("themes:write")
def add(consultation_id: str) -> Answer:
    """One theme more."""
    given = Fields(request.form)
    theme = theme_of(given)
    reason = given.text("add_reason", needed="Say why.", most=300)
    return _changed(
        consultation_id,
        given,
        "id",
        lambda session, row: codeframes.add(session, row.id, codeframes.theme(theme), reason, caller()),
    )


def theme_of(given: Fields, part: str = "") -> dict[str, Any]:
    """A new theme as a form has it; its terms are written with commas between them. `part` begins its fields' names."""
    lexicon = given.text(f"{part}lexicon", most=2000)
    return {
        "id": given.text(f"{part}id", needed="Give it an id, like rural-crime.", most=60),
        "title": given.text(f"{part}title", needed="Give it a title.", most=80),
        "group": given.choice(f"{part}group", [str(one) for one in Group], needed="Choose where it stands."),
        "means": given.text(f"{part}means", needed="Say when it applies.", most=500),
        "lexicon": [term.strip().lower() for term in lexicon.split(",") if term.strip()],
        "body": given.text(f"{part}body", most=80) or None,
    }


def _changed(consultation_id: str, given: Fields, blamed: str, act: Any) -> Answer:
    """Do it, unless the form is wrong; a refusal stands at the field that is to blame."""
    if not given.errors:
        try:
            frame = on(consultation_id, act)
        except Refused as refused:
            given.errors["reason" if refused.error == "bad-reason" else blamed] = sentence(refused)
        else:
            return done(
                f"/listening/{consultation_id}/themes/codeframe",
                f"The codeframe is at version {frame.version}. What was coded before is read by it.",
            )
    return _frame(consultation_id, request.form, given.errors), 422


def _frame(consultation_id: str, given: Any, errors: dict[str, str]) -> str:
    row, frame, versions = act_on(
        consultation_id,
        lambda session, row: (
            row,
            coding.codeframe(session, row.id),
            codeframes.versions(session, row.id),
        ),
    )
    return render_template(
        "pages/codeframe.html",
        consultation=row,
        frame=frame,
        digest=frames.digest(frame),
        versions=versions,
        given=given,
        errors=errors,
        wording=wording,
    )
