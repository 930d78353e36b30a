"""`heed check`: a whole installation is told to be well, and each thing that is broken is told with what to do, the others too."""

import dataclasses
import ssl
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import text

from services.cli.check import _of
from services.common import alarms, clock, heartbeats, inbound, stops
from services.common.context import Heed
from services.common.fitness import outside_facts, settings_facts, stores_facts
from services.common.fitness.facts import Fact
from services.common.settings import new_encryption_key
from services.consultation import consultations
from services.consultation import fitness as consultation_fitness
from tests.consultation.post import CONTENT
from tests.support.certificates import self_signed
from tests.support.odd_server import hang_up, http, tunnel
from tests.support.sandbox import Sandbox

WEAK = "k1:" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="


def by_name(facts: Any) -> dict[str, Fact]:
    return {fact.name: fact for fact in facts}


def levels(facts: Any) -> dict[str, str]:
    return {fact.name: fact.level for fact in facts}


def alive(heed: Heed) -> None:
    with heed.database.begin() as session:
        heartbeats.beat(session, "worker")
        heartbeats.beat(session, "clock")


def test_an_installation_that_is_well(reminders: Heed, carrier: Sandbox, usual_settings: Any) -> None:
    alive(reminders)
    alerts = dataclasses.replace(
        usual_settings.alerts, email=("ops@example.org",), heartbeat="http://127.0.0.1:9/"
    )
    whole = dataclasses.replace(
        reminders,
        settings=dataclasses.replace(reminders.settings, alerts=alerts, duty_number="+447700900555"),
    )
    found = by_name(_of(whole))
    assert {name for name, fact in found.items() if fact.level != "ok"} == {"backup", "drafts"}
    assert all(bool(fact.do) == (fact.level != "ok") for fact in found.values())
    assert carrier.control("accepted")["counts"] == [], "a check texts nobody"
    with reminders.database.begin() as session:
        assert session.scalar(text("SELECT count(*) FROM status_events")) == 0, "and leaves nothing behind"


@pytest.mark.parametrize(
    ("change", "name", "level", "words"),
    [
        ({"encryption_keys": WEAK}, "keys", "fail", "no random one"),
        ({"index_key": WEAK[3:]}, "keys", "fail", "no random one"),
        ({"sender": "HertsPolice"}, "sender", "warn", "cannot text back"),
        ({"backup_keys": new_encryption_key()}, "backup-keys", "ok", "sealed"),
        ({"mode": "live"}, "alerts", "fail", "reaches nobody"),
        ({"mode": "trial"}, "alerts", "warn", "reaches nobody"),
        ({"mode": "trial"}, "backup-keys", "warn", "not sealed"),
        ({}, "contact", "warn", "in danger"),
        ({}, "heartbeat", "warn", "machine is gone"),
    ],
)
def test_what_the_settings_say(
    reminders: Heed, change: dict[str, Any], name: str, level: str, words: str
) -> None:
    own = {key: value for key, value in change.items() if key != "mode"}
    service = dataclasses.replace(reminders.config, **own)
    settings = dataclasses.replace(
        reminders.settings, mode=change.get("mode", "sandbox"), services={"reminders": service}
    )
    fact = by_name(settings_facts.facts(dataclasses.replace(reminders, settings=settings)))[name]
    assert (fact.level, words in fact.said) == (level, True), fact


@pytest.mark.parametrize(("free", "level"), [(1 << 30, "warn"), ((1 << 30) - 1, "fail"), (5 << 30, "ok")])
def test_the_disk(reminders: Heed, monkeypatch: pytest.MonkeyPatch, free: int, level: str) -> None:
    """Of the embedded stores; where the stores are servers, a container's small data folder is nobody's worry."""
    monkeypatch.setattr(settings_facts.shutil, "disk_usage", lambda _: type("U", (), {"free": free}))
    embedded = dataclasses.replace(
        reminders, settings=dataclasses.replace(reminders.settings, redis_url=None)
    )
    assert levels(settings_facts.facts(embedded))["disk"] == level
    assert levels(settings_facts.facts(reminders))["disk"] == "ok"


def test_consultation_needs_a_number(consultation: Heed, carrier: Sandbox) -> None:
    own = dataclasses.replace(consultation.config, sender="HertsPCC")
    named = dataclasses.replace(
        consultation, settings=dataclasses.replace(consultation.settings, services={"consultation": own})
    )
    assert levels(settings_facts.facts(named))["sender"] == "fail"
    assert (
        levels(_of(consultation)).items()
        >= {"drafts": "warn", "consultations": "ok", "webhook": "ok"}.items()
    )


