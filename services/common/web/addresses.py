"""Addresses of the page that is looked at, with its filters: the next page by key, and the same rows as a file."""

from typing import Any
from urllib.parse import urlencode

from flask import request


def here(**changed: Any) -> str:
    """This page's address with its filters, some of them changed; None takes one out. Without `after` given it is the first page."""
    kept = {name: value for name, value in request.args.items() if name != "after" and value}
    return _address(request.path, kept | changed)


def with_filters(address: str, **changed: Any) -> str:
    """Another address with the filters of this page, as of a download of the same rows."""
    kept = {name: value for name, value in request.args.items() if name != "after" and value}
    return _address(address, kept | changed)


def _address(path: str, query: dict[str, Any]) -> str:
    written = urlencode({name: value for name, value in query.items() if value is not None})
    return f"{path}?{written}" if written else path
