"""The journal: what a restarted carrier knows, whatever the moment at which its predecessor died."""

import json
import stat
import threading
from pathlib import Path

import pytest

from services.sandbox import journal as journals
from services.sandbox.journal import Journal, JournalError
from services.sandbox.state import State

REMINDERS, HANDSET = "+447700900001", "+447700900123"


def seen(sandbox) -> tuple:
    rows = sandbox.control("messages")["messages"]
    return rows, sandbox.control("accepted"), sandbox.carrier.store.state.opt_outs


def test_a_restarted_carrier_knows_everything(sandboxes, service, tmp_path: Path) -> None:
    first = sandboxes(journal=tmp_path / "deep" / "sandbox.jsonl")
    first.control("clock", {"now": "2026-09-14T10:00:00+01:00"})
    first.settle(first.send(body="redacted").sid)
    first.settle(first.send(body="deleted").sid)
    first.settle(first.send(to="+447700900901", body="landline", status_callback=service.url + "/s").sid)
    redacted, deleted, _ = first.control("messages")["messages"]
    first.client.messages(redacted["sid"]).update(body="")
    first.client.messages(deleted["sid"]).delete()
    first.control("inbound", {"from": HANDSET, "to": REMINDERS, "body": "STOP"})
    first.control("inbound", {"from": "+447700900124", "to": REMINDERS, "body": "STOP"})
    first.control("inbound", {"from": "+447700900124", "to": REMINDERS, "body": "START"})
    first.control("callbacks", {"on": False})
    first.control("faults", {"seed": 7, "rates": {"landline": 0.5}})
    first.control("fault", {"number": HANDSET, "fault": "slow"})
    first.control("fault", {"number": "+447700900124", "fault": "slow"})
    first.control("fault", {"number": "+447700900124", "fault": ""})
    before = seen(first)
    first.stop()

    second = sandboxes(journal=tmp_path / "deep" / "sandbox.jsonl")
    assert seen(second) == before
    assert len(before[0]) == 9
    assert before[2] == {(REMINDERS, HANDSET)}
    assert second.control("callbacks")["on"] is False
    assert second.carrier.store.state.rates == first.carrier.store.state.rates
    assert second.carrier.store.state.chosen == {HANDSET: "slow"}
    assert second.control("clock")["now"].startswith("2026-09-14T10:00")
    assert [m.sid for m in second.client.messages.list(to=HANDSET, limit=5)] == [redacted["sid"]]


def test_a_text_under_way_goes_on_after_a_restart(sandboxes, service, tmp_path: Path, wait_for) -> None:
    first = sandboxes(journal=tmp_path / "j", delay_seconds=30)
    sid = first.send(status_callback=service.url + "/s").sid
    first.stop()
    second = sandboxes(journal=tmp_path / "j")
    second.settle(sid)
    wait_for(lambda: service.statuses(sid) == ["sent", "delivered"])
    assert second.client.messages(sid).fetch().status == "delivered"


def test_a_cancelled_text_stays_cancelled(sandboxes, tmp_path: Path) -> None:
    first = sandboxes(journal=tmp_path / "j", delay_seconds=30)
    sid = first.send().sid
    first.carrier.store.advance(sid, "canceled")
    first.stop()
    assert sandboxes(journal=tmp_path / "j").client.messages(sid).fetch().status == "canceled"


def test_a_text_is_in_the_journal_before_it_is_answered_for(sandboxes, tmp_path: Path) -> None:
    path = tmp_path / "j"
    sid = sandboxes(journal=path, delay_seconds=30).send(body="Hearing on 23 Sep").sid
    (line,) = [json.loads(line) for line in path.read_text().splitlines()]
    assert (line["event"], line["sid"], line["body"]) == ("message", sid, "Hearing on 23 Sep")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_text_that_the_disk_refuses_is_not_accepted(sandboxes, tmp_path: Path, monkeypatch) -> None:
    carrier = sandboxes(journal=tmp_path / "j", delay_seconds=30)
    file = carrier.carrier.store._journal._file

    class Full:
        def write(self, line: bytes) -> int:
            return file.write(line[:10])

        def __getattr__(self, name: str) -> object:
            return getattr(file, name)

    monkeypatch.setattr(carrier.carrier.store._journal, "_file", Full())
    answer = carrier.session.post(
        carrier.api + ".json", auth=carrier.auth, data={"To": HANDSET, "From": REMINDERS, "Body": "Hi"}
    )
    assert (answer.status_code, answer.json()["code"]) == (500, 20500)
    assert carrier.control("accepted")["accepted"] == 0
    assert (tmp_path / "j").read_bytes() == b""


