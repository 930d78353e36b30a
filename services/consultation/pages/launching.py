"""A questionnaire from its file to its launch: what is wrong with it by line, what it costs, how it reads on a phone, and how it plays."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from importlib.resources import files as resources
from typing import Any

import yaml
from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from services.common import audit, clock
from services.common.acts import Refused
from services.common.times import london
from services.common.web.auth import heed
from services.common.web.errors import fail
from services.common.web.fields import Fields
from services.common.web.files import as_file
from services.common.web.refusals import sentence
from services.common.web.said import done
from services.common.web.signed_in import page
from services.consultation import (
    consultations,
    files,
    imports,
    questionnaire,
    questionnaire_lint,
    samples,
    simulation,
)
from services.consultation.api.office import caller, consultation_of
from services.consultation.models import Consultation
from services.consultation.pages import wording
from services.consultation.pages.overview import ONE
from services.consultation.questionnaire import INVITATION, TEXTS, Questionnaire, QuestionnaireError

blueprint = Blueprint("launching_pages", __name__)
YAML_MOST = 200_000  # characters; the sample has 8,000
TRIED_MOST = 2000
SAMPLE = resources("services.consultation").joinpath("data/sample.yaml")
Answer = AnyResponse | tuple[str, int] | str


@blueprint.get("/listening/launch")
@page("consultations:write")
def form() -> str:
    """Where a questionnaire is written or pasted; in sandbox mode the sample stands there, open from today."""
    with heed().database.begin() as session:
        today = london(clock.now(session)).date()
    written = ""
    if heed().sandbox:
        sample = SAMPLE.read_text(encoding="utf-8")
        parsed = questionnaire.parse(questionnaire.read(sample))
        length = parsed.closes - parsed.opens if parsed.closes else None
        written = sample.replace(f"opens: {parsed.opens}", f"opens: {today}")
        if length:
            written = written.replace(f"closes: {parsed.closes}", f"closes: {today + length}")
    return _page(written, "")


@blueprint.post("/listening/launch")
@page("consultations:write")
def check_or_launch() -> Answer:
    """Check what was written, play texts to it, or launch it."""
    given = Fields(request.form)
    written, tried = given.text("yaml", most=YAML_MOST), given.text("tried", most=TRIED_MOST)
    chosen = request.files.get("file")
    if chosen is not None and chosen.filename:
        try:
            written = chosen.read(YAML_MOST).decode("utf-8-sig").replace("\x00", "").replace("\r\n", "\n")
        except UnicodeDecodeError:
            given.errors["file"] = "The file is not UTF-8: save it as plain text and choose it again."
    if not written:
        given.errors["yaml"] = "Paste a questionnaire, or choose its file."
    if given.errors:
        return _page(written, tried, errors=given.errors), 422
    try:
        content = json.loads(json.dumps(questionnaire.read(written), default=str))
    except QuestionnaireError as error:
        return _page(written, tried, mistakes=error.mistakes), 422
    parsed = questionnaire.parse(content)
    if request.form.get("do") != "launch":
        return _page(written, tried, parsed=parsed)
    try:
        with heed().database.begin() as session:
            row = consultations.launch(heed(), session, content)
            audit.record(session, caller(), "consultation-launched", f"consultation:{row.id}", hash=row.hash)
    except Refused as refused:
        words = sentence(refused)
        return _page(written, tried, parsed=parsed, errors={"yaml": words}), 409
    return done(f"/listening/{row.id}", f"{row.title} is launched. Its questionnaire is frozen under a hash.")


@blueprint.post("/listening/sample")
@page("consultations:write")
def sample() -> AnyResponse:
    """In sandbox mode alone: a consultation of made-up residents, so that every page has something to show."""
    if not heed().sandbox:
        fail(404, "not-found", "There is sample data in sandbox mode only.")
    with heed().database.begin() as session:
        today = london(clock.now(session)).date()
        content = json.loads(json.dumps(samples.content(today), default=str))
        row = session.get(Consultation, samples.ID) or _launched(session, content)
        good, _ = files.responses(samples.responses(today), (), drama=True)
        imports.take(heed(), session, row, "sample.csv", good, caller())
    return done(f"/listening/{samples.ID}", "Made-up residents have answered a made-up consultation.")


@blueprint.get(f"{ONE}/questionnaire")
@page("responses:read")
def frozen(consultation_id: str) -> str:
    """The questionnaire as it was launched, on a phone."""
    with heed().database.begin() as session:
        row = consultation_of(session, consultation_id)
    parsed = questionnaire.parse(row.questionnaire)
    return render_template(
        "pages/questionnaire.html",
        consultation=row,
        asked=parsed,
        phones=list(phones(parsed)),
        costs=list(questionnaire_lint.costs(parsed)),
        sender=heed().config.sender,
        wording=wording,
        errors={},
    )


@blueprint.get(f"{ONE}/questionnaire.yaml")
@page("responses:read")
def as_yaml(consultation_id: str) -> Response:
    """The same as a file, to be changed and launched under another id."""
    with heed().database.begin() as session:
        content = consultation_of(session, consultation_id).questionnaire
    written = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)
    return as_file(written, f"{consultation_id}.yaml", "text/yaml")


def _launched(session: Session, content: dict[str, Any]) -> Consultation:
    row = consultations.launch(heed(), session, content)
    audit.record(session, caller(), "consultation-launched", f"consultation:{row.id}", hash=row.hash)
    return row


def phones(parsed: Questionnaire) -> Iterator[dict[str, Any]]:
    """Every message as somebody with a reference reads it: {"label", "language", "text"}."""
    page = f"{heed().config.public_url}/consultations/{parsed.id}"
    for language in parsed.languages:
        texts = {name: parsed.text(name, language) for name in TEXTS}
        if parsed.questions:
            # The first reply puts the first question too.
            texts["welcome"] += f"\n{parsed.questions[0].ask[language]}"
        if language in parsed.invitation:
            texts = {INVITATION: parsed.invitation[language]} | texts
        texts |= {f"question {one.id}": one.ask[language] for one in parsed.questions[1:]}
        for name, words in texts.items():
            yield {
                "label": name,
                "language": language,
                "text": words.replace("{reference}", simulation.REFERENCE).replace("{page}", page),
            }


def _page(
    written: str,
    tried: str,
    *,
    parsed: Questionnaire | None = None,
    mistakes: tuple[str, ...] = (),
    errors: dict[str, str] | None = None,
) -> str:
    shown: dict[str, Any] = {}
    if parsed is not None:
        shown = {
            "parsed": parsed,
            "phones": list(phones(parsed)),
            "costs": [
                {"language": one.language, "text": one.text, **asdict(one.counted)}
                for one in questionnaire_lint.costs(parsed)
            ],
            "warnings": list(questionnaire_lint.warnings(parsed)),
            "age": questionnaire_lint.reading_age(parsed),
            "turns": list(simulation.play(parsed, [line for line in tried.splitlines() if line.strip()])),
        }
    return render_template(
        "pages/launch.html",
        written=written,
        tried=tried,
        mistakes=mistakes,
        errors=errors or {},
        sender=heed().config.sender,
        wording=wording,
        **shown,
    )
