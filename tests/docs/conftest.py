"""The documentation as tests read it: pages, their headings, and the section under a heading."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

FENCE = re.compile(r"^(`{3,}|~{3,})")
HEADING = re.compile(r"^(#{1,6}) +(.+?) *#*$")


@pytest.fixture(scope="session")
def pages(root: Path) -> list[Path]:
    """README.md and every page under docs/."""
    # docs/site has what makes a site of them, and what npm brings for it.
    pages = (page for page in (root / "docs").rglob("*.md") if "site" not in page.relative_to(root).parts)
    return [root / "README.md", *sorted(pages)]


def prose(text: str) -> list[str]:
    """A page's lines; those inside fences are empty, so that a line keeps its number."""
    lines, fence = [], None
    for line in text.splitlines():
        mark = FENCE.match(line.strip())
        if fence is None and mark:
            fence = mark.group(1)
            lines.append("")
        elif fence is not None:
            lines.append("")
            if line.strip() == fence:
                fence = None
        else:
            lines.append(line)
    assert fence is None, "a fence is never closed"
    return lines


@pytest.fixture(scope="session")
def prose_of() -> Callable[[Path], list[str]]:
    """A page's lines without what stands inside fences."""
    return lambda page: prose(page.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def sections() -> Callable[[Path], dict[str, str]]:
    """A page's headings, without backticks, each with the whole text up to the next heading of any level."""

    def read(page: Path) -> dict[str, str]:
        text = page.read_text(encoding="utf-8")
        found: dict[str, str] = {}
        title = ""
        for line, bare in zip(text.splitlines(), prose(text), strict=True):
            heading = HEADING.match(bare)
            if heading:
                title = heading.group(2).replace("`", "")
                assert title not in found, f"{page.name}: the heading {title!r} stands twice"
                found[title] = ""
            elif title:
                found[title] += line + "\n"
        return found

    return read
