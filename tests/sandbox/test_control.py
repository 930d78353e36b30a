"""The control API: lists, counts, the handsets' clock, and whom it refuses."""

from datetime import UTC, datetime

import pytest

REMINDERS, CONSULTATION, A, B = "+447700900001", "+447700900002", "+447700900111", "+447700900222"


@pytest.fixture
def filled(sandbox):
    for to, sender, body in (
        (A, REMINDERS, "1"),
        (B, REMINDERS, "2"),
        (A, CONSULTATION, "3"),
        (A, REMINDERS, "1"),
    ):
        sandbox.settle(sandbox.send(to=to, from_=sender, body=body).sid)
    sandbox.control("inbound", {"from": A, "to": REMINDERS, "body": "5"})
    return sandbox


@pytest.mark.parametrize(
    ("filters", "bodies", "last", "more"),
    [
        ({}, ["1", "2", "3", "1", "5"], 5, False),
        ({"to": A}, ["1", "3", "1"], 5, False),
        ({"from": A}, ["5"], 5, False),
        ({"from": CONSULTATION}, ["3"], 5, False),
        ({"direction": "inbound"}, ["5"], 5, False),
        ({"direction": "outbound-api", "to": B}, ["2"], 5, False),
        ({"since": 3}, ["1", "5"], 5, False),
        ({"since": 5}, [], 5, False),
        ({"since": -1}, ["1", "2", "3", "1", "5"], 5, False),
        ({"limit": 2}, ["1", "2"], 2, True),
        ({"since": 2, "limit": 1, "to": A}, ["3"], 3, True),
        ({"limit": 5}, ["1", "2", "3", "1", "5"], 5, False),
        ({"limit": 0}, [], 0, True),
    ],
)
def test_filters(filled, filters, bodies: list[str], last: int, more: bool) -> None:
    found = filled.control("messages", **filters)
    assert [row["body"] for row in found["messages"]] == bodies
    assert (found["last"], found["more"]) == (last, more)


def test_a_row(filled) -> None:
    row = filled.control("messages")["messages"][0]
    assert set(row) == {
        "seq", "sid", "direction", "from", "to", "body", "segments", "status", "error_code", "created_at",
        "sent_at", "updated_at", "shown_at", "status_callback", "valid_for", "fault", "redacted", "deleted",
        "accepts", "webhook",
    }  # fmt: skip
    assert (row["accepts"], row["status"], row["direction"]) == (2, "delivered", "outbound-api")
    inbound = filled.control("messages", direction="inbound")["messages"][0]
    assert (inbound["accepts"], inbound["webhook"]) == (0, {"status_code": 204, "attempts": 1})


def test_the_count_is_by_number_and_text(filled) -> None:
    counted = filled.control("accepted")
    assert (counted["accepted"], counted["distinct"]) == (4, 3)
    (doubled,) = counted["doubled"]
    assert (doubled["to"], doubled["body"], doubled["accepted"], len(doubled["sids"])) == (A, "1", 2, 2)
    assert [(pair["to"], pair["body"], pair["accepted"]) for pair in counted["counts"]] == [
        (A, "1", 2),
        (B, "2", 1),
        (A, "3", 1),
    ]
    assert filled.control("accepted", to=B)["accepted"] == 1
    assert filled.control("accepted", to="+447700900999")["accepted"] == 0


def test_requests_are_counted_whatever_they_were_answered(sandbox) -> None:
    sandbox.send(to=A, body="taken")
    form = {"From": REMINDERS, "Body": "once more"}
    for to in ("+447700900911", "+447700900911", "+447700900906", "+447700900906", "+447700900905"):
        sandbox.session.post(sandbox.api + ".json", auth=sandbox.auth, data=form | {"To": to})
    counted = sandbox.control("accepted")
    assert [(pair["to"], pair["requests"], pair["accepted"]) for pair in counted["counts"]] == [
        (A, 1, 1),
        ("+447700900911", 2, 1),
    ]
    assert [(pair["to"], pair["requests"], pair["accepted"]) for pair in counted["refused"]] == [
        ("+447700900906", 2, 0),
        ("+447700900905", 1, 0),
    ]
    assert [pair["to"] for pair in sandbox.control("accepted", to="+447700900906")["refused"]] == [
        "+447700900906"
    ]
    assert sandbox.control("accepted", to=A)["refused"] == []


def test_the_clock_moves_handsets_and_not_the_api(sandbox) -> None:
    answer = sandbox.control("clock", {"now": "2026-09-14T10:00:00+01:00"})
    assert answer["now"] == "2026-09-14T10:00:00+01:00"
    sid = sandbox.send().sid
    row = sandbox.settle(sid)
    assert row["shown_at"].startswith("2026-09-14T09:00:0")
    created = sandbox.client.messages(sid).fetch().date_created
    assert abs((datetime.now(UTC) - created).total_seconds()) < 10
    sandbox.control("clock", {"now": "2026-10-26T10:00:00Z"})
    assert sandbox.settle(sid)["shown_at"] == row["shown_at"]


@pytest.mark.parametrize("given", [{}, {"now": "Tuesday"}, {"now": "2026-09-14T10:00:00"}, {"now": 5}, "now"])
def test_times_that_make_no_sense(sandbox, given: object) -> None:
    answer = sandbox.session.post(sandbox.url + "/sandbox/clock", json=given)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "message"}


@pytest.mark.parametrize(
    ("path", "given"),
    [("callbacks", {}), ("callbacks", {"on": "no"}), ("faults", {"seed": "x"}), ("faults", [])],
)
def test_settings_that_make_no_sense(sandbox, path: str, given: object) -> None:
    assert sandbox.session.post(f"{sandbox.url}/sandbox/{path}", json=given).status_code == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "localhost:8003"}, 200),
        ({"Host": "[::1]:8003"}, 200),
    ],
)
def test_only_this_machine_by_a_local_name(sandbox, headers: dict[str, str], status: int) -> None:
    assert sandbox.session.get(sandbox.url + "/sandbox/messages", headers=headers).status_code == status


def test_another_machine_is_refused(sandbox) -> None:
    app = sandbox._running._server.app
    client = app.test_client()
    for address, status in (("192.0.2.7", 403), ("127.0.0.1", 200), ("::1", 200), ("", 403)):
        answer = client.get("/sandbox/messages", environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == status, address


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 204),
    ],
)
def test_other_sites_cannot_reset(sandbox, headers: dict[str, str], status: int) -> None:
    assert sandbox.session.post(sandbox.url + "/sandbox/reset", headers=headers).status_code == status


def test_a_form_is_no_command(sandbox) -> None:
    answer = sandbox.session.post(
        sandbox.url + "/sandbox/inbound", data={"from": A, "to": REMINDERS, "body": "x"}
    )
    assert answer.status_code == 415
    assert set(answer.json()) == {"error", "message"}


def test_unknown_paths_answer_in_json(sandbox) -> None:
    answer = sandbox.session.get(sandbox.url + "/sandbox/nothing")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
