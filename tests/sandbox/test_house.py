"""What the sandbox promises of itself: its arrows, its logs, its server, its size."""

import ast
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from services.sandbox import timers
from services.sandbox.journal import NoJournal
from services.sandbox.store import Store

PACKAGE = Path(timers.__file__).parent
ALLOWED = {"services.common.segments", "services.common.signature"}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.name)
def test_the_other_side_of_the_wire_knows_nothing_of_this_side(path: Path) -> None:
    for name in imports(path):
        assert name.split(".")[0] != "twilio"
        if name.startswith("services.") and not name.startswith("services.sandbox"):
            assert any(name == module or name.startswith(module + ".") for module in ALLOWED) or any(
                module.startswith(name + ".") for module in ALLOWED
            ), f"{path.name} imports {name}"


def test_logs_hold_no_numbers_and_no_texts(sandbox, monkeypatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def broken(*arguments: object, **more: object) -> None:
        raise RuntimeError("07700 900 123 wrote Secret")

    sandbox.session.post(
        sandbox.url + "/sandbox/inbound", json={"from": "+447700900123", "to": "+1", "body": "Secret"}
    )
    monkeypatch.setattr(sandbox.carrier.store, "add", broken)
    form = {"To": "+447700900123", "From": "+447700900001", "Body": "Secret"}
    answer = sandbox.session.post(sandbox.api + ".json", auth=sandbox.auth, data=form)
    assert (answer.status_code, answer.json()["code"]) == (500, 20500)
    page = sandbox.session.post(
        sandbox.url + "/handsets", data={"number": "07700900123", "sender": "+447700900001", "body": "Secret"}
    )
    assert page.status_code == 500
    timers.run_safely(broken)
    ours = [record for record in caplog.records if record.name.startswith("services.")]
    assert len(ours) == 3
    for record in ours:
        assert "RuntimeError" in record.getMessage()
        assert "900" not in record.getMessage()
        assert "Secret" not in record.getMessage()
        assert record.exc_info is None


def test_an_action_that_fails_ends_no_thread(sandbox, wait_for) -> None:
    done: list[str] = []
    sandbox.carrier.timers.after(0, lambda: 1 / 0)
    sandbox.carrier.timers.after(0, lambda: done.append("timer"))
    wait_for(lambda: done == ["timer"])


def test_timers_keep_their_order(sandbox, wait_for) -> None:
    done: list[int] = []
    for number, seconds in ((3, 0.06), (1, 0.0), (2, 0.03)):
        sandbox.carrier.timers.after(seconds, lambda number=number: done.append(number))
    wait_for(lambda: len(done) == 3)
    assert done == [1, 2, 3]


def test_work_with_one_key_is_done_in_turn() -> None:
    lanes, done = timers.Lanes(3), []
    for number in range(200):
        lanes.submit("one", lambda number=number: done.append(number))
    lanes.stop()
    assert done == list(range(200))


def test_twenty_thousand_texts_are_no_burden() -> None:
    store = Store(NoJournal())
    started = time.monotonic()
    for number in range(20_000):
        store.add(
            direction="outbound-api",
            status="queued",
            to=f"+4477{number:08d}",
            sender="+447700900001",
            body="Hello",
        )
    assert time.monotonic() - started < 10  # a quadratic index would take minutes; this takes about 0.3 s
    assert len(store.state.by_to["+447700000007"]) == 1


def test_it_runs_as_one_gunicorn_process(tmp_path: Path, wait_for) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "SANDBOX_PORT": str(port),
        "HEED_DATA_DIR": str(tmp_path),
        "HOME": str(tmp_path),
        "SANDBOX_DELAY_SECONDS": "0.01",
    }
    command = [sys.executable, "-m", "services.sandbox"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as server:
        url = f"http://127.0.0.1:{port}"
        try:
            wait_for(lambda: _answers(url), 20)
            api = f"{url}/2010-04-01/Accounts/AC00000000000000000000000000005a4d/Messages.json"
            auth = ("AC00000000000000000000000000005a4d", "sandbox-token")
            form = {"To": "+447700900913", "From": "+447700900001", "Body": "Hello"}
            with pytest.raises(requests.exceptions.ConnectionError):
                requests.post(api, auth=auth, data=form)
            assert requests.post(api, auth=auth, data=form | {"To": "+447700900123"}).status_code == 201
            assert requests.get(f"{url}/sandbox/accepted").json()["accepted"] == 2
        finally:
            server.send_signal(signal.SIGTERM)
            _, words = server.communicate(timeout=20)
    assert server.returncode == 0
    assert b"447700900" not in words
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sandbox.jsonl"]


def _answers(url: str) -> bool:
    try:
        return requests.get(url + "/").status_code == 200
    except requests.exceptions.ConnectionError:
        return False
