"""Every page of Reminders in a real browser: axe-core finds nothing, 320 pixels are enough, nothing comes from elsewhere; and the
five main tasks are done with the keyboard alone."""

from collections.abc import Iterator
from typing import Any

import pytest

from services.common import long_work
from services.common.context import Heed
from services.common.long_work import Work
from services.common.roles import ROLES
from services.reminders import jobs
from tests.browser.chromium import Chromium
from tests.browser.looker import Looker, sends
from tests.browser.walking import Task, walk
from tests.reminders.full import DAN, Full, addresses, fill, look
from tests.reminders.office import START, Office
from tests.support.sandbox import Sandbox
from tests.support.visitor import Visitor

# A page that opens with what is wrong: its form, and what to send.
WRONG = {
    "/find": {"number": "12"},
    "/upload": {},
    "/listings/add": {"case_ref": "41X"},
    "/pauses": {"court": ""},
    "/pilots/new": {"protocol": "question: x"},
    "/sending/stop": {"reason": ""},
    "/account/password": {"old": "x", "new": "y", "again": "z"},
}
# (page, the fields to fill in, what to click, the status of the page that follows, what it says): of whoever looks after rights.
SENT = [
    ("/rights", {"who": "nobody"}, ".govuk-button", 422, "There is a problem"),
    ("/rights", {"who": DAN}, ".govuk-button", 200, "What is held"),
    ("/rights", {"who": "07700 900999"}, ".govuk-button", 200, "Nothing is held"),
    ("/incidents/1/assess", {"note": "x"}, ".govuk-button", 422, "There is a problem"),
]
LIST = (
    "case_ref,asn,defendant_name,date_of_birth,court_code,room,date,time,hearing_type,mobile,bail_status,language\n"
    "41W001,,Walter Walked,1980-02-03,B41ME00,1,2026-09-29,10:00,First hearing,07700 900196,B,en\n"
)
TASKS = (
    Task(
        "find a defendant and read the timeline",
        "What happened",
        (
            ("press", "Hearings"),
            ("press", "Find a person"),
            ("type Mobile number", "07700 900101"),
            ("press", "Find"),
        ),
        3,
    ),
    Task(
        "add a number for somebody who has none",
        "The number is kept.",
        (
            ("press", "no number"),
            ("press", "P008"),
            ("press", "Add a number"),
            ("type Mobile number", "07700 900195"),
            ("press", "Keep this number"),
        ),
        4,
    ),
    Task(
        "settle what needs a person: a wrong number",
        "The text is settled.",
        (
            ("press", "Needs a person"),
            ("press", "Wrong numbers"),
            ("press", "Read it"),
            ("press", "It is settled"),
        ),
        4,
    ),
    Task(
        "answer a text",
        "The answer is on its way.",
        (
            ("press", "texts to read"),
            ("press", "Open the text of"),
            ("type What to say", "We have had your text. Herts Police"),
            ("press", "Send it"),
        ),
        3,
    ),
    Task(
        "enter an outcome, without being told who was texted",
        "The outcome is recorded.",
        (
            ("press", "Outcomes"),
            ("press", "Look at"),
            ("choose", "attendance-4"),
            ("choose", "fta-4"),
            ("choose", "warrant-4"),
            ("press", "Record the outcome"),
        ),
        3,
    ),
    Task(
        "upload a list of hearings",
        "The file is taken in",
        (
            ("press", "Feeds"),
            ("press", "Upload a file"),
            ("file File", LIST),
            ("press", "Show what it would change"),
            ("press", "Take it in"),
        ),
        4,
    ),
    Task(
        "do not text somebody",
        "This person is not texted any more.",
        (
            ("press", "Hearings"),
            ("press", "P003"),
            ("press", "Do not text this person"),
            ("type Why", "asked for it at the counter"),
            ("press", "Do not text"),
        ),
        4,
    ),
    Task(
        "stop all sending",
        "All sending is stopped.",
        (("press", "Stop all sending"), ("type Why", "the words are wrong"), ("press", "Stop all sending")),
        2,
    ),
)


