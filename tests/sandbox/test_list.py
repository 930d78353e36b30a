"""The list of texts through Twilio's own library: filters, pages, and that an index is used."""

from datetime import UTC, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioException

from services.sandbox import listing

REMINDERS, CONSULTATION = "+447700900001", "+447700900002"
A, B = "+447700900111", "+447700900222"


def bodies(found) -> list[str]:
    return [message.body for message in found]


def test_newest_first_with_filters(sandbox) -> None:
    for to, sender, body in (
        (A, REMINDERS, "1"),
        (B, REMINDERS, "2"),
        (A, CONSULTATION, "3"),
        (A, REMINDERS, "4"),
    ):
        sandbox.send(to=to, from_=sender, body=body)
    sandbox.control("inbound", {"from": A, "to": REMINDERS, "body": "5"})
    everything = sandbox.client.messages
    assert bodies(everything.list(limit=20)) == ["5", "4", "3", "2", "1"]
    assert bodies(everything.list(to=A, limit=20)) == ["4", "3", "1"]
    assert bodies(everything.list(from_=REMINDERS, limit=20)) == ["4", "2", "1"]
    assert bodies(everything.list(to=A, from_=CONSULTATION, limit=20)) == ["3"]
    assert bodies(everything.list(to=REMINDERS, limit=20)) == ["5"]
    assert everything.list(to="+447700900999", limit=20) == []
    assert everything.list(to=REMINDERS, limit=1)[0].direction == "inbound"


@pytest.mark.parametrize(("size", "count"), [(1, 5), (2, 5), (5, 5), (5, 6), (7, 5), (1000, 3)])
def test_pages_hold_everything_once(sandbox, size: int, count: int) -> None:
    for number in range(count):
        sandbox.send(body=str(number))
    found = sandbox.client.messages.list(page_size=size, to="+447700900123")
    assert bodies(found) == [str(number) for number in reversed(range(count))]


def test_texts_that_arrive_meanwhile_move_no_page(sandbox) -> None:
    for number in range(4):
        sandbox.send(body=str(number))
    page = sandbox.client.messages.page(page_size=2)
    assert bodies(page) == ["3", "2"]
    sandbox.send(body="new")
    second = page.next_page()
    assert bodies(second) == ["1", "0"]
    assert second.next_page() is None


def test_a_page_says_where_it_is(sandbox) -> None:
    for number in range(3):
        sandbox.send(body=str(number), to=A)
    answer = sandbox.session.get(
        sandbox.api + ".json", auth=sandbox.auth, params={"To": A, "PageSize": 2}
    ).json()
    assert (answer["page"], answer["page_size"], answer["start"], answer["end"]) == (0, 2, 0, 1)
    assert answer["next_page_uri"].startswith("/2010-04-01/Accounts/")
    following = sandbox.session.get(sandbox.url + answer["next_page_uri"], auth=sandbox.auth).json()
    assert (following["page"], following["next_page_uri"]) == (1, None)
    assert [message["body"] for message in following["messages"]] == ["0"]
    again = sandbox.session.get(sandbox.url + answer["uri"], auth=sandbox.auth).json()
    assert [message["sid"] for message in again["messages"]] == [
        message["sid"] for message in answer["messages"]
    ]


def test_date_filters(sandbox) -> None:
    sid = sandbox.send().sid
    sandbox.settle(sid)
    sent = sandbox.client.messages(sid).fetch().date_sent
    second = timedelta(seconds=1)

    def found(**dates) -> bool:
        return bool(sandbox.client.messages.list(limit=5, **dates))

    assert found(date_sent_after=sent)
    assert not found(date_sent_after=sent + second)
    assert found(date_sent_before=sent)
    assert not found(date_sent_before=sent - second)
    assert found(date_sent_after=sent - second, date_sent_before=sent + second)
    assert found(date_sent=sent)
    assert not found(date_sent=sent - timedelta(days=1))
    assert found(date_sent=sent.date())
    day = sent.strftime("%Y-%m-%d")
    for key, value in (("DateSent", day), ("DateSent<", day), ("DateSent>", day)):
        answer = sandbox.session.get(sandbox.api + ".json", auth=sandbox.auth, params={key: value})
        assert len(answer.json()["messages"]) == 1, key


def test_a_queued_text_has_no_date_and_no_date_finds_it(sandboxes) -> None:
    slow = sandboxes(delay_seconds=30)
    slow.send()
    assert slow.client.messages.list(date_sent_after=datetime.now(UTC) - timedelta(days=1), limit=5) == []
    assert len(slow.client.messages.list(to="+447700900123", limit=5)) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"PageSize": "many"},
        {"PageSize": "0"},
        {"Page": "-1"},
        {"PageToken": "PASM0"},
        {"DateSent": "Tuesday"},
    ],
)
def test_senseless_parameters(sandbox, wrong: dict[str, str]) -> None:
    answer = sandbox.session.get(sandbox.api + ".json", auth=sandbox.auth, params=wrong)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)
    assert next(iter(wrong)) in answer.json()["message"]


def test_the_library_reports_a_refused_list(sandbox) -> None:
    with pytest.raises(TwilioException):
        sandbox.client.messages.list(date_sent="yesterday", limit=1)


def test_a_list_by_number_reads_that_numbers_texts_alone(sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        sandbox.send(to=f"+4477009003{number:02d}")
    looked_at = []
    fits = listing.Query.fits
    monkeypatch.setattr(listing.Query, "fits", lambda q, m: looked_at.append(m) or fits(q, m))
    assert len(sandbox.client.messages.list(to="+447700900307", limit=5)) == 1
    assert len(looked_at) == 1
