"""Addresses that a browser may be sent on to."""

import re
from collections.abc import Mapping

OWN_PATH = re.compile(r"/(?![/\\])[^\s\\]*")


def own_path(given: Mapping[str, str]) -> str:
    """Where to go after signing in: a page of ours, whatever the address says.

    >>> own_path({"next": "//elsewhere.example"}), own_path({"next": "/hearings?court=1"})
    ('/', '/hearings?court=1')
    """
    path = given.get("next", "/")
    return path if OWN_PATH.fullmatch(path) else "/"
