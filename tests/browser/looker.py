"""Looking at pages in the browser: what axe-core finds, what a screen reader would miss, and whether 320 pixels are enough."""

import json
from typing import Any

from tests.browser import results, tree
from tests.browser.chromium import Chromium
from tests.support.visitor import Visitor

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NARROW = 320  # CSS pixels: also what 1,280 are at 400%


class Looker:
    """Looks at pages of one service, and keeps what is wrong with each."""

    def __init__(self, browser: Chromium, axe: str, url: str, service: str) -> None:
        self.browser, self.axe, self.url, self.service = browser, axe, url, service
        self.faults: dict[str, Any] = {}
        self.seen = 0

    def as_(self, visitor: Visitor) -> None:
        self.browser.forget()
        self.browser.cookie(self.url, visitor.cookie, visitor.token)

    def open(self, path: str, status: int = 200) -> None:
        self.browser.width(1280)
        found = self.browser.open(self.url + path)
        self.judge(path, found, status)

    def judge(self, path: str, found: int, status: int) -> None:
        """What axe and the accessibility tree say of the page that is open, and whether it is wider than a narrow window."""
        self.seen += 1
        missed = tree.faults(self.browser)
        self.browser.run(f"{self.axe};0")
        options = {"runOnly": RULES, "resultTypes": ["violations"]}
        violations, passed = self.browser.run(
            f"axe.run(document, {options}).then(found => [found.violations.map("
            "one => one.id + ': ' + one.nodes.map(node => node.html.slice(0, 150)).join(' | ')), found.passes.length])"
        )
        self.browser.width(NARROW)
        # Whether a finger hits what it means to, where all stands closer.
        violations += self.browser.run(
            "axe.run(document, {runOnly: {type: 'rule', values: ['target-size']}}).then(found => found.violations.map("
            "one => one.nodes.map(node => 'narrow: ' + node.html.slice(0, 150)).join(' | ')))"
        )
        results.PAGES.append(results.Judged(self.service, path, passed, len(violations)))
        beyond = self.browser.run(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if found != status or violations or missed or beyond > 0:
            self.faults[path] = (found, violations, missed, beyond)


def sends(looker: Looker, path: str, fields: dict[str, str], click: str) -> int:
    """Open a page, fill in its fields, and click; the status of what follows."""
    browser = looker.browser
    browser.width(1280)
    browser.open(looker.url + path)
    browser.run(
        f"""(() => {{ for (const [name, value] of Object.entries({json.dumps(fields)})) {{
        const one = document.querySelector(`main [name="${{name}}"]`);
        if (one.type !== 'file') {{ one.value = value; continue; }}
        const files = new DataTransfer(); files.items.add(new File([value], 'rows.csv')); one.files = files.files;
        }} }})()"""
    )
    return browser.click(f"main {click}")
