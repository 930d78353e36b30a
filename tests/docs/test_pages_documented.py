"""Every page that stands in the navigation has its row in docs/pages.md."""

from pathlib import Path

from services.reminders.pages import NAVIGATION


def test_every_page_of_reminders_has_its_row(root: Path) -> None:
    page = (root / "docs" / "pages.md").read_text(encoding="utf-8")
    assert not [words for words, *_ in NAVIGATION if f"| **{words}** |" not in page]