@pytest.mark.parametrize(
    "torn", [b'{"event":"opt-ou', b'{"event":"opt-out","sender":"a","number":"b"}', b"\xff"]
)
def test_a_torn_last_line_is_dropped(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "j"
    path.write_bytes(b'{"event":"clock","offset":5}\n' + torn)
    journal = Journal(path)
    assert [event["event"] for event in journal.replay()] == ["clock"]
    journal.append({"event": "clock", "offset": 6})
    journal.close()
    again = Journal(path)
    assert [event["offset"] for event in again.replay()] == [5, 6]
    again.close()


def test_a_broken_line_elsewhere_is_named(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_bytes(b'{"event":"clock","offset":5}\nnonsense\n{"event":"clock","offset":6}\n')
    journal = Journal(path)
    with pytest.raises(JournalError, match="line 2"):
        list(journal.replay())
    journal.close()


def test_two_carriers_cannot_share_a_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "LOCK_PATIENCE_SECONDS", 0.1)
    journal = Journal(tmp_path / "j")
    with pytest.raises(JournalError, match="in use"):
        Journal(tmp_path / "j")
    journal.close()
    Journal(tmp_path / "j").close()


def test_many_senders_at_once_lose_nothing_and_replay_the_same(sandboxes, tmp_path: Path) -> None:
    carrier = sandboxes(journal=tmp_path / "j", delay_seconds=0)

    def send(worker: int) -> None:
        for number in range(15):
            form = {"To": f"+44770090010{worker}", "From": REMINDERS, "Body": str(number)}
            answer = carrier.session.post(carrier.api + ".json", auth=carrier.auth, data=form)
            assert answer.status_code == 201

    threads = [threading.Thread(target=send, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = carrier.control("accepted")
    assert (counted["accepted"], counted["distinct"], counted["doubled"]) == (120, 120, [])
    for text in list(carrier.carrier.store.state.messages):
        carrier.settle(text.sid)
    state, carrier_state = State(), carrier.carrier.store.state
    carrier.stop()
    reader = Journal(tmp_path / "j")
    for event in reader.replay():
        state.apply(event)
    reader.close()
    assert state.messages == carrier_state.messages
    assert list(state.by_handset) == list(carrier_state.by_handset)


def test_a_reset_forgets_everything_for_good(sandboxes, service, tmp_path: Path, wait_for) -> None:
    carrier = sandboxes(journal=tmp_path / "j")
    carrier.send(status_callback=service.url + "/s")
    carrier.control("inbound", {"from": HANDSET, "to": REMINDERS, "body": "STOP"})
    late = carrier.send(to="+447700900930").sid
    wait_for(lambda: late in carrier.carrier.progress._late)
    carrier.control("clock", {"now": "2025-01-01T00:00:00Z"})
    assert carrier.session.post(carrier.url + "/sandbox/reset").status_code == 204
    # What was on the wire at that moment still arrives.
    wait_for(lambda: carrier.control("callbacks")["waiting"] == 0)
    service.heard.clear()
    assert carrier.control("messages")["messages"] == []
    assert carrier.carrier.progress._late == {}
    assert carrier.control("clock")["offset_seconds"] == 0
    assert (tmp_path / "j").read_bytes() == b""
    second = carrier.send(body="after", status_callback=service.url + "/s").sid
    carrier.settle(second)
    assert {heard.form["MessageSid"] for heard in service.heard} <= {second}
    assert [row["seq"] for row in carrier.control("messages")["messages"]] == [1]


def test_a_reset_drops_what_waits_for_a_busy_service(sandboxes, service, wait_for) -> None:
    carrier = sandboxes(callback_threads=1)
    service.open.clear()
    for body in ("under way", "waiting"):
        carrier.carrier.inbound.send(HANDSET, REMINDERS, body)
    wait_for(lambda: service.heard)
    carrier.session.post(carrier.url + "/sandbox/reset")
    service.open.set()
    carrier.control("inbound", {"from": HANDSET, "to": REMINDERS, "body": "after"})
    assert [heard.form["Body"] for heard in service.heard] == ["under way", "after"]
    assert [row["body"] for row in carrier.control("messages")["messages"]] == ["after"]
