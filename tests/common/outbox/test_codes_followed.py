"""Every row of the carrier's codes, through the real POST and the real callback, comes to what its class promises."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from services.common import attention, numbers
from services.common.carrier import Accepted
from services.common.carrier_codes import Code, CodeClass, table
from services.common.models import SendingStop
from tests.support.odd_server import OddServer, http

# What the carrier's HTTP status is beside a code, where it is not 400.
HTTP = {429: 429, 20429: 429, 20003: 401, 20404: 404, 20500: 500, 20503: 503}

# Class → (state, reason, what the number's register says, whether the sender stops, alarm).
REFUSED: dict[str, tuple[str, str | None, str | None, bool, str | None]] = {
    "wait": ("pending", "carrier-busy", None, False, None),
    "recipient": ("failed", "carrier-recipient", "mobile-invalid", False, None),
    "opted-out": ("failed", "carrier-opted-out", "opted-out", False, None),
    "set-up": ("pending", "sender-stopped", None, True, "sender-stopped"),
    "bug": ("failed", "carrier-bug", None, False, "text-refused"),
    "uncertain": ("uncertain", "HTTP 500", None, False, None),
}
# After acceptance the text stands as accepted; (register, sender stops, alarm, second message).
FAILED: dict[str, tuple[str | None, bool, str | None, bool]] = {
    "recipient": ("mobile-invalid", False, None, False),
    "set-up": (None, True, "sender-stopped", False),
    "later": (None, False, None, True),
    "do-not-repeat": (None, False, None, False),
}


class Office:
    """One database for all rows: a number each, and whatever a row stopped is let go again."""

    def __init__(self, desk: Any) -> None:
        self.desk, self._numbers = desk, 0

    def owe(self) -> tuple[int, str]:
        self._numbers += 1
        to = f"+4477009001{self._numbers:02}"
        return self.desk.owe(to, "Hello"), to

    def outcome(self, to: str) -> tuple[str | None, bool, str | None]:
        """What the register says of the number; whether the sender was stopped; the alarm. Then all is let go."""
        key = self.desk.key(to)
        with self.desk.heed.database.begin() as session:
            said = numbers.forbidden(session, [key]).get(key)
            stops = session.scalars(select(SendingStop)).all()
            sounding = attention.sounding(session)
            for one in stops:
                session.delete(one)
            for alarm in sounding:
                session.delete(session.get_one(attention.Alarm, alarm["id"]))
        assert len(sounding) <= 1
        for alarm in sounding:
            assert alarm["detail"]["action"].endswith(".")
        return said, bool(stops), sounding[0]["code"] if sounding else None


@pytest.fixture
def office(desk: Any) -> Office:
    return Office(desk)


def of(when: str) -> list[Code]:
    return [one for one in table().values() if one.when == when]


def test_every_class_is_promised_something() -> None:
    assert {one.kind.value for one in of("create")} == set(REFUSED)
    assert {one.kind.value for one in of("delivery")} == set(FAILED)


def test_every_refusal(
    office: Office, odd_server: Callable[..., OddServer], subtests: pytest.Subtests
) -> None:
    codes = of("create")
    answers = (json.dumps({"code": one.code, "message": "x"}) for one in codes)
    server = odd_server(
        *(http(HTTP.get(one.code, 400), said) for one, said in zip(codes, answers, strict=True))
    )
    office.desk.heed.carrier._client.api.base_url = server.url
    for one in codes:
        with subtests.test(one.code):
            number, to = office.owe()
            assert office.desk.drain() == 1
            row = office.desk.row(number)
            register, stops, alarm = office.outcome(to)
            got = (row.state, row.reason and row.reason.replace("503", "500"), register, stops, alarm)
            assert got == REFUSED[one.kind]
            assert row.error_code == one.code
            office.desk.put(number, state="cancelled")
    assert len(server.requests) == len(codes)


def test_every_failure_after_acceptance(office: Office, subtests: pytest.Subtests) -> None:
    for one in of("delivery"):
        with subtests.test(one.code):
            number, to = office.owe()
            (claimed,) = office.desk.claim()
            sid = f"SM{number:032}"
            office.desk.record((claimed, Accepted(sid, "queued")))
            before = len(office.desk.rows())
            office.desk.call_back(claimed.text.token, "undelivered", sid, one.code)
            row, again = office.desk.row(number), len(office.desk.rows()) > before
            assert (*office.outcome(to), again) == FAILED[one.kind]
            assert (row.state, row.carrier_status, row.error_code) == ("accepted", "undelivered", one.code)
    # What did not arrive is listed, with what it means and what to do.
    with office.desk.heed.database.begin() as session:
        listed = {one["code"]: one for one in attention.failed(session)}
    assert set(listed) == {one.code for one in of("delivery")}
    assert all(listed[one.code]["action"] == one.action for one in of("delivery"))


def test_many_refusals_are_one_alarm_a_code(desk: Any) -> None:
    from services.common.carrier import NotSent

    for _ in range(5):
        desk.owe()
    claims = desk.claim()
    desk.record(
        *((one, NotSent(CodeClass.BUG, 21617, 400)) for one in claims[:3]),
        *((one, NotSent(CodeClass.UNKNOWN, 99999, 400)) for one in claims[3:]),
    )
    assert desk.alarms() == [("text-refused", "code:21617", 1), ("text-refused", "code:99999", 1)]
