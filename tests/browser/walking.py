"""A task done with the keyboard alone, from the first page: each step as the keyboard does it."""

import time
from dataclasses import dataclass

from tests.browser import results
from tests.browser.chromium import Chromium
from tests.browser.looker import Looker

TABS_MOST = 150
NAMED = """(() => { const one = document.activeElement; const label = one.labels && one.labels[0];
return [one.id, (label || one).textContent.trim().replace(/\\s+/g, ' ')]; })()"""


MISTAKES = "document.querySelector('[role=alert]')?.innerText"


@dataclass(frozen=True, slots=True)
class Task:
    """A task, the sentence that its last page says, its steps, and the pages left behind.

    A step is "press" and the words of a link or button to go to and press; "type LABEL" and what goes into that field; "choose" and the
    id of a radio button; "down LABEL" and how often the arrow goes down in that field; "file LABEL" and a file's content.
    """

    name: str
    says: str
    steps: tuple[tuple[str, str], ...]
    pages: int


def walk(looker: Looker, task: Task) -> None:
    """Do it; it takes no more pages than it did."""
    browser, left, before = looker.browser, 0, looker.browser.keys
    browser.width(1280)
    began = time.monotonic()
    browser.open(looker.url + "/")
    for what, words in task.steps:
        kind, _, label = what.partition(" ")
        if kind == "press":
            tab_to(browser, words)
            browser.expect()
            browser.press("Enter")
            assert browser.loaded() == 200, f"{task.name}: {words}: {browser.run(MISTAKES)}"
            left += 1
        else:
            _fill(browser, kind, label, words)
    seconds = time.monotonic() - began
    assert task.says in browser.run("document.body.innerText"), task.says
    assert left == task.pages, task.name
    results.TASKS.append(results.Walked(looker.service, task.name, left, browser.keys - before, seconds))


def _fill(browser: Chromium, kind: str, label: str, words: str) -> None:
    if kind == "choose":
        # A group of radio buttons is one stop: the arrow keys go on from its first.
        tab_to(browser, words.rpartition("-")[0], by=0)
        for _ in range(3):
            browser.press("ArrowDown")
        assert browser.run("document.activeElement.id") == words
        assert browser.run("document.activeElement.checked")
        return
    tab_to(browser, label, field=True)
    if kind == "down":
        browser.press(*["ArrowDown"] * int(words))
    elif kind == "file":
        browser.choose(words)
    else:
        browser.type(words)


def tab_to(browser: Chromium, words: str, by: int = 1, field: bool = False) -> None:
    """Go on with the Tab key to what begins with these words: a link or a button, or the `field` of just this label.

    With `by` 0 it goes to what has this id.
    """
    for _ in range(TABS_MOST):
        browser.press("Tab")
        found = browser.run(NAMED)[by]
        if found == words or (not field and found.startswith(words)):
            return
    raise AssertionError(f"the Tab key does not lead to {words!r} within {TABS_MOST} stops")
