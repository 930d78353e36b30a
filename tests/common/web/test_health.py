"""Alive, ready, degraded, unavailable: by what answers, quickly, and without a secret."""

import dataclasses
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from redis import Redis

from services.common import heartbeats
from services.common.context import Heed
from services.common.database import Database

DOWN_VALKEY, DOWN_POSTGRESQL = "redis://127.0.0.1:1", "postgresql://someone:secret@127.0.0.1:1/x"


def client_of(heed: Heed) -> Any:
    return import_module(f"services.{heed.service}.app").create_app(heed).test_client()


def beat(heed: Heed) -> None:
    with heed.database.begin() as session:
        for kind in ("worker", "clock"):
            session.connection().exec_driver_sql(
                "INSERT INTO heartbeats VALUES (%s, %s, clock_timestamp())", (f"{kind}@here", kind)
            )


def test_alive(client: Any) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "alive"})


def test_ready_with_everything(heed: Heed, client: Any) -> None:
    beat(heed)
    answer = client.get("/readyz")
    body = answer.get_json()
    assert (answer.status_code, body["status"]) == (200, "ready")
    assert (body["postgresql"], body["valkey"], body["workers"], body["clocks"]) == ("ok", "ok", 1, 1)
    assert (body["service"], body["mode"], body["oldest_due_seconds"], body["inbound_waiting"]) == (
        heed.service,
        "sandbox",
        0,
        0,
    )


def test_degraded_without_workers(heed: Heed, client: Any) -> None:
    assert client.get("/readyz").get_json()["status"] == "degraded"
    with heed.database.begin() as session:
        heartbeats.beat(session, "worker")
    assert client.get("/readyz").get_json()["status"] == "degraded"


def test_degraded_without_valkey_and_texts_are_still_taken_in(heed: Heed) -> None:
    beat(heed)
    start = time.monotonic()
    answer = client_of(dataclasses.replace(heed, redis=Redis.from_url(DOWN_VALKEY))).get("/readyz")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "degraded")
    assert answer.get_json()["valkey"] == "does not answer"
    assert time.monotonic() - start < 2


def test_unavailable_without_postgresql(heed: Heed) -> None:
    client = client_of(dataclasses.replace(heed, database=Database.at(DOWN_POSTGRESQL)))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "unavailable")
    assert "secret" not in answer.get_data(as_text=True)
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/metrics", "/twilio/inbound", "/v1"])
def test_without_postgresql_the_others_fail_as_errors_do(heed: Heed, path: str, hooks: Any) -> None:
    """Twilio tries a webhook again on 5xx; its text is not lost."""
    down = dataclasses.replace(heed, database=Database.at(DOWN_POSTGRESQL))
    hooks.client = client_of(down)
    answer = hooks.inbound() if "twilio" in path else hooks.client.get(path)
    assert answer.status_code == (404 if path == "/v1" else 500)
    assert "secret" not in answer.get_data(as_text=True)


def test_metrics(heed: Heed, client: Any) -> None:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    assert f'heed_oldest_due_seconds{{service="{heed.service}"}} 0.0' in answer.get_data(as_text=True)


def test_a_webhook_without_valkey_is_kept_and_answered_in_time(
    heed: Heed, hooks: Any, until: Callable[..., Any]
) -> None:
    from services.common import inbound

    hooks.client = client_of(dataclasses.replace(heed, redis=Redis.from_url(DOWN_VALKEY)))
    start = time.monotonic()
    assert hooks.inbound().status_code == 200
    assert time.monotonic() - start < 1
    with heed.database.begin() as session:
        assert len(inbound.waiting(session)) == 1
