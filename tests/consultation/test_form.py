"""The public form: read as a browser and a screen reader do, sent as a person and as a robot do."""

import re
import time
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.consultation import web_form
from tests.consultation.office import LONG, reported
from tests.consultation.post import FULL, Post
from tests.support.sites import Site

PATH = "/consultations/plan-2026"


class Page(HTMLParser):
    """A page's elements, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag in tags]


@pytest.fixture
def client(empty_post: Post, sites: dict[Any, Site]) -> FlaskClient:
    empty_post.launch(**{name: value for name, value in FULL.items() if name != "kind"})
    return sites["consultation"].client()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page need not have been open for two seconds."""
    monkeypatch.setattr(web_form, "SOONEST", web_form.SOONEST * 0)


def token_of(text: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', text)
    assert found
    return found[1]


def send(client: FlaskClient, token: str | None = None, path: str = PATH, **fields: str) -> Any:
    return client.post(path, data={"token": token or token_of(client.get(path).text)} | fields)


def receipt_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    found = re.search(r'class="receipt">([2-9A-Z]{7})<', answer.text)
    assert found
    return found[1]


def test_it_is_a_page_that_needs_nothing(client: FlaskClient) -> None:
    answer = client.get(PATH)
    page = Page(answer.text)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers and "script" not in answer.text
    assert page.all("html")[0]["lang"] == "en" and page.all("meta")[1]["name"] == "viewport"
    assert all(
        str(one["href"]).startswith(("/consultations/static/", "?lang=", "#"))
        for one in page.all("a", "link")
    )
    with client.get("/consultations/static/form.css") as style:
        assert style.status_code == 200
    labels = {one["for"] for one in page.all("label")}
    seen = [one for one in page.all("input", "textarea") if one.get("type") != "hidden"]
    assert seen and {one["id"] for one in seen} == labels
    ids = [one["id"] for _, one in page.found if one.get("id")]
    assert len(ids) == len(set(ids))
    for one in page.all("input", "textarea", "fieldset"):
        assert set(str(one.get("aria-describedby") or "").split()) <= set(ids)
    assert len(page.all("h1")) == 1 and len(page.all("legend")) == len(page.all("fieldset")) >= 3
    # The same questions as by text, in words that fit a page, but the one that needs a number.
    names = {str(one["name"]) for one in seen}
    assert {name for name in names if name.startswith("answer:")} == {
        "answer:district",
        "answer:victim",
        "answer:age",
        "answer:publish",
    }
    assert "to skip" not in answer.text and ">65 or over<" in answer.text


def test_a_response_gets_a_receipt_and_is_kept_once(
    client: FlaskClient, patient: None, empty_post: Post
) -> None:
    fields = {
        "words": LONG,
        "answer:district": "AL1 1AA",
        "answer:victim": "no",
        "answer:age": "skip",
        "type": "resident",
    }
    token = token_of(client.get(PATH).text)
    receipt = receipt_of(send(client, token, **fields))
    assert receipt_of(send(client, token, **fields)) == receipt
    # Gone back and changed: another response of the same person.
    assert receipt_of(send(client, token, **fields | {"words": "Or rather this"})) == receipt
    # Another day, with the receipt.
    assert receipt_of(send(client, words="And this", receipt=receipt.lower())) == receipt
    other = receipt_of(send(client, words="Somebody else"))
    assert other != receipt
    found = reported(empty_post)
    assert (found["counts"]["received"], found["counts"]["respondents"]) == (4, 2)
    [person] = [one for one in empty_post.respondents() if one.reference == receipt]
    assert (person.district, person.victim, person.age_band, person.language) == (
        "st-albans",
        False,
        None,
        "en",
    )


WRONG: list[tuple[dict[str, str], str, str]] = [
    ({}, "words", "Write what you think"),
    ({"words": "x" * 100_001}, "words", "longer than we can take"),
    ({"words": "hello", "answer:district": "Atlantis"}, "answer:district", "did not understand"),
    ({"words": "hello", "type": "organisation"}, "organisation", "Name the organisation"),
    ({"words": "hello", "receipt": "OOO"}, "receipt", "Nobody has this reference"),
    ({"words": "hello", "receipt": "ZZZZZZZ"}, "receipt", "Nobody has this reference"),
    ({"words": "hello", "website": "http://robot"}, "website", "Leave the last box empty"),
]


def test_what_is_wrong_is_said_at_the_field_and_nothing_written_is_lost(
    client: FlaskClient, patient: None, empty_post: Post
) -> None:
    for fields, name, words in WRONG:
        answer = send(client, **fields)
        page = Page(answer.text)
        assert answer.status_code == 422 and words in answer.text, fields
        assert "<title>Error: " in answer.text
        assert any(one.get("role") == "alert" for one in page.all("div"))
        assert f"#{name}" in {one["href"] for one in page.all("a")}
        assert any(one.get("id") == name for _, one in page.found)
        if name != "website":
            assert f'id="{name}-error"' in answer.text
        assert fields.get("words", "") in answer.text
    assert empty_post.rows() == []


def test_a_robot_is_asked_again_and_a_person_is_not(
    client: FlaskClient, empty_post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "<b>Buy</b> & more"
    for token in ("", "1.x.y", "made.up", "9" * 400):
        assert "send it again" in send(client, token or "-", words=words).text
    token = token_of(client.get(PATH).text)
    soon = send(client, token, words=words)
    assert soon.status_code == 422 and "&lt;b&gt;Buy&lt;/b&gt; &amp; more" in soon.text
    time.sleep(2.1)
    receipt_of(send(client, token_of(soon.text), words=words))
    empty_post.tick("2026-09-22T10:00:05")
    assert "send it again" in send(client, token, words=words).text
    monkeypatch.setattr(web_form, "SOONEST", web_form.SOONEST * 0)
    monkeypatch.setattr(web_form, "PER_MINUTE_MOST", 2)
    kept = [send(client, words=f"{words} {number}").status_code for number in range(3)]
    assert kept == [200, 200, 422]
    assert empty_post.counts()["received"] == 3


def test_it_speaks_welsh_and_says_when_it_is_open(
    client: FlaskClient, patient: None, empty_post: Post
) -> None:
    assert "Open until Wed 30 Sep 2026." in client.get(PATH).text
    welsh = client.get(f"{PATH}?lang=cy")
    assert (
        'lang="cy"' in welsh.text and "Beth yw eich barn?" in welsh.text and 'href="?lang=en"' in welsh.text
    )
    receipt_of(send(client, path=f"{PATH}?lang=cy", words="Mwy o heddlu"))
    assert empty_post.respondents()[0].language == "cy"
    assert 'lang="en"' in client.get(f"{PATH}?lang=xx").text
    empty_post.tick("2026-10-01T00:00:00")
    assert "This closed on Wed 30 Sep 2026" in client.get(PATH).text
    receipt_of(send(client, words="Too late?"))
    assert [one.standing for one in empty_post.rows()] == ["counted", "late"]


def test_words_of_danger_are_answered_on_the_page(client: FlaskClient, patient: None) -> None:
    answer = send(client, words="someone is in my house")
    assert receipt_of(answer) and 'role="alert"' in answer.text and "call 999" in answer.text


def test_an_address_that_is_none_is_a_page_too(client: FlaskClient) -> None:
    for answer in (
        client.get("/consultations/nothing"),
        client.post("/consultations/nothing", data={"words": "x"}),
    ):
        assert answer.status_code == 404 and "There is no such page" in answer.text
