"""A web application on a port of its own, over real HTTP on loopback."""

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.serving import make_server

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Served:
    """Listens from the start, so that its address is known before the application is; `app` may change while it runs."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.app: Wsgi | None = None
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name=f"served-{self.port}"
        )
        self._thread.start()

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if self.app is None:
            start_response("503 Service Unavailable", [("Content-Length", "0")])
            return []
        return self.app(environ, start_response)

    def stop(self) -> None:
        """Stop listening; requests under way are answered first."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
