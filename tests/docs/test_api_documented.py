"""Every route of both services has a heading in docs/api.md, with the scope that it asks for."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from services.common.context import Heed
from services.common.settings import SERVICES, load
from services.common.web.auth import OPEN
from services.consultation.app import create_app as consultation_app
from services.reminders.app import create_app as reminders_app

MAKERS = {"reminders": reminders_app, "consultation": consultation_app}
CALL = re.compile(r"(?:GET|POST|PUT|PATCH|DELETE) /\S*")


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Flask]]:
    """Both applications on stores that are never asked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEED_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        settings = load()
    opened = [
        Heed.of(name, settings, "postgresql://nobody@127.0.0.1:9/none", "redis://127.0.0.1:9")
        for name in SERVICES
    ]
    yield [MAKERS[heed.service](heed) for heed in opened]
    for heed in opened:
        heed.close()


@pytest.fixture(scope="module")
def calls(apps: list[Flask]) -> dict[str, str]:
    """ "POST /v1/contacts" → the scope it asks for."""
    found = {}
    for app in apps:
        for rule in app.url_map.iter_rules():
            if getattr(app.view_functions[rule.endpoint], "heed_page", False):
                continue  # pages are for people: docs/pages.md
            path = re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule)
            scope = getattr(app.view_functions[rule.endpoint], "heed_scope", OPEN)
            if not path.startswith(("/docs/static/", "/static/")):
                found |= {
                    f"{method} {path}": scope for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
                }
    return found


@pytest.fixture(scope="module")
def documented(root: Path, sections: Callable[[Path], dict[str, str]]) -> dict[str, str]:
    return {
        title: text for title, text in sections(root / "docs" / "api.md").items() if CALL.fullmatch(title)
    }


def test_the_applications_have_their_routes(calls: dict[str, str]) -> None:
    assert {"POST /v1/feeds/libra", "POST /v1/consultations", "GET /readyz"} <= set(calls)


def test_every_call_has_a_heading(calls: dict[str, str], documented: dict[str, str]) -> None:
    assert not set(calls) - set(documented), "docs/api.md lacks a heading for these"


def test_every_heading_is_a_call(calls: dict[str, str], documented: dict[str, str]) -> None:
    assert not set(documented) - set(calls), "docs/api.md names calls that no application has"


def test_every_call_names_its_scope(calls: dict[str, str], documented: dict[str, str]) -> None:
    wanted = {call: "No key" if scope == OPEN else f"Scope: `{scope}`" for call, scope in calls.items()}
    assert not [call for call, words in wanted.items() if words not in " ".join(documented[call].split())]


def test_every_word_of_a_request_that_makes_no_sense_has_its_row(root: Path) -> None:
    said = {
        word
        for path in (root / "services").rglob("*.py")
        for word in re.findall(r'fail\(\s*400,\s*"([\w-]+)"', path.read_text("utf-8"))
    }
    (row,) = re.findall(r"^\| 400 \|.*$", (root / "docs" / "api.md").read_text("utf-8"), re.MULTILINE)
    assert said == set(re.findall(r"`([\w-]+)`", row))
