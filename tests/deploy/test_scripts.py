"""What deploy/ runs: the secrets' maker, the health check, the check of everything."""

import importlib.util
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import text

from services.common import heartbeats
from services.common.context import Heed
from services.common.crypto import BlindIndex, Cipher
from services.common.settings import DEFAULT_PORTS, SERVICES, load
from tests.support.odd_server import OddServer, http

SHELL = (
    *("make-secrets", "upgrade", "valkey.sh", "postgres/databases.sh"),
    *("systemd/install", "systemd/stores", "systemd/heed"),
)


@pytest.mark.parametrize("name", SHELL)
def test_shell_scripts_parse(deploy: Path, name: str) -> None:
    subprocess.run(["bash" if name.endswith("databases.sh") else "sh", "-n", deploy / name], check=True)


@pytest.mark.parametrize("name", [*(name for name in SHELL if name != "valkey.sh"), "check"])
def test_what_is_run_can_be_run(deploy: Path, name: str) -> None:
    assert os.access(deploy / name, os.X_OK)


@pytest.fixture(scope="module")
def made(deploy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that make-secrets has filled."""
    folder = tmp_path_factory.mktemp("deploy") / "secrets"
    subprocess.run([deploy / "make-secrets", folder], check=True, capture_output=True)
    return folder


def test_make_secrets_makes_all_that_compose_names(made: Path, compose: dict[str, Any]) -> None:
    assert {path.name for path in made.iterdir()} == set(compose["secrets"])
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in made.iterdir()} == {0o444}
    values = [path.read_text() for path in made.iterdir()]
    assert not [value for value in values if value != value.strip()]
    assert len(set(values)) == len(values)


def test_make_secrets_keeps_what_is_there(made: Path, deploy: Path) -> None:
    before = {path.name: path.read_text() for path in made.iterdir()}
    again = subprocess.run([deploy / "make-secrets", made], check=True, capture_output=True, text=True)
    assert {path.name: path.read_text() for path in made.iterdir()} == before
    assert all(line.startswith("kept") for line in again.stdout.splitlines())


@pytest.mark.parametrize("service", SERVICES)
def test_the_settings_take_what_was_made(
    made: Path, compose: dict[str, Any], service: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With the variables of its container, the files of make-secrets and nothing else, a service has its own secrets."""
    for variable, value in compose["services"][f"{service}-worker"]["environment"].items():
        if value is not None:
            monkeypatch.setenv(
                variable,
                str(value).replace("/run/secrets", str(made)).replace("${HEED_MODE:-sandbox}", "sandbox"),
            )
    monkeypatch.setenv("HEED_DATA_DIR", str(tmp_path))
    settings = load()
    own = settings.service(service)  # type: ignore[arg-type]
    assert own.database_url == (made / f"{service}_database_url").read_text()
    assert settings.redis_url == (made / "redis_url").read_text()
    assert own.encryption_keys == (made / f"{service}_encryption_keys").read_text()
    assert own.index_key == (made / f"{service}_index_key").read_text()
    Cipher.from_setting(own.encryption_keys)
    BlindIndex.from_setting(own.index_key)
    assert not settings.own_sandbox


@pytest.fixture(scope="module")
def healthy(deploy: Path) -> ModuleType:
    """The health check as a module."""
    spec = importlib.util.spec_from_file_location("healthy", deploy / "healthy.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_healthy_knows_the_codes_numbers(healthy: ModuleType) -> None:
    assert {name: str(port) for name, port in DEFAULT_PORTS.items()} == healthy.PORTS
    assert f"interval '{heartbeats.FRESH.total_seconds():.0f} seconds'" in healthy.ALIVE


@pytest.mark.parametrize("kind", ["worker", "clock"])
def test_healthy_sees_a_process_by_its_row(
    healthy: ModuleType,
    reminders: Heed,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = reminders.config.database_url
    assert url
    monkeypatch.setenv("REMINDERS_DATABASE_URL", url)
    assert healthy.main(kind, "reminders") == 1
    with reminders.database.begin() as session:
        heartbeats.beat(session, kind)
    assert healthy.main(kind, "reminders") == 0
    assert healthy.main("clock" if kind == "worker" else "worker", "reminders") == 1
    with reminders.database.begin() as session:
        session.execute(text("UPDATE heartbeats SET at = at - interval '31 seconds'"))
    assert healthy.main(kind, "reminders") == 1
    assert url not in capsys.readouterr().out


def test_healthy_says_no_more_than_the_kind_of_a_failure(
    healthy: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REMINDERS_DATABASE_URL", "postgresql://reminders:hidden@127.0.0.1:1/reminders")
    assert healthy.main("worker", "reminders") == 1
    assert capsys.readouterr().out == "worker reminders: OperationalError\n"


def test_healthy_asks_for_a_page(
    healthy: ModuleType, odd_server: Callable[..., OddServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = odd_server(http(200), http(503))
    monkeypatch.setenv("REMINDERS_PORT", server.url.rpartition(":")[2])
    assert healthy.main("web", "reminders") == 0
    assert healthy.main("web", "reminders") == 1
    monkeypatch.setenv("REMINDERS_PORT", "1")
    assert healthy.main("web", "reminders") == 1


def test_check_says_what_it_is(deploy: Path) -> None:
    """It runs without Heed being installed: by the standard library alone."""
    done = subprocess.run(
        [sys.executable, "-E", "-S", deploy / "check", "--help"], capture_output=True, text=True, check=True
    )
    assert "HEED_BUILD_ARGS" in done.stdout


def test_the_demos_first_morning_is_there_for_the_check(deploy: Path) -> None:
    """`deploy/check` pushes it into the containers."""
    done = subprocess.run(
        [sys.executable, deploy / "check-data/demo_feed.py", "2026-09-21T09:00:00+01:00"],
        capture_output=True,
        text=True,
        check=True,
    )
    story = json.loads(done.stdout)
    assert story["lock"] < story["feed"] < story["first_reminders"]
    assert {push["content_type"] for push in story["pushes"]} == {
        "application/json",
        "application/xml",
        "text/csv",
    }
    assert all(number.startswith("+447700900") for number, _, _ in story["texts"])
    assert len(story["pushes"]) > 100 and len(story["texts"]) > 10
