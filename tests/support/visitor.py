"""Somebody who is signed in to a service's pages: by a session of their own, without the slow hash of a password."""

import html
import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.common.accounts import sessions, users
from services.common.context import Heed
from services.common.web import csrf


class Visitor:
    """A browser of one person: keeps cookies, and sends each form with its token."""

    def __init__(self, heed: Heed, app: Flask, *roles: str, name: str = "") -> None:
        self.name = name or "-".join(roles)
        with heed.database.begin() as session:
            users.add(session, heed.service, self.name, roles, "test")
            user = users.the(session, self.name)
            user.must_change = False
            self.token = sessions.start(session, user)
        self.cookie = f"heed-{heed.service}"
        self.client: FlaskClient = app.test_client()
        self.client.set_cookie(self.cookie, self.token)

    def get(self, path: str, status: int = 200) -> str:
        """A page's HTML."""
        return self.open(path, status).text

    def open(self, path: str, status: int = 200) -> TestResponse:
        """The answer to a page."""
        answer = self.client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == status, f"{path}: {answer.status_code} {said(answer.text)[:300]}"
        return answer

    def post(self, path: str, status: int = 303, **fields: Any) -> TestResponse:
        """The answer to a form."""
        answer = self.client.post(
            path, data={csrf.FIELD: csrf.token(self.token), **fields}, headers={"Accept": "text/html"}
        )
        assert answer.status_code == status, f"{path}: {answer.status_code} {said(answer.text)[:300]}"
        return answer

    def does(self, path: str, **fields: Any) -> str:
        """The page that a form leads to, as text."""
        return self.reads(self.post(path, **fields).location)

    def reads(self, path: str, status: int = 200) -> str:
        """A page as text."""
        return said(self.get(path, status))


def said(page: str) -> str:
    """What a page says, without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
