"""Every row of the table of faults, over real HTTP with Twilio's own library."""

import time

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from services.sandbox import answers, callbacks, listing
from services.sandbox.faults import Rates, fault_for, fault_named, table

STAGES = ("outcome", "first-outcome", "refusal", "answer", "evidence", "callback")


def number(name: str) -> str:
    fault = fault_named(name)
    assert fault is not None
    return "+447700900" + fault.digits


@pytest.mark.parametrize(
    ("to", "name"),
    [
        ("+447700900901", "landline"),
        ("+447700900906", "invalid"),
        ("+447700900930", "late"),
        ("+447700900900", None),
        ("+447700900999", None),
        ("+447700901901", None),
        ("+447700900123", None),
        ("+4477009009011", None),
        ("07700900901", None),
        ("", None),
    ],
)
def test_the_last_three_digits_choose(to: str, name: str | None) -> None:
    fault = fault_for(to)
    assert (fault.name if fault else None) == name


def test_the_table_is_sound_and_every_name_that_code_knows_is_in_it() -> None:
    rows = table()
    assert len({row.digits for row in rows}) == len({row.name for row in rows}) == len(rows)
    assert all(len(row.digits) == 3 and row.digits.startswith("9") and row.happens for row in rows)
    stages = {stage: {row.name for row in rows if row.stage == stage} for stage in STAGES}
    assert sum(map(len, stages.values())) == len(rows)
    coded = set(answers.TURNS_AWAY) | set(answers.SPOILS) | {"callback-first", "slow-before"}
    assert stages["answer"] | stages["evidence"] == coded
    assert stages["callback"] == set(callbacks.TOLD) - stages["evidence"]
    assert stages["evidence"] == listing.UNLISTED


@pytest.mark.parametrize(
    ("name", "code"), [("landline", 30006), ("unknown", 30005), ("unreachable", 30003), ("filtered", 30007)]
)
def test_undelivered(sandbox, name: str, code: int) -> None:
    row = sandbox.settle(sandbox.send(to=number(name)).sid)
    assert (row["status"], row["error_code"]) == ("undelivered", code)


def test_unreachable_is_fine_on_the_next_text(sandbox) -> None:
    sandbox.control("inbound", {"from": number("unreachable"), "to": "+447700900001", "body": "HELP"})
    assert sandbox.settle(sandbox.send(to=number("unreachable"), body="one").sid)["status"] == "undelivered"
    assert sandbox.settle(sandbox.send(to=number("unreachable"), body="two").sid)["status"] == "delivered"
    assert sandbox.settle(sandbox.send(to=number("landline"), body="one").sid)["status"] == "undelivered"
    assert sandbox.settle(sandbox.send(to=number("landline"), body="two").sid)["status"] == "undelivered"


@pytest.mark.parametrize(("name", "code"), [("opted-out", 21610), ("invalid", 21211)])
def test_refused(sandbox, name: str, code: int) -> None:
    with pytest.raises(TwilioRestException) as refused:
        sandbox.send(to=number(name))
    assert (refused.value.status, refused.value.code) == (400, code)
    assert sandbox.control("accepted")["accepted"] == 0


@pytest.mark.parametrize(("name", "times", "status"), [("busy-twice", 2, 429), ("error-before", 1, 500)])
def test_turned_away_and_then_accepted(sandbox, name: str, times: int, status: int) -> None:
    form = {"To": number(name), "From": "+447700900001", "Body": "Hello"}
    for _ in range(times):
        answer = sandbox.session.post(sandbox.api + ".json", auth=sandbox.auth, data=form)
        assert answer.status_code == status
        assert answer.headers.get("Retry-After") == ("1" if status == 429 else None)
        assert sandbox.control("accepted")["accepted"] == 0
    assert sandbox.send(to=number(name)).status == "queued"
    with pytest.raises(TwilioRestException):
        sandbox.send(to=number(name), body="another text is turned away again")


def test_error_after_accepting(sandbox) -> None:
    with pytest.raises(TwilioRestException) as refused:
        sandbox.send(to=number("error-after"))
    assert (refused.value.status, refused.value.code) == (500, 20500)
    (found,) = sandbox.client.messages.list(to=number("error-after"), limit=5)
    assert sandbox.settle(found.sid)["status"] == "delivered"
    assert sandbox.send(to=number("error-after")).status == "queued"
    (doubled,) = sandbox.control("accepted")["doubled"]
    assert (doubled["to"], doubled["body"], doubled["accepted"]) == (number("error-after"), "Hello", 2)


def test_answer_lost_after_accepting(sandbox) -> None:
    with pytest.raises(requests.exceptions.ConnectionError):
        sandbox.send(to=number("answer-lost"))
    assert len(sandbox.client.messages.list(to=number("answer-lost"), limit=5)) == 1


def test_a_reset_before_anything_is_accepted(sandbox) -> None:
    """RST, not the end of the stream: the client cannot take it for an answer of length nought."""
    with pytest.raises(requests.exceptions.ConnectionError, match="ConnectionResetError"):
        sandbox.send(to=number("reset-before"))
    assert sandbox.control("accepted")["accepted"] == 0
    assert sandbox.send(to=number("reset-before")).status == "queued"
    (pair,) = sandbox.control("accepted")["counts"]
    assert (pair["requests"], pair["accepted"]) == (2, 1)


def test_a_reset_after_accepting(sandbox) -> None:
    with pytest.raises(requests.exceptions.ConnectionError, match="ConnectionResetError"):
        sandbox.send(to=number("reset-after"))
    (pair,) = sandbox.control("accepted")["counts"]
    assert (pair["requests"], pair["accepted"]) == (1, 1)
    assert sandbox.send(to=number("reset-after")).status == "queued"


