"""What comes in has the size that is taken, and is JSON that PostgreSQL can store, or it is refused at the door: no NUL, no half
character, no NaN, no thousand levels."""

import re
from typing import IO, Any, NoReturn, cast

from flask import Request, request
from flask.json.provider import DefaultJSONProvider
from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.utils import cached_property
from werkzeug.wsgi import LimitedStream

from services.common.web.errors import fail

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
REFUSAL = "It holds a NUL, half a character (a lone surrogate) or NaN, of which this service takes none"


class Json(DefaultJSONProvider):
    """Flask's JSON, refusing what cannot be stored; Flask answers 400 to a ValueError."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            value = super().loads(s, parse_constant=_refuse, **kwargs)
        except RecursionError:
            raise ValueError("It is nested too deeply") from None
        if not storable(value):
            raise ValueError(REFUSAL)
        return value


class Whole(LimitedStream):
    """werkzeug's, but for what it does at the limit: to `read()` it gives what it has, as if a body in chunks ended there, and to
    other readers it calls a body of just the limit too large."""

    def on_exhausted(self) -> None:
        """At the limit: the body ends here, or it is too large. Raises RequestEntityTooLarge."""
        if self._stream.read(1):
            raise RequestEntityTooLarge

    def readall(self) -> bytes:
        """The body to its end. Raises RequestEntityTooLarge."""
        body = super().readall()
        if self.is_exhausted:
            self.on_exhausted()
        return body


class Asked(Request):
    """Flask's request, read whole or not at all. It says where its JSON ends to be any; a parser's words hold a place and nothing of
    the body."""

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body, whatever reads it: bytes, JSON or a form."""
        limited = super().stream
        # Only where the server ends a body (gunicorn does) may one look beyond the limit.
        if "wsgi.input_terminated" in self.environ and isinstance(limited, LimitedStream):
            return cast(IO[bytes], Whole(self.environ["wsgi.input"], limited.limit, is_max=True))
        return limited

    def on_json_loading_failed(self, e: ValueError | None) -> NoReturn:
        if e is None:
            fail(415, "wrong-content-type", "Send it as application/json.")
        fail(400, "bad-request", f"The body cannot be read as JSON. {e}.")


class Parser(FlaskParser):
    """webargs, reading JSON as Flask does. It takes a body of another content type for no body at all; ours says what is wrong."""

    def _raw_load_json(self, req: Request) -> Any:
        chunked = req.content_length is None and "Transfer-Encoding" in req.headers
        if (req.content_length or chunked) and not req.is_json:
            fail(415, "wrong-content-type", "Send it as application/json.")
        return req.get_json() if req.is_json else super()._raw_load_json(req)


# For every blueprint of both services: the class is where flask-smorest looks for it.
Blueprint.ARGUMENTS_PARSER = Parser()


def storable(value: Any) -> bool:
    """Whether every string in a JSON value, keys included, can be stored."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if UNSTORABLE.search(one):
                return False
        elif isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
    return True


def refuse_nul_in_address() -> None:
    """An address with a NUL in it names nothing here."""
    if "\x00" in request.path or "%00" in request.query_string.decode("latin-1"):
        fail(400, "bad-request", "The address holds a NUL.")


def _refuse(constant: str) -> None:
    raise ValueError(REFUSAL)
