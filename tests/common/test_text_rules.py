"""The rules about texts are data, and prove themselves: each takes its examples, and none of its kind takes its counter-examples."""

from collections import Counter

import pytest

from services.common.text_rules import Rule, rules
from services.common.understanding import COMMAND_RULES, DANGER_RULES, command, danger
from tests.support.written import written

RULES = (*DANGER_RULES, *COMMAND_RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_takes_its_examples_and_not_its_counter_examples(rule: Rule) -> None:
    assert rule.because and len(rule.examples) >= 2 and len(rule.counter_examples) >= 2
    for text in rule.examples:
        taken = danger(text) or command(text)
        assert taken is not None and (taken.kind, taken.rule) == (rule.kind, rule.id), text
    for text in rule.counter_examples:
        taken = danger(text) or command(text)
        assert taken is None or taken.kind != rule.kind, text


def test_no_two_rules_have_one_name() -> None:
    ids = [rule.id for rule in (*RULES, *rules("services.consultation", "routing_rules.yaml"))]
    assert len(set(ids)) == len(ids) >= 20


def test_written_danger_is_heard_and_hard_negatives_are_not() -> None:
    texts, negatives = written("danger.txt"), written("hard_negatives.txt")
    assert len(set(texts)) >= 60 and len(set(negatives)) >= 60
    caught = Counter(found.rule for found in map(danger, texts) if found)
    print("danger texts caught, by rule:", dict(caught.most_common()))
    assert caught.total() >= 0.95 * len(texts)
    assert [text for text in negatives if danger(text)] == []
    # No cry for help may be eaten as a command first, and none of the negatives be taken for an opt-out.
    assert [text for text in [*texts, *negatives] if command(text)] == []