def test_a_fault_chosen_for_a_number_goes_before_its_own_and_the_rates(sandbox) -> None:
    sandbox.control("faults", {"seed": 1, "rates": {"filtered": 1}})
    for chosen in (number("landline"), "+447700900123"):
        sandbox.control("fault", {"number": chosen, "fault": "unknown"})
        assert sandbox.settle(sandbox.send(to=chosen, body="one").sid)["error_code"] == 30005
    assert sandbox.control("faults") == {
        "seed": 1,
        "rates": {"filtered": 1},
        "numbers": {number("landline"): "unknown", "+447700900123": "unknown"},
    }
    for chosen, code in ((number("landline"), 30006), ("+447700900123", 30007)):
        sandbox.control("fault", {"number": chosen, "fault": ""})
        assert sandbox.settle(sandbox.send(to=chosen, body="two").sid)["error_code"] == code


@pytest.mark.parametrize(
    "given",
    [{"number": "07700900123", "fault": "slow"}, {"number": "+447700900123", "fault": "nonsense"}, {}],
)
def test_a_choice_that_makes_no_sense(sandbox, given: dict[str, str]) -> None:
    assert sandbox.session.post(sandbox.url + "/sandbox/fault", json=given).status_code == 400


@pytest.mark.parametrize(("name", "told"), [("unlisted", ["sent", "delivered"]), ("unseen", [])])
def test_a_text_that_no_list_shows(sandbox, service, wait_for, name: str, told: list[str]) -> None:
    with pytest.raises(requests.exceptions.ConnectionError):
        sandbox.send(to=number(name), status_callback=service.url + "/s")
    (pair,) = sandbox.control("accepted")["counts"]
    assert sandbox.settle(pair["sids"][0])["status"] == "delivered"
    assert sandbox.client.messages.list(to=number(name), limit=5) == []
    wait_for(lambda: service.statuses(pair["sids"][0]) == told)


def test_a_slow_request(sandbox) -> None:
    started = time.monotonic()
    with pytest.raises(requests.exceptions.ReadTimeout):
        form = {"To": number("slow-before"), "From": "+447700900001", "Body": "Hello"}
        sandbox.session.post(sandbox.api + ".json", auth=sandbox.auth, data=form, timeout=0.1)
    assert sandbox.control("accepted")["accepted"] == 0
    while not sandbox.control("accepted")["accepted"]:
        assert time.monotonic() - started < 5
    assert time.monotonic() - started >= 0.3


def test_slow_answer(sandbox) -> None:
    started = time.monotonic()
    assert sandbox.send(to=number("slow")).status == "queued"
    assert time.monotonic() - started >= 0.3
    started = time.monotonic()
    sandbox.send()
    assert time.monotonic() - started < 0.3


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("callback-lost", []),
        ("callback-twice", ["sent", "sent", "delivered", "delivered"]),
        ("callback-reversed", ["delivered", "sent"]),
        ("callback-first", ["sent", "delivered"]),
    ],
)
def test_callbacks(sandbox, service, wait_for, name: str, told: list[str]) -> None:
    sid = sandbox.send(to=number(name), status_callback=service.url + "/s").sid
    if name == "callback-first":
        assert service.statuses(sid) == ["sent"]
    assert sandbox.settle(sid)["status"] == "delivered"
    wait_for(lambda: service.statuses(sid) == told)


def test_callback_first_still_answers_queued(sandbox, service) -> None:
    message = sandbox.send(to=number("callback-first"), status_callback=service.url + "/s")
    assert (message.status, message.date_sent) == ("queued", None)


def test_late_is_delivered_when_the_handsets_clock_has_passed(sandbox, service, wait_for) -> None:
    sandbox.control("clock", {"now": "2026-09-14T10:00:00+01:00"})
    sid = sandbox.send(to=number("late"), status_callback=service.url + "/s").sid
    wait_for(lambda: service.statuses(sid) == ["sent"])
    sandbox.control("clock", {"now": "2026-09-16T09:00:00+01:00"})
    assert service.statuses(sid) == ["sent"]
    wait_for(lambda: sid in sandbox.carrier.progress._late)
    sandbox.control("clock", {"now": "2026-09-16T10:01:00+01:00"})
    wait_for(lambda: service.statuses(sid) == ["sent", "delivered"])


def drawn(rates: Rates, texts: list[tuple[str, str]]) -> list[str]:
    return [fault.name for text in texts if (fault := rates.choose(*text))]


def test_rates_are_repeatable_and_near_their_share() -> None:
    rates = Rates(7, {"landline": 0.1, "error-after": 0.05})
    texts = [(f"+4477009{number:05d}", "Hello") for number in range(4000)]
    chosen = drawn(rates, texts)
    assert chosen == drawn(rates, texts)
    assert 320 < chosen.count("landline") < 480
    assert 140 < chosen.count("error-after") < 260
    assert drawn(Rates(8, rates.shares), texts) != chosen


@pytest.mark.parametrize("shares", [{"nonsense": 0.1}, {"landline": -0.1}, {"landline": 0.6, "unknown": 0.5}])
def test_rates_that_make_no_sense(sandbox, shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"fault|shares"):
        Rates(1, shares)
    answer = sandbox.session.post(sandbox.url + "/sandbox/faults", json={"rates": shares})
    assert answer.status_code == 400


def test_rates_apply_to_all_traffic_until_they_are_ended(sandbox) -> None:
    sandbox.control("faults", {"seed": 1, "rates": {"filtered": 1}})
    assert sandbox.settle(sandbox.send(body="one").sid)["error_code"] == 30007
    assert sandbox.settle(sandbox.send(to=number("landline")).sid)["error_code"] == 30006
    sandbox.control("faults", {})
    assert sandbox.settle(sandbox.send(body="two").sid)["status"] == "delivered"
