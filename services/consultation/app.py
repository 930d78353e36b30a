"""Consultation's web application."""

from flask import Flask

from services.common.context import Heed
from services.common.web import hooks
from services.common.web.app import base_app
from services.consultation import browsing, pages
from services.consultation.api import blueprints
from services.consultation.jobs import carry_out, handle_texts
from services.consultation.pages.overview import today

DESCRIPTION = (
    "A listening post: residents text what they think; every text is kept, counted once and answered."
)


def create_app(heed: Heed) -> Flask:
    """Put the application together; `heed` is the opened service."""
    app, api = base_app(
        heed, "Heed consultation", DESCRIPTION, pages.NAVIGATION, today, browsing.words_of_cause
    )
    app.extensions["carry_out"] = carry_out
    app.jinja_env.globals["whole_response"] = lambda item_id: f"/duty/{item_id}/response"
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    for page in pages.blueprints:
        app.register_blueprint(page)
    app.register_blueprint(hooks.blueprint(handle_texts))
    return app
