"""Every relative link and anchor in the documentation leads somewhere; every diagram is of a kind that forges draw."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?(?: \"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$")
CODE = re.compile(r"(`+).+?\1")
DIAGRAMS = ("flowchart ", "sequenceDiagram", "stateDiagram-v2", "erDiagram")


def anchors(lines: list[str]) -> set[str]:
    """The anchors that forges make of a page's headings."""
    found: dict[str, int] = {}
    for line in lines:
        heading = HEADING.match(line)
        if heading:
            words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.group(1))
            slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            number = found.get(slug, -1) + 1
            found[slug] = number
            if number:
                found[f"{slug}-{number}"] = 0
    return set(found)


def links(lines: list[str]) -> Iterator[str]:
    """The targets of a page's links, what stands in code left out."""
    for line in lines:
        yield from LINK.findall(CODE.sub("", line))


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("## heed keys add", "heed-keys-add"),
        ("### `POST /v1/feeds/csv`", "post-v1feedscsv"),
        ("### GET /v1/hearings/{listing_id}", "get-v1hearingslisting_id"),
    ],
)
def test_anchors_are_as_forges_make_them(heading: str, anchor: str) -> None:
    assert anchors([heading]) == {anchor}


def test_every_relative_link_resolves(
    pages: list[Path], prose_of: Callable[[Path], list[str]], root: Path
) -> None:
    broken = []
    for page in pages:
        for target in links(prose_of(page)):
            parts = urlsplit(target)
            if parts.scheme:
                continue
            path = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            inside = path.is_relative_to(root) and path.exists()
            if not inside or (parts.fragment and parts.fragment not in anchors(prose_of(path))):
                broken.append(f"{page.relative_to(root)}: {target}")
    assert broken == []


def test_every_page_can_be_reached_from_the_readme(
    pages: list[Path], prose_of: Callable[[Path], list[str]], root: Path
) -> None:
    seen, waiting = set(), [root / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in seen and page.suffix == ".md":
            seen.add(page)
            waiting += [
                (page.parent / urlsplit(target).path).resolve()
                for target in links(prose_of(page))
                if not urlsplit(target).scheme and urlsplit(target).path
            ]
    assert not set(pages) - seen


def test_diagrams_are_of_known_kinds(pages: list[Path]) -> None:
    blocks = [
        (page.name, block.strip())
        for page in pages
        for block in re.findall(r"```mermaid\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    ]
    assert blocks
    assert not [name for name, block in blocks if not block.startswith(DIAGRAMS)]


def test_the_readme_is_short(root: Path) -> None:
    assert len((root / "README.md").read_text(encoding="utf-8").splitlines()) <= 120
