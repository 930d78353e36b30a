"""What stands before two web processes: it does what deploy/nginx.conf does, and counts what it had to turn away."""

import threading
from collections.abc import Callable, Iterable, Sequence
from http.client import HTTPConnection, HTTPException
from typing import Any

from werkzeug.wrappers import Request, Response

from tests.support.served import Served

PATIENCE = 30.0
# A webhook that comes twice is known by its sid; a push is sent again by its sender alone.
MAY_GO_TWICE = "/twilio/"


class Balancer:
    """Asks the processes in turn. Where one cannot be reached another is asked, and where one breaks off also, if it may go twice."""

    def __init__(self) -> None:
        self.ports: Sequence[int] = ()
        self.taken = self.passed_on = 0
        self.refused: list[str] = []
        self._turn = 0
        self._lock = threading.Lock()
        self._served = Served()
        self._served.app = self._answer
        self.url = self._served.url

    def stop(self) -> None:
        """Take nothing more."""
        self._served.stop()

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = self._asked(Request(environ))
        with self._lock:
            if answer.status_code < 300:
                self.taken += 1
            else:
                self.refused.append(f"{environ['PATH_INFO'].split('/')[1]}: {answer.status_code}")
        return answer(environ, start_response)

    def _asked(self, request: Request) -> Response:
        body, path = request.get_data(), request.environ["REQUEST_URI"]
        with self._lock:
            self._turn += 1
            first = self._turn % len(self.ports)
        for port in (*self.ports[first:], *self.ports[:first]):
            connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            try:
                connection.connect()
                connection.request(
                    request.method, path, body, dict(request.headers) | {"Connection": "close"}
                )
                answer = connection.getresponse()
                return Response(answer.read(), answer.status, content_type=answer.headers["Content-Type"])
            except ConnectionRefusedError:
                continue
            except (OSError, HTTPException):
                if not path.startswith(MAY_GO_TWICE):
                    break
                with self._lock:
                    self.passed_on += 1
            finally:
                connection.close()
        return Response(status=503)
