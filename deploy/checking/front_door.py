"""What nginx lets through and what it keeps inside, and who needs which key."""

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from checking.docker import SERVICES, compose
from checking.told import expect

FLOOD = 600
# Also as a caller might write them who hopes that nginx and the service read an address differently.
INSIDE = ("/metrics", "/readyz", "//metrics", "/x/../readyz", "/%6detrics", "/metrics?x=1")


def keys(door):
    """A key for each service, made as an operator makes it."""
    for service in SERVICES:
        made = compose(
            f"exec -T {service}-web heed keys add --service {service} --scope all --label deploy/check --json"
        )
        door.keys[service] = json.loads(made)["key"]
    path = f"/v1/feeds/common-platform/hearing/{uuid.uuid4()}"
    wrong = ("", f"heed_{'0' * 12}_{'x' * 43}", door.keys["consultation"])
    seen = [door.ask("reminders", "POST", path, {}, key=key)[0] for key in wrong]
    expect("no key, a wrong key and the other service's key are 401", seen == [401, 401, 401], seen)


def front_door(door):
    """Both services' names, the handsets', and one that is nobody's."""
    for service in SERVICES:
        status, headers, text = door.ask(service, "GET", "/healthz", X_Request_Id="check-request-1")
        expect(f"{service}: /healthz answers through nginx", status == 200 and "alive" in text, text)
        passed_on = headers.get("X-Request-Id") == "check-request-1"
        expect(f"{service}: the request's id is passed on and back", passed_on, headers.items())
        seen = {path: door.ask(service, "GET", path)[0] for path in INSIDE}
        expect(f"{service}: /metrics and /readyz stay inside", set(seen.values()) == {404}, seen)
        _webhooks(door, service)
    _flood(door)
    status, headers, _ = door.ask("nobody", "GET", "/healthz")
    expect("another name gets nothing", status == 404, status)
    expect("the server says no version", headers.get("Server") == "nginx", headers.get("Server"))
    doors = ("/sandbox/messages", "/2010-04-01/Accounts/x/Messages.json")
    seen = {path: door.ask("sandbox", "GET", path)[0] for path in doors}
    expect("the carrier's API and its controls stay inside", set(seen.values()) == {404}, seen)
    try:
        status, _, text = door.ask("reminders", "POST", "/v1/feeds/csv", b"x" * (33 << 20), "text/csv")
    except OSError as error:  # nginx may well close the line before all is sent
        status, text = 413, f'{{"error": "too-large", "line": "{type(error).__name__}"}}'
    expect("a push over 32 MiB is refused at the door", (status, _error(text)) == (413, "too-large"), text)


def _flood(door):
    """Many strangers at one address; whoever has a key gets through all the same."""
    began = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        asked = [pool.submit(door.ask, "reminders", "GET", "/healthz", key="") for _ in range(FLOOD)]
        answers = [(one.result()[0], one.result()[2]) for one in asked]
    refused = [text for status, text in answers if status == 429]
    allowed = 100 + 20 * (time.monotonic() - began)
    told = f"of {FLOOD} requests without a key at once {len(refused)} are turned away"
    shape = all(_error(text) == "too-many-requests" for text in refused)
    # A machine so busy that they take half a minute turns nobody away.
    expect(told, shape and (refused or allowed > FLOOD), answers[:3])
    status, _, text = door.ask("reminders", "GET", "/v1/reminders")
    expect("and whoever has one is served meanwhile", status == 200, text)


def _webhooks(door, service):
    inbound = "/twilio/inbound"
    status, _, text = door.form(service, inbound, {"Body": "x" * 70_000})
    expect(
        f"{service}: a webhook over 64 KiB is refused at the door",
        (status, _error(text)) == (413, "too-large"),
        text,
    )
    status, _, text = door.form(service, inbound, {"Body": "hello"}, X_Twilio_Signature="bm90IGl0")
    expect(f"{service}: a wrong signature is 403", (status, _error(text)) == (403, "bad-signature"), text)
    status, _, text = door.form(service, inbound, {"Body": "hello"})
    expect(f"{service}: no signature is 403", status == 403, text)


def _error(text):
    try:
        return json.loads(text).get("error")
    except ValueError:
        return None