def test_somebody_elses_words_meet_residents_where_nothing_is_launched(consultation: Heed) -> None:
    def line(heed: Heed) -> Fact:
        return by_name(consultation_fitness.facts(heed))["consultations"]

    trial = dataclasses.replace(
        consultation, settings=dataclasses.replace(consultation.settings, mode="trial")
    )
    assert (line(consultation).level, line(trial).level) == ("ok", "warn")
    with consultation.database.begin() as session:
        consultations.launched(session)  # the standing post opens
    assert line(trial).level == "warn"
    with consultation.database.begin() as session:
        consultations.freeze(session, CONTENT | {"opens": "2020-01-01", "closes": None})
    assert (line(trial).level, line(trial).said) == ("ok", "2 open")


class TestTheStores:
    def test_processes_stops_alarms_and_backups(self, reminders: Heed) -> None:
        found = levels(stores_facts.facts(reminders))
        assert (found["workers"], found["clocks"], found["backup"]) == ("fail", "fail", "warn")
        alive(reminders)
        with reminders.database.begin() as session:
            now = clock.now(session)
            stops.stop(session, "wording", "person:ann", now)
            alarms.sound(session, "feed-empty", "feed:csv", now)
            session.execute(
                text(
                    "INSERT INTO backups (file, taken_at, bytes, rows, audit_head, sealed)"
                    " VALUES ('x', now() - interval '2 hours', 1, 1, '0:', true)"
                )
            )
        found = levels(stores_facts.facts(reminders))
        assert found == found | {
            "workers": "ok",
            "clocks": "ok",
            "sending": "warn",
            "alarms": "warn",
            "backup": "ok",
        }
        for hours, level in ((1, "fail"), (3, "ok")):
            late = dataclasses.replace(
                reminders, settings=dataclasses.replace(reminders.settings, backup_hours=hours)
            )
            assert levels(stores_facts.facts(late))["backup"] == level

    def test_a_schema_that_is_not_this_codes_is_told_and_left(self, reminders: Heed) -> None:
        with reminders.database.begin() as session:
            session.execute(
                text(
                    "UPDATE alembic_version SET version_num = 'common_0001' WHERE version_num LIKE 'common%'"
                )
            )
        found = levels(stores_facts.facts(reminders))
        assert found["schema"] == "fail" and "workers" not in found
        with reminders.database.begin() as session:
            assert session.scalar(
                text("SELECT count(*) FROM alembic_version WHERE version_num = 'common_0001'")
            )

    @pytest.mark.parametrize(("seconds", "level"), [(0, "ok"), (10, "warn"), (40, "fail")])
    def test_a_clock_that_is_wrong(
        self, reminders: Heed, monkeypatch: pytest.MonkeyPatch, seconds: int, level: str
    ) -> None:
        real = stores_facts.time.time
        monkeypatch.setattr(stores_facts.time, "time", lambda: real() + seconds)
        assert levels(stores_facts.facts(reminders))["clock"] == level

    def test_a_key_of_three_years(self, reminders: Heed) -> None:
        with reminders.database.begin() as session:
            inbound.keep(
                reminders, session, sid="SM1", sender="+447700900123", to="+447700900001", body="x", opt_out_type=None,
            )  # fmt: skip
        assert levels(stores_facts.facts(reminders))["key-age"] == "ok"
        with reminders.database.begin() as session:
            session.execute(text("UPDATE inbound SET received_at = received_at - interval '3 years'"))
        assert levels(stores_facts.facts(reminders))["key-age"] == "warn"

    def test_stores_that_are_gone(self, reminders: Heed) -> None:
        gone = Heed.of(
            "reminders", reminders.settings, "postgresql://nobody@127.0.0.1:9/none", "redis://127.0.0.1:9"
        )
        found = by_name(_of(gone))
        assert found["postgresql"].level == found["valkey"].level == "fail"
        assert "REMINDERS_DATABASE_URL" in found["postgresql"].do
        assert {"keys", "webhook", "carrier", "drafts"} <= set(found), "everything else is told all the same"
        gone.close()


