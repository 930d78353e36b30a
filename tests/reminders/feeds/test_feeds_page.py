"""docs/feeds.md is what a producer of a feed reads: its codes are the code's own, and its table of samples is what becomes of them."""

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from services.reminders.feeds.parse import FORMATS, named, parse
from services.reminders.feeds.records import Batch, FeedError
from tests.reminders.feeds.test_samples import FOLDERS
from tests.reminders.office import Office

BEFORE_ALL_OF_THEM = "2004-01-01T08:00"
SAMPLES = "The departments' samples"
MADE_BY_FEEDS = "people, person_keys, listings, listing_keys, hearing_versions, snapshots, contacts, outcomes, deliveries, outbox"
ENDINGS = (".json", ".xml")
COUNTED = ("new", "changed", "unchanged", "suspended", "results", "rejected")


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "feeds.md").read_text(encoding="utf-8")


def source(root: Path) -> dict[str, str]:
    return {
        path.name: path.read_text(encoding="utf-8")
        for path in (root / "services/reminders/feeds").glob("*.py")
    }


def codes(text: str) -> Iterator[str]:
    """The codes that a module gives in so many words: FeedError("code", ...), Rejection(where, "code", ...)."""
    place = {"FeedError": 0, "Rejection": 1}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in place:
            code = node.args[place[node.func.id]]  # type: ignore[attr-defined]
            if isinstance(code, ast.Constant):
                yield str(code.value)


def table(page: str, heading: str) -> list[list[str]]:
    """The cells of the table below a heading, its head left out."""
    section = page.split(f"\n## {heading}\n")[1].split("\n## ", maxsplit=1)[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return rows[2:]


def test_every_code_is_explained_and_every_explained_code_is_given(page: str, root: Path) -> None:
    modules = source(root)
    given = {code for text in modules.values() for code in codes(text)}
    assert len(given) > 30
    explained = {
        code.strip(" `") for heading in ("Refusals", "Records left out") for code, *_ in table(page, heading)
    }
    assert given <= explained
    everything = "".join(modules.values())
    assert not [code for code in explained if f'"{code}"' not in everything]


def test_every_format_has_a_section(page: str) -> None:
    headings = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    assert not [
        name for name in FORMATS if name != "auto" and not any(f"`{name}`" in one for one in headings)
    ]


def _samples(root: Path) -> list[Path]:
    return sorted(path for folder in FOLDERS for path in (root / folder).iterdir() if path.suffix in ENDINGS)


def _records(body: bytes, name: str) -> str:
    """What is read of a file, in words."""
    try:
        batch = parse(body, named(body, "auto", name), event=None, hearing_id=None)
    except FeedError as error:
        return f"refused: `{error.code}`"
    return ", ".join(_counted(batch)) or "nobody"


def _counted(batch: Batch) -> Iterator[str]:
    for number, what in (
        (len(batch.listings), "listing"),
        (len(batch.snapshots), "room"),
        (len(batch.results), "result"),
    ):
        if number:
            yield f"{number} {what}{'s' if number > 1 else ''}"
    for code, number in Counter(one.code for one in batch.rejections).items():
        yield f"{number} left out: `{code}`"


def _became(office: Office, body: bytes) -> str:
    """What a push comes to: the delivery's status and counts, then the status and reasons of each hearing."""
    delivery = office.push(body, form="auto")
    counts = [f"{name} {delivery['counts'][name]}" for name in COUNTED if delivery["counts"][name]]
    rows = Counter(f"{row['status']} {_reasons(row)}" for row in office.rows())
    words = [one if number == 1 else f"{number} × {one}" for one, number in rows.items()]
    return "; ".join([f"{delivery['status']}: {', '.join(counts) or 'no change'}", *words])


def _reasons(row: dict[str, Any]) -> str:
    return ", ".join(f"`{code}`" for code in row["reasons"]) or "and to be texted"


def lines(office: Office, root: Path) -> Iterator[str]:
    """The table, line by line: each sample goes into an empty office, before all of their hearings."""
    office.start(BEFORE_ALL_OF_THEM)
    for path in _samples(root):
        with office.heed.database.begin() as session:
            session.execute(text(f"TRUNCATE {MADE_BY_FEEDS} CASCADE"))
        body = path.read_bytes()
        yield f"| `{path.relative_to(root)}` | {_records(body, path.name)} | {_became(office, body)} |"


def test_the_table_of_samples_is_what_becomes_of_them(
    page: str, office: Office, sample: Callable[[str], bytes]
) -> None:
    sample("MANIFEST.json")
    expected = list(lines(office, Path(__file__).parents[4] / "shared/data/feeds"))
    section = page.split(f"\n## {SAMPLES}\n")[1]
    assert [line for line in section.splitlines() if line.startswith("| `")] == expected, "\n".join(expected)
