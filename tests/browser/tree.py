"""A page as a screen reader is given it: the browser's accessibility tree, and what is wrong in it that axe-core's rules of WCAG leave alone."""

from collections.abc import Iterator
from typing import Any

from tests.browser.chromium import Chromium

NAMED = {
    *(
        "button",
        "checkbox",
        "combobox",
        "link",
        "listbox",
        "radio",
        "radiogroup",
        "searchbox",
        "spinbutton",
        "textbox",
    ),
    *("columnheader", "image", "img", "navigation", "region", "table", "Date"),
}


def spoken(browser: Chromium) -> list[tuple[str, str, int]]:
    """(role, name, level) of everything that is announced, in order; the level is a heading's."""
    browser.call("Accessibility.enable")
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    browser.call("Accessibility.disable")
    return [
        (one["role"]["value"], one.get("name", {}).get("value", "").strip(), _level(one))
        for one in nodes
        if not one["ignored"] and "role" in one
    ]


def faults(browser: Chromium) -> list[str]:
    """What a listener would miss: one sentence each."""
    said = spoken(browser)
    # The browser makes a group of each disclosure, which its summary names.
    groups = sum(role == "group" and not name for role, name, _ in said)
    nameless = groups - browser.run("document.querySelectorAll('details').length")
    missed = [f"{nameless} groups of fields without a name"] if nameless > 0 else []
    return missed + list(_faults(said, browser.run("document.title")))


def _faults(said: list[tuple[str, str, int]], title: str) -> Iterator[str]:
    roles = [role for role, _, _ in said]
    for role in ("main", "banner"):
        if roles.count(role) != 1:
            yield f"{roles.count(role)} landmarks {role}"
    levels = [level for role, _, level in said if role == "heading"]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} headings of the first level"
    # An error summary stands before the page's heading, as its pattern has it.
    begin = levels.index(1) if 1 in levels else 0
    for before, after in zip(levels[begin:], levels[begin + 1 :], strict=False):
        if after > before + 1:
            yield f"a heading of level {after} follows one of level {before}"
    for role, name, _ in said:
        if role in NAMED and not name:
            yield f"a {role} without a name"
        if role == "heading" and not name:
            yield "an empty heading"
    wrong = "alert" in roles  # the summary of what is wrong
    if wrong != title.startswith("Error: "):
        yield f"the title {title!r} {'hides' if wrong else 'tells of'} a mistake"


def _level(node: dict[str, Any]) -> int:
    return next((one["value"]["value"] for one in node.get("properties", ()) if one["name"] == "level"), 0)
