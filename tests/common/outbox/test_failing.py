"""Failures after acceptance that are too many to be chance."""

from typing import Any

import pytest

from services.common.carrier import Accepted
from services.common.outbox import failing


@pytest.mark.parametrize(
    ("delivered", "failed", "alarms"),
    [
        (0, {}, []),
        (190, {30007: 10}, [("code:30007", 10)]),  # one in twenty
        (191, {30007: 10}, []),
        (0, {30007: 9}, []),  # fewer than ten are chance
        (100, {30004: 10, 30007: 10}, [("code:30004", 10), ("code:30007", 10)]),
        (30, {30003: 10}, [("all", 10)]),  # one in four
        (31, {30003: 10}, []),
        (30, {30003: 5, 0: 5}, [("all", 10)]),
        (0, {14107: 12, 30006: 3}, [("code:14107", 12), ("all", 15)]),
    ],
)
def test_the_rule(delivered: int, failed: dict[int, int], alarms: list[tuple[str, int]]) -> None:
    assert failing.too_many(delivered, failed) == alarms


def finish(desk: Any, words: list[tuple[str, int | None]]) -> None:
    for _ in words:
        desk.owe()
    for one, (word, code) in zip(desk.claim(), words, strict=True):
        sid = f"SM{one.outbox_id:032}"
        desk.record((one, Accepted(sid, "queued")))
        desk.call_back(one.text.token, word, sid, code)


def test_an_hour_is_looked_at_every_quarter(desk: Any) -> None:
    failing.check(desk.heed)
    finish(desk, [("undelivered", 30007)] * 10 + [("delivered", None)] * 40)
    failing.check(desk.heed)
    assert desk.alarms() == []  # not due
    desk.later(901)
    failing.check(desk.heed)
    assert desk.alarms() == [("texts-failing", "code:30007", 1)]
    said = desk.alarmed("texts-failing")
    assert (said["failed"], said["of"], said["meaning"]) == (10, 50, "filtered as spam")
    assert said["action"].startswith("Look at the wording")
    desk.later(3601)
    failing.check(desk.heed)
    assert desk.alarms() == [("texts-failing", "code:30007", 1)]  # an hour later it is over


def test_failures_without_a_code_count_too(desk: Any) -> None:
    failing.check(desk.heed)
    finish(desk, [("failed", None)] * 10 + [("delivered", None)] * 5)
    desk.later(901)
    failing.check(desk.heed)
    assert desk.alarms() == [("texts-failing", "all", 1)]
