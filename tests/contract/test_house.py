"""The suite's own rules: nothing beyond this machine, nothing of the developer's environment, real stores, warnings are errors."""

import os
import socket
import warnings
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import text

from services.common.context import Heed


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("198.51.100.7", 443), ("0.0.0.0", 1)])
def test_no_test_reaches_beyond_this_machine(address: tuple[str, int]) -> None:
    # pytest-socket warns before it raises, and here warnings are errors: either way nothing goes out.
    with pytest.raises(Exception, match=r"A test tried to use socket\.socket\.connect\(\)"):
        socket.create_connection(address, timeout=0.1)


def test_loopback_and_unix_sockets_are_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
    one, other = socket.socketpair(socket.AF_UNIX)
    one.close()
    other.close()


def test_the_developers_settings_are_forgotten() -> None:
    ours = ("HEED_", "REMINDERS_", "CONSULTATION_", "SANDBOX_", "TWILIO_", "REDIS_URL")
    assert [name for name in os.environ if name.startswith(ours)] == []


def test_warnings_are_errors() -> None:
    with pytest.raises(UserWarning):
        warnings.warn("a warning", UserWarning, stacklevel=1)


def test_the_stores_are_real_and_fresh(reminders: Heed, valkey: Redis) -> None:
    with reminders.database.begin() as session:
        assert str(session.scalar(text("SHOW server_version"))).startswith("18")
        assert session.scalar(text("SELECT count(*) FROM outbox")) == 0
        session.execute(text("CREATE TABLE left_behind (n int)"))
    assert "valkey" in str(valkey.info("server").get("server_name", "")).lower()
    assert valkey.dbsize() == 0
    valkey.set("left", "behind")


@pytest.mark.parametrize("round_", range(2))
def test_what_another_test_left_is_not_here(reminders: Heed, valkey: Redis, round_: int) -> None:
    with reminders.database.begin() as session:
        assert session.scalar(text("SELECT to_regclass('left_behind')")) is None
        session.execute(text("CREATE TABLE left_behind (n int)"))
    assert valkey.dbsize() == 0
    valkey.set("left", "behind")


def test_helpers_and_tests_have_names_of_their_own(root: Path) -> None:
    """The suite is imported without packages: two files of one name in one folder cannot be, and helpers stand in support/."""
    strays = [
        path.relative_to(root).as_posix()
        for path in (root / "tests/common").rglob("*.py")
        if not path.name.startswith("test_") and path.name != "conftest.py"
    ]
    assert strays == []


def test_the_carrier_of_a_test_is_on_this_machine(reminders: Heed, carrier: Any) -> None:
    assert reminders.settings.carrier_url == carrier.url
    assert carrier.url.startswith("http://127.0.0.1:")


def test_locks_name_hashes_and_no_addresses(root: Path) -> None:
    """A registry is the installer's own choice; npm notes funding pages too, which nobody needs."""
    locks = [*(root / "requirements").glob("*.txt"), *(root / "services").glob("**/sheet/package-lock.json")]
    assert len(locks) >= 6
    assert not [lock.name for lock in locks if "://" in lock.read_text()]
    assert all("sha256:" in lock.read_text() or '"integrity"' in lock.read_text() for lock in locks)
