"""Somebody of the office at a browser: signed in with these roles, sending what forms send, held to what every page must be."""

import re
from typing import Any

from werkzeug.test import TestResponse

from services.common.accounts import sessions, users
from services.common.context import Heed
from services.common.web import csrf

EVERYTHING = ("analyst", "publisher", "records", "duty", "administrator")
LINK = re.compile(r'(?:href|action)="(/[^"#]*)')
OWN = "/listening/plan-2026"


class Staff:
    """A browser of one person."""

    def __init__(
        self, heed: Heed, client: Any, name: str = "eva", roles: tuple[str, ...] = EVERYTHING
    ) -> None:
        self.client, self.name = client, f"person:{name}"
        with heed.database.begin() as session:
            users.add(session, heed.service, name, roles, "test")
            user = users.the(session, name)
            user.must_change = False
            self.token = sessions.start(session, user)
        client.set_cookie(f"heed-{heed.service}", self.token)

    def get(self, path: str, status: int = 200) -> str:
        """A page's text."""
        return self._held(self.client.get(path, headers={"Accept": "text/html"}), path, status)

    def post(self, path: str, status: int = 303, **fields: Any) -> str:
        """A form that is sent; where it leads, if it leads on, else the page that it answers with."""
        return self._held(self.send(path, **fields), path, status)

    def send(self, path: str, **fields: Any) -> TestResponse:
        """The same as an answer, whatever its status."""
        data = {csrf.FIELD: csrf.token(self.token), **fields}
        answer: TestResponse = self.client.post(path, data=data, headers={"Accept": "text/html"})
        return answer

    def file(self, path: str) -> TestResponse:
        """A download, which no browser opens as a page."""
        answer: TestResponse = self.client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Content-Disposition"].startswith("attachment; filename="), path
        return answer

    def links(self, page: str) -> set[str]:
        """Where a page's links and forms lead on this site."""
        return {one.replace("&amp;", "&") for one in LINK.findall(page)}

    def _held(self, answer: TestResponse, path: str, status: int) -> str:
        assert answer.status_code == status, (path, answer.status_code, answer.text[-2000:])
        if answer.status_code == 303:
            return str(answer.location)
        page = answer.text
        assert "<script" not in page, path
        assert " style=" not in page, path
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page), path
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        return page
