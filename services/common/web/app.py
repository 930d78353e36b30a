"""The application that each service's `create_app` fills: limits, request ids, errors, health, headers, the API's page."""

import re
import secrets
import time

import structlog
from flask import Flask, Response, g, request

from services.common import on_duty
from services.common.context import Heed
from services.common.logs import log
from services.common.web import (
    api_page,
    attention,
    audit_log,
    bodies,
    duty,
    duty_pages,
    health,
    long_work_pages,
)
from services.common.web.auth import of
from services.common.web.errors import HeedApi
from services.common.web.home import More, nothing_more
from services.common.web.look import Navigation, add_pages
from services.common.web.office import add_office

REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "Cache-Control": "no-store",
}


def base_app(
    heed: Heed,
    title: str,
    description: str,
    navigation: Navigation = (),
    today: More = nothing_more,
    duty_words: on_duty.Elsewhere = on_duty.texts_alone,
) -> tuple[Flask, HeedApi]:
    """An application with everything that both services share, and its API to register blueprints on.

    `navigation` are the service's own pages; `today` is what its first page shows besides, in `pages/today.html`; `duty_words` finds the
    words of what is on duty and no text.
    """
    app = Flask(f"heed.{heed.service}", static_folder=None)
    app.extensions |= {"heed": heed, "today": today, "duty_words": duty_words}
    app.config.update(
        API_TITLE=title,
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": description},
            "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
            "security": [{"key": []}],
        },
        MAX_CONTENT_LENGTH=heed.settings.max_body,
        MAX_FORM_PARTS=200,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        JSON_SORT_KEYS=False,
    )
    app.json = bodies.Json(app)
    app.request_class = bodies.Asked
    api = HeedApi(app)
    api.register_blueprint(attention.blueprint)
    api.register_blueprint(duty.blueprint)
    api.register_blueprint(audit_log.blueprint)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(api_page.blueprint)
    add_pages(app, (*navigation, ("Audit log", "/audit", "audit:read")))
    add_office(app, heed)
    app.register_blueprint(duty_pages.blueprint)
    app.register_blueprint(long_work_pages.blueprint)
    app.register_blueprint(audit_log.pages)
    app.before_request(_begin)
    app.before_request(bodies.refuse_nul_in_address)
    app.after_request(_end)
    return app, api


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    g.started = time.monotonic()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if of(None).config.public_url.startswith("https://"):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    # The rule, not the path: a path may hold an id, and a mistyped one anything at all.
    rule = str(request.url_rule) if request.url_rule else "no-route"
    took = round((time.monotonic() - g.get("started", time.monotonic())) * 1000)
    if rule not in ("/healthz", "/readyz", "/metrics"):
        log.info("request", method=request.method, route=rule, status=response.status_code, milliseconds=took)
    structlog.contextvars.unbind_contextvars("request_id")
    return response
