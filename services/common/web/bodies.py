"""What comes in is JSON that PostgreSQL can store, or it is refused at the door: no NUL, no half character, no NaN, no thousand levels."""

import re
from typing import Any, NoReturn

from flask import Request, request
from flask.json.provider import DefaultJSONProvider
from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser

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


class Asked(Request):
    """Flask's request, which says where its JSON ends to be any; a parser's words hold a place and nothing of the body."""

    def on_json_loading_failed(self, e: ValueError | None) -> NoReturn:
        if e is None:
            fail(415, "wrong-content-type", "Send it as application/json.")
        fail(400, "bad-request", f"The body cannot be read as JSON. {e}.")


class Parser(FlaskParser):
    """webargs, reading JSON as Flask does. It takes a body of another content type for no body at all; ours says what is wrong."""

    def _raw_load_json(self, req: Request) -> Any:
        if req.content_length and not req.is_json:
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
