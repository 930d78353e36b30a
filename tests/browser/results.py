"""What the browser tests saw, for `python -m tests.browser`, which prints it. Timings are printed and never asserted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Judged:
    """A page in one state: how many of axe-core's rules it passed, how many it broke."""

    service: str
    page: str
    passed: int
    violations: int


@dataclass(frozen=True, slots=True)
class Walked:
    """A task done with the keyboard alone: pages left behind, keys pressed (a typed text counts one), seconds until its last page."""

    service: str
    task: str
    pages: int
    keys: int
    seconds: float


PAGES: list[Judged] = []
TASKS: list[Walked] = []


def as_text() -> str:
    """Both tables, and what axe-core found in all."""
    lines = ["axe-core, WCAG 2.2 AA: rules passed, violations", ""]
    lines += [f"{one.passed:4} {one.violations:4}  {one.service:12}  {one.page}" for one in PAGES]
    broken = sum(one.violations for one in PAGES)
    lines += [
        "",
        f"{len(PAGES)} pages and states, {sum(one.passed for one in PAGES)} rules passed, {broken} violations",
    ]
    lines += [
        "",
        "Main tasks from the first page, with the keyboard alone",
        "",
        "| service | task | pages left | keys | seconds |",
    ]
    lines += ["|---|---|---|---|---|"]
    lines += [
        f"| {one.service} | {one.task} | {one.pages} | {one.keys} | {one.seconds:.1f} |" for one in TASKS
    ]
    return "\n".join(lines)
