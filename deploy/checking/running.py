"""Everything is started, restarted under load, and started in live mode."""

import json
import os
import secrets
import threading
import time
import uuid
from datetime import datetime, timedelta

from checking.docker import (
    PROCESSES,
    SECRETS,
    SERVICES,
    compose,
    composed,
    inside,
    ran,
    run,
    wait_until_well,
)
from checking.messages import Hearing, applied, today
from checking.told import eventually, expect, tell

PORTS = {"reminders": 8001, "consultation": 8002}
LIVE = {
    "HEED_MODE": "live",
    "HEED_DUTY_NUMBER": "+447911123457",
    "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
    "REMINDERS_SENDER": "HEED CHECK",
    "CONSULTATION_SENDER": "+447911123456",
    "REMINDERS_PUBLIC_URL": "https://reminders.example.org",
    "CONSULTATION_PUBLIC_URL": "https://consultation.example.org",
    "HEED_COUNTY_FILE": "./services/reminders/data/hertfordshire.yaml",
    "files": "docker-compose.yml:deploy/live.yml",
}


def start():
    """Secrets, and everything up. What Docker says of the containers."""
    run("sh deploy/make-secrets", str(SECRETS))
    before = _made()
    run("sh deploy/make-secrets", str(SECRETS))
    expect("make-secrets keeps what is there", before == _made())
    began = time.monotonic()
    compose("up -d --no-build --quiet-pull")
    found = wait_until_well()
    took = time.monotonic() - began
    expect(f"everything is healthy after {took:.0f} s", set(PROCESSES) < set(found), sorted(found))
    tell(f"        from start to ready, all at once: {start_to_ready(found)[1]}")
    for service in SERVICES:
        ready = eventually(lambda name=service: _readiness(name) == "ready")
        expect(f"{service}: stores answer, a worker and a clock were seen", ready, _readiness(service))
    return found


def rolling_restart(door):
    """Two web processes, restarted one after the other under a feed that does not stop."""
    compose("up -d --no-build --no-deps --no-recreate --scale reminders-web=2 reminders-web")
    wait_until_well()
    feed = Feed(door, (today() + timedelta(days=30)).isoformat())
    feed.start()
    for one in compose("ps -q reminders-web").split():
        time.sleep(3)
        run("docker restart -t 30", one)
        wait_until_well()
    time.sleep(2)
    feed.enough.set()
    feed.join(60)
    told = f"web restarted one by one under {len(feed.kept)} pushes, {feed.again} sent again: none was lost"
    expect(told, len(feed.kept) > 10 and not feed.lost, feed.lost)
    states = [applied(door, url) for url in feed.kept]
    odd = [one for one in states if one["status"] != "applied" or one["counts"]["new"] != 1]
    expect("each was applied, once", not odd, odd)


class Feed(threading.Thread):
    """Pushes hearings, some a second, as a feed should: what was not answered is sent again under its own key."""

    def __init__(self, door, day):
        super().__init__(daemon=True)
        self.door, self.day, self.enough = door, day, threading.Event()
        self.kept, self.lost, self.again = [], [], 0

    def run(self):
        while not self.enough.wait(0.2):
            self._push(Hearing(self.day))

    def _push(self, hearing):
        for _ in range(40):
            try:
                status, _, text = self.door.ask(
                    "reminders",
                    "POST",
                    hearing.path,
                    hearing.listing(),
                    Idempotency_Key=str(uuid.UUID(hearing.id)),
                )
            except OSError as error:
                status, text = 0, type(error).__name__
            if status == 202:
                self.kept.append(json.loads(text)["url"])
                return
            self.again += 1
            time.sleep(0.5)
        self.lost.append((status, text[:200]))


def live(_door):
    """With deploy/live.yml and secrets of its own, each service starts in live mode, and knows nothing of the other's secrets."""
    (SECRETS / "twilio_auth_tokens").write_text(secrets.token_hex(16))
    (SECRETS / "twilio_auth_tokens").chmod(0o444)
    nameless = composed("config -q", **LIVE | {"TWILIO_ACCOUNT_SID": ""})
    named = nameless.returncode and "TWILIO_ACCOUNT_SID" in nameless.stderr
    expect("live mode wants the account named", named, nameless.stderr)
    services = compose("config --services", **LIVE).split()
    expect("in live mode there is no stand-in carrier", "sandbox" not in services, services)
    for service in SERVICES:
        # A command that reads the settings and the database, and has no word with the carrier.
        done = composed(
            f"run --rm -T --no-deps {service}-clock heed keys list --service {service} --json", **LIVE
        )
        known = done.returncode == 0 and "deploy/check" in done.stdout
        expect(f"{service} starts in live mode with its own secrets alone", known, done.stderr)


def start_to_ready(found):
    """The slowest container's seconds to ready, by service; and how busy the machine is meanwhile."""
    took = {name: max(map(_seconds_to_ready, found[name])) for name in PROCESSES}
    told = ", ".join(f"{name} {seconds:.1f}" for name, seconds in took.items())
    return took, f"{told} s ({os.cpu_count()} cores, load {os.getloadavg()[0]:.0f})"


def _seconds_to_ready(container):
    """From Docker's word that it was started to the process's own that it serves. (Docker asks after a container's health for the
    first time some seconds after its start, so its word comes later.)"""
    started = _moment(container["State"]["StartedAt"])
    written = ran("docker logs", container["Id"])
    said = [
        json.loads(line)
        for line in (written.stdout + written.stderr).splitlines()
        if '"event": "ready"' in line
    ]
    moments = [moment for moment in (_moment(line["timestamp"]) for line in said) if moment > started]
    return (moments[0] - started).total_seconds() if moments else float("inf")


def _moment(text):
    """Of a time in UTC as Docker or Heed writes it; Python 3.9 reads neither."""
    return datetime.strptime(text[:19] + text[19:].rstrip("Z").ljust(7, "0")[:7], "%Y-%m-%dT%H:%M:%S.%f")  # noqa: DTZ007 - UTC, both of them


def _made():
    return {path.name: path.read_text() for path in SECRETS.iterdir()}


def _readiness(service):
    asked = f"import json,urllib.request as u;print(json.load(u.urlopen('http://127.0.0.1:{PORTS[service]}/readyz'))['status'])"
    return inside(f"{service}-web", asked).stdout.strip()