class TestTheOutside:
    def test_a_webhook_under_another_address_or_token(
        self, reminders: Heed, carrier: Sandbox, sites: Any
    ) -> None:
        wrong = dataclasses.replace(
            reminders, settings=dataclasses.replace(reminders.settings, auth_tokens=("another-token",))
        )
        fact = by_name(outside_facts.facts(wrong))["webhook"]
        assert fact.level == "fail" and "bad-signature" in fact.said + fact.do
        assert by_name(outside_facts.facts(wrong))["carrier"].level == "fail"
        sites["reminders"].close()
        assert "503" in by_name(outside_facts.facts(reminders))["webhook"].said

    @pytest.mark.parametrize(
        ("days", "trusted", "level", "words"),
        [
            (90, True, "ok", "good for 89 days"),
            (21, True, "warn", "good for 20 days"),
            (3, True, "fail", "good for 2 days"),
            (90, False, "fail", "not good"),
        ],
    )
    def test_certificates(
        self,
        reminders: Heed,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        days: int,
        trusted: bool,
        level: str,
        words: str,
    ) -> None:
        with certified(tmp_path, days) as (port, certificate):
            if trusted:
                monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            fact = outside_facts._certificate(at(reminders, f"https://localhost:{port}"))
        assert (fact.level, words in fact.said) == (level, True), fact
        assert outside_facts._certificate(at(reminders, "https://localhost:9")).level == "fail"

    def test_a_certificate_is_looked_at_through_the_proxy(
        self, reminders: Heed, odd_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        host = "reminders.example.org"  # known to the proxy alone
        certificate = self_signed(tmp_path / "certificate.pem", host, 90)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        proxy = odd_server(tunnel(certificate, hang_up, []))
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("://", "://office:p%40ss@"))
        assert "good for 89 days" in outside_facts._certificate(at(reminders, f"https://{host}")).said
        asked = proxy.requests[0].decode()
        assert asked.startswith(f"CONNECT {host}:443 ")
        assert b64decode(asked.partition("Basic ")[2].split()[0]) == b"office:p@ss"
        monkeypatch.setenv("HTTPS_PROXY", odd_server(http(403)).url)
        assert outside_facts._certificate(at(reminders, f"https://{host}")).level == "fail"


def at(heed: Heed, url: str) -> Heed:
    own = dataclasses.replace(heed.config, public_url=url)
    return dataclasses.replace(
        heed, settings=dataclasses.replace(heed.settings, services={heed.service: own})
    )


@contextmanager
def certified(folder: Path, days: int) -> Iterator[tuple[int, Path]]:
    """A TLS server on loopback with a certificate of its own making, good for so many days."""
    certificate = self_signed(folder / "certificate.pem", "localhost", days)
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler, bind_and_activate=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    monkey = HTTPServer.handle_error
    HTTPServer.handle_error = lambda *_: None  # type: ignore[method-assign] # a client that does not trust it hangs up
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_port, certificate
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        HTTPServer.handle_error = monkey  # type: ignore[method-assign]


def test_the_command_on_a_broken_installation(heed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing runs, the addresses are wrong: every line is told, and the exit code is 2."""
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:9")
    monkeypatch.setenv("CONSULTATION_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    monkeypatch.setenv("REMINDERS_PUBLIC_URL", "http://127.0.0.1:9")
    ran = heed("check", "--json")
    told = {(one["service"], one["name"]): one for one in ran.json["facts"]}
    assert ran.code == 2
    failing = {pair for pair, one in told.items() if one["level"] == "fail"}
    assert failing >= {
        ("reminders", "valkey"),
        ("reminders", "workers"),
        ("reminders", "webhook"),
        ("consultation", "postgresql"),
        ("consultation", "webhook"),
    }
    assert ("reminders", "postgresql") not in failing
    assert all(one["do"] for one in told.values() if one["level"] != "ok")
    lines = heed("check", "--service", "consultation").out
    assert "FAIL  consultation  postgresql" in lines and "-> start it" in lines
    monkeypatch.setenv("HEED_MODE", "live")
    ran = heed("check")
    assert ran.code == 2 and "FAIL  both          settings" in ran.out


def test_exit_codes(
    reminders: Heed, monkeypatch: pytest.MonkeyPatch, heed: Any, until: Callable[..., Any]
) -> None:
    from services.cli import check

    for fact, code in (
        (Fact("a", "ok", "x"), 0),
        (Fact("a", "warn", "x", "y"), 1),
        (Fact("a", "fail", "x", "y"), 2),
    ):
        monkeypatch.setattr(check, "_of", lambda _, fact=fact: iter([fact]))
        assert heed("check").code == code


def test_valkey_alone(reminders: Heed) -> None:
    without = dataclasses.replace(reminders, redis=Redis.from_url("redis://127.0.0.1:9"))
    assert levels(stores_facts.facts(without))["valkey"] == "fail"
