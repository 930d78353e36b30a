"""Every page that stands in the navigation has its row in docs/pages.md."""

from pathlib import Path

from services.consultation import pages as consultation
from services.reminders import pages as reminders


def test_every_page_of_the_navigation_has_its_row(root: Path) -> None:
    page = (root / "docs" / "pages.md").read_text(encoding="utf-8")
    named = [words for words, *_ in (*reminders.NAVIGATION, *consultation.NAVIGATION)]
    assert not [words for words in named if f"| **{words}** |" not in page]
