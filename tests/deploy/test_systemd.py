"""Heed without containers: what deploy/systemd lays down fits the commands, the settings and the secrets. That it runs is for a walk to show."""

import configparser
import re
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest

from services.cli.main import COMMANDS, Tree
from services.common.settings import SERVICES

ROLES = ("web", "worker", "clock", "backup")


@pytest.fixture(scope="module")
def systemd(deploy: Path) -> Path:
    return deploy / "systemd"


def unit(path: Path) -> configparser.ConfigParser:
    """A unit file; of a name that stands twice the last value counts here."""
    read = configparser.ConfigParser(strict=False, interpolation=None, delimiters="=")
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(path.read_text(encoding="utf-8"))
    return read


def variables(path: Path) -> dict[str, str]:
    lines = re.findall(r"^#?([A-Z_]+)=(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert lines
    return dict(lines)


def test_each_process_is_a_command(systemd: Path) -> None:
    assert unit(systemd / "heed-role@.service")["Service"]["ExecStart"] == "/opt/heed/.venv/bin/heed %j %i"
    assert set(ROLES) | {"migrate"} <= COMMANDS.keys()
    assert unit(systemd / "heed-migrate.service")["Service"]["ExecStart"].endswith("/heed migrate")
    backup = unit(next((systemd / "heed-backup@.service.d").iterdir()))["Service"]["ExecStart"]
    command = Tree("heed", COMMANDS).get_command(click.Context(click.Group()), "backup")
    assert command
    known = {option for parameter in command.params for option in parameter.opts}
    assert set(re.findall(r"--\w+", backup)) <= known


def test_the_target_wants_all_of_them(systemd: Path) -> None:
    wanted = re.findall(r"heed-\S+\.service", (systemd / "heed.target").read_text(encoding="utf-8"))
    every = {f"heed-{role}@{service}.service" for role in ROLES for service in SERVICES}
    assert set(wanted) == every | {"heed-migrate.service"}


def test_the_settings_are_known(systemd: Path, root: Path) -> None:
    known = set(
        re.findall(r"^### ([A-Z_]+)$", (root / "docs/settings.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    known |= {"HTTPS_PROXY", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"}
    for name in ("heed", *SERVICES):
        for variable in variables(systemd / f"{name}.env"):
            assert {variable, variable.removesuffix("_FILE")} & known, variable


@pytest.mark.parametrize("service", SERVICES)
def test_each_secret_that_is_named_is_handed_over(
    systemd: Path, compose: dict[str, Any], service: str
) -> None:
    """install copies SERVICE_name to /etc/heed/SERVICE/name, and these to both."""
    both = {"redis_url", "alert_webhook_key", "smtp_password", "twilio_auth_tokens"}
    script = (systemd / "install").read_text(encoding="utf-8")
    assert set(re.search(r"^ +(redis_url [^)]*)\)", script, re.MULTILINE)[1].split(" | ")) == both  # type: ignore[index]
    made = {name.removeprefix(f"{service}_") for name in compose["secrets"] if name.startswith(f"{service}_")}
    named = variables(systemd / f"{service}.env").items()
    files = {Path(value) for variable, value in named if variable.endswith("_FILE")}
    assert {path.parent for path in files} == {Path("/etc/heed", service)}
    assert {path.name for path in files} == made | both


def test_it_installs_nowhere_else(systemd: Path, root: Path) -> None:
    ran = subprocess.run(["sh", systemd / "install"], cwd=root, capture_output=True, text=True, check=False)
    assert (ran.returncode, "as /opt/heed/deploy/systemd/install" in ran.stderr) == (2, True)


def test_the_door_is_that_of_the_containers_with_other_addresses(
    systemd: Path, deploy: Path, tmp_path: Path
) -> None:
    script = (systemd / "install").read_text(encoding="utf-8")
    edit = re.search(r"^(sed 's#http.*?' deploy/nginx\.conf) >", script, re.MULTILINE | re.DOTALL)
    assert edit
    door = subprocess.run(
        ["sh", "-c", edit[1]], cwd=deploy.parent, capture_output=True, text=True, check=True
    ).stdout
    assert re.findall(r"http://\S+;", door) == [f"http://127.0.0.1:{port};" for port in (8001, 8002, 8003)]
    for gone in ("8080", "/dev/std", "resolver", "/etc/nginx/tls", "/tmp/nginx.pid"):
        assert gone not in door
    assert door.count("include /etc/heed/nginx-tls/*.conf;") == door.count("server {") == 3