@pytest.fixture
def office(reminders: Heed, carrier: Sandbox) -> Iterator[Office]:
    jobs.configured.cache_clear()
    made = Office(reminders, carrier, jobs.configured())
    made.start(START)
    yield made
    jobs.configured.cache_clear()


def test_every_page_is_fit_for_everybody(office: Office, sites: Any, browser: Chromium, axe: str) -> None:
    app, url = sites["reminders"].app, sites["reminders"].url
    visitors = {role: Visitor(office.heed, app, role) for role in ROLES["reminders"]}
    looker = Looker(browser, axe, url, "Reminders")
    looker.open("/sign-in")
    nobody = Full(*[1] * 6, "00000000-0000-0000-0000-000000000000", *[1] * 3)  # type: ignore[arg-type]
    empty = [(path, role) for path, role in addresses(app, nobody) if "1" not in path and "." not in path]
    for role, visitor in visitors.items():
        looker.as_(visitor)
        for path in (path for path, its in empty if its == role and not path.startswith("/feeds/0")):
            looker.open(path)
    assert looker.faults == {}
    emptied = looker.seen

    full = fill(office)
    look(office, full)
    for role, visitor in visitors.items():
        looker.as_(visitor)
        for path, its in addresses(app, full):
            if its == role and "." not in path:
                looker.open(path)
        for path, fields in WRONG.items():
            if its_page(app, path, role):
                browser.width(1280)
                browser.open(url + path)
                browser.run(
                    f"(() => {{ for (const [name, value] of Object.entries({fields})) document.querySelector(`[name=${{name}}]`).value = value; }})()"
                )
                found = browser.click(
                    f'main form:not([action*="/"]) .govuk-button, main form[action="{path}"] .govuk-button'
                )
                looker.judge(
                    f"{path}, wrong", found, 200 if path in ("/sending/stop", "/account/password") else 422
                )
                assert "There is a problem" in browser.run("document.body.innerText"), path
    looker.as_(visitors["records"])
    for path, fields, click, status, says in SENT:
        found = sends(looker, path, fields, click)
        looker.judge(f"{path} sent with {fields}", found, status)
        assert says in browser.run("document.body.innerText"), (path, fields)
    for form, status in (("correct", 422), ("restrict", 422), ("erase", 200)):
        sends(looker, "/rights", {"who": DAN}, ".govuk-button")
        found = browser.click(f"main form[action$={form}] .govuk-button")
        looker.judge(f"/rights, {form}", found, status)
    looker.as_(visitors["operator"])
    for rows, running in ((None, False), (100_000, True)):
        looker.open(waiting(office.heed, visitors["operator"], rows, running))
    for path, status in (("/people/99999", 404), ("/pilots", 403), ("/nowhere", 404)):
        looker.open(path, status)
    assert looker.faults == {}
    assert emptied > 25 and looker.seen >= 75
    for task in TASKS:
        walk(looker, task)
    strangers = [one for one in browser.asked if not one.startswith((url, "data:", "about:"))]
    assert strangers == []


def waiting(heed: Heed, visitor: Visitor, rows: int | None, running: bool) -> str:
    """The page of long work that no worker has taken up, or one is at."""
    work = Work(
        "upload-look",
        f"person:{visitor.name}",
        "listings:write",
        "The file is looked through",
        "/upload",
        {},
        rows,
    )
    number = long_work.begin(heed, jobs.carry_out, work)
    if running:
        heed.redis.mset(
            {f"heed:reminders:long:{number}:{what}": said for what, said in (("alive", 1), ("read", 12_400))}
        )
    return f"/work/{number}"


def its_page(app: Any, path: str, role: str) -> bool:
    """Whether this role is the one that looks at a page."""
    rule = next(one for one in app.url_map.iter_rules() if one.rule == path)
    scope = app.view_functions[rule.endpoint].heed_scope
    first = next((name for name, scopes in ROLES["reminders"].items() if scope in scopes), "operator")
    return first == role
