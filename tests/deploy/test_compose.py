"""The rules that docker-compose.yml and deploy/live.yml keep. `deploy/check` proves the same of the running thing."""

import re
from pathlib import Path
from typing import Any

import pytest

from services.common.settings import SERVICES

HEED = [f"{service}-{role}" for service in SERVICES for role in ("web", "worker", "clock")]
BACKUP = [f"{service}-backup" for service in SERVICES]
EVERYTHING = [*HEED, *BACKUP, "migrate", "office", "sandbox", "nginx", "postgres", "valkey"]
# One ends and its exit code is its health; the other runs only what an operator asks for.
WITHOUT_HEALTH = {"migrate", "office"}
# Its own image starts as root to make its folder, and steps down before it serves.
STEPS_DOWN = {"postgres"}
BOTH = {"migrate", "office"}
SECRET = re.compile(r"(KEYS?|TOKENS?|PASSWORD|DATABASE_URL|REDIS_URL)(_FILE)?")
VARIABLE = re.compile(r"\$\{([A-Z_]+)")


def test_the_services(compose: dict[str, Any]) -> None:
    assert sorted(compose["services"]) == sorted(EVERYTHING)


def test_only_nginx_publishes(compose: dict[str, Any]) -> None:
    assert [name for name, one in compose["services"].items() if "ports" in one] == ["nginx"]
    assert compose["services"]["nginx"]["ports"] == ["${HEED_LISTEN:-127.0.0.1:8080}:8080"]
    assert not [
        name for name, one in compose["services"].items() if one.get("network_mode") or one.get("expose")
    ]


@pytest.mark.parametrize("name", EVERYTHING)
def test_confined(compose: dict[str, Any], name: str) -> None:
    one = compose["services"][name]
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert one["logging"]["options"].keys() >= {"max-size", "max-file"}
    assert not one.get("privileged")
    assert one["mem_limit"] and one["pids_limit"]
    if name not in STEPS_DOWN:
        assert int(one["user"].split(":")[0]) > 0
        assert "cap_add" not in one


