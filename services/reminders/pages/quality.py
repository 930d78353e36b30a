"""What the data can carry: reach, reasons, feeds, outcomes. Counts alone: nobody is named, and no arm appears."""

from flask import Blueprint, render_template
from werkzeug.wrappers import Response as AnyResponse

from services.common.web.auth import heed
from services.common.web.files import as_file
from services.common.web.signed_in import page
from services.reminders import quality, reason_words

blueprint = Blueprint("quality_pages", __name__)


@blueprint.get("/quality")
@page("quality:read")
def index() -> str:
    """The figures as they stand now."""
    figures = quality.report(heed())
    return render_template("pages/quality.html", figures=figures, words=reason_words, ages=quality.AGES)


@blueprint.get("/quality.csv")
@page("quality:read")
def as_csv() -> AnyResponse:
    """The same figures as a file."""
    figures = quality.report(heed())
    return as_file(quality.to_csv(figures), "data-quality.csv")
