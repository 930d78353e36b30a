"""What every page stands on: the layout, the style sheet, and errors as pages for people."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, g, render_template, request
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from werkzeug.exceptions import HTTPException

from services.common import phones, times
from services.common.report.document import kind, typeset
from services.common.segments import count, plain
from services.common.web import account, addresses, home, said
from services.common.web.auth import heed
from services.common.web.refusals import sentence
from services.common.web.signed_in import form_token, lend_cookie

# (words, address, scope) of each page that a service puts at its head, then the other addresses that belong to it.
Navigation = Sequence[tuple[str, ...]]

SHEET = Path(__file__).parent / "static" / "pages.css"
TODAY = ("/sending", "/going-out")  # what the first page leads to
A_YEAR = "public, max-age=31536000, immutable"
NAMES = {"reminders": "Court reminders", "consultation": "Listening post"}
HEADINGS = {
    403: "You may not do this",
    404: "There is nothing here",
    409: "That cannot be done now",
    500: "Something failed",
}


def add_pages(app: Flask, navigation: Navigation) -> None:
    """Register what both services' pages share."""
    app.jinja_loader = ChoiceLoader(
        [
            PackageLoader("services.common.web"),
            PackageLoader(f"services.{app.extensions['heed'].service}"),
            PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        ]
    )
    static = Blueprint("look", __name__, static_folder="static", static_url_path="/static")
    static.after_request(_cacheable)
    app.register_blueprint(static)
    app.register_blueprint(account.blueprint)
    app.register_blueprint(home.blueprint)
    app.after_request(lend_cookie)
    app.after_request(said.forget)
    app.extensions["problem_page"] = _problem
    app.jinja_env.globals.update(
        address_after=lambda: request.args.get("after"),
        csrf_token=form_token,
        here=addresses.here,
        look_version=_version,
        may=lambda scope: "caller" in g and scope in g.caller.scopes,
        mode=lambda: heed().settings.mode,
        navigation=lambda: _navigation(navigation),
        path=lambda: request.path,
        person=lambda: g.get("caller"),
        said=said.words,
        segments=lambda words: count(plain(words)),
        service_name=lambda: NAMES[heed().service],
        with_filters=addresses.with_filters,
    )
    app.jinja_env.filters.update(
        clock=lambda at: times.said_time(_instant(at)) if at else "",
        counted=_counted,
        born=lambda day: times.full_day(_instant(day)).partition(" ")[2] if day else "",
        day=lambda at: times.full_day(_instant(at)) if at else "",
        hour=_hour,
        kind=kind,
        national=_national,
        typeset=typeset,
        iso=lambda at: _instant(at).isoformat(),
        sentence=sentence,
        moment=lambda at: times.full_moment(_instant(at)) if at else "",
    )


def _navigation(pages: Navigation) -> list[dict[str, Any]]:
    """The pages that this person may open."""
    found = []
    for words, address, scope, *also in (("Today", "/", "", *TODAY), *pages):
        if not scope or scope in g.caller.scopes:
            active = any(_within(one) for one in (address, *also))
            found.append({"text": words, "href": address, "active": active})
    return found


def _within(address: str) -> bool:
    return request.path == address or (address != "/" and request.path.startswith(f"{address}/"))


def _instant(at: date | str) -> datetime:
    """A row's instant, or the same as JSON writes it; a day is its beginning."""
    if isinstance(at, datetime):
        return at
    return times.parse_instant(at if isinstance(at, str) else at.isoformat())


def _hour(clock: time) -> str:
    """ "10am": an hour of the day."""
    return times.said_time(datetime.combine(date.min + timedelta(days=1), clock, times.LONDON))


def _national(sender: str) -> str:
    """A sender as people here dial it; a name stays a name."""
    return phones.national(sender) if sender.startswith("+") else sender


def _counted(number: int, one: str, many: str | None = None) -> str:
    """ "1 text", "3,201 texts"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


@cache
def _version() -> str:
    """Names the style sheet's content, so that browsers may keep it for good."""
    return hashlib.sha256(SHEET.read_bytes()).hexdigest()[:12]


def _cacheable(response: Response) -> Response:
    response.headers["Cache-Control"] = A_YEAR
    return response


def _problem(error: HTTPException) -> tuple[str, int] | None:
    """An error as a page, where a person's browser asks for one of the pages; else None."""
    asks = request.accept_mimetypes.best_match(["application/json", "text/html"])
    if asks != "text/html" or request.path.startswith(("/v1/", "/twilio/")):
        return None
    data = getattr(error, "data", None) or {}
    code = error.code or 500
    return render_template(
        "problem.html",
        heading=HEADINGS.get(code, "That did not work"),
        message=data.get("message") or error.description,
    ), code
