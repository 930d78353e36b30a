"""What the pages of Reminders do not do: run what people wrote, tell a role what is not its, obey another site, lead elsewhere."""

import base64
import csv
import io
import re
from typing import Any

import pytest
from flask import Flask
from markupsafe import escape

from services.common.roles import ROLES
from tests.reminders.full import FORMULA, MARKUP, addresses, fill, look
from tests.reminders.office import Office
from tests.support.visitor import Visitor

REFLECTED = "\"'><script>alert(1)</script>"
PARAMETERS = (
    *("case", "when", "court", "date", "day", "status", "texted", "reason", "moved", "people", "state"),
    *("after", "format", "actor", "act", "subject", "next", "form"),
)
NAMES = ("Ann Example", "Dan Past", "Cat Twice")


def test_nothing_that_people_wrote_is_taken_for_the_page(
    office: Office, sites: Any, subtests: pytest.Subtests
) -> None:
    full, app = fill(office), sites["reminders"].app
    look(office, full)
    visitors = {role: Visitor(office.heed, app, role) for role in ROLES["reminders"]}
    pages = addresses(app, full)
    assert len(pages) > 40
    escaped = 0
    for path, role in pages:
        with subtests.test(path):
            answer = visitors[role].open(path)
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy and "script-src" not in policy
            if "attachment" in answer.headers.get("Content-Disposition", ""):
                no_cell_is_a_formula(answer.text, path)
            elif answer.mimetype == "text/html":
                assert "unsafe-inline" not in policy
                assert MARKUP not in answer.text
                assert "<script" not in answer.text and " style=" not in answer.text
                assert not re.search(r'(?:src|href|action)="(?:https?:)?//', answer.text)
                escaped += str(escape(MARKUP)) in answer.text
                every = "&".join(f"{name}={REFLECTED}" for name in PARAMETERS)
                reflected = visitors[role].client.get(f"{path}?{every}", headers={"Accept": "text/html"})
                assert reflected.status_code in (200, 404), reflected.status_code
                assert "<script" not in reflected.text
    assert escaped >= 6  # the words did reach the pages

    # Whoever evaluates sees nobody, and whoever administers neither.
    for role in ("evaluator", "administrator"):
        for path, _ in pages:
            answer = visitors[role].client.get(path, headers={"Accept": "text/html"})
            assert answer.status_code in (200, 403), f"{role} {path}"
            assert not [name for name in NAMES if name in answer.text], f"{role} {path}"

    forms_are_ours_alone(app, visitors["operator"], subtests)
    words_are_not_put_on_a_page(visitors["operator"])
    nobody_is_led_elsewhere(visitors["operator"], full.hearing)


def no_cell_is_a_formula(text: str, path: str) -> None:
    if path.endswith(".csv"):
        cells = [cell for row in csv.reader(io.StringIO(text.lstrip("\ufeff"))) for cell in row]
        assert cells
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))], path
        if path == "/hearings.csv":
            assert any(cell.startswith(f"'{FORMULA}") for cell in cells)


def forms_are_ours_alone(app: Flask, operator: Visitor, subtests: pytest.Subtests) -> None:
    """Every form is refused without its token, with another browser's, and when another site sends it."""
    tried = 0
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if not getattr(view, "heed_page", False) or "POST" not in (rule.methods or ()):
            continue
        path = re.sub(r"<[^>]+>", "1", rule.rule)
        with subtests.test(f"POST {path}"):
            tried += 1
            for data in (
                {},
                {"csrf_token": "x"},
                {"csrf_token": base64.urlsafe_b64encode(b"x" * 32).decode()},
            ):
                answer = operator.client.post(path, data=data, headers={"Accept": "text/html"})
                assert answer.status_code == 403
                assert "out of date" in answer.text
    assert tried > 25


def words_are_not_put_on_a_page(operator: Visitor) -> None:
    """What was just done is said from a cookie that only this session could have signed."""
    name = f"{operator.cookie}-said"
    for words in (MARKUP, "All sending is stopped."):
        forged = base64.urlsafe_b64encode(words.encode()).decode()
        for signature in ("", "0" * 64):
            operator.client.set_cookie(name, f"{forged}.{signature}")
            assert words not in operator.get("/needs")
    operator.client.set_cookie(name, "é.%")
    operator.get("/needs")
    operator.client.delete_cookie(name)


def nobody_is_led_elsewhere(operator: Visitor, hearing: int) -> None:
    elsewhere = "https://evil.example/"
    given = {"next": elsewhere, "back": elsewhere, "return_to": elsewhere, "reason": "asked for it"}
    answer = operator.post(f"/hearings/{hearing}/do-not-text?next={elsewhere}&back={elsewhere}", **given)
    assert re.fullmatch(r"/people/\d+", answer.location)
    for path in ("//evil.example/hearings", "/\\evil.example/hearings", "/hearings/../../evil.example"):
        found = operator.client.get(path, headers={"Accept": "text/html"})
        assert not re.match(r"(?:https?:)?//(?!localhost)", found.headers.get("Location", ""))
        assert 'href="//' not in found.text
