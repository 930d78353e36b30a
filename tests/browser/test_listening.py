"""Every page of Consultation's office in a real browser: axe-core finds nothing, 320 pixels are enough, nothing comes from elsewhere;
and the review is done with the keyboard alone."""

import time
from typing import Any

from sqlalchemy import select

from services.common.context import Heed
from services.consultation.models import Coding
from tests.browser import results
from tests.browser.chromium import Chromium
from tests.browser.looker import Looker, sends
from tests.browser.walking import Task, tab_to, walk
from tests.consultation.coders import written
from tests.consultation.full import PAGES, fill
from tests.consultation.post import ANN, FULL, START, Post
from tests.consultation.staff import EVERYTHING, OWN
from tests.support.sandbox import Sandbox
from tests.support.visitor import Visitor

ROWS = "reference,channel,received,text\n1,web,2026-09-10,One view\n2,fax,2026-09-10,x\n"
PEOPLE = (
    "reference,mobile,consent,consented_by,consented_on\n"
    "1,07700 900301,form,themselves,2026-08-01\n2,07700 900302,,,\n"
)
# (page, the fields to fill in, what to click, the status of the page that follows, what it says)
SENT: list[tuple[str, dict[str, str], str, int, str]] = [
    (f"{OWN}/letter", {"received": "soon"}, ".govuk-button", 422, "There is a problem"),
    (f"{OWN}/file", {}, ".govuk-button", 422, "There is a problem"),
    (f"{OWN}/file", {"file": ROWS}, ".govuk-button", 200, "Refused"),
    (f"{OWN}/invitations", {"pence": "x"}, ".govuk-button", 422, "There is a problem"),
    (f"{OWN}/invitations", {"file": PEOPLE}, ".govuk-button", 200, "Who would be asked"),
    (OWN, {"what": "households", "reached": "many"}, ".heed-filters .govuk-button", 422, "whole number"),
    (f"{OWN}/copies", {"kept": "x"}, "form[action$=merge] .govuk-button", 422, "There is a problem"),
    ("/listening/launch", {"yaml": "id: x"}, "[value=look]", 422, "It cannot be launched yet"),
    ("/listening/launch", {"tried": "More police\nWatford"}, "[value=look]", 200, "How it plays"),
    (f"{OWN}/themes/review", {}, "[accesskey=s]", 422, "Choose at least one theme"),
    (f"{OWN}/themes/codeframe", {"add_reason": "x"}, "form[action$=add] .govuk-button", 422, "problem"),
    (f"{OWN}/themes/codeframe/split/local-policing", {"reason": "x"}, "[type=submit]", 422, "problem"),
    (f"{OWN}/themes/codeframe/split/local-policing", {}, "[value=more]", 200, "New theme 3 of 3"),
    (f"{OWN}/responses/1/hide", {"words1": "foot"}, ".govuk-button", 422, "Say why"),
    (f"{OWN}/answers/write", {}, ".govuk-button", 422, "There is a problem"),
    (f"{OWN}/answers", {}, "form[action$=texts] .govuk-button", 200, "Who would be told"),
    ("/rights", {"who": "nobody"}, ".govuk-button", 422, "There is a problem"),
    ("/rights", {"who": ANN}, ".govuk-button", 200, "What is held"),
]
CONTACTS = "reference,mobile,consent,consented_by,consented_on\nw1,07700 900303,form,themselves,2026-08-01\n"
ONE = "Community Safety"
TASKS = (
    Task(
        "answer an item of danger",
        "The answer is on its way.",
        (
            ("press", "On duty"),
            ("press", "Open"),
            ("type What to say", "We have read your text and an officer will ring you. Herts PCC"),
            ("press", "Send it"),
        ),
        3,
    ),
    Task(
        "invite people",
        "1 people are invited",
        (
            ("press", ONE),
            ("press", "Invitations"),
            ("file Contacts", CONTACTS),
            ("press", "See who would be asked"),
            ("press", "Text 1 person"),
        ),
        4,
    ),
    Task(
        "type in a letter",
        "The letter L-9 is kept.",
        (
            ("press", ONE),
            ("press", "Letter"),
            ("type The letter’s own number", "L-9"),
            ("type The day it came", "2026-09-10"),
            ("type What it says", "More lights on the path by the river, please."),
            ("press", "Keep the letter"),
        ),
        3,
    ),
    Task(
        "write what was done",
        "waits for another person to approve it",
        (
            ("press", ONE),
            ("press", "Answers"),
            ("press", "Write an answer"),
            ("down Theme", "1"),
            ("down What came of it", "1"),
            ("type What was said and considered", "Officers on foot."),
            ("type What was done", "Ten more officers."),
            ("type The line that is texted", "Ten more officers walk the county."),
            ("press", "Put it before another person"),
        ),
        4,
    ),
)
FOCUSED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(document.activeElement.id))))"


