"""The sandbox carrier as a web application."""

import logging
import os
import traceback

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from services.sandbox import control_api, guard, pages, twilio_api
from services.sandbox.carrier import Carrier
from services.sandbox.config import Config, from_environment
from services.sandbox.errors import TwilioError

LARGEST_REQUEST_BYTES = 64 * 1024
log = logging.getLogger(__name__)


def create_app(config: Config | None = None) -> Flask:
    """The carrier with its API, its control API and its pages. One process only: it holds the journal and the texts
    in memory (`python -m services.sandbox` runs it so). Without a config, the environment is read."""
    app = Flask("services.sandbox")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST_BYTES
    app.extensions["carrier"] = Carrier(config or from_environment(os.environ))
    for blueprint in (twilio_api.blueprint, control_api.blueprint, pages.blueprint):
        app.register_blueprint(blueprint)
    app.after_request(guard.add_headers)
    app.register_error_handler(TwilioError, twilio_api.refuse)
    app.register_error_handler(HTTPException, _refuse)
    app.register_error_handler(Exception, _fail)
    return app


def _refuse(error: HTTPException) -> ResponseReturnValue:
    """A refusal in the form of the door at which it happened."""
    if error.code is not None and error.code < 400:
        return error  # a redirect of the router's
    if request.path.startswith(twilio_api.PREFIX):
        return twilio_api.refuse_http(error)
    if request.path.startswith("/sandbox/"):
        return control_api.refuse_http(error)
    return render_template("refused.html", error=error), error.code or 500


def _fail(error: Exception) -> ResponseReturnValue:
    """A bug, logged by its place and type: the words of an exception and the path may hold numbers and texts."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    log.error("%s at %s:%s in %s", type(error).__name__, place.filename, place.lineno, request.endpoint)
    if request.path.startswith(twilio_api.PREFIX):
        return twilio_api.refuse(TwilioError(20500))
    return jsonify(error="internal_error", message="The sandbox carrier failed; its log says where."), 500
