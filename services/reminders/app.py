"""Reminders' web application."""

from flask import Flask

from services.common.context import Heed
from services.common.web import hooks
from services.common.web.app import base_app
from services.reminders import county, pages
from services.reminders.api import blueprints
from services.reminders.jobs import carry_out, handle_replies
from services.reminders.pages.acting import court_name

DESCRIPTION = (
    "Takes the court listings feed, texts defendants before their first hearing, records who failed to appear, "
    "and compares pilot cohorts."
)


def create_app(heed: Heed) -> Flask:
    """Put the application together; `heed` is the opened service."""
    app, api = base_app(heed, "Heed reminders", DESCRIPTION, pages.NAVIGATION, pages.today.more)
    app.extensions |= {"county": county.load(heed.settings), "carry_out": carry_out}
    app.jinja_env.globals["court_name"] = court_name
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    for page in pages.blueprints:
        app.register_blueprint(page)
    app.register_blueprint(hooks.blueprint(handle_replies))
    return app
