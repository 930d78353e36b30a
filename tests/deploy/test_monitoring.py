"""The rules for Prometheus and the dashboard for Grafana speak of metrics that exist, with labels that they have, and of headings that stand."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.core import Metric

from services.common.context import Heed
from services.common.metrics import OutboxCollector

NAME = re.compile(r"\bheed_[a-z_]+\b")
SELECTOR = re.compile(r"\b(heed_[a-z_]+)\{([^}]*)\}")
LABEL = re.compile(r"([a-z]+)(?:=~|!~|!=|=)")
# Braces, brackets and quotes that do not close are what a slip of the pen in an expression comes to.
PAIRS = {"(": ")", "{": "}", "[": "]"}
LABELS = {
    "heed_texts": {"service", "state"},
    "heed_heartbeat_age_seconds": {"service", "kind"},
    "heed_alarms_open": {"service", "code"},
}


@pytest.fixture(scope="module")
def rules(root: Path) -> list[dict[str, Any]]:
    groups = yaml.safe_load((root / "deploy/monitoring/heed.rules.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.fixture(scope="module")
def dashboard(root: Path) -> dict[str, Any]:
    return dict(json.loads((root / "deploy/monitoring/heed-dashboard.json").read_text()))


def expressions(rules: list[dict[str, Any]], dashboard: dict[str, Any]) -> Iterator[str]:
    yield from (rule["expr"] for rule in rules)
    yield from (target["expr"] for panel in dashboard["panels"] for target in panel["targets"])
    yield from (one["query"] for one in dashboard["templating"]["list"] if one["type"] == "query")


def balanced(expression: str) -> bool:
    """Whether its brackets close in order, what stands in quotes left out."""
    waiting: list[str] = []
    for letter in re.sub(r'"[^"]*"', "", expression):
        if letter in PAIRS:
            waiting.append(PAIRS[letter])
        elif letter in PAIRS.values() and (not waiting or waiting.pop() != letter):
            return False
    return not waiting and expression.count('"') % 2 == 0


def test_every_expression_is_of_metrics_and_labels_that_exist(
    reminders: Heed, rules: list[dict[str, Any]], dashboard: dict[str, Any]
) -> None:
    families: list[Metric] = list(OutboxCollector(reminders).collect())
    exposed, used = {family.name for family in families}, set[str]()
    for expression in expressions(rules, dashboard):
        assert balanced(expression), expression
        used |= set(NAME.findall(expression))
        for name, selector in SELECTOR.findall(expression):
            assert set(LABEL.findall(selector)) <= LABELS.get(name, {"service"}), expression
    assert used == exposed, "each metric is used, and none that is not exposed"
    assert not balanced("sum(heed_texts{") and not balanced('a{b="c}')


def test_every_rule_says_who_owns_it_and_what_to_do(root: Path, rules: list[dict[str, Any]]) -> None:
    page = (root / "docs/operations.md").read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in page.splitlines()
        if line.startswith("#")
    }
    names = [rule["alert"] for rule in rules]
    assert len(set(names)) == len(names) >= 8
    for rule in rules:
        assert rule["labels"].keys() == {"severity", "owner"} and rule["annotations"]["summary"]
        file, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert file == "docs/operations.md" and anchor in headings, rule["alert"]
