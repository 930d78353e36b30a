"""deploy/nginx.conf says the same as the code and docker-compose.yml."""

import re
from pathlib import Path
from typing import Any

import pytest

from services.common.settings import DEFAULT_PORTS, SERVICES, Settings
from services.common.web import hooks


@pytest.fixture(scope="module")
def conf(deploy: Path) -> str:
    """nginx.conf without its comments."""
    return re.sub(r"^\s*#.*$", "", (deploy / "nginx.conf").read_text(), flags=re.M)


def test_every_service_has_its_name(conf: str, compose: dict[str, Any]) -> None:
    routes = dict(re.findall(r'"~\^(\w+)\\\." http://([\w-]+:\d+);', conf))
    assert routes == {service: f"{service}-web:{DEFAULT_PORTS[service]}" for service in SERVICES} | {
        "sandbox": f"sandbox:{DEFAULT_PORTS['sandbox']}"
    }
    assert {upstream.split(":")[0] for upstream in routes.values()} <= set(compose["services"])


def test_the_carrier_finds_each_service_by_its_name(conf: str, compose: dict[str, Any]) -> None:
    """In sandbox mode the stand-in calls nginx by a name that nginx knows, at the port it listens on."""
    aliases = compose["services"]["nginx"]["networks"]["carrier"]["aliases"]
    for service in SERVICES:
        address = compose["services"]["sandbox"]["environment"][f"{service.upper()}_PUBLIC_URL"]
        assert address == f"http://{service}.heed.internal:8080"
        assert address.split("/")[2].split(":")[0] in aliases
        assert (
            compose["services"][f"{service}-web"]["environment"][f"{service.upper()}_PUBLIC_URL"] == address
        )
        assert f"{service}.*" in re.findall(r"server_name ([^;]+);", conf)[1].split()
    assert set(re.findall(r"listen (\S+)", conf)) == {"8080", "8080;"}


def test_every_name_has_tls_where_it_is_laid_over(conf: str, deploy: Path) -> None:
    assert conf.count("include /etc/nginx/tls/*.conf;") == conf.count("server_name ") == 3
    laid = (deploy / "tls.yml").read_text()
    assert ":/etc/nginx/tls/tls.conf:ro" in laid
    for path in re.findall(r"/run/secrets/(\w+);", (deploy / "nginx-tls.conf").read_text()):
        assert f"  {path}: {{file:" in laid


def test_limits_are_the_codes(conf: str, usual_settings: Settings) -> None:
    assert re.search(r"^    client_max_body_size 32m;", conf, re.M)
    assert usual_settings.max_body == 32 * 1024 * 1024
    webhooks = re.search(r"location /twilio/ \{(.*?)\}", conf, re.S)
    assert webhooks and "client_max_body_size 64k;" in webhooks[1]
    assert hooks.BODY_MOST == 64 * 1024


def test_strangers_are_counted_and_nobody_else(conf: str) -> None:
    """By address, where no key is shown; `deploy/check` floods it."""
    counted = re.search(r"map \$http_authorization \$stranger \{(.*?)\}", conf, re.S)
    assert counted and counted[1].split() == ['""', "$binary_remote_addr;", "default", '"";']
    assert (
        "limit_req_zone $stranger zone=strangers:10m rate=20r/s;" in conf and "limit_req_status 429;" in conf
    )
    (limited,) = re.findall(r"location (\S+) \{\s+limit_req zone=strangers burst=100 nodelay;", conf)
    assert limited == "/", "webhooks have a location of their own"


def test_what_stays_inside(conf: str) -> None:
    for path in ("= /metrics", "= /readyz", "/sandbox/", "/2010-04-01/"):
        assert f"location {path} {{ return 404; }}" in conf
    assert re.search(r"listen 8080 default_server;\s+server_name _;\s+include \S+;\s+return 404;", conf)
    assert "server_tokens off;" in conf


def test_the_log_holds_no_path_query_or_address(conf: str) -> None:
    written = re.search(r"log_format heed (.*?);\n", conf, re.S)
    assert written
    names = set(re.findall(r"\$(\w+)", written[1]))
    assert names <= {
        "time_iso8601", "service", "request_method", "place", "status", "request_length", "bytes_sent",
        "request_time", "upstream_status", "upstream_response_time", "id",
    }  # fmt: skip
    assert re.findall(r"access_log (.*);", conf) == ["/dev/stdout heed"]
    # Below crit nginx writes whole request lines.
    assert re.findall(r"error_log (.*);", conf) == ["/dev/stderr crit"]


def test_nothing_a_caller_claims_of_itself_gets_through(conf: str) -> None:
    sent = dict(re.findall(r"proxy_set_header (\S+) (\S+);", conf))
    assert sent["X-Forwarded-For"] == "$remote_addr"
    assert {name for name, value in sent.items() if value == '""'} >= {
        "X-Forwarded-Host",
        "X-Real-IP",
        "Forwarded",
    }
    assert sent["X-Request-Id"] == "$id"
    # A header set in a location would put away all of these.
    assert conf.count("proxy_set_header") == len(sent)
