"""What office staff meet in lists and texts is explained in docs/reminders.md."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.settings import load
from services.reminders import county, outcome_rules
from services.reminders.eligibility import RULES

# Where a reminder is put off or dropped at sending time: Dropped(id, "too-late"), Deferred(id, until, "outside-window").
SENDING = ("services/common/outbox/claim.py", "services/reminders/dispatch.py")


def given_at_sending(source: str) -> Iterator[str]:
    """The reasons that a module gives in so many words."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Dropped", "Deferred"):
            reason = node.args[-1]
            yield from (
                part.value
                for part in ast.walk(reason)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "reminders.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def hertfordshire(tmp_path_factory: pytest.TempPathFactory) -> county.County:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEED_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        return county.load(load())


def test_every_reason_not_to_text_is_explained(page: str) -> None:
    codes = [code for code, _ in RULES] + ["same-visit", "control-arm"]
    assert not [code for code in codes if f"`{code}`" not in page]


def test_every_reason_at_sending_time_is_explained(page: str, root: Path) -> None:
    codes = {code for path in SENDING for code in given_at_sending((root / path).read_text(encoding="utf-8"))}
    assert {"too-late", "outside-window", "not-on-trial-list"} <= codes
    assert not [code for code in codes if f"`{code}`" not in page]


def test_every_text_is_shown_word_for_word(page: str, hertfordshire: county.County) -> None:
    wording = hertfordshire.wording
    texts = [
        *wording.replies.items(),
        *(one for each in wording.languages.values() for one in each.templates.items()),
    ]
    assert not [name for name, words in texts if f"`{name}`" not in page or f"`{words}`" not in page]


def test_every_rule_about_results_is_explained(page: str) -> None:
    assert not [rule.rule for rule in outcome_rules.table() if f"`{rule.rule}`" not in page]