@pytest.mark.parametrize("name", [name for name in EVERYTHING if name not in WITHOUT_HEALTH])
def test_health(compose: dict[str, Any], name: str) -> None:
    one = compose["services"][name]
    assert one["healthcheck"]["test"][0] == "CMD"
    assert one["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(WITHOUT_HEALTH))
def test_those_that_end_are_not_started_again(compose: dict[str, Any], name: str) -> None:
    assert compose["services"][name]["restart"] == "no"


@pytest.mark.parametrize("name", [*HEED, *BACKUP])
def test_migrations_come_first(compose: dict[str, Any], name: str) -> None:
    one = compose["services"][name]
    assert one["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    service, _, role = name.partition("-")
    assert one["command"][:4] == (
        ["heed", "backup", "--service", service] if role == "backup" else ["heed", role, service]
    )
    assert compose["services"]["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_who_reports_and_learns_has_what_that_takes(compose: dict[str, Any]) -> None:
    images = {name: one["image"].partition(":")[0] for name, one in compose["services"].items()}
    assert {images[name] for name in (*HEED, "office")} == {"heed-analysis"}
    assert (
        images["migrate"]
        == images["sandbox"]
        == images["reminders-backup"]
        == images["consultation-backup"]
        == "heed-web"
    )


def test_images_are_pinned(compose: dict[str, Any], deploy: Path) -> None:
    images = {one["image"] for one in compose["services"].values()}
    ours = {image for image in images if image.startswith("heed-")}
    assert ours == {"heed-web:${HEED_VERSION:-local}", "heed-analysis:${HEED_VERSION:-local}"}
    assert images - ours == {"nginx:stable", "postgres:18", "valkey/valkey:9"}
    bases = re.findall(r"^FROM (\S+) AS", (deploy / "Dockerfile").read_text(), re.M)
    assert {base for base in bases if ":" in base} == {"python:3.13-slim"}


def test_no_secret_is_a_variable(compose: dict[str, Any], live: dict[str, Any]) -> None:
    """Whatever a variable's name says is a secret is the path of a file that its process is given."""
    for content in (compose, live):
        for name, one in content["services"].items():
            for variable, value in one.get("environment", {}).items():
                if SECRET.search(variable):
                    assert variable.endswith("_FILE"), f"{name}: {variable}"
                    assert value.removeprefix("/run/secrets/") in one["secrets"], f"{name}: {variable}"


def test_secrets_are_files_of_one_folder(compose: dict[str, Any], live: dict[str, Any]) -> None:
    for content in (compose, live):
        for name, one in content["secrets"].items():
            assert one == {"file": f"${{HEED_SECRETS:-./deploy/secrets}}/{name}"}
    given = {secret for one in compose["services"].values() for secret in one.get("secrets", [])}
    assert given == set(compose["secrets"])


@pytest.mark.parametrize("name", [*HEED, *BACKUP, "sandbox", "nginx", "valkey"])
def test_no_process_has_the_other_services_secrets(compose: dict[str, Any], name: str) -> None:
    own = name.partition("-")[0]
    for other in SERVICES:
        if other != own:
            one = compose["services"][name]
            assert not [secret for secret in one.get("secrets", []) if secret.startswith(other)]
            # Only the stand-in carrier is told both services' addresses.
            named = [
                variable for variable in one.get("environment", {}) if variable.startswith(other.upper())
            ]
            assert not named or name == "sandbox"


def test_who_tells_of_alarms_has_what_that_takes_and_nobody_else(compose: dict[str, Any]) -> None:
    tells = {
        name
        for name, one in compose["services"].items()
        if "HEED_SMTP_PASSWORD_FILE" in one.get("environment", {})
    }
    assert tells == {"office", *(f"{service}-{role}" for service in SERVICES for role in ("worker", "clock"))}


def test_backups_are_sealed_and_kept_where_only_they_and_the_office_come(compose: dict[str, Any]) -> None:
    """Each under its own service's key."""
    places = {name for name, one in compose["services"].items() if "HEED_BACKUPS" in str(one.get("volumes"))}
    assert places == {"office", *BACKUP}
    keyed = {name for name, one in compose["services"].items() if "backup_keys" in str(one.get("secrets"))}
    assert keyed == places
    for service in SERVICES:
        one = compose["services"][f"{service}-backup"]
        assert one["networks"] == ["stores"] and f"{service}_backup_keys" in one["secrets"]


def test_the_stores_are_in_a_network_without_a_way_out(compose: dict[str, Any]) -> None:
    assert compose["networks"]["stores"] == {"internal": True}
    for name in ("postgres", "valkey"):
        assert compose["services"][name]["networks"] == ["stores"]
    for name in ("nginx", "sandbox"):
        assert "stores" not in compose["services"][name]["networks"]


def test_what_is_mounted_is_there(compose: dict[str, Any], root: Path) -> None:
    mounted = [volume for one in compose["services"].values() for volume in one.get("volumes", [])]
    for volume in mounted:
        source = volume.rpartition(":/")[0].removeprefix("${HEED_BACKUPS:-").removesuffix("}")
        if source.startswith("./"):
            assert volume.endswith(":ro"), volume
            assert (root / source).is_file(), volume
        else:
            assert source in compose["volumes"], volume


def test_live_is_laid_over_every_process(compose: dict[str, Any], live: dict[str, Any]) -> None:
    assert set(live["services"]) == {*HEED, *BACKUP, *BOTH, "sandbox"}
    assert live["services"]["sandbox"] == {"profiles": ["only-in-sandbox-mode"]}
    for name in (*HEED, *BACKUP, *BOTH):
        one = live["services"][name]
        assert one["environment"]["HEED_MODE"].startswith("${HEED_MODE:?")
        assert one["environment"]["TWILIO_API_BASE_URL"] == ""
        assert one["secrets"] == ["twilio_auth_tokens"]
        reads_the_county = not name.startswith("consultation-")
        assert ("HEED_COUNTY" in one["environment"]) is reads_the_county


def test_example_env_lists_every_variable(compose: dict[str, Any], live: dict[str, Any], root: Path) -> None:
    """Those that the files take, and no other; all of them commented out, and none a secret."""
    taken = set()
    for path in (root / "docker-compose.yml", *(root / "deploy").glob("*.yml")):
        taken |= set(VARIABLE.findall(path.read_text()))
    for content in (compose, live):
        for one in content["services"].values():
            # Without a value: passed on as it is set.
            taken |= {name for name, value in one.get("environment", {}).items() if value is None}
    lines = (root / "deploy/example.env").read_text().splitlines()
    listed = {line[1:].split("=")[0] for line in lines if re.match(r"#[A-Z_]+=", line)}
    assert listed - {"COMPOSE_FILE"} == taken
    assert not [line for line in lines if line and not line.startswith("#")]
    assert not [name for name in listed if SECRET.search(name)]
