"""Somebody of the office at Consultation's pages, each of which is held to what every page must be."""

import re
from typing import Any

from werkzeug.test import TestResponse

from services.common.context import Heed
from tests.support.visitor import Visitor

EVERYTHING = ("analyst", "publisher", "records", "duty", "administrator")
LINK = re.compile(r'(?:href|action)="(/[^"#]*)')
OWN = "/listening/plan-2026"


class Staff:
    """A browser of one person."""

    def __init__(self, heed: Heed, app: Any, name: str = "eva", roles: tuple[str, ...] = EVERYTHING) -> None:
        self.visitor = Visitor(heed, app, *roles, name=name)
        self.client = self.visitor.client

    def get(self, path: str, status: int = 200) -> str:
        """A page's HTML."""
        return held(self.visitor.open(path, status), path)

    def post(self, path: str, status: int = 303, **fields: Any) -> str:
        """A form that is sent: where it leads, if it leads on, else the page that it answers with."""
        answer = self.visitor.post(path, status, **fields)
        return str(answer.location) if status == 303 else held(answer, path)

    def file(self, path: str) -> TestResponse:
        """A download, which no browser opens as a page."""
        answer = self.client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Content-Disposition"].startswith("attachment; filename="), path
        return answer


def links(page: str) -> set[str]:
    """Where a page's links and forms lead on this site."""
    return {one.replace("&amp;", "&") for one in LINK.findall(page)}


def held(answer: TestResponse, path: str) -> str:
    """A page's HTML: no script, no style of its own, nothing from elsewhere, no address that a template lost."""
    page = answer.text
    assert "<script" not in page, path
    assert " style=" not in page, path
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page), path
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    return page
