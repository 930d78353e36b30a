"""Every table of both services has one retention rule, and the page on it says the same."""

from importlib import import_module
from pathlib import Path

import pytest

from services.common.models import CommonBase
from services.common.retention import Rule
from services.common.settings import SERVICES, ServiceName


def rules(service: ServiceName) -> list[Rule]:
    return list(import_module(f"services.{service}.retention").RULES)


@pytest.mark.parametrize("service", SERVICES)
def test_every_table_has_one_rule(service: ServiceName) -> None:
    own = import_module(f"services.{service}.models").Base.metadata
    tables = set(CommonBase.metadata.tables) | set(own.tables)
    named = [rule.table for rule in rules(service)]
    assert sorted(named) == sorted(tables), "a new table says in retention.py how long its rows are kept"
    assert all(rule.what and bool(rule.period) == bool(rule.steps) for rule in rules(service))


@pytest.mark.parametrize("service", SERVICES)
def test_the_page_says_the_same(service: ServiceName, root: Path) -> None:
    page = (root / "docs/data-protection/retention.md").read_text(encoding="utf-8")
    lines = {f"| `{rule.table}` | {rule.period or '-'} | {rule.what} |" for rule in rules(service)}
    assert not [line for line in sorted(lines) if line not in page]