def test_every_page_of_the_office_is_fit_for_everybody(
    consultation: Heed, carrier: Sandbox, sites: Any, browser: Chromium, axe: str
) -> None:
    post = Post(consultation, carrier)
    post.start(START)
    app, url = sites["consultation"].app, sites["consultation"].url
    eva = Visitor(post.heed, app, *EVERYTHING, name="eva")
    looker = Looker(browser, axe, url, "Consultation")
    looker.as_(eva)
    for path in ("/", "/listening", "/listening/launch", "/rights"):
        looker.open(path)
    post.launch(**FULL)
    for path in PAGES[3:]:
        looker.open(path)
    assert looker.faults == {}

    fill(post)
    own = [
        f"{OWN}/{path}"
        for path in (
            "responses/1",
            "responses/1/hide",
            "themes/codeframe/split/local-policing",
            "answers/write",
            "responses?kind=danger",
        )
    ]
    for path in (*PAGES, *own, "/duty/1"):
        looker.open(path)
    for path, fields, click, status, says in SENT:
        found = sends(looker, path, fields, click)
        looker.judge(f"{path} sent with {fields}", found, status)
        assert says in browser.run("document.body.innerText"), (path, fields)
    for button in ("form[action$=hold] .govuk-button", "form[action$=erase] .govuk-button"):
        sends(looker, "/rights", {"who": ANN}, ".govuk-button")
        looker.judge(button, browser.click(f"main {button}"), 422 if "hold" in button else 200)
    for path, status in ((f"{OWN}/responses/999", 404), ("/listening/other", 404)):
        looker.open(path, status)
    assert looker.faults == {}
    assert looker.seen > 60
    for task in TASKS:
        walk(looker, task)
    strangers = [one for one in browser.asked if not one.startswith((url, "data:", "about:"))]
    assert strangers == []


def test_the_review_is_done_with_the_keyboard_alone(
    consultation: Heed, carrier: Sandbox, sites: Any, browser: Chromium, axe: str
) -> None:
    post = Post(consultation, carrier)
    post.start(START)
    post.launch()
    written(post)
    url = sites["consultation"].url
    looker = Looker(browser, axe, url, "Consultation")
    looker.as_(Visitor(post.heed, sites["consultation"].app, "analyst"))
    looker.open("/")
    before, began = browser.keys, time.monotonic()
    for words in ("Consultations", "Community Safety", "Themes", "Review texts"):
        tab_to(browser, words)
        browser.expect()
        browser.press("Enter")
        assert browser.loaded() == 200, words
    for _ in range(5):
        # Which a screen reader begins with. A browser gives the focus with its next picture of the page.
        assert browser.run(FOCUSED) == "text"
        name = ""
        while "theme:" not in name:
            browser.press("Tab")
            name = browser.run("document.activeElement.name || ''")
        browser.press("ArrowDown")
        assert browser.run("document.activeElement.value") == "unclear"
        browser.expect()
        browser.press("Enter")
        assert browser.loaded() == 200
    with post.heed.database.begin() as session:
        assert [len(one.themes) for one in session.scalars(select(Coding))] == [1] * 5
    seconds = time.monotonic() - began
    results.TASKS.append(
        results.Walked("Consultation", "code five texts in the review", 9, browser.keys - before, seconds)
    )
