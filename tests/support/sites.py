"""Each service's application: built when it is first needed, served at the service's public address."""

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from services.common.context import Heed
from services.common.settings import ServiceName
from tests.support.served import Served


class Site:
    """A service's web side in a test."""

    def __init__(self, name: ServiceName, place: Served) -> None:
        self.name, self.url = name, place.url
        self._place = place
        self._heed: Heed | None = None
        self._app: Flask | None = None

    def open(self, heed: Heed) -> None:
        """Serve this opened service from now on."""
        self._heed, self._app = heed, None
        self._place.app = self._answer

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self.app(environ, start_response)

    @property
    def app(self) -> Flask:
        """The Flask application that `create_app` makes."""
        if self._app is None:
            assert self._heed is not None, f"{self.name} is not open: ask for the fixture of that name"
            self._app = import_module(f"services.{self.name}.app").create_app(self._heed)
        return self._app

    def client(self, **options: Any) -> FlaskClient:
        """A client that calls the application without a network."""
        return self.app.test_client(**options)

    def close(self) -> None:
        """Answer 503 from now on."""
        self._place.app = self._heed = self._app = None
