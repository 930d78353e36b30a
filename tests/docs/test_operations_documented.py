"""Every table is named in docs/architecture.md, and every log word that wants a person in docs/operations.md."""

import re
from pathlib import Path

from services.common.models import CommonBase
from services.consultation.models import Base as ConsultationBase
from services.reminders.models import Base as RemindersBase

RUNBOOK = re.compile(r"runbook=\"([a-z-]+)\"")


def test_every_table_is_named(root: Path) -> None:
    page = (root / "docs" / "architecture.md").read_text(encoding="utf-8")
    tables = {name for base in (CommonBase, RemindersBase, ConsultationBase) for name in base.metadata.tables}
    assert not [name for name in tables if f"`{name}`" not in page]


def test_every_alarm_says_what_to_do(root: Path) -> None:
    page = (root / "docs" / "operations.md").read_text(encoding="utf-8")
    words = {
        word
        for source in (root / "services").rglob("*.py")
        for word in RUNBOOK.findall(source.read_text(encoding="utf-8"))
    }
    assert "danger" in words
    assert not [word for word in words if f"| `{word}` |" not in page]
