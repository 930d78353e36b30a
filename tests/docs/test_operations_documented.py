"""Every table is named in docs/architecture.md, and every log word that wants a person in docs/operations.md."""

import ast
import re
from pathlib import Path

from services.common.alerting.kinds import KINDS
from services.common.models import CommonBase
from services.consultation.models import Base as ConsultationBase
from services.reminders.models import Base as RemindersBase

RUNBOOK = re.compile(r"runbook=\"([a-z-]+)\"")


def test_every_table_is_named(root: Path) -> None:
    page = (root / "docs" / "architecture.md").read_text(encoding="utf-8")
    tables = {name for base in (CommonBase, RemindersBase, ConsultationBase) for name in base.metadata.tables}
    assert not [name for name in tables if f"`{name}`" not in page]


def test_every_word_of_the_log_that_wants_a_person_says_what_to_do(root: Path) -> None:
    page = (root / "docs" / "operations.md").read_text(encoding="utf-8")
    words = {
        word
        for source in (root / "services").rglob("*.py")
        for word in RUNBOOK.findall(source.read_text(encoding="utf-8"))
    }
    assert "danger" in words
    assert not [word for word in words if f"| `{word}` |" not in page and f"\n### {word}\n" not in page]


def codes(source: Path) -> set[str]:
    """The alarms that a file sounds: the code is the second thing given to `sound` or to a helper named for it."""
    return {
        call.args[1].value
        for call in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) in ("alarms.sound", "_sound", "_alarm")
        and isinstance(call.args[1], ast.Constant)
    }


def test_every_alarm_has_a_heading_and_every_heading_is_an_alarm(root: Path) -> None:
    page = (root / "docs" / "operations.md").read_text(encoding="utf-8")
    sounded = set().union(*(codes(source) for source in (root / "services").rglob("*.py")))
    assert {"sender-stopped", "text-unsettled", "orphan-at-carrier", "feed-empty"} <= sounded
    assert not [code for code in sounded if f"\n### {code}\n" not in page]
    assert set(re.findall(r"\n### ([a-z-]+)\n", page)) <= sounded


def test_every_alarm_has_an_owner_a_threshold_and_its_reason_on_the_page_and_no_other(root: Path) -> None:
    page = (root / "docs" / "operations.md").read_text(encoding="utf-8")
    sounded = set().union(*(codes(source) for source in (root / "services").rglob("*.py")))
    assert sounded == set(KINDS)
    assert not [code for code, kind in KINDS.items() if f"\n### {code}\n\n*{kind.line}*\n" not in page]
