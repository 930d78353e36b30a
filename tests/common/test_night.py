"""A night through the command: what only the carrier knows comes in, is compared, and stands in the queue."""

from datetime import timedelta
from typing import Any

import pytest
import requests

from services.common.outbox import arrivals
from tests.support.command import Command

PHONE = "+447700900123"


def test_a_night(heed: Command, carrier: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "GIVEN_UP", timedelta(0))
    assert heed("tick").code == 0
    ours = carrier.config.senders[0].address
    account, token = carrier.config.account_sid, carrier.config.auth_tokens[0]
    answer = requests.post(
        f"{carrier.url}/2010-04-01/Accounts/{account}/Messages.json",
        data={"To": PHONE, "From": ours, "Body": "Not ours"},
        auth=(account, token),
        timeout=10,
    )
    # Nobody answers the webhook: no process of the service runs.
    assert carrier.text(PHONE, ours, "HELP")["status_code"] != 200
    carrier.quiet()
    assert heed("tick", "--now", "2026-09-15T09:00").code == 0
    listed = heed("queue", "list", "--json").json
    assert [(one["code"], one["detail"]) for one in listed["alarms"]] == [
        ("orphan-at-carrier", {"texts": 1, "ids": [answer.json()["sid"]]})
    ]
    assert [
        (one["day"], one["direction"], one["listed"], one["matched"], one["orphans"])
        for one in listed["comparisons"]
    ] == [("2026-09-14", "inbound", 1, 1, 0), ("2026-09-14", "outbound", 1, 0, 1)]
    shown = heed("queue", "list").out
    assert "orphan-at-carrier" in shown
    assert "the carrier's list compared" in shown
    # The text was understood as if its webhook had come, and answered.
    replies = [one["body"] for one in carrier.messages(to=PHONE, direction="outbound-api")]
    assert len(replies) == 2
    before = carrier.accepted()
    assert heed("tick", "--now", "2026-09-15T12:00").code == 0
    assert carrier.accepted() == before
